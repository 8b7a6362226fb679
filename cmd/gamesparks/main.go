// Gamesparks manages a GameSparks game as code: it compares a project directory with a game, writes the difference, and
// deploys snapshots to stages. It uses the SDK only, so it works against any endpoint.
//
//	gamesparks plan game/
//	gamesparks apply game/ --stage beta
//	gamesparks deploy --game lighthouse --stage live --from beta
//
// Endpoint, region, profile and credentials are read as every AWS tool reads them, from flags, environment variables and
// the shared configuration files. Data is written to standard output; messages, progress and questions are written to
// standard error. Without a terminal, no command asks a question.
//
// Exit statuses:
//
//	0  done, or nothing to change
//	1  failure
//	2  invalid command, flag or argument
//	3  changes: plan --exit-code or diff --exit-code found differences
//	4  conflict: the game has changed since the plan or the last fetch, or another deployment is running
//	5  a deployment failed
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// The first signal cancels the context, so that the command can report the state. A second signal ends
	// the process.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
