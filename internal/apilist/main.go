// Command apilist maintains the listing of what the SDK and the server export, in the directory api. Without a flag it prints the
// differences, and fails if a line of the listing is missing from the exported surface or the surface has a line that is not
// listed. With -w it adds new lines; it removes none. To remove an identifier, before v1 or for a serious reason, move its line to
// api/except.txt by hand.
//
//	go run ./internal/apilist [-w]
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// listingFile has a line for each exported identifier, and exceptFile has the removed lines with the reasons.
const (
	listingFile = "api/surface.txt"
	exceptFile  = "api/except.txt"
)

// modules are the directories of the modules that are listed.
var modules = []string{".", "server"}

func main() {
	write := flag.Bool("w", false, "add new lines to the listing")
	flag.Parse()
	if err := run(*write); err != nil {
		fmt.Fprintln(os.Stderr, "apilist:", err)
		os.Exit(1)
	}
}

func run(write bool) error {
	surface, err := Surface(modules...)
	if err != nil {
		return err
	}
	listing, err := readLines(listingFile)
	if err != nil {
		return err
	}
	except, err := readLines(exceptFile)
	if err != nil {
		return err
	}
	gone, added := Compare(surface, listing, except)
	for _, line := range gone {
		fmt.Println("-", line)
	}
	for _, line := range added {
		fmt.Println("+", line)
	}
	if len(gone) > 0 {
		return fmt.Errorf("the exported surface lacks lines of %s", listingFile)
	}
	if len(added) == 0 {
		return nil
	}
	if !write {
		return fmt.Errorf("new lines are not in %s: run go run ./internal/apilist -w", listingFile)
	}
	return os.WriteFile(listingFile, []byte(strings.Join(surface, "\n")+"\n"), 0o644)
}

// readLines returns the lines of a file without comments, or none if the file does not exist.
func readLines(name string) (lines []string, err error) {
	data, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			lines = append(lines, line)
		}
	}
	return lines, nil
}
