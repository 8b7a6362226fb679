package main

import (
	"crypto/rand"
	"errors"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
)

// database returns a connection string and flags for a schema of its own.
func database(t *testing.T) (server *pgtest.Server, schema string, flags []string) {
	t.Helper()
	server = pgtest.Shared(t)
	schema = "test_" + strings.ToLower(rand.Text())
	return server, schema, []string{"--store", server.URL("postgres"), "--store-schema", schema}
}

// TestDatabase runs two servers on one database. Each must see what the other has written, and a restarted one, too.
func TestDatabase(t *testing.T) {
	t.Parallel()
	_, _, flags := database(t)
	first, second := start(t, flags...), start(t, flags...)
	if _, err := newClient(first.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")}); err != nil {
		t.Fatal(err)
	}
	url := exportURL(t, newClient(second.endpoint))
	if code := first.signal(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, server := range []*process{second, start(t, flags...)} {
		for _, name := range []string{"chess", "exported"} {
			if _, err := newClient(server.endpoint).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: &name}); err != nil {
				t.Errorf("game %s: %v", name, err)
			}
		}
	}
	var conflict smithy.APIError
	_, err := newClient(second.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")})
	if !errors.As(err, &conflict) || conflict.ErrorCode() != "ConflictException" {
		t.Errorf("creating an existing game: got error %v, want a ConflictException", err)
	}
	if resp, body := fetch(t, http.DefaultClient, url); resp.StatusCode != http.StatusOK {
		t.Errorf("download: status %s, body %q", resp.Status, body)
	}
	if status, body := get(t, second.endpoint+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz: status %d, body %q", status, body)
	}
	if metrics := readMetrics(t, second); metrics["gamesparks_data_bytes"] < 8192 || metrics["gamesparks_commit_duration_seconds_count"] < 1 {
		t.Errorf("got metrics %v", metrics)
	}
}

// TestDatabaseMigrated migrates the database to a newer version. A server of this version must stop.
func TestDatabaseMigrated(t *testing.T) {
	t.Parallel()
	database, schema, flags := database(t)
	server := start(t, flags...)
	database.Exec(t, "postgres", "update "+schema+".meta set version = 99")
	if _, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")}); err == nil {
		t.Error("a write succeeded")
	}
	if code := server.wait(); code != exitData || !strings.Contains(server.stderr.String(), "upgrade the program") {
		t.Errorf("exit code %d, want %d and a message that says to upgrade:\n%s", code, exitData, server.stderr)
	}
	if server, exit := tryStart(t, flags...); server != nil || exit.code != exitData || !strings.Contains(exit.stderr, "upgrade the program") {
		t.Errorf("start: exit code %d, want %d and a message that says to upgrade:\n%s", exit.code, exitData, exit.stderr)
	}
}

// TestDatabasePassword connects with a password from a file, which must not be logged.
func TestDatabasePassword(t *testing.T) {
	t.Parallel()
	database := pgtest.StartWithPassword(t, "old-secret")
	password := write(t, "password", "old-secret\n")
	flags := []string{"--store", database.URL("postgres"), "--store-password-file", password, "--log-level=debug"}
	server := start(t, flags...)
	create := func(name string) {
		t.Helper()
		if _, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &name}); err != nil {
			t.Error(err)
		}
	}
	create("one")

	// A server reads a new password for its next connection.
	database.SetPassword(t, "new-secret")
	if err := os.WriteFile(password, []byte("new-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := database.Stop(); err != nil {
		t.Fatal(err)
	}
	database.Restart(t)
	create("two")
	if text := server.stderr.String(); strings.Contains(text, "old-secret") || strings.Contains(text, "new-secret") {
		t.Errorf("the log has the password:\n%s", text)
	}

	wrong := strings.Replace(database.URL("postgres"), "postgres@", "postgres:wrong-secret@", 1)
	if server, exit := tryStart(t, "--store", wrong); server != nil || exit.code != exitData ||
		!strings.Contains(exit.stderr, "password authentication failed") || strings.Contains(exit.stderr, "wrong-secret") {
		t.Errorf("wrong password: exit code %d, want %d and a message without the password:\n%s", exit.code, exitData, exit.stderr)
	}
}
