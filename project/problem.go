package project

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Problem is an error in a file of a directory.
type Problem struct {
	// File is the path of the file, relative to the directory, with slashes.
	File string

	// Line and Column are the position in the file, starting at 1. Columns count characters. Both are 0 if the problem
	// concerns the whole file.
	Line, Column int

	// Message describes what was expected and what was found.
	Message string
}

// String returns the problem in the form FILE:LINE:COLUMN: MESSAGE, which editors and CI systems recognize.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// Error lists every problem in a directory, so that all of them can be fixed at once.
type Error struct {
	// Problems has at least one element. It is sorted by file and position.
	Problems []Problem
}

// Error returns the first problem and the number of other problems.
func (e *Error) Error() string {
	text := e.Problems[0].String()
	if n := len(e.Problems) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return text
}

// problems collects the problems of a directory.
type problems []Problem

// add adds a problem that concerns a whole file.
func (p *problems) add(file, format string, args ...any) {
	*p = append(*p, Problem{File: file, Message: fmt.Sprintf(format, args...)})
}

// addAt adds a problem at an offset of a file's text.
func (p *problems) addAt(file string, text []byte, offset int, format string, args ...any) {
	line, column := position(text, offset)
	*p = append(*p, Problem{file, line, column, fmt.Sprintf(format, args...)})
}

// err returns an *Error if there are problems.
func (p *problems) err() error {
	if len(*p) == 0 {
		return nil
	}
	slices.SortStableFunc(*p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Error{slices.Compact(*p)}
}

// position returns the line and column of an offset, both starting at 1.
func position(text []byte, offset int) (line, column int) {
	before := text[:min(max(offset, 0), len(text))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}
