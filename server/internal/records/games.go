package records

import (
	"time"

	"github.com/gamesparks-go/gamesparks/types"
)

// Game is the record of a game.
type Game struct {
	// Name is the name of the game. It is unique within the owner.
	Name string

	// Description is the description of the game, or nil if it has none.
	Description *string `json:",omitempty"`

	// Created is when the game was created.
	Created time.Time

	// LastUpdated is when CreateGame or UpdateGame last wrote the game.
	LastUpdated time.Time

	// Tags are the resource tags of the game.
	Tags map[string]string `json:",omitempty"`

	// ClientToken is the client token of the request that created the game. It is empty if the request had none.
	ClientToken string `json:",omitempty"`

	// GoneAt is when a game in the DELETING state ceases to exist. It is zero if the game is active.
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

// Games returns all games, ordered by name. The set includes expired games that have not been removed yet: see
// [Game.Exists].
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
