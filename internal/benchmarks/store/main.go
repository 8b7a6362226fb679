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
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"text/tabwriter"
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
	report   []row
}

// row is a row of the report.
type row struct {
	name, measured, bound string // bound is empty in a row for comparison
	met                   bool
}

// atMost adds a row whose value must not exceed the bound.
func (b *benchmark) atMost(name string, measured, bound float64, format string) {
	b.report = append(b.report, row{name, fmt.Sprintf(format, measured), "at most " + fmt.Sprintf(format, bound), measured <= bound})
}

// atLeast adds a row whose value must not be below the bound.
func (b *benchmark) atLeast(name string, measured, bound float64, format string) {
	b.report = append(b.report, row{name, fmt.Sprintf(format, measured), "at least " + fmt.Sprintf(format, bound), measured >= bound})
}

// forComparison adds a row without a bound.
func (b *benchmark) forComparison(name string, measured float64, format string) {
	b.report = append(b.report, row{name, fmt.Sprintf(format, measured), "", true})
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
	if b.new, err = build(dir, "new", "."); err != nil {
		return 0, err
	}
	if b.old, err = buildCommit(dir, "old", *base); err != nil {
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
	fmt.Printf("compared: working tree of %s (new) and %s (old), which took %d turns each; %d clients; %s, %d CPUs; load %s\n\n",
		commit("HEAD"), commit(*base), *rounds, *clients, runtime.Version(), runtime.NumCPU(), load())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "case\tmeasured\tbound\tverdict")
	met := 0
	for _, r := range b.report {
		verdict := ""
		switch {
		case r.bound == "":
		case r.met:
			verdict = "met"
			met++
		default:
			verdict = "MISSED"
			missed++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.name, r.measured, r.bound, verdict)
	}
	w.Flush()
	fmt.Printf("\n%d bounds met, %d missed\n", met, missed)
	return missed
}

func commit(revision string) string {
	out, err := exec.Command("git", "rev-parse", "--short", revision).Output()
	if err != nil {
		return revision
	}
	return strings.TrimSpace(string(out))
}

// load returns the load averages of the machine.
func load() string {
	data, _ := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(data))
	if len(fields) < 3 {
		return "unknown"
	}
	return strings.Join(fields[:3], " ")
}
