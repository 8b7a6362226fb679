// Package report prints measurements with their bounds and verdicts.
package report

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"text/tabwriter"
)

// Report is a list of measurements. The zero value is ready to use.
type Report struct{ rows []row }

type row struct {
	name, measured, bound string // bound is empty in a row for comparison
	met                   bool
}

// AtMost adds a row whose value must not exceed the bound.
func (r *Report) AtMost(name string, measured, bound float64, format string) {
	r.rows = append(r.rows, row{name, fmt.Sprintf(format, measured), "at most " + fmt.Sprintf(format, bound), measured <= bound})
}

// AtLeast adds a row whose value must not be below the bound.
func (r *Report) AtLeast(name string, measured, bound float64, format string) {
	r.rows = append(r.rows, row{name, fmt.Sprintf(format, measured), "at least " + fmt.Sprintf(format, bound), measured >= bound})
}

// ForComparison adds a row without a bound.
func (r *Report) ForComparison(name string, measured float64, format string) {
	r.rows = append(r.rows, row{name, fmt.Sprintf(format, measured), "", true})
}

// Len returns the number of rows.
func (r *Report) Len() int { return len(r.rows) }

// Print prints the rows with their verdicts, and returns how many bounds are missed.
func (r *Report) Print(out io.Writer) (missed int) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "case\tmeasured\tbound\tverdict")
	met := 0
	for _, row := range r.rows {
		verdict := ""
		switch {
		case row.bound == "":
		case row.met:
			verdict = "met"
			met++
		default:
			verdict = "MISSED"
			missed++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", row.name, row.measured, row.bound, verdict)
	}
	w.Flush()
	fmt.Fprintf(out, "\n%d bounds met, %d missed\n", met, missed)
	return missed
}

// Machine describes the machine, and its load at present.
func Machine() string {
	return fmt.Sprintf("%s, %d CPUs, load %s", runtime.Version(), runtime.NumCPU(), load())
}

// Commit returns the abbreviated hash of a commit of the repository in the working directory.
func Commit(revision string) string {
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
