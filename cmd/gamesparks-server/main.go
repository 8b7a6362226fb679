// Gamesparks-server serves the GameSparks API on your machine or network, to unchanged clients of any AWS SDK.
//
//	gamesparks-server --addr 127.0.0.1:8770 --data games.db
//	gamesparks-server --config server.yaml
//	gamesparks-server check --data games.db
//	gamesparks-server copy --from old.db --to new.db
//	gamesparks-server backup --data games.db games.backup
//	gamesparks-server restore games.backup --data games.db
//	gamesparks-server keys create --keys keys.json
//	gamesparks-server version
//
// It prints the endpoint and the environment variables that configure AWS SDKs and tools to use it. It logs to standard
// error. Each flag has an environment variable; --help lists the commands, the flags, their defaults and their variables.
//
// The page docs/server.md of the repository is the manual: configuration file, stores, access keys, TLS, limits, health,
// metrics, logs, seed, backup, upgrade, shutdown and exit statuses.
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
