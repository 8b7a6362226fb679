package project_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/gamesparks-go/gamesparks/project"
)

// minimal is the content of the smallest game.json.
const minimal = `{"name": "lighthouse"}`

// writeFiles writes files into a new directory, and game.json if files has none.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if _, ok := files["game.json"]; !ok {
		writeFile(t, dir, "game.json", minimal)
	}
	for name, content := range files {
		writeFile(t, dir, name, content)
	}
	return dir
}

func writeFile(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// editFiles writes files, and removes those without content.
func editFiles(t *testing.T, dir string, edit map[string]string) {
	t.Helper()
	for name, content := range edit {
		writeFile(t, dir, name, content)
		if content == "" {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// readFiles returns the files of a directory by path, except its state.
func readFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".gamesparks":
			return fs.SkipDir
		case e.IsDir():
			return nil
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// gameWith returns a game with sections.
func gameWith(sections map[string]string) *project.Game {
	g := &project.Game{Name: "lighthouse", Sections: map[string]json.RawMessage{}}
	for name, content := range sections {
		g.Sections[name] = json.RawMessage(content)
	}
	return g
}
