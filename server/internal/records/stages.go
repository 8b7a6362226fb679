package records

import (
	"time"

	"github.com/gamesparks-go/gamesparks/types"
)

// Stage is the record of a stage.
type Stage struct {
	// Game is the name of the game to which the stage belongs.
	Game string

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

	// GoneAt is when a stage in the DELETING state ceases to exist. It is zero if the stage is active.
	GoneAt time.Time `json:"Gone,omitzero"`
}

// StageRef identifies a stage across accounts.
type StageRef struct {
	Account string // account id
	Game    string // name of the game
	Stage   string // name of the stage
}

// Connection is an open connection of a player to a stage.
type Connection struct {
	// ID identifies the connection. It has 1 to 36 characters.
	ID string

	// Player is the player id. A player may have several connections.
	Player string

	// Created is when the connection was accepted.
	Created time.Time
}

// State returns the state of a stage that exists.
func (s *Stage) State() types.StageState {
	if s.GoneAt.IsZero() {
		return types.StageStateActive
	}
	return types.StageStateDeleting
}

// ResourceRef returns the reference to the stage in an [IdempotencyToken].
func (s *Stage) ResourceRef() string { return s.Game + "/" + s.Name }

func (tx *Tx) stageKey(game, name string) string { return tx.childKey(game, "stage", name) }

// Stages returns the stages of a game, ordered by name. The set includes expired stages that have not been removed yet:
// see [Stage.Exists].
func (tx *Tx) Stages(game string) Set[Stage] { return NewSet[Stage](tx, tx.stageKey(game, ""), false) }

// Exists reports whether the stage exists at the time of the transaction, possibly in state DELETING.
func (s *Stage) Exists(tx *Tx) bool { return !tx.expired(s.GoneAt) }

// Stage returns a stage, which may be in state DELETING, or nil if it does not exist.
func (tx *Tx) Stage(game, name string) (*Stage, error) {
	stage, err := load[Stage](tx, tx.stageKey(game, name))
	if err != nil || stage == nil || !stage.Exists(tx) {
		return nil, err
	}
	return stage, nil
}

// PutStage writes the stage.
func (tx *Tx) PutStage(s *Stage) error { return save(tx, tx.stageKey(s.Game, s.Name), s) }

// ExpireStage schedules the removal of the stage.
func (tx *Tx) ExpireStage(s *Stage, at time.Time) error {
	s.GoneAt = at
	if err := tx.scheduleExpiry(tx.stageKey(s.Game, s.Name), at); err != nil {
		return err
	}
	return tx.PutStage(s)
}
