// Gamesparks-server serves the GameSparks API on your machine or network, to unchanged clients of any AWS SDK.
//
//	gamesparks-server --addr 127.0.0.1:8770 --data games.db
//	gamesparks-server --config server.yaml
//	gamesparks-server check --data games.db
//	gamesparks-server copy --from old.db --to new.db
//	gamesparks-server keys create --keys keys.json
//	gamesparks-server version
//
// It prints the endpoint and the environment variables that configure AWS SDKs and tools to use it. It logs to standard
// error. Each flag has an environment variable; --help lists the commands, the flags, their defaults and their variables.
// A file that --config names has the same flags as members:
//
//	addr: 127.0.0.1:8770
//	data: /var/lib/gamesparks/games.db
//	max-games: 20
//
// The flag --seed applies project directories, as gamesparks creates them, to the account of --account at each start, with the
// access key of --access-key. The server listens after the configuration is deployed to the stages of each game.json. An
// unchanged directory changes nothing. Other changes to its sections and stages are undone, as by gamesparks apply --overwrite.
// Sections, stages and games that are not in a directory are kept. If several servers share a database, one of them at a time
// applies its directories.
//
// A flag takes precedence over its variable, and a variable over the file. The server also serves these paths:
//
//   - / redirects to /ui/.
//   - /ui/ is a read-only page with the games of the account. Unless --addr is a loopback address, it requires HTTP basic
//     authentication with the ID and secret of an access key of the account. A key with a session token is not accepted.
//   - /healthz reads from the data file or the database. The status is 200 if that succeeds. Otherwise it is 503, with an
//     error in the format of the API.
//   - /readyz writes to the data file or the database, at most once a second. The status is 200 if that succeeds.
//     Otherwise, for example if the disk is full, it is 503, with an error in the format of the API.
//   - /metrics has metrics in the Prometheus format.
//
// The last three require no authentication.
//
// On a loopback address, and with the default secret, the server accepts only requests to loopback hosts, to the host of
// --public-url and to each --allowed-host, and no API requests from web pages of other origins, except for each
// --cors-origin. Otherwise, any web page in a browser on the same machine could use the server.
//
// On SIGTERM or SIGINT the server accepts no more connections, disconnects players with the WebSocket status code 1001,
// waits for active requests up to --shutdown-timeout, and exits. Requests whose body is incomplete after two seconds, and
// requests still active at the timeout, fail with status 503. A second signal ends the server immediately.
//
// The command check reads all data of a data file or a PostgreSQL database and prints a report. The command copy copies a
// data file or a database that no server uses, and compares the copy. It also converts data files of version 1, which the
// server does not open.
//
// The commands keys create, keys list and keys disable edit the file of --keys. A running server reloads the file when its
// content changes, and keeps the previous keys if the content is invalid. The command healthcheck requests /healthz from the
// server on this machine and exits with 0 if it is healthy; images of the server have no shell for such a check.
//
// Exit codes:
//
//	0  stopped on request
//	1  failed to listen or serve, or canceled active requests in order to stop
//	2  invalid flag, invalid directory of --seed, or the default secret on a network address
//	3  unusable data file or database: damaged, locked by another process, written by another version, not a data file,
//	   unreachable, not readable or writable, or a directory of --seed cannot be applied to it. Damage that is found while the
//	   server runs ends it immediately.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

const (
	exitFailure = 1
	exitUsage   = 2
	exitData    = 3
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// exitError is an error with the exit code of the process.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// run runs the command and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && args[0] == checkFileCommand {
		return checkFile(args[1:], stdout)
	}
	if len(args) > 0 && args[0] == checkDataCommand {
		return checkDataFile(args[1:], stdout, stderr)
	}
	err := runCommand(args, stdout, stderr)
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "gamesparks-server: %v\n", err)
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	return exitFailure
}
