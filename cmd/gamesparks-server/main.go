// Gamesparks-local serves the GameSparks API on your own machine or network, to unchanged clients of any AWS SDK.
//
//	gamesparks-server --addr 127.0.0.1:8770 --data games.db
//
// It prints the endpoint and the lines for a shell that point SDKs and tools at it, and logs to standard error. Each
// flag has an environment variable, which --help names. Besides the API it serves
//
//   - /ui/, a page that shows what the account of the service has; unless --addr is a loopback address, it takes the id
//     and the secret of an access key of that account, one without a session token, as user and password,
//   - /healthz, which reads from the data and answers 200 when that succeeds and 503 when it does not, and
//   - /metrics, in the format of Prometheus; like the one before, it is open to all who reach the server.
//
// SIGTERM and SIGINT make it finish the requests that it has, for as long as --shutdown-timeout, and exit. A second
// signal ends it at once.
//
// Exit codes:
//
//	0  it was asked to stop and did
//	1  it could not listen or serve, or had to cut requests off to stop
//	2  a flag is wrong, or the server would be open to the network with keys that everybody knows
//	3  the data file cannot be used: it is locked by another server, of a newer version or no data file, or cannot be
//	   read or written
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

// exitError is an error with the exit code that it leads to.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// run is the program. It returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	c, done, err := parseConfig(args, stdout)
	if done {
		return 0
	}
	if err == nil {
		err = serve(c, stdout, stderr)
	}
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
