package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

const (
	// seedPoll is the time between two attempts to apply a seed, and between two reads of the state of a deployment.
	seedPoll = 100 * time.Millisecond

	// longDeployment is the shortest deployment time with a warning.
	longDeployment = time.Minute

	// seedDeploymentWait exceeds any deployment time that makes sense for a server with a seed.
	seedDeploymentWait = 24 * time.Hour
)

// seedProject is the game of a project directory.
type seedProject struct {
	dir  string
	game *project.Game
}

// readSeeds reads and validates the project directories of --seed.
func readSeeds(dirs []string) ([]seedProject, error) {
	var seeds []seedProject
	var problems []string
	byGame := map[string]string{} // directories
	for _, dir := range dirs {
		err := project.Validate(dir)
		if invalid, ok := errors.AsType[*project.Error](err); ok {
			for _, p := range invalid.Problems {
				p.File = filepath.ToSlash(filepath.Join(dir, filepath.FromSlash(p.File)))
				problems = append(problems, p.String())
			}
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("--seed: %w", err)
		}
		game, err := project.Read(dir)
		if err != nil {
			return nil, fmt.Errorf("--seed %s: %w", dir, err)
		}
		if other, ok := byGame[game.Name]; ok {
			return nil, fmt.Errorf("--seed: %s and %s have the same game %s: remove one of them", other, dir, game.Name)
		}
		byGame[game.Name] = dir
		seeds = append(seeds, seedProject{dir, game})
	}
	if problems != nil {
		return nil, fmt.Errorf("--seed: fix these problems:\n%s", strings.Join(problems, "\n"))
	}
	return seeds, nil
}

// seeder applies project directories to the account of the server.
type seeder struct {
	config *config
	client *gamesparks.Client
	logger *slog.Logger
}

// applySeeds applies the seeds, in order. If several servers share a database, one of them at a time does so.
func (c *config) applySeeds(ctx context.Context, seeds []seedProject, service *server.Service, store storage.Store, logger *slog.Logger) error {
	if len(seeds) == 0 {
		return nil
	}
	s := &seeder{config: c, logger: logger, client: c.newClient(quiet(service), retryThrottled)}
	if c.Store != "" {
		held, release, err := acquireSeedLease(ctx, storage.PresenceOf(store))
		if err != nil {
			return fmt.Errorf("--seed: wait for other servers: %w", err)
		}
		defer release()
		ctx = held
	}
	for _, seed := range seeds {
		if err := s.apply(ctx, seed); err != nil {
			if cause := context.Cause(ctx); errors.Is(cause, errLeaseLost) {
				err = cause
			}
			return fmt.Errorf("--seed %s: %w", seed.dir, err)
		}
	}
	return nil
}

// retryThrottled retries calls without a limit if they exceed --rate-limit, which applies to the seed too.
func retryThrottled(o *gamesparks.Options) {
	o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts, o.RateLimiter = 0, ratelimit.None
		o.Retryables = []retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			return aws.BoolTernary(gamesparks.IsThrottled(err))
		})}
	})
}

// apply applies a seed. It repeats this while a deployment or a deletion is in progress, or if another program changes the
// game at the same time.
func (s *seeder) apply(ctx context.Context, seed seedProject) error {
	// Both log messages, which further tries must not repeat.
	stages, progress := s.stages(seed), s.logDeployment(seed)
	reason := ""
	for {
		err := s.try(ctx, seed, stages, progress)
		if err == nil || ctx.Err() != nil || !isTemporary(err) {
			return err
		}
		if text := err.Error(); text != reason {
			reason = text
			s.logger.InfoContext(ctx, "the game is changing: applying the seed again", "seed", seed.dir, "game", seed.game.Name, "reason", text)
		}
		select {
		case <-ctx.Done():
		case <-time.After(seedPoll):
		}
	}
}

// isTemporary reports whether applying a seed again can succeed.
func isTemporary(err error) bool {
	_, stale := errors.AsType[*project.StaleError](err)
	_, running := errors.AsType[*deploy.DeploymentInProgressError](err)
	return stale || running || gamesparks.IsConflict(err) || gamesparks.IsPreconditionFailed(err)
}

func (s *seeder) try(ctx context.Context, seed seedProject, stages []string, progress func(project.ApplyEvent)) error {
	plan, err := project.NewPlan(ctx, s.client, seed.game, project.PlanOptions{})
	if err != nil {
		return err
	}
	result, err := project.Apply(ctx, s.client, plan, project.ApplyOptions{
		Stages: stages, Progress: progress,
		Deploy: []func(*deploy.Options){func(o *deploy.Options) {
			o.MaxWait = seedDeploymentWait
			o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
				o.MinDelay, o.MaxDelay = seedPoll, time.Second
			})
		}},
	})
	if err != nil {
		return err
	}
	changed := plan.HasChanges() || result.Deployment != nil
	s.logger.InfoContext(ctx, "applied the seed", "seed", seed.dir, "game", seed.game.Name, "changed", changed,
		"stages", stages, "snapshot", result.SnapshotID)
	return nil
}

// logDeployment returns a progress function that logs the first event of the deployments, because the server does not listen until
// they end.
func (s *seeder) logDeployment(seed seedProject) func(project.ApplyEvent) {
	logged := false
	return func(e project.ApplyEvent) {
		if logged || e.Deployment == nil || e.Deployment.Deployment == nil {
			return
		}
		logged = true
		wait := s.config.DeploymentPending + s.config.DeploymentInProgress
		level, text := slog.LevelInfo, "deploying the seed: the server listens when the deployments have ended"
		if wait >= longDeployment {
			level, text = slog.LevelWarn, text+"; to start earlier, reduce --deployment-pending and --deployment-in-progress"
		}
		s.logger.Log(context.Background(), level, text, "seed", seed.dir, "game", seed.game.Name, "duration_ms", wait.Milliseconds())
	}
}

// stages returns the stages to deploy to, which are those of game.json. A stage in --fail-deployments is omitted, because the
// deployment would fail at each start.
func (s *seeder) stages(seed seedProject) []string {
	stages := slices.Sorted(maps.Keys(seed.game.Stages))
	return slices.DeleteFunc(stages, func(stage string) bool {
		_, fails := s.config.FailDeployments[seed.game.Name+"/"+stage]
		if fails {
			s.logger.Warn("the seed is not deployed to the stage, because --fail-deployments has it", "game", seed.game.Name, "stage", stage)
		}
		return fails
	})
}

// newClient returns a client that calls the handler of the service directly, with the access key of --access-key.
func (c *config) newClient(service http.Handler, optFns ...func(*gamesparks.Options)) *gamesparks.Client {
	return gamesparks.New(gamesparks.Options{
		BaseEndpoint: new("http://localhost"),
		Region:       c.Region,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: c.AccessKey, SecretAccessKey: c.SecretKey}, nil
		}),
		HTTPClient: inProcessClient{service},
	}, optFns...)
}
