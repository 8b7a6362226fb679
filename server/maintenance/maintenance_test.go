package maintenance_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

func openFile(tb testing.TB, path string, optFns ...func(*storage.FileOptions)) storage.Store {
	tb.Helper()
	store, err := storage.OpenFile(path, optFns...)
	if err != nil {
		tb.Fatal(err)
	}
	return store
}

// version1File writes the data file of version 1 that commit 876647b wrote with populate, and returns its path.
func version1File(t *testing.T) (path string, content []byte) {
	t.Helper()
	compressed, err := os.ReadFile("testdata/version1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	content = must(io.ReadAll(must(gzip.NewReader(bytes.NewReader(compressed)))))
	path = filepath.Join(t.TempDir(), "old")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, content
}

// version1Dump returns what clients of commit 876647b read from the file, by owner, and when they read it.
func version1Dump(t *testing.T) (byOwner map[owner]any, at time.Time) {
	t.Helper()
	text, err := os.ReadFile("testdata/version1.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all["time"], &at); err != nil {
		t.Fatal(err)
	}
	byOwner = map[owner]any{}
	for _, o := range owners {
		byOwner[o] = parse(t, string(all[o.account+" "+o.region]))
	}
	return byOwner, at
}

func parse(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestOpenVersion1(t *testing.T) {
	t.Parallel()
	path, content := version1File(t)
	_, err := storage.OpenFile(path)
	if !errors.Is(err, storage.ErrOldVersion) || !strings.Contains(err.Error(), "gamesparks-server copy --from OLD --to NEW") {
		t.Errorf("got error %v, want %v and the command that converts the file", err, storage.ErrOldVersion)
	}
	if after := must(os.ReadFile(path)); !bytes.Equal(after, content) {
		t.Error("opening the file has changed it")
	}
}

// TestConvert converts a file of version 1. Clients must read the same as before, and repeated requests must have no
// effect.
func TestConvert(t *testing.T) {
	t.Parallel()
	old, content := version1File(t)
	path := filepath.Join(t.TempDir(), "new")
	store := openFile(t, path)
	report, err := maintenance.Convert(t.Context(), old, store)
	if err != nil {
		t.Fatal(err)
	}
	if report.Games != 12 || report.Owners != 3 || report.Snapshots != 12 || report.Jobs != 9 || report.Deployments != 15 {
		t.Errorf("the report has other counts: %+v", report)
	}
	if after := must(os.ReadFile(old)); !bytes.Equal(after, content) {
		t.Error("the conversion has changed the file")
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	want, at := version1Dump(t)
	c := newClock()
	c.now = at
	for _, o := range owners {
		srv, client := startServer(t, openFile(t, path), c, o)
		if diff := cmp.Diff(want[o], parse(t, dump(t.Context(), client))); diff != "" {
			t.Errorf("%v: resources that a client reads (-before +after the conversion):\n%s", o, diff)
		}
		checkTokens(t, client, o)
		if diff := cmp.Diff(want[o], parse(t, dump(t.Context(), client))); diff != "" {
			t.Errorf("%v: after repeated requests (-want +got):\n%s", o, diff)
		}
		if err := srv.Close(); err != nil {
			t.Fatal(err)
		}
	}

	// Resources in the DELETING state cease to exist.
	c.advance(2 * time.Hour)
	for _, o := range owners {
		srv, client := startServer(t, openFile(t, path), c, o)
		if _, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: new("going")}); !gamesparks.IsNotFound(err) {
			t.Errorf("%v: get a deleted game: got error %v, want ResourceNotFoundException", o, err)
		}
		if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("going")}); err != nil {
			t.Errorf("%v: use the name of a deleted game: %v", o, err)
		}
		if err := srv.Close(); err != nil {
			t.Fatal(err)
		}
	}
	store = openFile(t, path)
	defer store.Close()
	report, err = maintenance.Check(t.Context(), store)
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("check after use: error %v, report %+v", err, report)
	}
}

// checkTokens repeats requests whose client tokens are stored, and sends one with other parameters.
func checkTokens(t *testing.T, client *gamesparks.Client, o owner) {
	t.Helper()
	ctx := t.Context()
	if _, err := client.CreateGame(ctx, createChess(o)); err != nil {
		t.Errorf("%v: repeated CreateGame: %v", o, err)
	}
	other := createChess(o)
	other.GameName = new("other")
	if _, err := client.CreateGame(ctx, other); !gamesparks.IsConflict(err) {
		t.Errorf("%v: CreateGame with a used token: got error %v, want ConflictException", o, err)
	}
	if _, err := client.CreateStage(ctx, createStage("dev")); err != nil {
		t.Errorf("%v: repeated CreateStage: %v", o, err)
	}
	deployments, err := client.ListStageDeployments(ctx, &gamesparks.ListStageDeploymentsInput{GameName: new("chess"), StageName: new("dev")})
	if err != nil {
		t.Fatal(err)
	}
	oldest := deployments.StageDeployments[len(deployments.StageDeployments)-1]
	again, err := client.StartStageDeployment(ctx, startDeployment("dev", oldest.SnapshotId))
	if err != nil || *again.StageDeployment.DeploymentId != *oldest.DeploymentId {
		t.Errorf("%v: repeated StartStageDeployment: got %+v, error %v; want deployment %s", o, again, err, *oldest.DeploymentId)
	}
}

// compareDumps compares what the clients of all owners read from two data files.
func compareDumps(t *testing.T, c *clock, from, to string) {
	t.Helper()
	for _, o := range owners {
		dumps := map[string]any{}
		for _, path := range []string{from, to} {
			srv, client := startServer(t, openFile(t, path), c, o)
			dumps[path] = parse(t, dump(t.Context(), client))
			if err := srv.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(dumps[from], dumps[to]); diff != "" {
			t.Errorf("%v: resources that a client reads (-source +copy):\n%s", o, diff)
		}
	}
}

// TestCopy copies a store and compares what clients read.
func TestCopy(t *testing.T) {
	t.Parallel()
	c := newClock()
	from := filepath.Join(t.TempDir(), "from")
	populate(t, c, func() storage.Store { return openFile(t, from) })
	content := must(os.ReadFile(from))
	source := openFile(t, from, func(o *storage.FileOptions) { o.ReadOnly = true })
	defer source.Close()
	to := filepath.Join(t.TempDir(), "to")
	target := openFile(t, to)
	report, err := maintenance.Copy(t.Context(), source, target)
	if err != nil {
		t.Fatal(err)
	}
	if report.Games < 12 || len(report.Problems) > 0 {
		t.Errorf("report %+v", report)
	}
	if _, err := maintenance.Copy(t.Context(), source, target); !errors.Is(err, maintenance.ErrNotEmpty) {
		t.Errorf("copy to a store with data: got error %v, want %v", err, maintenance.ErrNotEmpty)
	}
	old, _ := version1File(t)
	if _, err := maintenance.Convert(t.Context(), old, target); !errors.Is(err, maintenance.ErrNotEmpty) {
		t.Errorf("convert to a store with data: got error %v, want %v", err, maintenance.ErrNotEmpty)
	}
	if err := errors.Join(source.Close(), target.Close()); err != nil {
		t.Fatal(err)
	}
	if after := must(os.ReadFile(from)); !bytes.Equal(after, content) {
		t.Error("copying has changed the source")
	}
	compareDumps(t, c, from, to)
}

func TestConvertErrors(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "present")
	if err := openFile(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := maintenance.Convert(t.Context(), path, storage.NewMemory()); !errors.Is(err, storage.ErrFormat) {
		t.Errorf("a file of the current version: got error %v, want %v", err, storage.ErrFormat)
	}
	if _, err := maintenance.Convert(t.Context(), path+"x", storage.NewMemory()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that does not exist: got error %v, want %v", err, os.ErrNotExist)
	}
}
