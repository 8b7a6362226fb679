package records

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/gamesparks-go/gamesparks/types"
)

// Game is the record of a game.
type Game struct {
	// ID identifies the game. It is not visible to clients and never used again, so that the content of a deleted game
	// cannot become the content of a new game with its name.
	ID string

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

	// ExpiresAt is when a game in the DELETING state ceases to exist. It is zero if the game is active.
	ExpiresAt time.Time `json:",omitzero"`
}

// State returns the state of a game that exists.
func (g *Game) State() types.GameState {
	if g.ExpiresAt.IsZero() {
		return types.GameStateActive
	}
	return types.GameStateDeleting
}

// isDeleting reports whether the content of the game is deleted.
func (g *Game) isDeleting() bool { return g.State() == types.GameStateDeleting }

const gameSegment = "game"

func (tx *Tx) gameKey(name string) string { return tx.key(gameSegment, name) }

// contentSegment begins the keys of records that belong to a game.
const contentSegment = "of"

// childKey returns the key of a record that belongs to the game with the id.
func (tx *Tx) childKey(gameID string, parts ...string) string {
	return tx.key(append([]string{contentSegment, gameID}, parts...)...)
}

// loadChild returns a record that belongs to a game, or nil if it does not exist.
func loadChild[T any](tx *Tx, g *Game, key string) (*T, error) {
	if g.isDeleting() {
		return nil, nil
	}
	return load[T](tx, key)
}

// children returns a set of records that belong to a game.
func children[T any](tx *Tx, g *Game, prefix string, newestFirst bool) Set[T] {
	return Set[T]{tx: tx, prefix: prefix, newestFirst: newestFirst, hidden: g.isDeleting()}
}

// Games returns all games, ordered by name. The set includes expired games that have not been removed yet: see
// [Game.Exists].
func (tx *Tx) Games() Set[Game] { return NewSet[Game](tx, tx.gameKey(""), false) }

// Exists reports whether the game exists at the time of the transaction, possibly in state DELETING.
func (g *Game) Exists(tx *Tx) bool { return !tx.expired(g.ExpiresAt) }

// Game returns a game, which may be in state DELETING, or nil if it does not exist.
func (tx *Tx) Game(name string) (*Game, error) {
	key := tx.gameKey(name)
	game, err := load[Game](tx, key)
	if err == nil && game == nil {
		tx.absentGame = key
	}
	if err != nil || game == nil || !game.Exists(tx) {
		return nil, err
	}
	tx.gameID = game.ID
	return game, nil
}

// gameIDs has the IDs of games by the keys of their records, so that a view can read records of a game together with the game. An
// ID may be that of a deleted game: the view then finds that the game has another one.
type gameIDs struct {
	mu  sync.Mutex
	ids map[string]string
}

// maxGameIDs limits the memory of IDs to a few megabytes.
const maxGameIDs = 10_000

func (g *gameIDs) get(key string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ids[key]
}

func (g *gameIDs) put(key, id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case id == "" || g.ids[key] == id:
		return
	case g.ids == nil || len(g.ids) >= maxGameIDs:
		g.ids = map[string]string{}
	}
	g.ids[key] = id
}

// NewGameKeys returns the keys of the records that the creation of a game reads. The token is empty if the request has none.
func NewGameKeys(owner Owner, name, operation, token string) []string {
	tx := keysOf(owner)
	keys := []string{tx.gameKey(name), tx.gameCountKey()}
	if token != "" {
		keys = append(keys, tx.tokenKey(operation, token))
	}
	return keys
}

// CreateGame writes a new game with an empty configuration, and sets its id.
func (tx *Tx) CreateGame(g *Game) error {
	g.ID = tx.newKeyID()
	replaces, err := false, error(nil) // whether the game replaces an expired one that has not been removed
	if key := tx.gameKey(g.Name); key != tx.absentGame {
		replaces, err = tx.exists(key)
	}
	if err == nil && !replaces {
		err = tx.addGames(1)
	}
	if err == nil {
		err = tx.PutGame(g)
	}
	if err != nil {
		return err
	}
	return tx.PutConfiguration(g, &Configuration{Created: g.Created, LastUpdated: g.Created, Sections: NewSectionList()})
}

// PutGame writes the game.
func (tx *Tx) PutGame(g *Game) error {
	tx.absentGame = ""
	return save(tx, tx.gameKey(g.Name), g)
}

// ExpireGame deletes the content of the game, and schedules the removal of the game itself. Readers ignore the content
// from now on; the collector removes it.
func (tx *Tx) ExpireGame(g *Game, at time.Time) error {
	g.ExpiresAt = at
	if err := tx.scheduleExpiry(tx.gameKey(g.Name), at); err != nil {
		return err
	}
	if err := tx.scheduleRemoval(tx.childKey(g.ID, "")); err != nil {
		return err
	}
	return tx.PutGame(g)
}

// gameCountKey is the key of the number of stored games.
func (tx *Tx) gameCountKey() string { return tx.key(counterSegment, gameSegment) }

// counterSegment begins the keys of counters.
const counterSegment = "counter"

// GameCount returns the number of games. It includes expired games that have not been removed yet.
func (tx *Tx) GameCount() (int, error) { return tx.count(tx.gameCountKey()) }

// count returns the value of a counter.
func (tx *Tx) count(key string) (int, error) {
	text, err := tx.reader.Get(key)
	if err != nil || text == nil {
		return 0, err
	}
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return 0, fmt.Errorf("record %s: %q is not a number: %w", key, text, ErrDamaged)
	}
	return n, nil
}

// addGames adds n to the number of games.
func (tx *Tx) addGames(n int) error {
	key := tx.gameCountKey()
	count, err := tx.count(key)
	if err != nil {
		return err
	}
	return tx.writer.Put(key, strconv.AppendInt(nil, int64(count+n), 10))
}
