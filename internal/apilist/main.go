// Command apilist maintains api/exported.txt, the listing of the identifiers that the SDK and the server export. It prints
// the differences between the listing and the exported surface, and fails if there are any. With -w it adds new lines to the
// listing. It never removes lines: to remove an identifier, before v1 or for a serious reason, move its line to
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

// listingFile has a line for each exported identifier. exceptFile has the lines of removed identifiers with the reasons.
const (
	listingFile = "api/surface.txt"
	exceptFile  = "api/except.txt"
)

// modules are the directories of the listed modules.
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
	removed, added := Compare(surface, listing, except)
	for _, line := range removed {
		fmt.Println("-", line)
	}
	for _, line := range added {
		fmt.Println("+", line)
	}
	if len(removed) > 0 {
		return fmt.Errorf("the exported surface lacks lines of %s: restore them, or move them to %s", listingFile, exceptFile)
	}
	if len(added) == 0 {
		return nil
	}
	if !write {
		return fmt.Errorf("%s lacks new lines: add them with go run ./internal/apilist -w", listingFile)
	}
	return os.WriteFile(listingFile, []byte(strings.Join(surface, "\n")+"\n"), 0o644)
}

// readLines returns the lines of a file without comments and empty lines, or nil if the file does not exist.
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
