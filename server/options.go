package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// Option sets one of the choices that [New], [Start] and [Serve] have.
type Option func(*settings) error

type settings struct {
	store   storage.Store
	account string
	region  string
	clock   func() time.Time
	logger  *slog.Logger

	credentials []Credential
	anonymous   sigv4.Rights

	publicURL  *url.URL
	extensions []Extension
	observers  []func(Request)

	maxBody  int64
	maxGames int

	deploymentPending, deploymentInProgress time.Duration
	jobPending, jobInProgress               time.Duration
	deletion                                time.Duration
	outcome                                 func(Deployment) Outcome
}

func defaults() settings {
	return settings{
		account:              "123456789012",
		region:               "us-east-1",
		clock:                time.Now,
		logger:               slog.New(slog.DiscardHandler),
		credentials:          []Credential{defaultCredential},
		maxBody:              4 << 20,
		deploymentPending:    50 * time.Millisecond,
		deploymentInProgress: 100 * time.Millisecond,
		jobPending:           50 * time.Millisecond,
		jobInProgress:        100 * time.Millisecond,
		deletion:             50 * time.Millisecond,
		outcome:              func(Deployment) Outcome { return Outcome{} },
	}
}

// WithStore makes the service keep its data in store. Nil, which is the default, means a new store in memory. Closing
// the service closes the store; when [New] fails, the store stays open.
func WithStore(store storage.Store) Option {
	return func(s *settings) error {
		s.store = store
		return nil
	}
}

var accountPattern = regexp.MustCompile(`^\d{12}$`)

// WithAccount sets the account, 12 digits, that the service's resources belong to. The default is 123456789012.
func WithAccount(account string) Option {
	return func(s *settings) error {
		if !accountPattern.MatchString(account) {
			return fmt.Errorf("account %q: must have 12 digits", account)
		}
		s.account = account
		return nil
	}
}

var regionPattern = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)

// WithRegion sets the region that the service is in. The default is us-east-1.
func WithRegion(region string) Option {
	return func(s *settings) error {
		if !regionPattern.MatchString(region) {
			return fmt.Errorf("region %q: must look like us-east-1", region)
		}
		s.region = region
		return nil
	}
}

// WithClock makes the service take the time from now, which must be safe for concurrent use, instead of from
// [time.Now]. Deployments, code generation, deletions and download URLs go by this clock alone: a test that stops it
// stops them, and one that turns it on completes them. Only signatures of requests go by the machine's clock, as those
// who sign do.
func WithClock(now func() time.Time) Option {
	return func(s *settings) error {
		if now == nil {
			return errors.New("clock: must not be nil")
		}
		s.clock = now
		return nil
	}
}

// WithLogger makes the service write a record of each request to logger. Nil, which is the default, means that nothing
// is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(s *settings) error {
		if logger == nil {
			logger = slog.New(slog.DiscardHandler)
		}
		s.logger = logger
		return nil
	}
}

// WithMaxBodyBytes sets how large a request's body may be. The default is 4 MiB; the largest file that
// ImportGameConfiguration takes needs 1.4 MB.
func WithMaxBodyBytes(n int64) Option {
	return func(s *settings) error {
		if n <= 0 {
			return fmt.Errorf("limit of the body of %d bytes: must be positive", n)
		}
		s.maxBody = n
		return nil
	}
}

// WithMaxGames sets how many games an account can have before CreateGame fails with a ServiceQuotaExceededException.
// The default, 0, means any number.
func WithMaxGames(n int) Option {
	return func(s *settings) error {
		if n < 0 {
			return fmt.Errorf("quota of %d games: must not be negative", n)
		}
		s.maxGames = n
		return nil
	}
}

// WithDeploymentTime sets how long a deployment is PENDING and then IN_PROGRESS before it ends. The defaults are 50 and
// 100 ms. A waiter looks every 2 seconds at first, so set the MinDelay of its [gamesparks.WaiterOptions] to 50 ms, say,
// in a test.
func WithDeploymentTime(pending, inProgress time.Duration) Option {
	return func(s *settings) error {
		if pending < 0 || inProgress < 0 {
			return fmt.Errorf("deployment time of %v and %v: must not be negative", pending, inProgress)
		}
		s.deploymentPending, s.deploymentInProgress = pending, inProgress
		return nil
	}
}

// WithCodeGenerationTime sets how long a code generation job is PENDING and then IN_PROGRESS before it ends. The
// defaults are 50 and 100 ms.
func WithCodeGenerationTime(pending, inProgress time.Duration) Option {
	return func(s *settings) error {
		if pending < 0 || inProgress < 0 {
			return fmt.Errorf("code generation time of %v and %v: must not be negative", pending, inProgress)
		}
		s.jobPending, s.jobInProgress = pending, inProgress
		return nil
	}
}

// WithDeletionTime sets how long a deleted game or stage is to be seen in state DELETING. The default is 50 ms.
func WithDeletionTime(d time.Duration) Option {
	return func(s *settings) error {
		if d < 0 {
			return fmt.Errorf("deletion time of %v: must not be negative", d)
		}
		s.deletion = d
		return nil
	}
}

// Deployment is what is to be deployed.
type Deployment struct {
	// Game and Stage are the names of where the snapshot is deployed.
	Game, Stage string

	// SnapshotID is the id of the snapshot.
	SnapshotID string

	// Role is the ARN of the stage's role.
	Role string
}

// Outcome is how a deployment ends.
type Outcome struct {
	// Code tells how it ends. The empty string means success.
	Code types.ResultCode

	// Message explains it. When empty, the service has an explanation for each code.
	Message string
}

// WithDeploymentOutcome makes decide choose, when a deployment starts, how it will end. Without this option all
// deployments succeed. Decide must be safe for concurrent use, and may be called more than once for a deployment.
func WithDeploymentOutcome(decide func(Deployment) Outcome) Option {
	return func(s *settings) error {
		if decide == nil {
			return errors.New("deployment outcome: must not be nil")
		}
		s.outcome = decide
		return nil
	}
}
