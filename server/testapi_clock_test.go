package server_test

import (
	"bytes"
	"context"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
	"github.com/gamesparks-go/gamesparks/types"
)

// clockReading is the response of the test API for the clock.
type clockReading struct {
	Time          time.Time
	OffsetSeconds float64
}

func (e *env) readClock() clockReading {
	e.Helper()
	return mustTest[clockReading](e, e.srv, http.MethodGet, "/test/clock", "")
}

func (e *env) advanceClock(body string) clockReading {
	e.Helper()
	return mustTest[clockReading](e, e.srv, http.MethodPost, "/test/clock", body)
}

// startEnv returns an env whose service uses the clock of the system or of the store.
func startEnv(t *testing.T, store storage.Store, opts ...server.Option) *env {
	t.Helper()
	e := &env{T: t, ctx: t.Context()}
	e.srv = servertest.Start(t, append([]server.Option{
		server.WithStore(store), server.WithDeploymentTime(time.Hour, time.Hour), server.WithDeletionTime(time.Hour),
	}, opts...)...)
	e.Client = e.srv.Client(e.strict)
	return e
}

// forEachDurableStore runs a test with each kind of store that survives a restart. The function open opens the same data again.
func forEachDurableStore(t *testing.T, test func(t *testing.T, open func() storage.Store)) {
	t.Helper()
	t.Parallel()
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "data")
		test(t, func() storage.Store { return openFile(t, path) })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		store := openShared(t)
		test(t, func() storage.Store { return store })
	})
}

// sharedDatabase is a database that stays open when a service closes it.
type sharedDatabase struct{ *postgres.Store }

func (sharedDatabase) Close() error { return nil }

// openShared returns a database for several services. The cleanup of the test closes it after the services.
func openShared(t *testing.T) sharedDatabase {
	t.Helper()
	store := openDatabase(t).(*postgres.Store)
	t.Cleanup(func() { store.Close() })
	return sharedDatabase{store}
}

// TestClockAdvance moves the clock forward. Deployments and deletions complete, signatures stay valid, and a restart keeps the
// time, with and without the test API.
func TestClockAdvance(t *testing.T) {
	forEachDurableStore(t, func(t *testing.T, open func() storage.Store) {
		e := startEnv(t, open(), server.WithTestAPI())
		e.createGame("chess")
		e.createGame("go")
		e.createStage("chess", "dev")
		e.startDeployment("chess", "dev", e.createSnapshot("chess").Id)
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("go")}))
		before := e.readClock()
		if before.OffsetSeconds != 0 {
			t.Errorf("offset of a new service: %v", before.OffsetSeconds)
		}
		for i, want := range []types.DeploymentState{
			types.DeploymentStatePending, types.DeploymentStateInProgress, types.DeploymentStateCompleted,
		} {
			if got := e.deploymentState("dev"); got != want {
				t.Errorf("state after %d hours: %s, want %s", i, got, want)
			}
			if got := e.advanceClock(`{"AdvanceSeconds":3600.5}`).OffsetSeconds; got != 3600.5*float64(i+1) {
				t.Errorf("offset after %d moves: %v", i+1, got)
			}
		}
		if _, err := e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: aws.String("go")}); !gamesparks.IsNotFound(err) {
			t.Errorf("deleted game after three hours: error %v", err)
		}
		after := e.readClock()
		if elapsed := after.Time.Sub(before.Time); elapsed < 3*time.Hour || elapsed > 3*time.Hour+10*time.Minute {
			t.Errorf("the clock moved forward by %v, want 3 hours", elapsed)
		}
		if created := *e.createGame("new").Created; created.Before(after.Time.Truncate(time.Millisecond)) {
			t.Errorf("a game was created at %v, before the time of the clock %v", created, after.Time)
		}
		if err := e.srv.Close(); err != nil {
			t.Fatal(err)
		}

		var log bytes.Buffer
		e = startEnv(t, open(), server.WithTestAPI(), server.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		if got := e.readClock(); got.Time.Before(after.Time) || got.OffsetSeconds != after.OffsetSeconds {
			t.Errorf("clock after a restart: %+v, want at least %+v", got, after)
		}
		if strings.Contains(log.String(), "wall clock is behind") {
			t.Errorf("the log blames the wall clock:\n%s", &log)
		}
		e.createGame("later")
		if err := e.srv.Close(); err != nil {
			t.Fatal(err)
		}

		log.Reset()
		e = startEnv(t, open(), server.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		if created := *e.createGame("last").Created; created.Before(after.Time.Truncate(time.Millisecond)) {
			t.Errorf("without the test API, a game was created at %v, before the time of the clock %v", created, after.Time)
		}
		if got := e.deploymentState("dev"); got != types.DeploymentStateCompleted {
			t.Errorf("state without the test API: %s", got)
		}
		if !strings.Contains(log.String(), "the test API has moved it forward: to get the current time, start with a new data file (--data) or database (--store), or with another store in WithStore") {
			t.Errorf("the log does not explain the time:\n%s", &log)
		}
	})
}

// TestClockReplicas moves the clock of one of two services that share a database.
func TestClockReplicas(t *testing.T) {
	t.Parallel()
	shared := openShared(t)
	first, second := startEnv(t, shared, server.WithTestAPI()), startEnv(t, shared, server.WithTestAPI())
	first.createGame("chess")
	first.createStage("chess", "dev")
	snapshot := first.createSnapshot("chess").Id
	first.startDeployment("chess", "dev", snapshot)
	var running sync.WaitGroup
	for _, e := range []*env{first, second} {
		running.Go(func() {
			for range 10 {
				e.advanceClock(`{"AdvanceSeconds":720}`)
			}
		})
	}
	running.Wait()
	for i, e := range []*env{second, first} {
		if got := e.deploymentState("dev"); got != types.DeploymentStateCompleted {
			t.Errorf("service %d: state %s", i, got)
		}
		if got := e.readClock().OffsetSeconds; got != 4*3600 {
			t.Errorf("service %d: offset %v", i, got)
		}
	}
	exported := ok[*gamesparks.ExportSnapshotOutput](first)(first.ExportSnapshot(first.ctx, &gamesparks.ExportSnapshotInput{
		GameName: aws.String("chess"), SnapshotId: snapshot,
	}))
	elsewhere := second.srv.URL + strings.TrimPrefix(*exported.S3Url, first.srv.URL)
	status := func() string {
		r, err := http.NewRequest(http.MethodGet, elsewhere, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = strings.TrimPrefix(first.srv.URL, "http://") // the signature includes the host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		_, _ = io.Copy(io.Discard, resp.Body)
		return resp.Status
	}
	if got := status(); got != "200 OK" {
		t.Errorf("download from the other service: %s", got)
	}
	first.advanceClock(`{"AdvanceSeconds":660}`)
	if got := status(); got != "403 Forbidden" {
		t.Errorf("download after the URL has expired: %s", got)
	}
}

// TestClockOfTest moves a clock that the program stopped with WithClock.
func TestClockOfTest(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithTestAPI())
	start := e.clock.Now()
	e.advanceClock(`{"AdvanceSeconds":90}`)
	e.clock.Advance(time.Minute)
	if got := e.readClock().Time; !got.Equal(start.Add(150 * time.Second)) {
		t.Errorf("got time %v, want %v", got, start.Add(150*time.Second))
	}
	e.clock.Advance(-time.Hour)
	e.advanceClock(`{"AdvanceSeconds":30}`)
	if got := e.readClock().Time; !got.Equal(start.Add(180 * time.Second)) {
		t.Errorf("got time %v after the clock went back, want %v", got, start.Add(180*time.Second))
	}
}

// TestClockLimit checks that the sum of all moves is limited.
func TestClockLimit(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithTestAPI())
	e.advanceClock(`{"AdvanceSeconds":3153599990}`)
	got := testRequest(t, e.srv, local, http.MethodPost, "/test/clock", `{"AdvanceSeconds":11}`)
	if got.code != "ValidationException" || !strings.Contains(got.body, "the sum of all moves must be at most 3153600000") {
		t.Errorf("move over the limit: %d %s", got.status, got.body)
	}
	e.advanceClock(`{"AdvanceSeconds":10}`)
	e.createGame("chess")
}

// offsetStore counts the reads of the offset of the clock.
type offsetStore struct {
	storage.ScopedStore
	reads atomic.Int64
}

type offsetReader struct {
	storage.Reader
	storage.Timed
	store *offsetStore
}

func (r offsetReader) Get(key string) ([]byte, error) {
	if strings.HasSuffix(key, "clock-offset") {
		r.store.reads.Add(1)
	}
	return r.Reader.Get(key)
}

type offsetWriter struct {
	storage.Writer
	offsetReader
}

func (w offsetWriter) Get(key string) ([]byte, error) { return w.offsetReader.Get(key) }

func (w offsetWriter) Scan(r storage.Range) iter.Seq2[storage.Entry, error] { return w.Writer.Scan(r) }

func (s *offsetStore) View(ctx context.Context, fn func(storage.Reader) error) error {
	return s.ScopedStore.View(ctx, func(r storage.Reader) error { return fn(offsetReader{r, r.(storage.Timed), s}) })
}

func (s *offsetStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	return s.ScopedStore.Update(ctx, func(w storage.Writer) error { return fn(offsetWriter{w, offsetReader{w, w.(storage.Timed), s}}) })
}

func (s *offsetStore) UpdateScope(ctx context.Context, prefix string, keys []string, fn func(storage.Writer) error) error {
	return s.ScopedStore.UpdateScope(ctx, prefix, keys, func(w storage.Writer) error { return fn(offsetWriter{w, offsetReader{w, w.(storage.Timed), s}}) })
}

// TestClockCost checks that transactions read the offset only with the test API.
func TestClockCost(t *testing.T) {
	t.Parallel()
	for _, testAPI := range []bool{false, true} {
		store := &offsetStore{ScopedStore: openDatabase(t).(storage.ScopedStore)}
		var opts []server.Option
		if testAPI {
			opts = append(opts, server.WithTestAPI())
		}
		e := startEnv(t, store, opts...)
		before := store.reads.Load()
		e.createGame("chess")
		ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, nil))
		if reads := store.reads.Load() - before; (reads > 0) != testAPI {
			t.Errorf("test API %v: two requests read the offset %d times", testAPI, reads)
		}
	}
}
