package records

import (
	"time"

	"github.com/gamesparks-go/gamesparks/types"
)

// Game is the record of a game.
type Game struct {
	Name        string            // Name is unique in its parent.
	Description *string           `json:",omitempty"` // Description is optional.
	Created     time.Time         // Created is the time of creation.
	LastUpdated time.Time         // LastUpdated is the time of the last change.
	Tags        map[string]string `json:",omitempty"` // Tags are the tags.
	ClientToken string            `json:",omitempty"` // ClientToken is the token of the request that created it, or empty.

	// GoneAt is when a game that is being deleted ceases to exist.
	GoneAt time.Time `json:"Gone,omitzero"`
}

// State returns the state of a game that exists.
func (g *Game) State() types.GameState {
	if g.GoneAt.IsZero() {
		return types.GameStateActive
	}
	return types.GameStateDeleting
}

func (tx *Tx) gameKey(name string) string { return tx.key("game", name) }

// Games returns all games, ordered by name. It includes expired games that are not yet removed: see [Game.Exists].
func (tx *Tx) Games() Set[Game] { return NewSet[Game](tx, tx.gameKey(""), false) }

// Exists reports whether the game exists at the time of the transaction, possibly in state DELETING.
func (g *Game) Exists(tx *Tx) bool { return !tx.expired(g.GoneAt) }

// Game returns a game, which may be in state DELETING, or nil if it does not exist.
func (tx *Tx) Game(name string) (*Game, error) {
	game, err := load[Game](tx, tx.gameKey(name))
	if err != nil || game == nil || !game.Exists(tx) {
		return nil, err
	}
	return game, nil
}

// PutGame writes the game.
func (tx *Tx) PutGame(g *Game) error { return save(tx, tx.gameKey(g.Name), g) }

// ExpireGame deletes all records that belong to the game, and schedules the removal of the game itself.
func (tx *Tx) ExpireGame(g *Game, at time.Time) error {
	if err := tx.deletePrefix(tx.childKey(g.Name, "")); err != nil {
		return err
	}
	g.GoneAt = at
	if err := tx.scheduleExpiry(tx.gameKey(g.Name), at); err != nil {
		return err
	}
	return tx.PutGame(g)
}
