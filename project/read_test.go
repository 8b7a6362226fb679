package project_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/project"
)

const handlers = "sections/GameSparks.Core.RequestHandlers"

func TestRead(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{
		"game.json": `{"name": "lighthouse", "description": "Light.", "tags": {"team": "coast"},
			"stages": {"live": {"role": "arn:aws:iam::123456789012:role/r", "description": "Live.", "tags": {}}}}`,
		"sections/Lighthouse.Lamps.json":  "{\r\n\"b\": 1.50, \"a\": null}\r\n",
		"sections/Null.json":              "null",
		handlers + ".json":                `{"Inline": {"Code": {"Script": "return 1;"}}, "File": {"Code": {"ScriptLanguage": "Javascript_ES5_1"}}}`,
		handlers + "/File.js":             "let a;\r\nreturn \"ü\";\n",
		handlers + "/.File.js.swp":        "\xff",
		"sections/._Lamps.json":           "\xff",
		"sections/Lighthouse.Lamps.json~": "",
		"README.md":                       "# Lighthouse",
	})
	got, err := project.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := gameWith(map[string]string{
		"Lighthouse.Lamps": `{"a":null,"b":1.50}`,
		"Null":             `null`,
		"GameSparks.Core.RequestHandlers": `{"File":{"Code":{"Script":"let a;\r\nreturn \"ü\";\n","ScriptLanguage":"Javascript_ES5_1"}},` +
			`"Inline":{"Code":{"Script":"return 1;"}}}`,
	})
	want.Description, want.Tags = "Light.", map[string]string{"team": "coast"}
	want.Stages = map[string]project.Stage{"live": {Role: "arn:aws:iam::123456789012:role/r", Description: "Live."}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the game differs (-want +got):\n%s", diff)
	}
}

// TestReadWithoutSections checks that the sections are nil, which is never a request to delete all of them.
func TestReadWithoutSections(t *testing.T) {
	t.Parallel()
	got, err := project.Read(writeFiles(t, nil))
	if err != nil || got.Sections != nil {
		t.Errorf("got %v, %v, want no sections", got, err)
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files map[string]string
		want  []string
	}{
		"syntax": {
			map[string]string{"sections/Lamps.json": "{\n  \"ü\": 1,\n  \"ä\": tru\n}\n"},
			[]string{"sections/Lamps.json:3:11: not valid JSON: "},
		},
		"several": {
			map[string]string{"game.json": "[", "sections/A.json": "", "sections/B.json": "1 2"},
			[]string{"game.json:1:2: unexpected end of the JSON text", "sections/A.json:1:1: unexpected end", "sections/B.json:1:3: unexpected data"},
		},
		"repeated name": {
			map[string]string{"sections/A.json": "{\"a\": 1,\n \"a\": 2}"},
			[]string{`sections/A.json:2:7: the object has another member named "a"`},
		},
		"unknown member of game.json": {
			map[string]string{"game.json": "{\"name\": \"x\",\n\"stage\": {}}"},
			[]string{"game.json:2:10: /stage is not a member of game.json"},
		},
		"unknown member of a stage": {
			map[string]string{"game.json": `{"name": "x", "stages": {"live": {"roles": "r"}}}`},
			[]string{"game.json:1:44: /stages/live/roles is not a member"},
		},
		"wrong type in game.json": {
			map[string]string{"game.json": "{\"name\": \"x\",\n\"tags\": {\"a\": 1}}"},
			[]string{"game.json:2:15: /tags/a must be a string, but is a number"},
		},
		"game.json is an array": {
			map[string]string{"game.json": "[]"},
			[]string{"game.json:1:1: the file must be an object, but is an array"},
		},
		"game.json without a name": {
			map[string]string{"game.json": "{}"},
			[]string{"game.json:1:1: name is required"},
		},
		"section name": {
			map[string]string{"sections/Light-house.json": "{}", "sections/.json": "{}"},
			[]string{`sections/.json: section name "": `, `sections/Light-house.json: section name "Light-house": `},
		},
		"names differ in case": {
			map[string]string{"sections/Lamps.json": "{}", "sections/lamps.json": "{}"},
			[]string{`sections: the names of the sections "Lamps" and "lamps" differ only in case`},
		},
		"unexpected": {
			map[string]string{"sections/Lamps.yaml": "", "sections/Lamps/North.js": "", handlers + ".json": "{}", handlers + "/North.ts": ""},
			[]string{handlers + "/North.ts: unexpected file: ", "sections/Lamps: unexpected directory: ", "sections/Lamps.yaml: unexpected file: "},
		},
		"script without a handler": {
			map[string]string{handlers + ".json": "{}", handlers + "/North.js": ""},
			[]string{handlers + `/North.js: sections/GameSparks.Core.RequestHandlers.json has no handler "North"`},
		},
		"script without a section": {
			map[string]string{handlers + "/North.js": ""},
			[]string{handlers + ": the scripts have no section: create " + handlers + ".json"},
		},
		"handler without code": {
			map[string]string{handlers + ".json": `{"North": {}}`, handlers + "/North.js": ""},
			[]string{handlers + `.json:1:11: the handler "North" has a script file but no object Code`},
		},
		"handler is not an object": {
			map[string]string{handlers + ".json": `{"North": 1}`, handlers + "/North.js": ""},
			[]string{handlers + `.json:1:11: the handler "North" has a script file but no object Code`},
		},
		"two scripts": {
			map[string]string{handlers + ".json": `{"North": {"Code": {"Script": ""}}}`, handlers + "/North.js": ""},
			[]string{handlers + `.json:1:31: the handler "North" has both Code.Script and the file`},
		},
		"handler names differ in case": {
			map[string]string{handlers + ".json": `{"North": {"Code": {}}, "NORTH": {"Code": {}}}`, handlers + "/North.js": ""},
			[]string{handlers + `.json:1:11: the name of the handler "North" is not portable`},
		},
		"script is not UTF-8": {
			map[string]string{handlers + ".json": `{"North": {"Code": {}}}`, handlers + "/North.js": "let a;\n// \xff"},
			[]string{handlers + "/North.js:2:4: the script is not valid UTF-8"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := project.Read(writeFiles(t, tt.files))
			checkProblems(t, err, tt.want)
		})
	}
}

// checkProblems checks that err has one problem for each element of want, which the problem begins with.
func checkProblems(t *testing.T, err error, want []string) {
	t.Helper()
	var problems *project.Error
	if !errors.As(err, &problems) {
		t.Fatalf("got %v, want a *project.Error", err)
	}
	var texts []string
	for i, p := range problems.Problems {
		text := p.String()
		if i < len(want) && strings.HasPrefix(text, want[i]) {
			text = want[i]
		}
		texts = append(texts, text)
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("the problems differ (-want +got):\n%s", diff)
	}
}

func TestReadMissing(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"directory": filepath.Join(t.TempDir(), "x"), "game.json": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := project.Read(dir)
			if err == nil || !strings.Contains(err.Error(), "does not exist: create it with gamesparks init or gamesparks fetch") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSymbolicLinks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ link, target string }{
		"section":           {"sections/Lamps.json", "../other.json"},
		"section outside":   {"sections/Lamps.json", "/etc/passwd"},
		"game.json":         {"game.json", "other.json"},
		"sections":          {"sections", "other"},
		"script":            {handlers + "/North.js", "../../other.json"},
		"scripts":           {handlers, "../other"},
		"dangling":          {"sections/Lamps.json", "missing"},
		"state":             {".gamesparks", "other"},
		"itself":            {"sections/Lamps.json", "Lamps.json"},
		"sections, outside": {"sections", "/tmp"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeFile(t, dir, "other.json", "{}")
			writeFile(t, dir, "other/Lamps.json", "{}")
			if tt.link != "game.json" {
				writeFile(t, dir, "game.json", minimal)
			}
			if strings.HasPrefix(tt.link, handlers) {
				writeFile(t, dir, handlers+".json", `{"North": {"Code": {}}}`)
			}
			link := filepath.Join(dir, tt.link)
			if err := os.MkdirAll(filepath.Dir(link), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(tt.target, link); err != nil {
				t.Skip(err)
			}
			before := readFiles(t, filepath.Join(dir, "other"))
			want := tt.link + ": is a symbolic link"
			if _, err := project.Read(dir); tt.link != ".gamesparks" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("Read returned %v, want an error that contains %q", err, want)
			}
			game := gameWith(map[string]string{
				"Lamps":                           `{}`,
				"GameSparks.Core.RequestHandlers": `{"North":{"Code":{"Script":"return;"}}}`,
			})
			if err := project.Write(dir, game); err == nil || !strings.Contains(err.Error(), "is a symbolic link") {
				t.Errorf("Write returned %v", err)
			}
			r := newReader(map[string]string{"Lamps": `1`, "GameSparks.Core.RequestHandlers": `{"North":{"Code":{"Script":"x"}}}`})
			if _, err := project.Fetch(t.Context(), r, dir, project.FetchOptions{Game: "lighthouse", Force: true, Prune: true}); err == nil || !strings.Contains(err.Error(), "is a symbolic link") {
				t.Errorf("Fetch returned %v", err)
			}
			if diff := cmp.Diff(before, readFiles(t, filepath.Join(dir, "other"))); diff != "" {
				t.Errorf("Write or Fetch followed the link (-want +got):\n%s", diff)
			}
		})
	}
}
