package controlplane

import (
	"context"
	"crypto/cipher"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/cache"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// Config configures a [Service]. All fields are required unless marked as optional.
type Config struct {
	// Records is the database of the records.
	Records *records.DB

	// Secret is the secret from which the key for page tokens is derived.
	Secret []byte

	// Region is the region of all records.
	Region string

	// Accounts returns the accounts whose stages players can connect to.
	Accounts func() []string

	// Now returns the current time. It must be safe for concurrent use.
	Now func() time.Time

	// StoreTime is whether Records uses the time of the store instead of Now. Optional.
	StoreTime bool

	// KeepTime ensures that Now never goes back to a time before reached, even after a restart. The service calls it before
	// a client can observe that the time was reached. Optional.
	KeepTime func(ctx context.Context, reached time.Time)

	// Presence tracks the open player connections.
	Presence Presence

	// Extensions are added to the catalogue. An extension replaces a built-in extension with the same namespace and name.
	// Optional.
	Extensions []Extension

	// MaxGames is the quota of games per account. Optional. The default, 0, means no limit.
	MaxGames int

	// DeploymentPending and DeploymentInProgress are how long a deployment stays in the PENDING and IN_PROGRESS states.
	DeploymentPending, DeploymentInProgress time.Duration

	// JobPending and JobInProgress are how long a code generation job stays in the PENDING and IN_PROGRESS states.
	JobPending, JobInProgress time.Duration

	// Deletion is how long a deleted game or stage stays in the DELETING state.
	Deletion time.Duration

	// Outcome determines the outcome of a deployment when it starts. It must be safe for concurrent use, and may be called
	// more than once for a deployment.
	Outcome func(Deployment) Outcome
}

// Deployment describes a deployment to start.
type Deployment struct {
	Game, Stage string // names of the game and the stage
	SnapshotID  string // id of the deployed snapshot
	Role        string // ARN of the stage's role
}

// Outcome is the result of a deployment.
type Outcome struct {
	// Code is the result code. Optional. The default is [types.ResultCodeSuccess].
	Code types.ResultCode

	// Message describes the result. Optional. The default depends on the code.
	Message string
}

// Presence tracks the open player connections. It must be safe for concurrent use.
type Presence interface {
	// Connections returns the connections of a player to a stage, oldest first.
	Connections(ctx context.Context, stage records.StageRef, player string) ([]storage.Connection, error)

	// Disconnect closes the connections that have the given ids, and ignores unknown ids. Once it has returned nil,
	// Connections no longer returns those connections. The players receive the reason.
	Disconnect(ctx context.Context, ids []string, reason string) error

	// DisconnectStages closes the connections to the stages whose keys begin with prefix in the same way as Disconnect.
	DisconnectStages(ctx context.Context, prefix, reason string) error
}

// Service runs the operations. [New] creates it. It is safe for concurrent use.
type Service struct {
	Config
	pages     cipher.AEAD
	catalogue *records.DB
	code      *cache.Cache[[]byte]                  // the archives of code generation jobs
	sections  *cache.Cache[*records.LoadedSections] // by owner and root of the list
}

// New returns a service. The caller must validate the extensions with [Extension.Check].
func New(config Config) (*Service, error) {
	pages, err := newPageCipher(config.Secret)
	if err != nil {
		return nil, err
	}
	catalogue, err := newCatalogue(config.Extensions)
	if err != nil {
		return nil, err
	}
	return &Service{
		Config: config, pages: pages, catalogue: catalogue,
		code:     cache.New(maxCachedCode, func(archive []byte) int { return len(archive) }),
		sections: cache.New(maxCachedSections, (*records.LoadedSections).MemorySize),
	}, nil
}

// Caller is the caller of an operation.
type Caller struct {
	// Account is the account of the caller.
	Account string

	// DownloadURL returns the URL of a file and the expiry time of the URL.
	DownloadURL func(FileRef) (url string, expires time.Time, err error)

	// IfMatch holds the values of the request's If-Match header. It is nil if the request has none.
	IfMatch []string
}

// Response is the result of an operation.
type Response struct {
	// Output is a pointer to the output of the operation.
	Output any

	// SizeHint is about the size of the encoded output, or 0 if it is small.
	SizeHint int

	// ETag is the entity tag of the configuration that the operation has read or written. It is empty for other
	// operations.
	ETag string
}

// now returns the current time, truncated to milliseconds, the precision of timestamps in the API. If StoreTime is set, it
// returns the zero time, because the time is that of each transaction.
func (s *Service) now() time.Time {
	if s.StoreTime {
		return time.Time{}
	}
	return s.Now().UTC().Truncate(time.Millisecond)
}

// timed returns fn. If StoreTime is set, it wraps fn to run at the time of the transaction.
func (c *call) timed(fn func(*records.Tx) error) func(*records.Tx) error {
	if !c.StoreTime {
		return fn
	}
	return func(tx *records.Tx) error {
		c.now = tx.Now()
		defer func() { c.now = time.Time{} }() // the next transaction has another time
		return fn(tx)
	}
}

// view runs fn in a read-only transaction on the records of an account, outside of any operation.
func (s *Service) view(ctx context.Context, account string, fn func(*call) error) error {
	c := &call{Service: s, Caller: Caller{Account: account}, ctx: ctx, now: s.now()}
	return c.view(func(tx *records.Tx) error {
		c.tx = tx
		return fn(c)
	})
}

// update runs fn in a read-write transaction.
func (c *call) update(fn func(*records.Tx) error) error {
	return c.Records.Update(c.ctx, c.owner(), c.now, c.keys, c.timed(fn))
}

// view runs fn in a read-only transaction.
func (c *call) view(fn func(*records.Tx) error) error {
	return c.keepTime(fn, func(fn func(*records.Tx) error) error { return c.Records.View(c.ctx, c.owner(), c.now, fn) })
}

// viewGame is view for an fn that reads a game first.
func (c *call) viewGame(name *string, fn func(*records.Tx) error) error {
	return c.keepTime(fn, func(fn func(*records.Tx) error) error {
		return c.Records.ViewGame(c.ctx, c.owner(), c.now, *name, fn)
	})
}

// viewGameOnly is view for an fn that reads only the record of a game.
func (c *call) viewGameOnly(name *string, fn func(*records.Tx) error) error {
	return c.keepTime(fn, func(fn func(*records.Tx) error) error {
		return c.Records.ViewGameOnly(c.ctx, c.owner(), c.now, *name, fn)
	})
}

// keepTime runs fn in a view. Before it returns, it calls KeepTime if fn has observed that a time was reached.
func (c *call) keepTime(fn func(*records.Tx) error, view func(func(*records.Tx) error) error) error {
	var reached time.Time
	err := view(c.timed(func(tx *records.Tx) error {
		defer func() { reached = tx.LastReached() }()
		return fn(tx)
	}))
	if c.KeepTime != nil && !reached.IsZero() {
		c.KeepTime(c.ctx, reached)
	}
	return err
}
