package project_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gamesparks-go/gamesparks/project"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	game := gameWith(map[string]string{
		"Lighthouse.Lamps": `{"b":[1.50,{}],"a":null}`,
		"Null":             `null`,
		"GameSparks.Core.RequestHandlers": `{"North":{"Code":{"Script":"a\r\nb","ScriptLanguage":"Javascript_ES5_1"},"Enabled":true},` +
			`"no/file":{"Code":{"Script":"c"}},"COM1.x":{"Code":{"Script":"d"}},"South":{"Code":{"Script":"e"}},"south":{"Code":{"Script":"f"}},` +
			`"Lone":{"Code":{"Script":"\ud800"}},"Broken":{"Code":{"Script":1}},"None":null}`,
		"GameSparks.Core.Requests": `{"North":{"Code":{"Script":"g"}}}`,
	})
	game.Tags = map[string]string{"team": "coast"}
	game.Stages = map[string]project.Stage{"live": {Role: "arn:aws:iam::123456789012:role/r"}}
	dir := filepath.Join(t.TempDir(), "new", "game")
	if err := project.Write(dir, game); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"game.json": `{
  "name": "lighthouse",
  "stages": {
    "live": {
      "role": "arn:aws:iam::123456789012:role/r"
    }
  },
  "tags": {
    "team": "coast"
  }
}
`,
		"sections/Lighthouse.Lamps.json": "{\n  \"a\": null,\n  \"b\": [\n    1.50,\n    {}\n  ]\n}\n",
		"sections/Null.json":             "null\n",
		handlers + ".json": `{
  "Broken": {
    "Code": {
      "Script": 1
    }
  },
  "COM1.x": {
    "Code": {
      "Script": "d"
    }
  },
  "Lone": {
    "Code": {
      "Script": "\ud800"
    }
  },
  "None": null,
  "North": {
    "Code": {
      "ScriptLanguage": "Javascript_ES5_1"
    },
    "Enabled": true
  },
  "South": {
    "Code": {
      "Script": "e"
    }
  },
  "no/file": {
    "Code": {
      "Script": "c"
    }
  },
  "south": {
    "Code": {
      "Script": "f"
    }
  }
}
`,
		handlers + "/North.js":                   "a\r\nb",
		"sections/GameSparks.Core.Requests.json": "{\n  \"North\": {\n    \"Code\": {\n      \"Script\": \"g\"\n    }\n  }\n}\n",
	}
	if diff := cmp.Diff(want, readFiles(t, dir)); diff != "" {
		t.Errorf("the files differ (-want +got):\n%s", diff)
	}

	// Writing a smaller game removes the other sections and scripts, and no other file.
	writeFile(t, dir, "README.md", "# Lighthouse")
	if err := project.Write(dir, gameWith(map[string]string{"Null": "1"})); err != nil {
		t.Fatal(err)
	}
	want = map[string]string{"README.md": "# Lighthouse", "game.json": "{\n  \"name\": \"lighthouse\"\n}\n", "sections/Null.json": "1\n"}
	if diff := cmp.Diff(want, readFiles(t, dir)); diff != "" {
		t.Errorf("the files differ (-want +got):\n%s", diff)
	}
}

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		game *project.Game
		want string
	}{
		"game name":     {&project.Game{Name: "../x"}, `game name "../x": `},
		"section path":  {gameWith(map[string]string{"../x": "1"}), `section name "../x": `},
		"section slash": {gameWith(map[string]string{"a/b": "1"}), `section name "a/b": `},
		"case":          {gameWith(map[string]string{"a.B": "1", "A.b": "1"}), `the names of the sections "A.b" and "a.B" differ only in case`},
		"not JSON":      {gameWith(map[string]string{"a": "{"}), `section "a": at byte 1: unexpected end`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			dir := filepath.Join(parent, "game")
			if err := project.Write(dir, tt.game); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that contains %q", err, tt.want)
			}
			if diff := cmp.Diff(map[string]string{}, readFiles(t, parent)); diff != "" {
				t.Errorf("Write left files (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWriteDots checks that a section whose name consists of dots stays in the directory.
func TestWriteDots(t *testing.T) {
	t.Parallel()
	want := gameWith(map[string]string{".": "1", "..": "2", "....": "3", ".x": "4", "x.": "5", "x.json": "6", "GameSparks.Core": "7"})
	parent := t.TempDir()
	dir := filepath.Join(parent, "game")
	if err := project.Write(dir, want); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(parent)
	if err != nil || len(entries) != 1 {
		t.Errorf("the parent directory has %v, %v", entries, err)
	}
	got, err := project.Read(dir)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, the game differs (-want +got):\n%s", err, diff)
	}
}

// TestWriteDeep checks that deep sections stay small.
func TestWriteDeep(t *testing.T) {
	t.Parallel()
	const levels = 9_990
	content := strings.Repeat(`{"a":[`, levels/2) + strings.Repeat(`]}`, levels/2)
	want := gameWith(map[string]string{"Deep": content})
	dir := t.TempDir()
	if err := project.Write(dir, want); err != nil {
		t.Fatal(err)
	}
	got, err := project.Read(dir)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, the game differs (-want +got):\n%s", err, diff)
	}
	if text := readFiles(t, dir)["sections/Deep.json"]; len(text) > 2*len(content) {
		t.Errorf("the file has %d bytes for a section of %d bytes", len(text), len(content))
	}
}

// TestRoundTrip checks that writing and reading a game preserves it, and that writing it again changes nothing.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		want := &project.Game{Name: "lighthouse", Sections: map[string]json.RawMessage{}}
		folded := map[string]bool{}
		names := rapid.OneOf(rapid.StringMatching(`[a-zA-Z0-9.]{1,36}`), rapid.SampledFrom([]string{
			"GameSparks.Core.RequestHandlers", "GameSparks.Core.EventHandlers", "GameSparks.Core.Requests",
		}))
		for range rapid.IntRange(1, 4).Draw(r, "sections") {
			name := names.Draw(r, "section")
			if folded[strings.ToLower(name)] {
				continue
			}
			folded[strings.ToLower(name)] = true
			content, err := project.Canonical([]byte(drawSection(r)))
			if err != nil {
				r.Fatal(err)
			}
			want.Sections[name] = content
		}
		dir := t.TempDir()
		if err := project.Write(dir, want); err != nil {
			r.Fatal(err)
		}
		got, err := project.Read(dir)
		if err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("the game differs (-want +got):\n%s", diff)
		}
		files := readFiles(t, dir)
		if err := project.Write(dir, got); err != nil {
			r.Fatal(err)
		}
		if diff := cmp.Diff(files, readFiles(t, dir)); diff != "" {
			r.Fatalf("writing the game again changed files (-want +got):\n%s", diff)
		}
	})
}

// drawSection draws the JSON text of a section, often one with handlers.
func drawSection(r *rapid.T) string {
	if rapid.Bool().Draw(r, "any") {
		return drawJSON(r, 3)
	}
	handlers := map[string]any{}
	names := rapid.OneOf(rapid.StringMatching(`[a-cA-C.~/-]{0,3}`), rapid.SampledFrom([]string{"CON", "aux.js", "..", "Start", "start"}), rapid.String())
	for range rapid.IntRange(0, 5).Draw(r, "handlers") {
		code := map[string]any{"ScriptLanguage": "Javascript_ES5_1"}
		switch rapid.IntRange(0, 3).Draw(r, "form") {
		case 0:
			code["Script"] = json.RawMessage(drawJSON(r, 0))
		case 1, 2:
			code["Script"] = rapid.OneOf(rapid.StringMatching(`([a-c;]|\r\n|\n|\r){0,9}`), rapid.String()).Draw(r, "script")
		}
		handlers[names.Draw(r, "handler")] = map[string]any{"Code": code}
	}
	text, err := json.Marshal(handlers)
	if err != nil {
		r.Fatal(err)
	}
	return string(text)
}

// drawJSON draws a JSON text of at most the given number of levels.
func drawJSON(r *rapid.T, levels int) string {
	scalars := rapid.OneOf(
		rapid.SampledFrom([]string{`null`, `true`, `false`, `""`, `"\ud800"`, `"\u0041\r\n"`, `1.0`, `1`, `-0`, `1E400`, `0.10`, `12345678901234567890123`}),
		rapid.Map(rapid.String(), func(s string) string { text, _ := json.Marshal(s); return string(text) }),
	)
	kind := rapid.IntRange(0, 3).Draw(r, "kind")
	if levels == 0 || kind < 2 {
		return scalars.Draw(r, "scalar")
	}
	var items []string
	for range rapid.IntRange(0, 4).Draw(r, "items") {
		item := drawJSON(r, levels-1)
		if kind == 2 {
			name, _ := json.Marshal(rapid.StringN(0, 3, -1).Draw(r, "name"))
			item = string(name) + ":" + item
		}
		items = append(items, item)
	}
	if kind == 2 {
		return "{" + strings.Join(items, ",") + "}"
	}
	return "[" + strings.Join(items, ",") + "]"
}
