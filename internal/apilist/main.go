// Command apilist keeps the listing of what the module exports, in the directory api. Without a flag it says what has
// changed, and fails when anything in the listing is gone or is another. With -w it adds what is new; it takes nothing
// away: what has to go, before v1 or for a grave reason, goes into api/except.txt by hand, as it stands in the listing.
//
//	go run ./internal/apilist [-w]
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// modules are the directories of the modules that others import.
var modules = []string{".", "server"}

// listingFile has a line for each exported name, and exceptFile has the lines that were removed for a reason.
const (
	listingFile = "api/gamesparks.txt"
	exceptFile  = "api/except.txt"
)

func main() {
	write := flag.Bool("w", false, "add what is new to the listing")
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
		return fmt.Errorf("the exported surface has lost or changed what is in %s", listingFile)
	}
	if len(added) == 0 {
		return nil
	}
	if !write {
		return fmt.Errorf("add what is new to %s: go run ./internal/apilist -w", listingFile)
	}
	return os.WriteFile(listingFile, []byte(strings.Join(surface, "\n")+"\n"), 0o644)
}

// readLines returns the lines of a file that are no comments, and none when there is no file.
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
