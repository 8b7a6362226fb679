// Command store measures the data files of gamesparks-server: their size, what operations write, and the rates of
// operations. It compares the server of the working tree with that of an earlier commit, which it builds in a temporary
// worktree. It prints each measurement with its bound and a verdict, and exits with status 1 if a bound is missed.
//
// Run it in the directory of its module:
//
//	go run ./store
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/gamesparks-go/gamesparks/internal/benchmarks/process"
	"github.com/gamesparks-go/gamesparks/internal/benchmarks/report"
)

// baseCommit is the commit before storage grew with what changes.
const baseCommit = "876647b"

var (
	base    = flag.String("base", baseCommit, "commit to compare with")
	only    = flag.String("only", "", "regular expression of the cases to run (default all)")
	rounds  = flag.Int("rounds", 7, "rounds in which the two servers take turns")
	games   = flag.Int("games", 100_000, "games of the large store")
	clients = flag.Int("clients", 64, "clients that write at the same time")
)

// benchmark runs the cases.
type benchmark struct {
	dir      string // for binaries and data files
	old, new string // paths of the two servers
	report   report.Report
}

func main() {
	flag.Parse()
	missed, err := run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "store:", err)
		os.Exit(2)
	}
	if missed > 0 {
		os.Exit(1)
	}
}

func run() (missed int, err error) {
	selected, err := regexp.Compile(*only)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "gamesparks-store-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	b := &benchmark{dir: dir}
	if b.new, err = process.Build(dir, "new", "."); err != nil {
		return 0, err
	}
	if b.old, err = process.BuildCommit(dir, "old", *base); err != nil {
		return 0, err
	}
	cases := []struct {
		name string
		run  func(*benchmark) error
	}{
		{"size", (*benchmark).size},
		{"written", (*benchmark).written},
		{"deletion", (*benchmark).deletion},
		{"interference", (*benchmark).interference},
		{"reads", (*benchmark).reads},
		{"writes", (*benchmark).writes},
		{"many", (*benchmark).manyGames},
	}
	for _, c := range cases {
		if !selected.MatchString(c.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "running %s\n", c.name)
		if err := c.run(b); err != nil {
			return 0, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return b.print(), nil
}

// print prints the report, and returns how many bounds are missed.
func (b *benchmark) print() (missed int) {
	fmt.Printf("command: %s\n", strings.Join(os.Args, " "))
	fmt.Printf("data set: configurations of 1 MB in 1,000 sections, unless a case says otherwise; file stores; %d games in the large store\n", *games)
	fmt.Printf("compared: working tree of %s (new) and %s (old), which took %d turns each; %d clients; %s\n\n",
		report.Commit("HEAD"), report.Commit(*base), *rounds, *clients, report.Machine())
	return b.report.Print(os.Stdout)
}
