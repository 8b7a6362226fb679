package records

import (
	"time"

	"github.com/gamesparks-go/gamesparks/types"
)

// Stage is the record of a stage.
type Stage struct {
	Game        string            // Game is the name of the game.
	Name        string            // Name is unique in its parent.
	Description *string           `json:",omitempty"` // Description is optional.
	Role        string            // Role is the ARN of the role.
	GameKey     string            // GameKey is what players connect with.
	Created     time.Time         // Created is the time of creation.
	LastUpdated time.Time         // LastUpdated is the time of the last change.
	Tags        map[string]string `json:",omitempty"` // Tags are the tags.
	ClientToken string            `json:",omitempty"` // ClientToken is the token of the request that created it, or empty.

	// GoneAt is when a stage that is being deleted ceases to exist.
	GoneAt time.Time `json:"Gone,omitzero"`
}

// StageRef identifies a stage across accounts.
type StageRef struct {
	Account string // the account id
	Game    string // the name of the game
	Stage   string // the name of the stage
}

// Connection is an open connection of a player to a stage.
type Connection struct {
	// ID identifies the connection, with 1 to 36 characters.
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

// Stages returns the stages of a game, ordered by name. It includes expired stages that are not yet removed: see
// [Stage.Exists].
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
