package project_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/types"
)

// mustFetch fetches and returns the changes as lines, followed by the sections that were kept.
func mustFetch(t *testing.T, r *reader, dir string, options project.FetchOptions) string {
	t.Helper()
	result, err := project.Fetch(t.Context(), r, dir, options)
	if err != nil {
		t.Fatal(err)
	}
	return summary(result)
}

func summary(result *project.FetchResult) string {
	var lines []string
	for _, c := range result.Changes {
		lines = append(lines, string(c.Action)+" "+c.Path)
	}
	for _, name := range slices.Concat(result.LocalOnly, result.Kept) {
		lines = append(lines, "kept "+name)
	}
	return strings.Join(lines, "\n")
}

func TestFetch(t *testing.T) {
	t.Parallel()
	r := newReader(map[string]string{
		"Lamps":                           `{"North":"White"}`,
		"GameSparks.Core.RequestHandlers": `{"A":{"Code":{"Script":"a\r\n"}},"B":{"Code":{"Script":"b"}}}`,
	})
	r.game.Description = new("Light.")
	r.game.Tags = map[string]string{"aws:system": "x", "team": "coast"}
	r.stages = []types.StageDetails{
		{Name: new("live"), Role: new("r"), GameKey: new("SECRET"), Tags: map[string]string{"aws:system": "x"}},
		{Name: new("old"), State: types.StageStateDeleting},
	}
	dir := filepath.Join(t.TempDir(), "game")

	t.Log("A dry run creates nothing.")
	want := "created .gitattributes\ncreated game.json\n" +
		"created " + handlers + ".json\ncreated " + handlers + "/A.js\ncreated " + handlers + "/B.js\ncreated sections/Lamps.json"
	if got := mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse", DryRun: true}); got != want {
		t.Errorf("changes:\n%s\nwant:\n%s", got, want)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the dry run created the directory: %v", err)
	}

	t.Log("The first fetch creates all files.")
	if got := mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse"}); got != want {
		t.Errorf("changes:\n%s\nwant:\n%s", got, want)
	}
	files := readFiles(t, dir)
	wantFiles := map[string]string{
		".gitattributes": "# Git must not convert the line endings of scripts: they are part of the game.\n* -text\n",
		"game.json": `{
  "description": "Light.",
  "name": "lighthouse",
  "stages": {
    "live": {
      "role": "r"
    }
  },
  "tags": {
    "team": "coast"
  }
}
`,
		"sections/Lamps.json": "{\n  \"North\": \"White\"\n}\n",
		handlers + ".json":    "{\n  \"A\": {\n    \"Code\": {}\n  },\n  \"B\": {\n    \"Code\": {}\n  }\n}\n",
		handlers + "/A.js":    "a\r\n",
		handlers + "/B.js":    "b",
	}
	if diff := cmp.Diff(wantFiles, files); diff != "" {
		t.Errorf("the files differ (-want +got):\n%s", diff)
	}
	if state := readFiles(t, filepath.Join(dir, ".gamesparks")); state[".gitignore"] != "*\n" || len(state) != 2 || strings.Contains(state["fetched.json"], "SECRET") {
		t.Errorf("the state is %q", state)
	}

	t.Log("The second fetch changes nothing.")
	before := modified(t, dir)
	if got := mustFetch(t, r, dir, project.FetchOptions{}); got != "" {
		t.Errorf("changes:\n%s", got)
	}
	if diff := cmp.Diff(before, modified(t, dir)); diff != "" {
		t.Errorf("the fetch wrote files (-want +got):\n%s", diff)
	}

	t.Log("Changes on the server replace files that did not change, and remove scripts.")
	r.sections["GameSparks.Core.RequestHandlers"] = `{"A":{"Code":{"Script":"c"}}}`
	r.sections["Fog"] = "null"
	delete(r.sections, "Lamps")
	r.game.Description = nil
	want = "updated game.json\ncreated sections/Fog.json\nupdated " + handlers + ".json\nupdated " + handlers + "/A.js\nremoved " + handlers + "/B.js"
	if got := mustFetch(t, r, dir, project.FetchOptions{}); got != want+"\nkept Lamps" {
		t.Errorf("changes:\n%s\nwant:\n%s", got, want)
	}
	got, err := project.Read(dir)
	if err != nil || len(got.Sections) != 3 || string(got.Sections["GameSparks.Core.RequestHandlers"]) != r.sections["GameSparks.Core.RequestHandlers"] {
		t.Errorf("the directory describes %v, %v", got, err)
	}

	t.Log("Prune removes the sections that the server does not have.")
	if got := mustFetch(t, r, dir, project.FetchOptions{Prune: true}); got != "removed sections/Lamps.json" {
		t.Errorf("changes:\n%s", got)
	}

	t.Log("A snapshot has its own sections.")
	if got := mustFetch(t, r, dir, project.FetchOptions{SnapshotID: "S"}); got != "created sections/Snapshot.json" {
		t.Errorf("changes:\n%s", got)
	}
}

// modified returns the modification times of all files, including the state.
func modified(t *testing.T, dir string) map[string]string {
	t.Helper()
	times := map[string]string{}
	for _, sub := range []string{dir, filepath.Join(dir, ".gamesparks")} {
		for name := range readFiles(t, sub) {
			info, err := os.Stat(filepath.Join(sub, name))
			if err != nil {
				t.Fatal(err)
			}
			times[filepath.Join(sub, name)] = info.ModTime().String()
		}
	}
	return times
}

// TestFetchLocalChanges checks that a fetch keeps files that changed only in the directory, and refuses to overwrite or remove
// files that also changed on the server.
func TestFetchLocalChanges(t *testing.T) {
	t.Parallel()
	const handlersContent = `{"A":{"Code":{"Script":"a"}},"B":{"Code":{"Script":"b"}}}`
	tests := map[string]struct {
		edit     map[string]string // files to write, or to remove if empty
		sections map[string]string // on the server before the second fetch
		options  project.FetchOptions
		conflict []string // the files of the error; nil if there is none
		kept     []string
	}{
		"edited on both sides": {
			edit:     map[string]string{"sections/Lamps.json": "2"},
			sections: map[string]string{"Lamps": "3"},
			conflict: []string{"sections/Lamps.json"},
		},
		"edited locally": {
			edit:     map[string]string{"sections/Lamps.json": "2", "game.json": `{"name":"lighthouse","description":"x"}`},
			sections: map[string]string{"Lamps": "1"},
			kept:     []string{"game.json", "sections/Lamps.json"},
		},
		"edited here, another file on the server": {
			edit:     map[string]string{"sections/Lamps.json": "2", handlers + "/A.js": "x"},
			sections: map[string]string{"Lamps": "1", "Fog": "1", "GameSparks.Core.RequestHandlers": `{"A":{"Code":{"Script":"a"}},"B":{"Code":{"Script":"c"}}}`},
			kept:     []string{handlers + "/A.js", "sections/Lamps.json"},
		},
		"handler removed here": {
			edit:     map[string]string{handlers + ".json": `{"B":{"Code":{}}}`, handlers + "/A.js": ""},
			sections: map[string]string{"Lamps": "1", "GameSparks.Core.RequestHandlers": `{"A":{"Code":{"Script":"a"}},"B":{"Code":{"Script":"c"}}}`},
			kept:     []string{handlers + ".json", handlers + "/A.js"},
		},
		"handler removed here and edited on the server": {
			edit:     map[string]string{handlers + ".json": `{"B":{"Code":{}}}`, handlers + "/A.js": ""},
			sections: map[string]string{"Lamps": "1", "GameSparks.Core.RequestHandlers": `{"A":{"Code":{"Script":"c"}},"B":{"Code":{"Script":"b"}}}`},
			conflict: []string{handlers + "/A.js"},
		},
		"handler added here": {
			edit:     map[string]string{handlers + ".json": `{"A":{"Code":{}},"B":{"Code":{}},"C":{"Code":{}}}`, handlers + "/C.js": "c"},
			sections: map[string]string{"Lamps": "2"},
			kept:     []string{handlers + ".json", handlers + "/C.js"},
		},
		"inline scripts here, one edited on the server": {
			edit:     map[string]string{handlers + ".json": handlersContent, handlers + "/A.js": "", handlers + "/B.js": ""},
			sections: map[string]string{"Lamps": "1", "GameSparks.Core.RequestHandlers": `{"A":{"Code":{"Script":"a"}},"B":{"Code":{"Script":"c"}}}`},
			conflict: []string{handlers + "/B.js"},
		},
		"snapshot": {
			edit:     map[string]string{"sections/Lamps.json": "2"},
			sections: map[string]string{"Lamps": "1"},
			options:  project.FetchOptions{SnapshotID: "S"},
			conflict: []string{"sections/Lamps.json"},
		},
		"equal edits": {
			edit:     map[string]string{"sections/Lamps.json": "3"},
			sections: map[string]string{"Lamps": "3"},
		},
		"reformatted": {
			edit:     map[string]string{"sections/Lamps.json": " 1 ", "game.json": minimal},
			sections: map[string]string{"Lamps": "1"},
		},
		"inline script": {
			edit:     map[string]string{handlers + ".json": handlersContent, handlers + "/A.js": "", handlers + "/B.js": ""},
			sections: map[string]string{"Lamps": "1"},
		},
		"edited script": {
			edit:     map[string]string{handlers + "/A.js": "x"},
			sections: map[string]string{"Lamps": "1"},
			kept:     []string{handlers + "/A.js"},
		},
		"edited script of a removed handler": {
			edit:     map[string]string{handlers + "/A.js": "x"},
			sections: map[string]string{"Lamps": "1", "GameSparks.Core.RequestHandlers": `{"B":{"Code":{"Script":"b"}}}`},
			conflict: []string{handlers + "/A.js"},
		},
		"new section on both sides": {
			edit:     map[string]string{"sections/Fog.json": "1"},
			sections: map[string]string{"Lamps": "1", "Fog": "2"},
			conflict: []string{"sections/Fog.json"},
		},
		"new local section": {
			edit:     map[string]string{"sections/Fog.json": "1"},
			sections: map[string]string{"Lamps": "1"},
		},
		"prune a new section": {
			edit:     map[string]string{"sections/Fog.json": "1"},
			sections: map[string]string{"Lamps": "1"},
			options:  project.FetchOptions{Prune: true},
			conflict: []string{"sections/Fog.json"},
		},
		"prune an edited section": {
			edit:     map[string]string{"sections/Lamps.json": "2"},
			sections: map[string]string{},
			options:  project.FetchOptions{Prune: true},
			conflict: []string{"sections/Lamps.json"},
		},
		"removed locally": {
			edit:     map[string]string{"sections/Lamps.json": "", handlers + "/A.js": ""},
			sections: map[string]string{"Lamps": "1"},
		},
		"does not parse": {
			edit:     map[string]string{"sections/Lamps.json": "{"},
			sections: map[string]string{"Lamps": "3"},
			conflict: []string{"sections/Lamps.json"},
		},
		"dry run": {
			edit:     map[string]string{"sections/Lamps.json": "2"},
			sections: map[string]string{"Lamps": "3"},
			options:  project.FetchOptions{DryRun: true},
			conflict: []string{"sections/Lamps.json"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReader(map[string]string{"Lamps": "1", "GameSparks.Core.RequestHandlers": handlersContent})
			dir := t.TempDir()
			mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse"})
			editFiles(t, dir, tt.edit)
			if _, ok := tt.sections["GameSparks.Core.RequestHandlers"]; !ok {
				tt.sections["GameSparks.Core.RequestHandlers"] = handlersContent
			}
			r.sections = tt.sections
			before := readFiles(t, dir)
			result, err := project.Fetch(t.Context(), r, dir, tt.options)
			if tt.conflict == nil {
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.kept, result.Kept); diff != "" {
					t.Errorf("the kept files differ (-want +got):\n%s", diff)
				}
				if tt.kept != nil {
					checkKept(t, r, dir, before, result)
					return
				}
				got, err := project.Read(dir)
				if err != nil {
					t.Fatal(err)
				}
				for section, content := range tt.sections {
					if string(got.Sections[section]) != content {
						t.Errorf("section %s is %s, want %s", section, got.Sections[section], content)
					}
				}
				if again, err := project.Fetch(t.Context(), r, dir, tt.options); err != nil || len(again.Changes) > 0 {
					t.Errorf("the next fetch changed files: %+v, %v", again, err)
				}
				return
			}
			var local *project.LocalChangesError
			if !errors.As(err, &local) {
				t.Fatalf("got %v, want a *project.LocalChangesError", err)
			}
			if diff := cmp.Diff(tt.conflict, local.Paths); diff != "" {
				t.Errorf("the files of the error differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, readFiles(t, dir)); diff != "" {
				t.Errorf("the refused fetch wrote files (-want +got):\n%s", diff)
			}

			tt.options.Force, tt.options.DryRun = true, false
			mustFetch(t, r, dir, tt.options)
			got, err := project.Read(dir)
			if err != nil {
				t.Fatal(err)
			}
			if tt.options.SnapshotID != "" {
				tt.sections["Snapshot"] = `"S"`
			}
			if diff := cmp.Diff(gameWith(tt.sections), got); diff != "" {
				t.Errorf("after a fetch with Force, the directory differs from the server (-want +got):\n%s", diff)
			}
		})
	}
}

// checkKept checks the directory after a fetch that kept files: they have the content before the fetch, the other files are those on
// the server, a second fetch keeps the same files, and one with Force replaces them.
func checkKept(t *testing.T, r *reader, dir string, before map[string]string, result *project.FetchResult) {
	t.Helper()
	after := readFiles(t, dir)
	server := t.TempDir()
	mustFetch(t, r, server, project.FetchOptions{Game: "lighthouse"})
	want := readFiles(t, server)
	for _, name := range result.Kept {
		delete(want, name)
		if content, ok := before[name]; ok {
			want[name] = content
		}
	}
	if diff := cmp.Diff(want, after); diff != "" {
		t.Errorf("the files differ (-want +got):\n%s", diff)
	}
	if got, want := mustFetch(t, r, dir, project.FetchOptions{}), "kept "+strings.Join(result.Kept, "\nkept "); got != want {
		t.Errorf("the next fetch changed\n%s\nwant\n%s", got, want)
	}
	if diff := cmp.Diff(after, readFiles(t, dir)); diff != "" {
		t.Errorf("the next fetch wrote files (-want +got):\n%s", diff)
	}
	mustFetch(t, r, dir, project.FetchOptions{Force: true})
	got, err := project.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(gameWith(r.sections), got); diff != "" {
		t.Errorf("after a fetch with Force, the directory differs from the server (-want +got):\n%s", diff)
	}
}

// TestFetchWithoutRecord checks that a fetch into a clone of a Git repository, which has no record of a fetch, does not claim that
// the files changed since a fetch.
func TestFetchWithoutRecord(t *testing.T) {
	t.Parallel()
	r := newReader(map[string]string{"Lamps": "1", "Fog": "1"})
	dir := t.TempDir()
	mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse"})
	if err := os.RemoveAll(filepath.Join(dir, ".gamesparks")); err != nil {
		t.Fatal(err)
	}
	r.sections["Lamps"] = "2"
	_, err := project.Fetch(t.Context(), r, dir, project.FetchOptions{})
	want := &project.LocalChangesError{Paths: []string{"sections/Lamps.json"}, NoRecord: true}
	local, ok := errors.AsType[*project.LocalChangesError](err)
	if diff := cmp.Diff(want, local); !ok || diff != "" {
		t.Errorf("got %v (-want +got):\n%s", err, diff)
	}
	if text := want.Error(); strings.Contains(text, "since the last fetch") || !strings.Contains(text, "no record of a fetch") {
		t.Errorf("the message is %q", text)
	}
}

// TestRecordFetch checks that a fetch replaces files that were edited and applied, but not files that were edited later.
func TestRecordFetch(t *testing.T) {
	t.Parallel()
	r := newReader(map[string]string{"Lamps": "1", "Fog": "1", "Rain": "1"})
	dir := t.TempDir()
	mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse"})
	writeFile(t, dir, "game.json", `{"name": "lighthouse", "description": "Light."}`)
	writeFile(t, dir, "sections/Lamps.json", "2")
	writeFile(t, dir, "sections/Fog.json", "2")
	applied, err := project.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := project.NewPlan(t.Context(), r, applied, project.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "sections/Fog.json", "3")
	if err := project.RecordFetch(dir, applied, plan); err != nil {
		t.Fatal(err)
	}
	r.sections = map[string]string{"Lamps": "4", "Fog": "4", "Rain": "4"}
	_, err = project.Fetch(t.Context(), r, dir, project.FetchOptions{})
	var local *project.LocalChangesError
	if !errors.As(err, &local) {
		t.Fatalf("got %v, want a *project.LocalChangesError", err)
	}
	if diff := cmp.Diff([]string{"sections/Fog.json"}, local.Paths); diff != "" {
		t.Errorf("the files of the error differ (-want +got):\n%s", diff)
	}
}

// TestFetchErrors checks that a failed fetch writes nothing.
func TestFetchErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files    map[string]string
		sections map[string]string
		options  project.FetchOptions
		want     string
	}{
		"no name":           {map[string]string{}, nil, project.FetchOptions{}, "game is not set: set --game (the directory "},
		"damaged name":      {map[string]string{"game.json": "{"}, nil, project.FetchOptions{}, "game is not set: set --game (game.json:1:2: unexpected end"},
		"another game":      {map[string]string{"game.json": `{"name":"harbor"}`}, nil, project.FetchOptions{Game: "lighthouse"}, `describes the game "harbor", not "lighthouse"`},
		"leaves directory":  {nil, map[string]string{"../../x": "1"}, project.FetchOptions{Game: "lighthouse"}, `section name "../../x": `},
		"absolute":          {nil, map[string]string{"/etc/x": "1"}, project.FetchOptions{Game: "lighthouse"}, `section name "/etc/x": `},
		"case":              {nil, map[string]string{"Lamps": "1", "lamps": "1"}, project.FetchOptions{Game: "lighthouse"}, `"Lamps" and "lamps" differ only in case`},
		"case, kept":        {map[string]string{"game.json": minimal, "sections/Lamps.json": "1"}, map[string]string{"lamps": "1"}, project.FetchOptions{}, `"Lamps" and "lamps" differ only in case`},
		"digests":           {map[string]string{"game.json": minimal, ".gamesparks/fetched.json": "{"}, nil, project.FetchOptions{}, ".gamesparks/fetched.json: "},
		"digests, version":  {map[string]string{"game.json": minimal, ".gamesparks/fetched.json": `{"version":2}`}, nil, project.FetchOptions{}, "has version 2"},
		"file is directory": {map[string]string{"game.json": minimal, "sections/Lamps.json/x": ""}, map[string]string{"Lamps": "1"}, project.FetchOptions{}, "sections/Lamps.json is not a regular file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "game")
			for file, content := range tt.files {
				writeFile(t, dir, file, content)
			}
			before := readFiles(t, filepath.Dir(dir))
			_, err := project.Fetch(t.Context(), newReader(tt.sections), dir, tt.options)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that contains %q", err, tt.want)
			}
			if diff := cmp.Diff(before, readFiles(t, filepath.Dir(dir))); diff != "" {
				t.Errorf("the failed fetch wrote files (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFetchCanceled checks that a fetch that is canceled before the first write writes nothing.
func TestFetchCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r := newReader(map[string]string{"Lamps": "1"})
	r.cancel = cancel
	dir := filepath.Join(t.TempDir(), "game")
	if _, err := project.Fetch(ctx, r, dir, project.FetchOptions{Game: "lighthouse"}); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "nothing was written") {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the fetch created the directory: %v", err)
	}
}

// TestFetchPruneCase checks that a section can replace one whose name differs only in case. On a case-sensitive file system, it
// does not depend on the order of the removal and the write, which TestFailedWrite checks.
func TestFetchPruneCase(t *testing.T) {
	t.Parallel()
	r := newReader(map[string]string{"Lamps": "1"})
	dir := t.TempDir()
	mustFetch(t, r, dir, project.FetchOptions{Game: "lighthouse"})
	r.sections = map[string]string{"LAMPS": "1"}
	if got := mustFetch(t, r, dir, project.FetchOptions{Prune: true}); got != "created sections/LAMPS.json\nremoved sections/Lamps.json" {
		t.Errorf("changes:\n%s", got)
	}
	got, err := project.Read(dir)
	if diff := cmp.Diff(gameWith(r.sections), got); err != nil || diff != "" {
		t.Errorf("%v, the game differs (-want +got):\n%s", err, diff)
	}
}
