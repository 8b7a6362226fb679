package project

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Style configures the text that shows differences. The zero value is for output that is not a terminal.
type Style struct {
	// Color adds the color codes of a terminal.
	Color bool

	// Width is the number of columns of the terminal. Longer values are shortened, and longer lines of scripts are wrapped.
	// 0 means no limit.
	Width int
}

// WriteSections writes sections that differ in the text format of a plan. It writes nothing if there are none.
func WriteSections(w io.Writer, sections []SectionChange, style Style) error {
	r := renderer{style: style}
	for _, s := range sections {
		r.section(s)
	}
	r.flush()
	_, err := io.WriteString(w, r.text.String())
	return err
}

// The marks of lines.
const (
	markAdd    = "+"
	markChange = "~"
	markRemove = "-"
	markKeep   = "!"
	markHunk   = "@"
	markNone   = ""
)

var marks = map[Action]string{ActionAdd: markAdd, ActionChange: markChange, ActionRemove: markRemove, ActionKeep: markKeep}

// colors are the color codes of a terminal for lines with a mark.
var colors = map[string]string{
	markAdd: "\x1b[32m", markChange: "\x1b[33m", markRemove: "\x1b[31m", markKeep: "\x1b[35m", markHunk: "\x1b[36m",
}

const colorReset = "\x1b[0m"

// renderer formats the parts of a game that differ. It buffers them to align their names.
type renderer struct {
	style Style
	parts []part
	text  strings.Builder
}

// part is a part of a game that differs.
type part struct {
	mark, name, detail string
	lines              []line // below the part
}

type line struct{ mark, text string }

// The indentation of parts, of the values in them, and of the lines of a script below a value.
const (
	partIndent  = "  "
	valueIndent = "      "
	hunkIndent  = "          "
)

func (r *renderer) section(s SectionChange) {
	p := part{mark: marks[s.Action], name: s.Name}
	switch s.Action {
	case ActionAdd:
		p.detail = formatSize(s.After)
	case ActionRemove:
		p.detail = formatSize(s.Before)
	case ActionKeep:
		p.detail = "only on the server; --prune removes it"
	default:
		r.changes(&p, s.Changes)
	}
	r.parts = append(r.parts, p)
}

// attributes adds a game or a stage. If a single attribute differs, it is on the line of the part.
func (r *renderer) attributes(name string, action Action, changes []Change) {
	p := part{mark: marks[action], name: name}
	switch action {
	case ActionKeep:
		p.detail = "only on the server; --prune-stages removes it"
	case ActionAdd, ActionChange:
		named := make([]Change, len(changes))
		for i, c := range changes {
			named[i] = Change{strings.TrimPrefix(c.Path, "/"), c.Before, c.After}
		}
		r.changes(&p, named)
		if len(p.lines) == 1 {
			p.detail = strings.TrimPrefix(p.lines[0].text, valueIndent+p.lines[0].mark+" ")
			if action == ActionChange && p.lines[0].mark != markChange {
				p.detail = p.lines[0].mark + " " + p.detail
			}
			p.lines = nil
		}
	}
	r.parts = append(r.parts, p)
}

// changes adds the values that differ below a part.
func (r *renderer) changes(p *part, changes []Change) {
	for _, c := range changes {
		mark, value := markChange, ""
		name := printable(c.Path)
		if name == "" {
			name = "the whole section"
		}
		used := len(valueIndent) + len("~ ") + utf8.RuneCountInString(name) + 2
		switch {
		case c.Before == nil:
			mark, value = markAdd, r.fit(c.After, used, 1)
		case c.After == nil:
			mark, value = markRemove, r.fit(c.Before, used, 1)
		default:
			if hunks := scriptDiff(c); hunks != nil {
				r.script(p, name, hunks, len(changes) == 1)
				continue
			}
			used += len(" -> ")
			value = r.fit(c.Before, used, 2) + " -> " + r.fit(c.After, used, 2)
		}
		p.lines = append(p.lines, line{mark, valueIndent + mark + " " + name + "  " + value})
	}
}

// script adds the diff of a text. If only this value differs in a section, its path is on the line of the section, unless
// the line would exceed the width.
func (r *renderer) script(p *part, name string, hunks []string, only bool) {
	indent := hunkIndent
	length := len(partIndent+p.mark+" ") + utf8.RuneCountInString(p.name) + 2 + utf8.RuneCountInString(name)
	if only && (r.style.Width <= 0 || length <= r.style.Width) {
		p.detail, indent = name, valueIndent
	} else {
		p.lines = append(p.lines, line{markChange, valueIndent + markChange + " " + name})
	}
	for _, hunk := range hunks {
		mark := hunk[:1]
		if mark != markAdd && mark != markRemove && mark != markHunk {
			mark = markNone
		}
		for i, text := range r.wrap(printable(hunk), len(indent)) {
			if i > 0 {
				text = "  " + text
			}
			p.lines = append(p.lines, line{mark, indent + text})
		}
	}
}

// scriptDiff returns the diff of two texts of which at least one has several lines, or nil for other values.
func scriptDiff(c Change) []string {
	before, ok := unquote(c.Before)
	if !ok {
		return nil
	}
	after, ok := unquote(c.After)
	if !ok || !strings.Contains(before+after, "\n") {
		return nil
	}
	hunks, err := diffText(before, after)
	if err != nil {
		return nil
	}
	return hunks
}

// unquote returns the text of a JSON string. It returns false for other values and for a string with unpaired surrogates.
func unquote(value json.RawMessage) (string, bool) {
	if len(value) == 0 || value[0] != '"' {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, value)
	return string(text), err == nil
}

// flush writes the parts.
func (r *renderer) flush() {
	longest := 0
	for _, p := range r.parts {
		if p.detail != "" && len(p.lines) == 0 {
			longest = max(longest, utf8.RuneCountInString(p.name))
		}
	}
	for _, p := range r.parts {
		text := partIndent + p.mark + " " + p.name
		if p.detail != "" {
			if len(p.lines) == 0 {
				text += strings.Repeat(" ", longest-utf8.RuneCountInString(p.name))
			}
			text += "  " + p.detail
		}
		r.line(p.mark, text)
		for _, l := range p.lines {
			r.line(l.mark, l.text)
		}
	}
	r.parts = nil
}

// line writes a line in the color of a mark.
func (r *renderer) line(mark, text string) {
	if color := colors[mark]; color != "" && r.style.Color {
		text = color + text + colorReset
	}
	r.text.WriteString(text + "\n")
}

// minValue is the minimum length of a shortened value, in characters.
const minValue = 12

// fit shortens a value so that the given number of values and the used columns fit the width.
func (r *renderer) fit(value json.RawMessage, used, values int) string {
	text := printable(string(value))
	limit := max((r.style.Width-used)/values, minValue)
	if r.style.Width <= 0 || utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}

// wrap returns the pieces of a line that fit the width below an indentation.
func (r *renderer) wrap(text string, indent int) []string {
	limit := max(r.style.Width-indent-2, minValue)
	if r.style.Width <= 0 || utf8.RuneCountInString(text) <= limit+2 {
		return []string{text}
	}
	var pieces []string
	for rest := []rune(text); len(rest) > 0; {
		n := min(limit, len(rest))
		pieces = append(pieces, string(rest[:n]))
		rest = rest[n:]
	}
	return pieces
}

// printable returns text with escapes for characters that would control the terminal or change the order of the text. A
// carriage return, which ends the lines of some scripts, becomes ^M.
func printable(text string) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case unicode.IsPrint(c), c == '\t':
			b.WriteRune(c)
		case c < ' ':
			b.WriteString("^" + string('@'+c))
		default:
			fmt.Fprintf(&b, "\\u{%x}", c)
		}
	}
	return b.String()
}

func formatSize(content json.RawMessage) string { return fmt.Sprintf("%d B", len(content)) }
