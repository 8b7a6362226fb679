package controlplane

import (
	"context"
	"crypto/cipher"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// Config configures a [Service]. Unless stated otherwise, all fields are required.
type Config struct {
	// Store has the records.
	Store storage.Store

	// Secret is the secret that keys derive from.
	Secret []byte

	// Region is the region of all records.
	Region string

	// Accounts are the accounts whose stages players can connect to.
	Accounts []string

	// Now returns the time. It must be safe for concurrent use.
	Now func() time.Time

	// Presence has the connections of players.
	Presence Presence

	// Extensions are added to the built-in extensions of the catalogue, each of which they may replace. Optional.
	Extensions []Extension

	// MaxGames is the quota of games per account. 0 means no limit.
	MaxGames int

	// These are how long deployments and jobs are PENDING and then IN_PROGRESS, and how long games and stages are DELETING.
	DeploymentPending, DeploymentInProgress time.Duration
	JobPending, JobInProgress               time.Duration
	Deletion                                time.Duration

	// Outcome determines how a deployment that starts will end. It may be called more than once for a deployment and must
	// be safe for concurrent use.
	Outcome func(Deployment) Outcome
}

// Deployment describes a deployment that starts.
type Deployment struct {
	Game, Stage string // Game and Stage name the target.
	SnapshotID  string // SnapshotID is the snapshot.
	Role        string // Role is the stage's role.
}

// Outcome is the result of a deployment. An empty code means success, an empty message the default one of the code.
type Outcome struct {
	Code    types.ResultCode // Code is the result; empty means success.
	Message string           // Message explains the result; empty means a default.
}

// Presence has the open connections of players. It must be safe for concurrent use.
type Presence interface {
	// Connections returns the connections of a player to a stage, oldest first.
	Connections(stage records.StageRef, player string) []records.Connection

	// Disconnect closes the connections to a stage that have one of the ids, and ignores other ids. When it returns,
	// Connections does not return them any more. The players get the reason.
	Disconnect(stage records.StageRef, ids []string, reason string)

	// DisconnectStages does the same with all connections to the stages that match.
	DisconnectStages(match func(records.StageRef) bool, reason string)
}

// Service runs the operations. [New] creates it. It is safe for concurrent use.
type Service struct {
	Config
	pages     cipher.AEAD
	catalogue storage.Store
}

// New returns a service. The extensions must be valid, see [Extension.Check].
func New(config Config) (*Service, error) {
	pages, err := newPageCipher(config.Secret)
	if err != nil {
		return nil, err
	}
	catalogue, err := newCatalogue(config.Extensions)
	if err != nil {
		return nil, err
	}
	return &Service{Config: config, pages: pages, catalogue: catalogue}, nil
}

// Caller is the caller of an operation.
type Caller struct {
	// Account is the account of the caller.
	Account string

	// DownloadURL returns a URL for downloading a file, and when the URL expires.
	DownloadURL func(FileRef) (url string, expires time.Time, err error)
}

// now returns the time, with the precision of timestamps in the API.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// view runs fn on the records of an account, outside of an operation.
func (s *Service) view(ctx context.Context, account string, fn func(*call) error) error {
	c := &call{Service: s, Caller: Caller{Account: account}, ctx: ctx, now: s.now()}
	return records.View(ctx, s.Store, c.owner(), c.now, func(tx *records.Tx) error {
		c.tx = tx
		return fn(c)
	})
}
