//go:build unix

package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
)

// TestCopyToDatabaseInterrupted ends a copy to a database at its first commit. The schema of the copy must not exist, and the
// output says what to do.
func TestCopyToDatabaseInterrupted(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		signal os.Signal
		code   int
		stderr string
		remain bool // whether the partial copy remains
	}{
		"killed":     {syscall.SIGKILL, -1, "", true},
		"terminated": {syscall.SIGTERM, exitFailure, "copy: interrupted: run the command again", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			old, _ := version1File(t)
			database, schema, _ := database(t)
			url, proxy := database.URL("postgres"), pgtest.NewProxy(t, database)
			schemas := func() []string {
				return strings.Fields(database.Exec(t, "postgres", "select nspname from pg_namespace where starts_with(nspname, '"+schema+"')"))
			}

			// Opening the database also commits, but not with the statement that the proxy recognizes.
			cmd := command(t.Context(), nil, "copy", "--from", old, "--to", proxy.URL(), "--store-schema", schema)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			started := make(chan struct{})
			proxy.Set(func() pgtest.Cut {
				<-started
				if err := cmd.Process.Signal(test.signal); err != nil {
					t.Error(err)
				}
				return pgtest.Before
			})
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			close(started)
			if err := cmd.Wait(); err == nil {
				t.Error("the copy succeeded")
			}
			if code := cmd.ProcessState.ExitCode(); code != test.code || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("exit code %d, want %d and a message with %q:\n%s", code, test.code, test.stderr, &stderr)
			}
			remaining := schemas()
			if (len(remaining) == 1) != test.remain || (test.remain && !strings.HasPrefix(remaining[0], schema+"_partial_")) {
				t.Fatalf("the copy has left the schemas %v", remaining)
			}
			expect(t, exitData, []string{"--store: ", schema, "has no data", "copy data to it"}, "check", "--store", url, "--store-schema", schema)

			server, exit := tryStart(t, "--store", url, "--store-schema", schema)
			switch {
			case !test.remain:
				server.kill(t)
				database.Exec(t, "postgres", "drop schema "+schema+" cascade")
			case server != nil || exit.code != exitData || !strings.Contains(exit.stderr, "--store: ") || !strings.Contains(exit.stderr, remaining[0]) ||
				!strings.Contains(exit.stderr, "run the copy again") || !strings.Contains(exit.stderr, "DROP SCHEMA"):
				t.Errorf("server on the target of a killed copy: exit code %d, want %d and a message that names schema %s:\n%s", exit.code, exitData, remaining[0], exit.stderr)
			}
			if got := schemas(); !slices.Equal(got, remaining) {
				t.Errorf("got schemas %v, want %v", got, remaining)
			}

			output := expect(t, 0, []string{"12 games", "0 problems"}, "copy", "--from", old, "--to", url, "--store-schema", schema)
			if !test.remain {
				if strings.Contains(output, "DROP") {
					t.Errorf("the output says to delete a schema:\n%s", output)
				}
				return
			}
			_, statement, found := strings.Cut(output, "delete it with ")
			statement, _, _ = strings.Cut(statement, "\n")
			if !found || !strings.Contains(output, remaining[0]) {
				t.Fatalf("the output does not say how to delete schema %s:\n%s", remaining[0], output)
			}
			database.Exec(t, "postgres", statement)
			if got := schemas(); len(got) != 1 || got[0] != schema {
				t.Errorf("after the statement, got schemas %v, want %s only", got, schema)
			}
		})
	}
}
