package server_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/conditional"
	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

const (
	role  = "arn:aws:iam::123456789012:role/GameRole"
	model = "GameSparks.Core.Model"
)

// clock is a clock that moves only when a test advances it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// env is a server and a client for one test. The client does not retry. It fails the test if a response violates a
// constraint of the model, or if the model does not define the returned error for the operation.
type env struct {
	*testing.T
	*gamesparks.Client
	ctx   context.Context
	srv   *server.Server
	clock *clock

	// replicas are all servers of the test, of which srv is the first.
	replicas []*server.Server
}

// Durations of deployments, jobs and deletions, measured by the test's clock.
const (
	pending    = 10 * time.Second
	inProgress = 20 * time.Second
	deletion   = 30 * time.Second
)

func newEnv(t *testing.T, opts ...server.Option) *env {
	t.Helper()
	e := &env{T: t, ctx: t.Context(), clock: &clock{now: time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC)}}
	store := newDefaultStore(t)
	for {
		e.replicas = append(e.replicas, e.start(append([]server.Option{server.WithStoreFunc(store.open)}, opts...)...))
		if len(e.replicas) >= store.opened*store.replicas { // the test may have chosen another store
			break
		}
	}
	e.srv = e.replicas[0]
	e.Client = e.srv.Client(e.strict)
	if len(e.replicas) > 1 {
		e.Client = e.srv.Client(e.strict, func(o *gamesparks.Options) { o.HTTPClient = roundRobin(e.replicas) })
	}
	return e
}

// start starts a server with the clock of the test.
func (e *env) start(opts ...server.Option) *server.Server {
	e.Helper()
	return servertest.Start(e.T, append([]server.Option{
		server.WithClock(e.clock.Now),
		server.WithDeploymentTime(pending, inProgress),
		server.WithCodeGenerationTime(pending, inProgress),
		server.WithDeletionTime(deletion),
	}, opts...)...)
}

// onEachStore runs a test once with each kind of store.
func onEachStore(t *testing.T, test func(*env)) {
	t.Helper()
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(newEnv(t))
	})
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		test(newEnv(t, server.WithStore(openFile(t, filepath.Join(t.TempDir(), "data")))))
	})
	t.Run("replicas", func(t *testing.T) {
		t.Parallel()
		test(newReplicas(t))
	})
}

func openFile(t testing.TB, path string) storage.Store {
	t.Helper()
	store, err := storage.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// strict configures a client not to retry and to check responses against the model.
func (e *env) strict(o *gamesparks.Options) {
	o.Retryer = aws.NopRetryer{}
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Strict", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			out, metadata, err := next.HandleInitialize(ctx, in)
			e.checkOutput(awsmiddleware.GetOperationName(ctx), out.Result, err)
			return out, metadata, err
		}), middleware.Before)
	})
}

func (e *env) checkOutput(operation string, output any, err error) {
	e.Helper()
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		modeled := slices.ContainsFunc(schemas.FindOperation(operation).Errors, func(s *smithy.Schema) bool {
			return s.ID().Name == api.ErrorCode()
		})
		if _, ok := api.(*types.PreconditionFailedException); ok {
			modeled = conditional.Supports(schemas.FindOperation(operation))
		}
		if !modeled {
			e.Errorf("%s: the model does not define this error for the operation: %v", operation, api)
		}
	case err == nil:
		var violations smithy.InvalidParamsError
		method, _ := reflect.TypeFor[*gamesparks.Client]().MethodByName(operation)
		if errors.As(serde.Check(operation+"Output", operations.OfMethod(method.Func).Output, output, true), &violations) {
			for _, v := range violations.Errs() {
				if !strings.Contains(v.Error(), "S3Url") { // the URL does not point to S3
					e.Errorf("the response violates the model: %v", v)
				}
			}
		}
	}
}

// ok returns the value, or fails the test if there is an error.
func ok[T any](e *env) func(T, error) T {
	return func(v T, err error) T {
		e.Helper()
		if err != nil {
			e.Fatal(err)
		}
		return v
	}
}

// wantError fails the test unless err has type E and its message contains all of the texts.
func wantError[E smithy.APIError](e *env, err error, texts ...string) {
	e.Helper()
	var want E
	if !errors.As(err, &want) {
		e.Errorf("got error %v, want one of type %T", err, want)
		return
	}
	for _, text := range texts {
		if !strings.Contains(want.ErrorMessage(), text) {
			e.Errorf("message %q does not contain %q", want.ErrorMessage(), text)
		}
	}
}

func (e *env) createGame(name string) *types.GameDetails {
	e.Helper()
	return ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: &name})).Game
}

func (e *env) createStage(game, name string) *types.StageDetails {
	e.Helper()
	return ok[*gamesparks.CreateStageOutput](e)(e.CreateStage(e.ctx, &gamesparks.CreateStageInput{
		GameName: &game, StageName: &name, Role: aws.String(role),
	})).Stage
}

func (e *env) createSnapshot(game string) *types.SnapshotDetails {
	e.Helper()
	return ok[*gamesparks.CreateSnapshotOutput](e)(e.CreateSnapshot(e.ctx, &gamesparks.CreateSnapshotInput{GameName: &game})).Snapshot
}

// importSections imports sections, a JSON object, into the configuration of a game.
func (e *env) importSections(game, sections string) *types.GameConfigurationDetails {
	e.Helper()
	return ok[*gamesparks.ImportGameConfigurationOutput](e)(e.ImportGameConfiguration(e.ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: &game,
		ImportSource: &types.ImportGameConfigurationSource{
			File: []byte(`{"Document":{"Type":"Game","Sections":` + sections + `}}`),
		},
	})).GameConfiguration
}

func (e *env) startDeployment(game, stage string, snapshot *string) *types.StageDeploymentDetails {
	e.Helper()
	return ok[*gamesparks.StartStageDeploymentOutput](e)(e.StartStageDeployment(e.ctx, &gamesparks.StartStageDeploymentInput{
		GameName: &game, StageName: &stage, SnapshotId: snapshot,
	})).StageDeployment
}

func (e *env) deploy(game, stage string, snapshot *string) *types.StageDeploymentDetails {
	e.Helper()
	deployment := e.startDeployment(game, stage, snapshot)
	e.clock.Advance(pending + inProgress)
	return deployment
}

// texts returns the JSON text of each section, keyed by section name.
func texts(e *env, sections map[string]types.Section) map[string]string {
	e.Helper()
	found := map[string]string{}
	for name, section := range sections {
		found[name] = text(e, section.Attributes)
		if aws.ToString(section.Name) != name || int(section.Size) != len(found[name]) {
			e.Errorf("section %s is inconsistent: name %s, size %d, content %s",
				name, aws.ToString(section.Name), section.Size, found[name])
		}
	}
	return found
}

func text(e *env, d document.Interface) string {
	e.Helper()
	if d == nil {
		e.Fatal("the section has no document")
	}
	return string(ok[[]byte](e)(d.MarshalSmithyDocument()))
}

// names returns the names of the items, in order.
func names[T any](items []T, name func(T) *string) []string {
	found := []string{}
	for _, item := range items {
		found = append(found, aws.ToString(name(item)))
	}
	return found
}

// numbered returns n names with the prefix and increasing numbers. All names have the same length.
func numbered(prefix string, n int) []string {
	found := make([]string, n)
	for i := range found {
		found[i] = fmt.Sprintf("%s%03d", prefix, i)
	}
	return found
}
