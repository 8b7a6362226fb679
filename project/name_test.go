package project_test

import (
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/project"
)

func TestReadName(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{"sections/Lighthouse.Lamps.json": "{"})
	if name, err := project.ReadName(dir); err != nil || name != "lighthouse" {
		t.Errorf("ReadName = %q, %v", name, err)
	}
	for name, dir := range map[string]string{
		"game.json: the file does not exist": t.TempDir(),
		"game.json:1:1: name is required":    writeFiles(t, map[string]string{"game.json": "{}"}),
		"does not exist: create it":          dir + "/missing",
	} {
		if _, err := project.ReadName(dir); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error = %v, want %q", err, name)
		}
	}
}
