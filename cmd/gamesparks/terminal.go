package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/gamesparks-go/gamesparks/project"
)

// stream is standard output or standard error.
type stream struct {
	*os.File

	// terminal reports whether the stream is a terminal.
	terminal bool

	// updatable reports whether the stream is a terminal on which lines can be updated.
	updatable bool

	// colored reports whether the stream is a terminal that shows colors and NO_COLOR is not set.
	colored bool
}

func newStream(file *os.File) *stream {
	s := &stream{File: file, terminal: term.IsTerminal(int(file.Fd()))}
	s.updatable = s.terminal && os.Getenv("TERM") != "dumb" && s.width() > 0 // the width is 0 if the terminal has no size
	s.colored = s.updatable && os.Getenv("NO_COLOR") == ""
	return s
}

// width returns the number of columns of the terminal. It returns 0, which means no limit, if the stream is not a terminal.
func (s *stream) width() int {
	if !s.terminal {
		return 0
	}
	columns, _, err := term.GetSize(int(s.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// style returns the style of differences.
func (s *stream) style() project.Style { return project.Style{Color: s.colored, Width: s.width()} }

// isInteractive reports whether the command can ask a question.
func (a *app) isInteractive() bool {
	return a.stderr.terminal && term.IsTerminal(int(a.stdin.Fd()))
}

// errDeclined is the error for any answer except yes.
var errDeclined = errors.New("not confirmed: nothing was changed")

// confirm asks a question, and fails unless the answer is yes. Without a terminal it fails, and the error names the flag
// that skips the question.
func (a *app) confirm(ctx context.Context, question, flag string) error {
	if !a.isInteractive() {
		return usageErrorf("there is no terminal to ask %q: add %s", question, flag)
	}
	answer, _ := a.ask(ctx, question+" [yes/no] ")
	if ctx.Err() != nil {
		return fmt.Errorf("%w: nothing was changed", ctx.Err())
	}
	switch strings.ToLower(answer) {
	case "yes", "y":
		return nil
	}
	return errDeclined
}

// ask prints a question and returns the answer, a line of standard input. It returns an error if the command is interrupted.
func (a *app) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(a.stderr, question)
	type line struct {
		text string
		err  error
	}
	lines := make(chan line, 1)
	go func() { // reading a terminal cannot be canceled; the goroutine ends with the process
		text, err := bufio.NewReader(a.stdin).ReadString('\n')
		lines <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		a.notef("")
		return "", ctx.Err()
	case l := <-lines:
		if l.err != nil {
			a.notef("")
		}
		return strings.TrimSpace(l.text), l.err
	}
}
