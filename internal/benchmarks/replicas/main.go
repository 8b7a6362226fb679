// Command replicas measures several gamesparks-server processes on one PostgreSQL database: reads through three replicas
// compared with one, the memory of connected players, how long it takes to disconnect one of them, and the statements that
// idle players cause. It prints each measurement with its bound and a verdict, and exits with status 1 if a bound is missed.
//
// It requires Linux and PostgreSQL, and as many file descriptors as players (ulimit -n). Run it in the directory of its
// module:
//
//	go run ./replicas
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/benchmarks/process"
	"github.com/gamesparks-go/gamesparks/internal/benchmarks/report"
)

var (
	only        = flag.String("only", "", "regular expression of the cases to run: reads, writes, size, players, presence (default all)")
	rounds      = flag.Int("rounds", 7, "rounds in which one and three replicas take turns")
	clients     = flag.Int("clients", 64, "clients that read at the same time")
	connections = flag.Int("players", 10_000, "connected players")
	rows        = flag.Int("rows", 1_000_000, "connections of other players that the case presence adds to the database")
	idle        = flag.Duration("idle", time.Minute, "time for which the players are idle")
)

func main() {
	flag.Parse()
	missed, err := run(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "replicas:", err)
		os.Exit(2)
	}
	if missed > 0 {
		os.Exit(1)
	}
}

// benchmark runs the cases.
type benchmark struct {
	dir      string // for files
	binary   string
	database *database
	report   report.Report
}

func run(ctx context.Context) (missed int, err error) {
	selected, err := regexp.Compile(*only)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "gamesparks-replicas-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	b := &benchmark{dir: dir}
	if b.binary, err = process.Build(dir, "gamesparks-server", "."); err != nil {
		return 0, err
	}
	if b.database, err = startDatabase(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, b.database.Close()) }()
	for _, c := range []struct {
		name string
		run  func(*benchmark, context.Context) error
	}{
		{"reads", (*benchmark).reads},
		{"writes", (*benchmark).writes},
		{"size", (*benchmark).size},
		{"players", (*benchmark).players},
		{"presence", (*benchmark).presence},
	} {
		if !selected.MatchString(c.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "running %s\n", c.name)
		if err := c.run(b, ctx); err != nil {
			return 0, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	fmt.Printf("command: %s\n", strings.Join(os.Args, " "))
	fmt.Printf("data set: one game with a stage for players, 64 games for reads; servers, PostgreSQL (fsync on) and clients on one machine\n")
	fmt.Printf("measured: working tree of %s; %d clients that read, %d rounds; %d players; %s\n\n",
		report.Commit("HEAD"), *clients, *rounds, *connections, report.Machine())
	return b.report.Print(os.Stdout), nil
}
