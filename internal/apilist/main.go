// Command apilist maintains api/surface.txt, which lists the identifiers that the SDK and the modules project and server
// export. It prints the differences between the listing and the exported surface, and fails if there are any. With -w it adds
// new lines to the listing. It never removes lines: to remove an identifier, before v1 or for a serious reason, move its line to
// api/except.txt.
//
//	go run ./internal/apilist [-w]
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// listingFile lists all exported identifiers, one per line. exceptFile lists the identifiers that were removed, with the
// reasons.
const (
	listingFile = "api/surface.txt"
	exceptFile  = "api/except.txt"
)

// modules contains the directories of the modules whose exported identifiers are listed.
var modules = []string{".", "project", "server"}

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
	removed, added := Compare(surface, listing, except)
	for _, line := range removed {
		fmt.Println("-", line)
	}
	for _, line := range added {
		fmt.Println("+", line)
	}
	if len(removed) > 0 {
		return fmt.Errorf("identifiers in %s are no longer exported: restore them, or move their lines to %s", listingFile, exceptFile)
	}
	if len(added) == 0 {
		return nil
	}
	if !write {
		return fmt.Errorf("%s does not list all exported identifiers: add the new ones with go run ./internal/apilist -w", listingFile)
	}
	return os.WriteFile(listingFile, []byte(strings.Join(surface, "\n")+"\n"), 0o644)
}

// readLines returns the lines of a file except comments and blank lines. It returns nil if the file does not exist.
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
