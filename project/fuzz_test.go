package project_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/project"
)

// FuzzDirectory checks that no content of files causes a panic, and that writing and reading a game preserves it.
func FuzzDirectory(f *testing.F) {
	f.Add(minimal, shapes, greet, `{"Greet": {"Code": {}}}`, "return 1;\r\n")
	f.Add(`{"name": "x", "stages": {"live": {"role": "r"}}, "tags": {"a": "b"}}`, `{"A": {"List": {"Shape": "A"}}}`, `null`, `[]`, "\xff")
	f.Add(`{"name": 1}`, `{"A": 1, "A": 2}`, `{"Greet": []}`, `{"greet": {"Code": {}}, "Greet": {"Code": {"Script": "\ud800"}}}`, "")
	f.Fuzz(func(t *testing.T, game, model, requests, handlersFile, script string) {
		dir, err := os.MkdirTemp("", "fuzz")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		for name, content := range map[string]string{
			"game.json": game, "sections/GameSparks.Core.Model.json": model, "sections/GameSparks.Core.Requests.json": requests,
			handlers + ".json": handlersFile, greetScript: script,
		} {
			writeFile(t, dir, name, content)
		}
		validateErr := project.Validate(dir)
		got, err := project.Read(dir)
		if err != nil {
			if validateErr == nil {
				t.Errorf("Validate accepts a directory that Read refuses: %v", err)
			}
			return
		}
		if err := project.Write(dir, got); err != nil {
			if validateErr == nil {
				t.Errorf("Validate accepts a directory that Write refuses: %v", err)
			}
			return
		}
		again, err := project.Read(dir)
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Errorf("the game differs after it was written: %v (-want +got):\n%s", err, diff)
		}
	})
}
