package server_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestRestart checks that a new service that opens an existing data file preserves resources, operations in progress,
// client tokens, page tokens and download URLs.
func TestRestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	e := newEnv(t, server.WithStore(openFile(t, path)))
	token := strings.Repeat("t", 33)
	create := func() (*gamesparks.CreateGameOutput, error) {
		return e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess"), ClientToken: &token, Tags: map[string]string{"a": "b"}})
	}
	game := ok[*gamesparks.CreateGameOutput](e)(create()).Game
	e.createGame("go")
	e.importSections("chess", `{"A":{"n":12345678901234567890123}}`)
	snapshot := e.createSnapshot("chess")
	stage := e.createStage("chess", "dev")
	deployment := e.startDeployment("chess", "dev", snapshot.Id)
	export := ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{GameName: game.Name, SnapshotId: snapshot.Id})).S3Url
	page := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, &gamesparks.ListGamesInput{MaxResults: aws.Int32(1)}))
	if err := e.srv.Close(); err != nil {
		t.Fatal(err)
	}

	// The new service has different settings, which apply only to operations that start later.
	was := e.clock
	e = newEnv(t, server.WithStore(openFile(t, path)), server.WithClock(was.Now), server.WithDeploymentTime(0, 0))
	e.clock = was
	if diff := cmp.Diff(game, ok[*gamesparks.GetGameOutput](e)(e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: game.Name})).Game); diff != "" {
		t.Errorf("game (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(game, ok[*gamesparks.CreateGameOutput](e)(create()).Game); diff != "" {
		t.Errorf("game returned for the same token (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(stage, ok[*gamesparks.GetStageOutput](e)(e.GetStage(e.ctx, &gamesparks.GetStageInput{GameName: game.Name, StageName: stage.Name})).Stage); diff != "" {
		t.Errorf("stage (-want +got):\n%s", diff)
	}
	got := ok[*gamesparks.GetSnapshotOutput](e)(e.GetSnapshot(e.ctx, &gamesparks.GetSnapshotInput{GameName: game.Name, SnapshotId: snapshot.Id})).Snapshot
	if diff := cmp.Diff(map[string]string{"A": `{"n":12345678901234567890123}`}, texts(e, got.Sections)); diff != "" {
		t.Errorf("snapshot sections (-want +got):\n%s", diff)
	}
	for _, want := range []types.DeploymentState{types.DeploymentStatePending, types.DeploymentStateInProgress, types.DeploymentStateCompleted} {
		got := ok[*gamesparks.GetStageDeploymentOutput](e)(e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{GameName: game.Name, StageName: stage.Name})).StageDeployment
		if *got.DeploymentId != *deployment.DeploymentId || got.DeploymentState != want {
			t.Errorf("got deployment %s in state %s, want %s in state %s",
				*got.DeploymentId, got.DeploymentState, *deployment.DeploymentId, want)
		}
		e.clock.Advance(15 * time.Second)
	}
	next := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, &gamesparks.ListGamesInput{NextToken: page.NextToken}))
	if got := names(next.Games, func(g types.GameSummary) *string { return g.Name }); !cmp.Equal(got, []string{"go"}) {
		t.Errorf("next page: got games %v, want go", got)
	}
	// The new server listens on a different port from the one in the URL.
	_, rest, _ := strings.Cut(*export, "/download")
	if status, _, body := download(t, e.srv.URL+"/download"+rest); status != 403 || !strings.Contains(body, "SignatureDoesNotMatch") {
		t.Errorf("download from another host: got %d %s, want 403 SignatureDoesNotMatch", status, body)
	}
}

func TestFileIsLocked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	srv := servertest.Start(t, server.WithStore(openFile(t, path)))
	if _, err := storage.OpenFile(path); !errors.Is(err, storage.ErrLocked) {
		t.Errorf("opening the file twice: got error %v, want %v", err, storage.ErrLocked)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	servertest.Start(t, server.WithStore(openFile(t, path)))
}

// broken is a store whose transactions fail while fails is set.
type broken struct {
	storage.Store
	fails atomic.Bool
}

var errBroken = errors.New("secret detail of the disk")

func (b *broken) View(ctx context.Context, fn func(storage.Reader) error) error {
	if b.fails.Load() {
		return errBroken
	}
	return b.Store.View(ctx, fn)
}

func (b *broken) Update(ctx context.Context, fn func(storage.Writer) error) error {
	if b.fails.Load() {
		return errBroken
	}
	return b.Store.Update(ctx, fn)
}

func TestBrokenStore(t *testing.T) {
	t.Parallel()
	store := &broken{Store: storage.NewMemory()}
	e := newEnv(t, server.WithStore(store))
	store.fails.Store(true)
	_, err := e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess")})
	wantError[*types.InternalServerException](e, err)
	_, listErr := e.ListGames(e.ctx, nil)
	wantError[*types.InternalServerException](e, listErr)
	for _, err := range []error{err, listErr} {
		if strings.Contains(err.Error(), "disk") {
			t.Errorf("the response discloses the internal error: %v", err)
		}
	}
	if _, err := server.New(server.WithStore(store)); !errors.Is(err, errBroken) {
		t.Errorf("New with a broken store: got error %v", err)
	}
}

// rerunning is a store that runs each update twice, as a store with optimistic concurrency control would after a
// conflict.
type rerunning struct{ storage.Store }

func (s rerunning) Update(ctx context.Context, fn func(storage.Writer) error) error {
	rollBack := errors.New("conflict")
	err := s.Store.Update(ctx, func(w storage.Writer) error { return errors.Join(rollBack, fn(w)) })
	if !errors.Is(err, rollBack) {
		return err
	}
	return s.Store.Update(ctx, fn)
}

// TestOptimisticStore checks that operations take effect exactly once even if the store reruns an update.
func TestOptimisticStore(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithStore(rerunning{storage.NewMemory()}))
	e.createGame("chess")
	e.importSections("chess", `{"A":{"l":[]}}`)
	got := ok[*gamesparks.UpdateGameConfigurationOutput](e)(e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
		GameName: aws.String("chess"), Modifications: []types.SectionModification{modification(add, "/l/-", "1"), modification(add, "/l/-", "2")},
	}))
	if diff := cmp.Diff(map[string]string{"A": `{"l":[1,2]}`}, texts(e, got.GameConfiguration.Sections)); diff != "" {
		t.Errorf("sections (-want +got):\n%s", diff)
	}
	first, second := e.createSnapshot("chess"), e.createSnapshot("chess")
	stage := e.deployed("dev")
	_, ended := e.join(stage, "ann")
	want := []string{*e.deploy("chess", "dev", second.Id).DeploymentId, *e.deploy("chess", "dev", first.Id).DeploymentId}
	list := ok[*gamesparks.ListStageDeploymentsOutput](e)(e.ListStageDeployments(e.ctx, &gamesparks.ListStageDeploymentsInput{GameName: aws.String("chess"), StageName: aws.String("dev")}))
	if ids := names(list.StageDeployments, func(d types.StageDeploymentSummary) *string { return d.DeploymentId }); len(ids) != 3 || ids[0] != want[1] || ids[1] != want[0] {
		t.Errorf("got deployments %v, want %v in reverse order and one older deployment", ids, want)
	}
	ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
	if err := <-ended; err == nil {
		t.Error("the player's connection ended without an error")
	}
}

func TestNilMeansDefault(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithStore(nil), server.WithLogger(nil))
	e.createGame("chess")
}

func TestClosedService(t *testing.T) {
	t.Parallel()
	service, err := server.New()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := service.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	srv, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := srv.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	for want, option := range map[string]server.Option{
		`account "12345678901x"`:   server.WithAccount("12345678901x"),
		`account "1234567890123"`:  server.WithAccount("1234567890123"),
		`region "nowhere"`:         server.WithRegion("nowhere"),
		"body limit 0":             server.WithMaxBodyBytes(0),
		"game quota -1":            server.WithMaxGames(-1),
		"deployment times -1s and": server.WithDeploymentTime(-time.Second, 0),
		"deployment times 0s and":  server.WithDeploymentTime(0, -time.Second),
		"code generation time":     server.WithCodeGenerationTime(0, -time.Second),
		"deletion time -1s":        server.WithDeletionTime(-time.Second),
		"credentials must not be":  server.WithCredentials(),
		`credential "a"`:           server.WithCredentials(server.Credential{AccessKeyID: "a"}),
		`account "1"`:              server.WithCredentials(server.Credential{AccessKeyID: "a", SecretAccessKey: "b", Account: "1"}),
		`access key id "a/b": must consist of ASCII letters`: server.WithCredentials(server.Credential{AccessKeyID: "a/b", SecretAccessKey: "b"}),
		`access key id "ümlaut": must`:                       server.WithCredentials(server.Credential{AccessKeyID: "ümlaut", SecretAccessKey: "b"}),
		"duplicate access key id":                            server.WithCredentials(server.Credential{AccessKeyID: "a", SecretAccessKey: "b"}, server.Credential{AccessKeyID: "a", SecretAccessKey: "c"}),
	} {
		if _, err := server.New(option); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that contains %q", err, want)
		}
		if _, err := server.Start(option); err == nil {
			t.Errorf("%s: Start returned no error", want)
		}
	}
}

// TestOptionError checks that New returns an OptionError for each option with an invalid value, without opening the
// store.
func TestOptionError(t *testing.T) {
	t.Parallel()
	for want, option := range map[string]server.Option{
		"WithAccount":            server.WithAccount("1"),
		"WithRegion":             server.WithRegion("nowhere"),
		"WithClock":              server.WithClock(nil),
		"WithWallClock":          server.WithWallClock(nil),
		"WithMaxBodyBytes":       server.WithMaxBodyBytes(0),
		"WithMaxGames":           server.WithMaxGames(-1),
		"WithDeploymentTime":     server.WithDeploymentTime(-1, 0),
		"WithCodeGenerationTime": server.WithCodeGenerationTime(-1, 0),
		"WithDeletionTime":       server.WithDeletionTime(-1),
		"WithDeploymentOutcome":  server.WithDeploymentOutcome(nil),
		"WithCredentials":        server.WithCredentials(),
		"WithPublicURL":          server.WithPublicURL("example.com"),
		"WithExtensions":         server.WithExtensions(server.Extension{Namespace: "a b", Name: "c"}),
		"WithObserver":           server.WithObserver(nil),
		"WithStoreFunc":          server.WithStoreFunc(nil),
	} {
		open := server.WithStoreFunc(func() (storage.Store, error) {
			t.Errorf("%s: the store was opened", want)
			return storage.NewMemory(), nil
		})
		_, err := server.New(open, option)
		var bad *server.OptionError
		if !errors.As(err, &bad) {
			t.Errorf("%s: got error %v, want an OptionError", want, err)
			continue
		}
		if bad.Option != want || bad.Err == nil || !errors.Is(err, bad.Err) || err.Error() != "server: "+want+": "+bad.Err.Error() {
			t.Errorf("%s: inconsistent OptionError %+v: %v", want, bad, err)
		}
	}
}

func TestStoreFunc(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data")
	open := server.WithStoreFunc(func() (storage.Store, error) { return storage.OpenFile(path) })
	srv := servertest.Start(t, open)
	_, err := server.New(open)
	var bad *server.OptionError
	if !errors.Is(err, storage.ErrLocked) || errors.As(err, &bad) {
		t.Errorf("got error %v, want %v and no OptionError", err, storage.ErrLocked)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}

	disk := &broken{Store: storage.NewMemory()}
	disk.fails.Store(true)
	failing := &closeRecorder{Store: disk}
	if _, err := server.New(server.WithStoreFunc(func() (storage.Store, error) { return failing, nil })); !errors.Is(err, errBroken) {
		t.Errorf("got error %v, want %v", err, errBroken)
	}
	if !failing.closed {
		t.Error("New failed but did not close the store that it opened")
	}
	failing.closed = false
	if _, err := server.New(server.WithStore(failing)); !errors.Is(err, errBroken) || failing.closed {
		t.Errorf("got error %v, want %v; store closed = %v, want false", err, errBroken, failing.closed)
	}
}

// closeRecorder is a store that records whether it was closed.
type closeRecorder struct {
	storage.Store
	closed bool
}

func (s *closeRecorder) Close() error {
	s.closed = true
	return s.Store.Close()
}
