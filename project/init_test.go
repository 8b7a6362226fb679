package project_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/project"
)

func TestInit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, dir, "README.md", "# Lighthouse")
	if err := project.Init(dir, project.Starter("lighthouse")); err != nil {
		t.Fatal(err)
	}
	got, err := project.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(project.Starter("lighthouse"), got); diff != "" {
		t.Errorf("the game differs (-want +got):\n%s", diff)
	}
	files := readFiles(t, dir)
	if len(files) != 7 || files[handlers+"/Greet.js"] == "" || files[".gitattributes"] == "" {
		t.Errorf("the files are %q", files)
	}
	if err := project.Init(dir, project.Starter("harbor")); err == nil || !strings.Contains(err.Error(), "already has files of a game") {
		t.Errorf("the second Init returned %v", err)
	}
	if diff := cmp.Diff(files, readFiles(t, dir)); diff != "" {
		t.Errorf("the second Init changed files (-want +got):\n%s", diff)
	}
}

func TestParseExport(t *testing.T) {
	t.Parallel()
	got, err := project.ParseExport("export.json", []byte(`{"Document": {"Type": "Game", "Sections": {"Lamps": {"b": 1.0, "a": null}, "Null": null}, "Other": 1}, "Other": 1}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(gameWith(map[string]string{"Lamps": `{"a":null,"b":1.0}`, "Null": "null"}).Sections, got); diff != "" {
		t.Errorf("the sections differ (-want +got):\n%s", diff)
	}
}

func TestParseExportErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"syntax":        {"{\n\"Document\": x}", "export.json:2:13: not valid JSON"},
		"array":         {`[]`, "export.json:1:1: Document is required"},
		"document":      {`{"Document": 1}`, `export.json:1:14: Document.Type must be "Game"`},
		"type":          {`{"Document": {"Type": "Mod", "Sections": {}}}`, `export.json:1:23: Document.Type must be "Game"`},
		"no sections":   {`{"Document": {"Type": "Game"}}`, "export.json:1:14: Document.Sections must be an object"},
		"sections":      {`{"Document": {"Type": "Game", "Sections": []}}`, "export.json:1:43: Document.Sections must be an object"},
		"section name":  {`{"Document": {"Type": "Game", "Sections": {"a/b": 1}}}`, `export.json:1:51: section name "a/b": `},
		"repeated name": {`{"Document": {"Type": "Game", "Sections": {"a": 1, "a": 2}}}`, `export.json:1:57: the object has another member named "a"`},
		"case":          {`{"Document": {"Type": "Game", "Sections": {"a": 1, "A": 2}}}`, `export.json:1:43: the names of the sections "A" and "a" differ only in case`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := project.ParseExport("export.json", []byte(tt.text))
			var problems *project.Error
			if !errors.As(err, &problems) || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want an error that begins with %q", err, tt.want)
			}
		})
	}
}
