package project

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/parser"
)

// A script is the body of a function.
const (
	scriptHead = "(function (message) {\n"
	scriptTail = "\n})"
)

// scriptError is a syntax error at an offset of a script.
type scriptError struct {
	offset  int
	message string
}

func (e *scriptError) Error() string { return e.message }

// parseTime limits the time to parse a script. The parser takes twice as long for each level of arrow functions that are
// nested in default values of parameters, so a script of 200 characters can take days.
const parseTime = 10 * time.Second

// checkScript returns the first syntax error of a script as a *scriptError, or nil.
func checkScript(script string) error {
	return withinParseTime(func() error { return parseScript(script) })
}

// withinParseTime runs parse. If that takes longer than parseTime, it returns an error, and parse continues in the
// background, because the parser cannot be canceled.
func withinParseTime(parse func() error) error {
	done := make(chan error, 1)
	go func() { done <- parse() }()
	timer := time.NewTimer(parseTime)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return &scriptError{0, fmt.Sprintf("the script cannot be parsed in %v: nest fewer arrow functions in parameters", parseTime)}
	}
}

func parseScript(script string) (err error) {
	defer func() {
		if r := recover(); r != nil { // a panic of the parser must not end the process
			err = &scriptError{0, fmt.Sprintf("the script cannot be parsed: %v", r)}
		}
	}()
	// A source map would make the parser read a file.
	program, err := parser.ParseFile(nil, "", scriptHead+script+scriptTail, 0, parser.WithDisableSourceMaps)
	var list parser.ErrorList
	switch {
	case errors.As(err, &list) && len(list) > 0:
		first := list[0]
		message := strings.TrimSuffix(first.Message, ".")
		offset := offsetOf(script, first.Position.Line-1, first.Position.Column)
		return &scriptError{offset, "the script does not parse: " + message}
	case err != nil:
		return &scriptError{0, "the script does not parse: " + err.Error()}
	case !isFunction(program):
		return &scriptError{0, "the script does not parse: it closes a brace that it does not open"}
	}
	return nil
}

// isFunction reports whether the program is a single function. It is not if the script closes the enclosing function.
func isFunction(program *ast.Program) bool {
	if len(program.Body) != 1 {
		return false
	}
	statement, ok := program.Body[0].(*ast.ExpressionStatement)
	if !ok {
		return false
	}
	_, ok = statement.Expression.(*ast.FunctionLiteral)
	return ok
}

// offsetOf converts a line and column of the parser into an offset. The parser counts columns in bytes. A line ends at any
// line terminator of JavaScript.
func offsetOf(script string, line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		i := strings.IndexAny(script[offset:], "\r\n\u2028\u2029")
		if i < 0 {
			return len(script)
		}
		offset += i
		switch rest := script[offset:]; {
		case strings.HasPrefix(rest, "\r\n"):
			offset += len("\r\n")
		case rest[0] == '\r', rest[0] == '\n':
			offset++
		default:
			offset += len("\u2028")
		}
	}
	return min(offset+max(column-1, 0), len(script))
}
