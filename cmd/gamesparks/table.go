package main

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"
)

// table is a human-readable table with aligned columns. On a terminal, lines are cut at its width.
type table struct {
	out     *stream
	columns []string
	rows    [][]string
}

func (a *app) newTable(columns ...string) *table { return &table{out: a.stdout, columns: columns} }

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// print writes the table to standard output. It writes nothing if there are no rows.
func (t *table) print() error {
	if len(t.rows) == 0 {
		return nil
	}
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{t.columns}, t.rows...) {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, printable(cell))
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	width := t.out.width()
	for line := range strings.Lines(text.String()) {
		line = strings.TrimRight(line, " \n")
		if width > 1 && utf8.RuneCountInString(line) > width {
			line = string([]rune(line)[:width-1]) + "…"
		}
		if _, err := fmt.Fprintln(t.out, line); err != nil {
			return err
		}
	}
	return nil
}

// printable replaces characters that would control the terminal, since the text comes from a server.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
