package main

import (
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/types"
)

// newSchema returns an unused name of a schema.
func newSchema() string { return "test_" + strings.ToLower(rand.Text()) }

// database returns a database server, and the name and the flags of a new schema.
func database(t *testing.T) (server *pgtest.Server, schema string, flags []string) {
	t.Helper()
	server, schema = pgtest.Shared(t), newSchema()
	return server, schema, []string{"--store", server.URL("postgres"), "--store-schema", schema}
}

// TestDatabase runs two servers on one database. Each server, and a restarted one, must read the writes of the other.
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

// TestDatabaseClocks runs two servers on one database whose clocks differ by two minutes. A deployment that completes at once
// is completed on both.
func TestDatabaseClocks(t *testing.T) {
	t.Parallel()
	_, _, flags := database(t)
	flags = append(flags, "--deployment-pending=0s", "--deployment-in-progress=0s")
	ahead, behind := start(t, append(flags, "--clock-offset=1m")...), startWithEnv(t, []string{"GAMESPARKS_SERVER_CLOCK_OFFSET=-1m"}, flags...)
	s := deploySomething(t, newClient(ahead.endpoint))
	got, err := newClient(behind.endpoint).GetStageDeployment(t.Context(), &gamesparks.GetStageDeploymentInput{GameName: &s.game, StageName: &s.name})
	if err != nil || got.StageDeployment.DeploymentState != types.DeploymentStateCompleted {
		t.Errorf("got deployment %+v, error %v; want state COMPLETED", got, err)
	}
	far := start(t, append(flags, "--clock-offset=-1h")...)
	if _, err := newClient(far.endpoint).ListGames(t.Context(), &gamesparks.ListGamesInput{}); err == nil || !strings.Contains(err.Error(), "InvalidSignatureException") {
		t.Errorf("clock of the server behind by an hour: got error %v, want an InvalidSignatureException", err)
	}
}

// deploySomething creates a game and a stage, and deploys a snapshot to the stage.
func deploySomething(t *testing.T, client *gamesparks.Client) stage {
	t.Helper()
	s := stage{game: "deployed", name: "dev", ownGame: true}
	if err := deployStage(t.Context(), client, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDatabaseSettings runs two servers with different settings on one database. Both stay ready, and report the flags that
// differ.
func TestDatabaseSettings(t *testing.T) {
	t.Parallel()
	_, _, flags := database(t)
	flags = append(flags, "--store-lease=3s")
	servers := []*process{start(t, flags...), start(t, append(flags, "--max-games=3", "--region=eu-west-1")...)}
	for _, server := range servers {
		waitFor(t, server, "/readyz", http.StatusOK, "ok\nThe settings of the servers on this database differ: max-games, region.\n")
		if _, body := get(t, server.endpoint+"/metrics"); !strings.Contains(body, "\ngamesparks_configuration_differences 2\n") {
			t.Errorf("/metrics does not report 2 differences:\n%s", body)
		}
		server.stderr.await(t, "settings=max-games,region\n")
	}
	servers[1].kill(t)
	waitFor(t, servers[0], "/readyz", http.StatusOK, "ok\n")
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

// TestDatabasePassword connects over TCP with a password from a file, which changes while the server runs and must not be
// logged.
func TestDatabasePassword(t *testing.T) {
	t.Parallel()
	database, tcp := pgtest.StartTCP(t, "old-secret")
	password := write(t, "password", "old-secret\n")
	url := tcp.URL(tcp.Host, "sslmode=verify-full&sslrootcert="+tcp.CA)
	flags := []string{"--store", url, "--store-password-file", password, "--log-level=debug"}
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
	database.Exec(t, "postgres", "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'")
	create("two")
	if text := server.stderr.String(); strings.Contains(text, "old-secret") || strings.Contains(text, "new-secret") {
		t.Errorf("the log has the password:\n%s", text)
	}

	if server, exit := tryStart(t, "--store", tcp.URL(tcp.Host, "sslmode=verify-full"), "--store-password-file", password); server != nil ||
		exit.code != exitData || !strings.Contains(exit.stderr, "--store: ") || !strings.Contains(exit.stderr, "set sslrootcert") {
		t.Errorf("unknown authority: exit code %d, want %d and a message that says to set sslrootcert:\n%s", exit.code, exitData, exit.stderr)
	}
	wrong := strings.Replace(url, "postgres@", "postgres:wrong-secret@", 1)
	if server, exit := tryStart(t, "--store", wrong); server != nil || exit.code != exitData ||
		!strings.Contains(exit.stderr, "password authentication failed") || !strings.HasSuffix(exit.stderr, ": check the user and the password\n") || strings.Contains(exit.stderr, "wrong-secret") {
		t.Errorf("wrong password: exit code %d, want %d and a message without the password:\n%s", exit.code, exitData, exit.stderr)
	}
}

// TestDatabasePasswordOfCommands runs check and copy with a password from a file.
func TestDatabasePasswordOfCommands(t *testing.T) {
	t.Parallel()
	_, tcp := pgtest.StartTCP(t, "secret")
	url := tcp.URL(tcp.Host, "sslmode=verify-full&sslrootcert="+tcp.CA)
	password := []string{"--store-password-file", write(t, "password", "secret\n")}
	old, _ := version1File(t)
	path := filepath.Join(t.TempDir(), "data")
	report := []string{"12 games", "0 problems"}
	expect(t, 0, report, append([]string{"copy", "--from", old, "--to", url}, password...)...)
	expect(t, 0, report, append([]string{"check", "--store", url}, password...)...)
	expect(t, 0, report, append([]string{"copy", "--from", url, "--to", path}, password...)...)
	expect(t, 0, report, append([]string{"check", "--data", path}, password...)...) // a variable may set the flag for all commands
	expect(t, exitData, []string{"--store: ", ": check the user and the password"}, "check", "--store", url)
}

// TestDatabaseAdvice checks the next step in the messages about databases that cannot be used.
func TestDatabaseAdvice(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() { // a database without TLS
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.CopyN(io.Discard, conn, 8) // the request for TLS
			_, _ = conn.Write([]byte("N"))
			conn.Close()
		}
	}()
	server := pgtest.Shared(t)
	for url, says := range map[string]string{
		server.URL("nodb"): `database "nodb" does not exist (SQLSTATE 3D000): create the database`,
		"postgres://a@" + listener.Addr().String() + "/b?sslmode=require": "server refused TLS connection): enable TLS on the database, or set sslmode=disable if the network is trusted",
		"postgres://a@127.0.0.1:1/b?sslmode=disable":                      "check its address and that it runs",
	} {
		if output := expect(t, exitData, []string{"--store: ", says}, "check", "--store", url); strings.Count(output, ": check its address") != strings.Count(says, "check its address") {
			t.Errorf("%s: the message has the wrong next step: %s", url, output)
		}
	}
}

// TestCopyDatabase converts a file of version 1 to a database, serves it, and copies the database to a file.
func TestCopyDatabase(t *testing.T) {
	t.Parallel()
	old, _ := version1File(t)
	database, schema, flags := database(t)
	url := database.URL("postgres")
	in := []string{"--store-schema", schema}
	expect(t, 0, []string{"12 games", "0 problems"}, append([]string{"copy", "--from", old, "--to", url}, in...)...)
	server := start(t, append(flags, "--account=111111111111")...)
	game, err := newClient(server.endpoint).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: new("chess")})
	if err != nil || *game.Game.Description != "Two players in us-east-1" {
		t.Errorf("got game %+v, error %v", game, err)
	}
	expect(t, 0, []string{"12 games", "0 problems"}, append([]string{"check", "--store", url}, in...)...)
	if _, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("thirteenth")}); err != nil {
		t.Error(err)
	}
	server.signal(t, syscall.SIGTERM)

	path := filepath.Join(t.TempDir(), "data")
	expect(t, 0, []string{"0 problems"}, append([]string{"copy", "--from", url, "--to", path}, in...)...)
	expect(t, 0, []string{"0 problems"}, "check", "--data", path)
	server = start(t, "--data", path, "--account=111111111111")
	if _, err := newClient(server.endpoint).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: new("thirteenth")}); err != nil {
		t.Error(err)
	}
	server.signal(t, syscall.SIGTERM)

	// Nothing overwrites data, creates a schema by mistake, or leaves a partial copy.
	expect(t, exitFailure, []string{"--to: the database has a schema " + schema}, append([]string{"copy", "--from", path, "--to", url}, in...)...)
	none := []string{"--store-schema", schema + "_none"}
	expect(t, exitData, []string{"--store: ", "has no data"}, append([]string{"check", "--store", url}, none...)...)
	expect(t, exitData, []string{"--from: ", "has no data"}, append([]string{"copy", "--from", url, "--to", path + "2"}, none...)...)
	broken := damagedCopy(t, path)
	expect(t, exitData, []string{"--from " + broken, "damaged"}, append([]string{"copy", "--from", broken, "--to", url}, none...)...)
	if got := database.Exec(t, "postgres", "select string_agg(nspname, ' ') from pg_namespace where nspname like '"+schema+"%'"); got != schema {
		t.Errorf("got schemas %s, want %s only", got, schema)
	}
	database.Exec(t, "postgres", "delete from "+schema+".entries where key = (select key from "+schema+".entries where position('/content/' in encode(key, 'escape')) > 0 limit 1)")
	expect(t, exitData, []string{"the data has problems"}, append([]string{"check", "--store", url}, in...)...)
}
