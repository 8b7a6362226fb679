package server_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

func (e *env) deploymentState(stage string) types.DeploymentState {
	e.Helper()
	return ok[*gamesparks.GetStageDeploymentOutput](e)(e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{
		GameName: aws.String("chess"), StageName: &stage,
	})).StageDeployment.DeploymentState
}

// TestTimeGoesForward restarts a service with the clock set back by an hour. States that clients have seen must persist,
// and time must advance.
func TestTimeGoesForward(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	e := newEnv(t, server.WithStore(openFile(t, path)))
	e.createGame("chess")
	e.createGame("go")
	snapshot := e.createSnapshot("chess")
	e.createStage("chess", "dev")
	job := ok[*gamesparks.StartGeneratedCodeJobOutput](e)(e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
		GameName: aws.String("chess"), SnapshotId: snapshot.Id, Generator: &types.Generator{Language: aws.String("GO")},
	})).GeneratedCodeJobId
	jobStatus := func() types.GeneratedCodeJobState {
		return ok[*gamesparks.GetGeneratedCodeJobOutput](e)(e.GetGeneratedCodeJob(e.ctx, &gamesparks.GetGeneratedCodeJobInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id, JobId: job,
		})).GeneratedCodeJob.Status
	}
	getGo := func() error {
		_, err := e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: aws.String("go")})
		return err
	}
	restart := func() *bytes.Buffer {
		if err := e.srv.Close(); err != nil {
			t.Fatal(err)
		}
		previous, log := e.clock, new(bytes.Buffer)
		previous.Advance(-time.Hour)
		e = newEnv(t, server.WithStore(openFile(t, path)), server.WithClock(previous.Now), server.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
		e.clock = previous
		return log
	}

	// Only a read sees the completed deployment.
	e.startDeployment("chess", "dev", snapshot.Id)
	e.clock.Advance(pending + inProgress)
	completed := e.clock.Now()
	if got := e.deploymentState("dev"); got != types.DeploymentStateCompleted {
		t.Fatalf("got state %s, want COMPLETED", got)
	}
	log := restart()
	if got := e.deploymentState("dev"); got != types.DeploymentStateCompleted {
		t.Errorf("got state %s after the restart, want COMPLETED", got)
	}
	if got := jobStatus(); got != types.GeneratedCodeJobStateCompleted {
		t.Errorf("got job status %s, want COMPLETED", got)
	}
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "gap_ms=3600000") {
		t.Errorf("the gap is not logged:\n%s", log)
	}

	// Only a read sees that the game is deleted.
	ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("go")}))
	e.clock.Advance(deletion)
	wantError[*types.ResourceNotFoundException](e, getGo())
	restart()
	wantError[*types.ResourceNotFoundException](e, getGo())

	// Time advances.
	if created := e.createGame("go").Created; created.Before(completed) {
		t.Errorf("the game was created at %v, before %v", created, completed)
	}
	e.startDeployment("chess", "dev", snapshot.Id)
	for _, step := range []struct {
		elapsed time.Duration
		want    types.DeploymentState
	}{{0, types.DeploymentStatePending}, {pending, types.DeploymentStateInProgress}, {inProgress, types.DeploymentStateCompleted}} {
		e.clock.Advance(step.elapsed)
		if got := e.deploymentState("dev"); got != step.want {
			t.Errorf("got state %s after %v, want %s", got, step.elapsed, step.want)
		}
	}
}

// TestClockGoesBack checks that states persist if the clock goes back while the service runs.
func TestClockGoesBack(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.Client = e.srv.Client(e.strict) // with WithClock, each replica has a time of its own
		e.createGame("chess")
		e.deployed("dev")
		if got := e.deploymentState("dev"); got != types.DeploymentStateCompleted {
			e.Fatalf("got state %s, want COMPLETED", got)
		}
		e.clock.Advance(-time.Hour)
		if got := e.deploymentState("dev"); got != types.DeploymentStateCompleted {
			e.Errorf("got state %s after the clock went back, want COMPLETED", got)
		}
	})
}

// updateCounter counts updates, and fails them while fails is set.
type updateCounter struct {
	storage.Store
	updates atomic.Int64
	fails   atomic.Bool
}

func (s *updateCounter) Update(ctx context.Context, fn func(storage.Writer) error) error {
	s.updates.Add(1)
	if s.fails.Load() {
		return errors.New("the disk is full")
	}
	return s.Store.Update(ctx, fn)
}

// TestReadsSeldomWrite checks that only the first read of a new state writes, and that the read succeeds if the write
// fails.
func TestReadsSeldomWrite(t *testing.T) {
	t.Parallel()
	store := &updateCounter{Store: storage.NewMemory()}
	e := newEnv(t, server.WithStore(store))
	e.createGame("chess")
	snapshot := e.createSnapshot("chess")
	e.createStage("chess", "dev")
	e.startDeployment("chess", "dev", snapshot.Id)
	reads := func(what string, want int64) {
		t.Helper()
		before := store.updates.Load()
		for range 3 {
			e.deploymentState("dev")
			e.connections("dev", "ann")
		}
		if got := store.updates.Load() - before; got != want {
			t.Errorf("%s: the reads caused %d updates, want %d", what, got, want)
		}
		e.clock.Advance(time.Second)
	}
	reads("PENDING", 0)
	e.clock.Advance(pending)
	reads("IN_PROGRESS", 1)
	e.clock.Advance(inProgress)
	store.fails.Store(true)
	reads("COMPLETED, full disk", 3)
	store.fails.Store(false)
	reads("COMPLETED", 1)
	reads("COMPLETED again", 0)
}
