package records

import (
	"fmt"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/types"
)

// Stage is the record of a stage.
type Stage struct {
	// ID identifies the stage. Like the id of a [Game], it is not visible to clients and never used again.
	ID string

	// Game is the name of the game to which the stage belongs.
	Game string

	// GameID is the id of the game to which the stage belongs.
	GameID string

	// Name is the name of the stage. It is unique within the game.
	Name string

	// Description is the description of the stage, or nil if it has none.
	Description *string `json:",omitempty"`

	// Role is the ARN of the stage's IAM role.
	Role string

	// GameKey is the key that players must present to connect to the stage.
	GameKey string

	// Created is when the stage was created.
	Created time.Time

	// LastUpdated is when CreateStage or UpdateStage last wrote the stage.
	LastUpdated time.Time

	// Tags are the resource tags of the stage.
	Tags map[string]string `json:",omitempty"`

	// ClientToken is the client token of the request that created the stage. It is empty if the request had none.
	ClientToken string `json:",omitempty"`

	// ExpiresAt is when a stage in the DELETING state ceases to exist. It is zero if the stage is active.
	ExpiresAt time.Time `json:",omitzero"`
}

// StageRef identifies a stage across accounts and regions. A later stage with the same name has another StageRef.
type StageRef struct {
	Owner
	GameID, Game   string // id and name of the game
	StageID, Stage string // id and name of the stage
}

// StageRef returns the reference to a stage.
func (tx *Tx) StageRef(s *Stage) StageRef {
	return StageRef{Owner: tx.owner, GameID: s.GameID, Game: s.Game, StageID: s.ID, Stage: s.Name}
}

// Key returns the reference as a string. It ends with a slash.
func (s StageRef) Key() string {
	return GameKey(s.Owner, s.GameID) + strings.Join([]string{s.Game, s.StageID, s.Stage, ""}, "/")
}

// GameKey returns the prefix of the keys of all stages of a game.
func GameKey(owner Owner, gameID string) string {
	return OwnerKey(owner) + gameID + "/"
}

// OwnerKey returns the prefix of the keys of all stages of an owner.
func OwnerKey(owner Owner) string { return owner.Account + "/" + owner.Region + "/" }

// ParseStageKey returns the reference with a key.
func ParseStageKey(key string) (ref StageRef, err error) {
	parts := strings.Split(key, "/")
	if len(parts) != 7 || parts[6] != "" {
		return StageRef{}, fmt.Errorf("key of a stage: %q: must have 6 parts that end with slashes", key)
	}
	return StageRef{Owner: Owner{parts[0], parts[1]}, GameID: parts[2], Game: parts[3], StageID: parts[4], Stage: parts[5]}, nil
}

// ActiveStage returns the stage with a reference, or nil if it does not exist any more or is being deleted.
func (tx *Tx) ActiveStage(ref StageRef) (*Stage, error) {
	game, err := tx.Game(ref.Game)
	if err != nil || game == nil || game.ID != ref.GameID || game.isDeleting() {
		return nil, err
	}
	stage, err := tx.Stage(game, ref.Stage)
	if err != nil || stage == nil || stage.ID != ref.StageID || stage.isDeleting() {
		return nil, err
	}
	return stage, nil
}

// State returns the state of a stage that exists.
func (s *Stage) State() types.StageState {
	if s.ExpiresAt.IsZero() {
		return types.StageStateActive
	}
	return types.StageStateDeleting
}

// isDeleting reports whether the deployments to the stage are deleted.
func (s *Stage) isDeleting() bool { return s.State() == types.StageStateDeleting }

const stageSegment = "stage"

func (tx *Tx) stageKey(gameID, name string) string { return tx.childKey(gameID, stageSegment, name) }

// Stages returns the stages of a game, ordered by name. The set includes expired stages that have not been removed yet:
// see [Stage.Exists].
func (tx *Tx) Stages(g *Game) Set[Stage] {
	return children[Stage](tx, g, tx.stageKey(g.ID, ""), false)
}

// Exists reports whether the stage exists at the time of the transaction, possibly in state DELETING.
func (s *Stage) Exists(tx *Tx) bool { return !tx.expired(s.ExpiresAt) }

// Stage returns a stage, which may be in state DELETING, or nil if it does not exist.
func (tx *Tx) Stage(g *Game, name string) (*Stage, error) {
	stage, err := loadChild[Stage](tx, g, tx.stageKey(g.ID, name))
	if err != nil || stage == nil || !stage.Exists(tx) {
		return nil, err
	}
	return stage, nil
}

// CreateStage writes a new stage of the game, and sets its id.
func (tx *Tx) CreateStage(g *Game, s *Stage) error {
	s.ID, s.Game, s.GameID = tx.newKeyID(), g.Name, g.ID
	return tx.PutStage(s)
}

// PutStage writes the stage.
func (tx *Tx) PutStage(s *Stage) error { return save(tx, tx.stageKey(s.GameID, s.Name), s) }

// ExpireStage deletes the deployments to the stage, and schedules the removal of the stage itself. Readers ignore the
// deployments from now on; the collector removes them.
func (tx *Tx) ExpireStage(s *Stage, at time.Time) error {
	s.ExpiresAt = at
	if err := tx.scheduleExpiry(tx.stageKey(s.GameID, s.Name), at); err != nil {
		return err
	}
	if err := tx.scheduleRemoval(tx.deploymentKey(s, "")); err != nil {
		return err
	}
	return tx.PutStage(s)
}
