package project_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestFetchRandomGames checks that fetching a game and applying it to another server preserves it, that fetching twice
// changes nothing, and that a plan after a fetch is empty.
func TestFetchRandomGames(t *testing.T) {
	t.Parallel()
	client, other := startServer(t).Client(), startServer(t).Client()
	root := t.TempDir()
	games := 0
	rapid.Check(t, func(rt *rapid.T) {
		games++
		name := fmt.Sprintf("game%d", games)
		dir := filepath.Join(root, name)
		for _, label := range []string{"before", "after"} {
			game := randomGame(rt, name, label)
			game.Sections["GameSparks.Core.EventHandlers"] = randomHandlers(rt)
			applyAll(t, client, game)
			if _, err := project.Fetch(t.Context(), client, dir, project.FetchOptions{Game: name, Prune: true}); err != nil {
				rt.Fatal(err)
			}
			got, err := project.Read(dir)
			if err != nil {
				rt.Fatal(err)
			}
			server, err := project.FetchGame(t.Context(), client, name)
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(texts(&server.Game), texts(got)); diff != "" {
				rt.Fatalf("the directory differs from the server (-server +directory):\n%s", diff)
			}
			for section, content := range game.Sections {
				if string(got.Sections[section]) != string(content) {
					rt.Fatalf("section %s is %s, want %s", section, got.Sections[section], content)
				}
			}
			if plan := planAll(t, client, got); plan.HasChanges() {
				rt.Fatalf("the plan after the fetch has changes: %+v", plan)
			}
			before := fileTimes(t, dir)
			result, err := project.Fetch(t.Context(), client, dir, project.FetchOptions{Prune: true})
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(before, fileTimes(t, dir)); len(result.Changes)+len(result.LocalOnly) > 0 || diff != "" {
				rt.Fatalf("the second fetch made changes: %+v (-before +after):\n%s", result, diff)
			}
			applyAll(t, other, got)
			checkGame(t, other, got)
		}
	})
}

// planAll plans a game with all pruning that NewPlan permits.
func planAll(t testing.TB, client project.Reader, g *project.Game) *project.Plan {
	t.Helper()
	plan, err := project.NewPlan(t.Context(), client, g, project.PlanOptions{Prune: true, PruneStages: len(g.Stages) > 0})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func applyAll(t testing.TB, client project.Client, g *project.Game) {
	t.Helper()
	if _, err := project.Apply(t.Context(), client, planAll(t, client, g), applyOptions()); err != nil {
		t.Fatal(err)
	}
}

// randomHandlers returns a section of handlers, some of whose names are not portable as file names.
func randomHandlers(t *rapid.T) json.RawMessage {
	names := rapid.OneOf(randomName, rapid.SampledFrom([]string{"Start", "start", "START.x", "aux", "NUL.js", ".", "..", "../x", "é"}))
	scripts := rapid.OneOf(rapid.StringMatching(`(a|;|\r\n|\n|\r|é){0,8}`), rapid.String())
	section := map[string]any{}
	for _, name := range rapid.SliceOfNDistinct(names, 0, 5, rapid.ID).Draw(t, "handlers") {
		section[name] = map[string]any{"Enabled": true, "Code": map[string]any{"Script": scripts.Draw(t, "script"), "ScriptLanguage": "Javascript_ES5_1"}}
	}
	text, err := json.Marshal(section)
	if err != nil {
		t.Fatal(err)
	}
	content, err := project.Canonical(text)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// fileTimes returns the modification times of all files in a directory.
func fileTimes(t testing.TB, dir string) map[string]time.Time {
	t.Helper()
	times := map[string]time.Time{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			times[path] = info.ModTime()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return times
}

// TestFetchImportedText fetches documents exactly as another program has imported them.
func TestFetchImportedText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"formatted":           {"{ \"b\" : 1.0,\r\n\t\"a\" : [ ] }", `{"a":[],"b":1.0}`},
		"numbers":             {`[1E+2, -0.0, 1e-400, 0.10, 123456789012345678901234567890]`, `[1E+2,-0.0,1e-400,0.10,123456789012345678901234567890]`},
		"escapes":             {`"\u0041\/\u00E9\u2028"`, "\"A/é\u2028\""},
		"unpaired surrogates": {`{"\uD800":"\uDC00x"}`, `{"\ud800":"\udc00x"}`},
		"repeated names":      {`{"a":1,"b":{"c":1,"c":2},"a":3}`, `{"a":3,"b":{"c":2}}`},
		"null":                {`null`, `null`},
		"empty name":          {`{"":0}`, `{"":0}`},
	}
	client := startServer(t).Client()
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			game := gamesparks.CreateGameInput{GameName: new(fmt.Sprintf("game%x", name))}
			*game.GameName = (*game.GameName)[:min(len(*game.GameName), 36)]
			if _, err := client.CreateGame(t.Context(), &game); err != nil {
				t.Fatal(err)
			}
			file := []byte(`{"Document":{"Type":"Game","Sections":{"S":` + tt.text + `}}}`)
			if _, err := client.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
				GameName: game.GameName, ImportSource: &types.ImportGameConfigurationSource{File: file},
			}); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if _, err := project.Fetch(t.Context(), client, dir, project.FetchOptions{Game: *game.GameName}); err != nil {
				t.Fatal(err)
			}
			got, err := project.Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Sections["S"]) != tt.want {
				t.Errorf("the section is %s, want %s", got.Sections["S"], tt.want)
			}
			if plan := mustPlan(t, client, got); plan.HasChanges() {
				t.Errorf("the plan after the fetch has changes: %+v", plan.Sections)
			}
		})
	}
}

// TestFetchFailsAtEveryRequest checks that a fetch that fails at any of its requests writes nothing.
func TestFetchFailsAtEveryRequest(t *testing.T) {
	t.Parallel()
	srv := startServer(t)
	game := newGame(t, "lighthouse", "A", "1")
	game.Stages = map[string]project.Stage{"live": {Role: role}}
	mustApply(t, srv.Client(), game)
	dir := t.TempDir()
	if _, err := project.Fetch(t.Context(), srv.Client(), dir, project.FetchOptions{Game: "lighthouse"}); err != nil {
		t.Fatal(err)
	}
	game.Sections["A"], game.Description = json.RawMessage("2"), "x"
	mustApply(t, srv.Client(), game)

	errCut := errors.New("cut")
	for fail := 1; ; fail++ {
		w := &wire{before: func(n int, _ string) error {
			if n == fail {
				return errCut
			}
			return nil
		}}
		before := fileTimes(t, dir)
		result, err := project.Fetch(t.Context(), newClient(srv, w), dir, project.FetchOptions{})
		if len(w.requests) < fail {
			if err != nil || len(result.Changes) != 2 || fail != 5 {
				t.Errorf("the fetch with %d requests returned %+v, %v", fail-1, result, err)
			}
			break
		}
		if !errors.Is(err, errCut) {
			t.Errorf("request %d: got %v", fail, err)
		}
		if diff := cmp.Diff(before, fileTimes(t, dir)); diff != "" {
			t.Errorf("request %d: the failed fetch wrote files (-before +after):\n%s", fail, diff)
		}
	}
}

// TestFetchSnapshot fetches the sections of a snapshot, and checks that applying the directory restores them.
func TestFetchSnapshot(t *testing.T) {
	t.Parallel()
	client := startServer(t).Client()
	old := newGame(t, "lighthouse", "A", "1", "B", "1")
	mustApply(t, client, old)
	snapshot, err := client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: &old.Name})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "game")
	mustApply(t, client, newGame(t, "lighthouse", "A", "2", "C", "2"))
	if _, err := project.Fetch(t.Context(), client, dir, project.FetchOptions{Game: "lighthouse", SnapshotID: "Snapshot_2022-01-01T00:00:00.000Z"}); !gamesparks.IsNotFound(err) {
		t.Errorf("an unknown snapshot: got %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the failed fetch created the directory: %v", err)
	}
	if _, err := project.Fetch(t.Context(), client, dir, project.FetchOptions{Game: "lighthouse"}); err != nil {
		t.Fatal(err)
	}

	// An edit is refused until the server has it.
	if err := os.WriteFile(filepath.Join(dir, "sections", "A.json"), []byte("3"), 0o600); err != nil {
		t.Fatal(err)
	}
	options := project.FetchOptions{SnapshotID: *snapshot.Snapshot.Id, Prune: true}
	var local *project.LocalChangesError
	if _, err := project.Fetch(t.Context(), client, dir, options); !errors.As(err, &local) {
		t.Errorf("got %v, want a *project.LocalChangesError", err)
	}
	mustApply(t, client, newGame(t, "lighthouse", "A", "3", "C", "2"))
	if _, err := project.Fetch(t.Context(), client, dir, options); err != nil {
		t.Fatal(err)
	}
	got, err := project.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(texts(old), texts(got)); diff != "" {
		t.Errorf("the directory differs from the snapshot (-want +got):\n%s", diff)
	}
	mustApply(t, client, got)
	checkGame(t, client, old)
}

// TestStarter checks that the game that gamesparks init creates can be applied without edits.
func TestStarter(t *testing.T) {
	t.Parallel()
	client := startServer(t).Client()
	mustApply(t, client, project.Starter("lighthouse"), "dev", "live")
	checkGame(t, client, project.Starter("lighthouse"))
}
