// Package importer_test uses the modules like a program outside the repository.
package importer_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const program = `package main

import (
	"context"
	"fmt"
	"log"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
)

func main() {
	srv, err := server.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	out, err := srv.Client().CreateGame(context.Background(), &gamesparks.CreateGameInput{GameName: new("lighthouse")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*out.Game.Name, "is", out.Game.State)
}
`

const test = `package main

import (
	"testing"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

func TestNoGames(t *testing.T) {
	out, err := servertest.Start(t).Client().ListGames(t.Context(), &gamesparks.ListGamesInput{})
	if err != nil || len(out.Games) != 0 {
		t.Errorf("ListGames returned %v, error %v", out, err)
	}
}
`

// TestUserModule creates a module outside the repository, adds the require and replace directives from README.md, and
// builds, runs and tests a program in the module.
func TestUserModule(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	for name, content := range map[string]string{"main.go": program, "main_test.go": test} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const sdk, server = "github.com/gamesparks-go/gamesparks", "github.com/gamesparks-go/gamesparks/server"
	run("mod", "init", "example.com/lighthouse")
	run("mod", "edit", "-require="+sdk+"@v0.0.0", "-replace="+sdk+"="+root)
	run("mod", "edit", "-require="+server+"@v0.0.0", "-replace="+server+"="+filepath.Join(root, "server"))
	run("mod", "tidy")
	if diff := run("mod", "tidy", "-diff"); diff != "" {
		t.Errorf("a second go mod tidy would change:\n%s", diff)
	}
	if out := run("run", "."); out != "lighthouse is ACTIVE\n" {
		t.Errorf("the program printed %q, want the state of the game", out)
	}
	run("test", "./...")
}

// TestSDKDependencies checks that the SDK module has none of the server's dependencies.
func TestSDKDependencies(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{if not .Indirect}}{{.Path}}{{end}}", "all")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, dependency := range []string{"bbolt", "btree", "websocket", "prometheus", "kong", "goja", "pgx"} {
		if strings.Contains(string(out), dependency) {
			t.Errorf("the module graph of the SDK contains %s", dependency)
		}
	}
	direct := map[string]bool{}
	for module := range strings.FieldsSeq(string(out)) {
		direct[module] = true
	}
	if !direct["github.com/aws/smithy-go"] {
		t.Errorf("go list does not print github.com/aws/smithy-go:\n%s", out)
	}
}
