package server

import (
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/controlplane"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// Option configures the service that [New] or [Start] creates.
type Option func(*settings) error

// OptionError is the error that [New] and [Start] return if an option has an invalid value. They return it before opening
// the store.
type OptionError struct {
	// Option is the name of the function that returned the option, such as WithRegion.
	Option string

	// Err describes the invalid value.
	Err error
}

// Error returns the name of the option and the description of the invalid value.
func (e *OptionError) Error() string { return "server: " + e.Option + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *OptionError) Unwrap() error { return e.Err }

func badOption(option, format string, args ...any) error {
	return &OptionError{Option: option, Err: fmt.Errorf(format, args...)}
}

type settings struct {
	openStore  func() (storage.Store, error)
	closeStore bool // whether New closes the store if New fails

	account string
	region  string
	// wallClock is the clock of this machine, and clock is that of the service.
	wallClock, clock func() time.Time
	// ownClock reports whether WithClock has set the clock.
	ownClock bool
	logger   *slog.Logger

	credentials []Credential
	keys        *keyring // of credentials
	anonymous   bool
	rates       *rates // nil means no limit

	testAPI bool

	publicURL  *url.URL
	extensions []controlplane.Extension
	observers  []func(RequestRecord)

	maxBody     int64
	bodyBudget  int64 // 0 means the default
	maxRequests int
	readTimeout time.Duration
	maxGames    int

	allowedHosts []string // without ports, in lower case
	corsOrigins  []string // in lower case

	deploymentPending, deploymentInProgress time.Duration
	jobPending, jobInProgress               time.Duration
	deletion                                time.Duration
	outcome                                 func(Deployment) Outcome
}

// newSettings applies the options to the defaults. The error is an [*OptionError].
func newSettings(opts []Option) (*settings, error) {
	s := &settings{
		openStore:            newMemoryStore,
		account:              "123456789012",
		region:               "us-east-1",
		wallClock:            time.Now,
		logger:               slog.New(slog.DiscardHandler),
		credentials:          []Credential{defaultCredential},
		maxBody:              defaultMaxBody,
		maxRequests:          defaultMaxRequests,
		readTimeout:          defaultReadTimeout,
		deploymentPending:    50 * time.Millisecond,
		deploymentInProgress: 100 * time.Millisecond,
		jobPending:           50 * time.Millisecond,
		jobInProgress:        100 * time.Millisecond,
		deletion:             50 * time.Millisecond,
		outcome:              func(Deployment) Outcome { return Outcome{} },
	}
	for _, opt := range opts {
		if err := opt(s); err != nil {
			return nil, err
		}
	}
	if !s.ownClock {
		s.clock = s.wallClock
	}
	switch {
	case s.bodyBudget == 0:
		s.bodyBudget = max(defaultBodyBudget, 2*s.maxBody)
	case s.bodyBudget < 2*s.maxBody: // a body of unknown length is copied while it grows
		return nil, badOption("WithBodyBudget", "body budget %d: must be at least twice the limit of a single body, %d", s.bodyBudget, s.maxBody)
	}
	s.keys = newKeyring(s.credentials)
	return s, nil
}

func newMemoryStore() (storage.Store, error) { return storage.NewMemory(), nil }

// WithStore sets the store for the data of the service. The default, nil, means a new in-memory store. Closing the
// service closes the store. If [New] fails, the store stays open.
func WithStore(store storage.Store) Option {
	return func(s *settings) error {
		s.openStore, s.closeStore = newMemoryStore, false
		if store != nil {
			s.openStore = func() (storage.Store, error) { return store, nil }
		}
		return nil
	}
}

// WithStoreFunc sets a function that opens the store for the data of the service. [New] calls open after it has validated
// all options, so that an invalid option never creates a data file. If open returns an error, New returns an error that
// wraps it. Closing the service closes the store. If New fails after opening the store, it closes the store.
func WithStoreFunc(open func() (storage.Store, error)) Option {
	return func(s *settings) error {
		if open == nil {
			return badOption("WithStoreFunc", "open must not be nil")
		}
		s.openStore, s.closeStore = open, true
		return nil
	}
}

var accountPattern = regexp.MustCompile(`^\d{12}$`)

// WithAccount sets the 12-digit id of the account that owns the resources of the service. The default is 123456789012.
func WithAccount(account string) Option {
	return func(s *settings) error {
		if !accountPattern.MatchString(account) {
			return badOption("WithAccount", "account %q: must have 12 digits", account)
		}
		s.account = account
		return nil
	}
}

var regionPattern = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)

// WithRegion sets the region of the service. The default is us-east-1.
func WithRegion(region string) Option {
	return func(s *settings) error {
		if !regionPattern.MatchString(region) {
			return badOption("WithRegion", "region %q: must look like us-east-1", region)
		}
		s.region = region
		return nil
	}
}

// WithClock sets the clock of the service. The default is [time.Now]. The function now must be safe for concurrent use.
// The clock controls the progress of deployments, code generation and deletions, and the expiry of download URLs. A test
// can therefore complete them by advancing the clock. Request signatures are always verified against the wall clock (see
// [WithWallClock]), because clients sign with it.
//
// The time of the service never goes back. If the clock does, or if it is behind the time stored with the data, the
// service's time continues from the latest time at the speed of the clock. A gap of a minute or more is logged.
//
// Without this option, a service whose store has its own clock, such as a PostgreSQL database, uses the time of the store.
// Services that share the store therefore agree on the time. With this option, they agree only if their clocks do.
func WithClock(now func() time.Time) Option {
	return func(s *settings) error {
		if now == nil {
			return badOption("WithClock", "now must not be nil")
		}
		s.clock, s.ownClock = now, true
		return nil
	}
}

// WithWallClock sets the clock of this machine. The default is [time.Now]. Signatures of requests and the expiry of access
// keys are checked against it. It is also the default of [WithClock]. If the store has its own clock, the wall clock does not
// affect the states and timestamps of resources, except the expiry of download URLs. A test can therefore run replicas whose
// clocks differ. The function now must be safe for concurrent use.
func WithWallClock(now func() time.Time) Option {
	return func(s *settings) error {
		if now == nil {
			return badOption("WithWallClock", "now must not be nil")
		}
		s.wallClock = now
		return nil
	}
}

// WithLogger sets the logger for requests and internal errors. The default, nil, disables logging.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) error {
		if logger == nil {
			logger = slog.New(slog.DiscardHandler)
		}
		s.logger = logger
		return nil
	}
}

// WithMaxGames sets the quota of games per account. CreateGame fails with a ServiceQuotaExceededException if the account
// already has that many games. The default, 0, means no limit.
func WithMaxGames(n int) Option {
	return func(s *settings) error {
		if n < 0 {
			return badOption("WithMaxGames", "game quota %d: must not be negative", n)
		}
		s.maxGames = n
		return nil
	}
}

// WithDeploymentTime sets how long a deployment stays in the PENDING and IN_PROGRESS states. The defaults are 50 and 100
// ms. By default, a waiter first polls after 2 seconds. In a test, set MinDelay in [gamesparks.WaiterOptions] to a
// shorter time, such as 50 ms.
func WithDeploymentTime(pending, inProgress time.Duration) Option {
	return func(s *settings) error {
		if pending < 0 || inProgress < 0 {
			return badOption("WithDeploymentTime", "deployment times %v and %v: must not be negative", pending, inProgress)
		}
		s.deploymentPending, s.deploymentInProgress = pending, inProgress
		return nil
	}
}

// WithCodeGenerationTime sets how long a code generation job stays in the PENDING and IN_PROGRESS states. The defaults
// are 50 and 100 ms.
func WithCodeGenerationTime(pending, inProgress time.Duration) Option {
	return func(s *settings) error {
		if pending < 0 || inProgress < 0 {
			return badOption("WithCodeGenerationTime", "code generation times %v and %v: must not be negative", pending, inProgress)
		}
		s.jobPending, s.jobInProgress = pending, inProgress
		return nil
	}
}

// WithDeletionTime sets how long a deleted game or stage stays in the DELETING state. The default is 50 ms.
func WithDeletionTime(d time.Duration) Option {
	return func(s *settings) error {
		if d < 0 {
			return badOption("WithDeletionTime", "deletion time %v: must not be negative", d)
		}
		s.deletion = d
		return nil
	}
}

// Deployment describes a deployment. It is the argument of the function set with [WithDeploymentOutcome].
type Deployment struct {
	// Game and Stage are the names of the game and the stage.
	Game, Stage string

	// SnapshotID is the id of the deployed snapshot.
	SnapshotID string

	// Role is the ARN of the stage's role.
	Role string
}

// Outcome is the result of a deployment.
type Outcome struct {
	// Code is the result code. Optional. The default is [types.ResultCodeSuccess].
	Code types.ResultCode

	// Message describes the result. Optional. The default depends on the code.
	Message string
}

// WithDeploymentOutcome sets a function that determines the outcome of each deployment. The service calls decide when a
// deployment starts, possibly more than once for the same deployment. The function must be safe for concurrent use. By
// default, all deployments succeed.
func WithDeploymentOutcome(decide func(Deployment) Outcome) Option {
	return func(s *settings) error {
		if decide == nil {
			return badOption("WithDeploymentOutcome", "decide must not be nil")
		}
		s.outcome = decide
		return nil
	}
}
