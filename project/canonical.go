package project

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Canonical returns the canonical form of a JSON text: without white space, the members of objects sorted by name, each
// string in its shortest form, and the digits of numbers unchanged. If a name is repeated in an object, the last member
// wins, as in the server and in most decoders.
func Canonical(text []byte) (json.RawMessage, error) {
	n, err := parseJSON(text, lastNameWins)
	if err != nil {
		return nil, err
	}
	return n.appendCompact(nil), nil
}

// A node is a JSON value. Unlike a tree of any, it preserves the digits of numbers and the escapes of unpaired surrogates,
// and records its position.
type node struct {
	kind    jsontext.Kind // n, f, t, ", 0, { or [
	scalar  []byte        // the canonical text; nil for objects and arrays
	members []member      // of an object, sorted
	items   []*node       // of an array
	offset  int           // of the value in the text
}

type member struct {
	name   string // decoded
	quoted []byte // the name in canonical form
	value  *node
}

// repeatedNames specifies how repeated names in an object are handled.
type repeatedNames bool

const (
	refuseRepeatedNames repeatedNames = false
	lastNameWins        repeatedNames = true
)

// parseError is an error at an offset of a JSON text.
type parseError struct {
	offset int
	err    error
}

func (e *parseError) Error() string { return fmt.Sprintf("at byte %d: %v", e.offset, e.err) }
func (e *parseError) Unwrap() error { return e.err }

// parseJSON parses a JSON text. The error is nil or a *parseError.
func parseJSON(text []byte, repeated repeatedNames) (*node, error) {
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		return nil, &parseError{0, errors.New("the text begins with a byte order mark: save it as UTF-8 without one")}
	}
	if i := invalidUTF8(text); i >= 0 {
		return nil, &parseError{i, errors.New("the text is not valid UTF-8")}
	}
	// Names are compared in canonical form instead, because the decoder considers all unpaired surrogates equal.
	p := jsonParser{jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)), repeated}
	n, err := p.value()
	if err == nil {
		if _, err = p.dec.ReadToken(); err == nil {
			err = &parseError{int(p.dec.InputOffset()) - 1, errors.New("unexpected data after the end of the JSON value")}
		} else if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return n, nil
		}
	}
	var syntactic *jsontext.SyntacticError
	var at *parseError
	switch {
	case errors.As(err, &at):
		return nil, at
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &parseError{len(text), errors.New("unexpected end of the JSON text")}
	case errors.As(err, &syntactic):
		return nil, &parseError{int(syntactic.ByteOffset), fmt.Errorf("not valid JSON: %w", syntactic.Err)}
	}
	return nil, &parseError{0, err}
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

type jsonParser struct {
	dec      *jsontext.Decoder
	repeated repeatedNames
}

func (p *jsonParser) value() (*node, error) {
	n := &node{kind: p.dec.PeekKind()}
	if n.kind != '{' && n.kind != '[' {
		text, err := p.dec.ReadValue()
		if err != nil {
			return nil, err
		}
		n.offset = int(p.dec.InputOffset()) - len(text)
		if n.kind == '"' {
			n.scalar = canonicalString(text)
		} else {
			n.scalar = bytes.Clone(text)
		}
		return n, nil
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, err
	}
	n.offset = int(p.dec.InputOffset()) - 1
	for p.dec.PeekKind() != n.kind+2 { // the closing bracket
		if n.kind == '{' {
			m, err := p.member()
			if err != nil {
				return nil, err
			}
			n.members = append(n.members, m)
			continue
		}
		item, err := p.value()
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, err
	}
	return n, p.sort(n)
}

// member reads a member. It does not record the offset of the name, since sort reports a repeated name at its value.
func (p *jsonParser) member() (member, error) {
	text, err := p.dec.ReadValue()
	if err != nil {
		return member{}, err
	}
	quoted := canonicalString(text)
	v, err := p.value()
	return member{decodeString(quoted), quoted, v}, err
}

// sort sorts the members of an object, and handles repeated names.
func (p *jsonParser) sort(n *node) error {
	slices.SortStableFunc(n.members, func(a, b member) int {
		return cmp.Or(strings.Compare(a.name, b.name), bytes.Compare(a.quoted, b.quoted))
	})
	unique := n.members[:0]
	for _, m := range n.members {
		if last := len(unique) - 1; last < 0 || !bytes.Equal(unique[last].quoted, m.quoted) {
			unique = append(unique, m)
		} else if p.repeated == lastNameWins {
			unique[last] = m
		} else {
			return &parseError{m.value.offset, fmt.Errorf("the object has another member named %s", m.quoted)}
		}
	}
	n.members = unique
	return nil
}

// canonicalString returns the canonical form of a quoted string: the shortest, except that it keeps the escapes of unpaired
// surrogates, in lower case.
func canonicalString(quoted []byte) []byte {
	if decoded, err := jsontext.AppendUnquote(nil, quoted); err == nil {
		text, _ := jsontext.AppendQuote(nil, decoded)
		return text
	}
	out := []byte{'"'}
	for rest := quoted[1 : len(quoted)-1]; len(rest) > 0; {
		n := 1
		if rest[0] == '\\' {
			n = 2
			if rest[1] == 'u' {
				n = 6
				switch unit := codeUnit(rest); {
				case utf16.IsSurrogate(unit) && utf16.DecodeRune(unit, codeUnit(rest[n:])) != utf8.RuneError:
					n = 12
				case utf16.IsSurrogate(unit):
					out = append(out, bytes.ToLower(rest[:n])...)
					rest = rest[n:]
					continue
				}
			}
		} else if i := bytes.IndexByte(rest, '\\'); i >= 0 {
			n = i
		} else {
			n = len(rest)
		}
		decoded, _ := jsontext.AppendUnquote(nil, slices.Concat([]byte{'"'}, rest[:n], []byte{'"'}))
		text, _ := jsontext.AppendQuote(nil, decoded)
		out = append(out, text[1:len(text)-1]...)
		rest = rest[n:]
	}
	return append(out, '"')
}

// codeUnit returns the UTF-16 code unit of the escape sequence (\u and four hexadecimal digits) at the start of text, or 0.
func codeUnit(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0
	}
	unit, _ := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(unit)
}

// decodeString returns the value of a quoted string, with U+FFFD for unpaired surrogates.
func decodeString(quoted []byte) string {
	text, _ := jsontext.AppendUnquote(nil, quoted)
	return string(text)
}

// stringNode returns a JSON string.
func stringNode(text string) *node {
	quoted, _ := jsontext.AppendQuote(nil, text)
	return &node{kind: '"', scalar: quoted}
}

// text returns the value of a string. It returns false if the value is not a string, or has unpaired surrogates.
func (n *node) text() (string, bool) {
	if n == nil || n.kind != '"' {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, n.scalar)
	return string(text), err == nil
}

// member returns the value of a member of an object, or nil if there is none.
func (n *node) member(name string) *node {
	if n == nil {
		return nil
	}
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// set sets a member of an object.
func (n *node) set(name string, value *node) {
	n.remove(name)
	quoted, _ := jsontext.AppendQuote(nil, name)
	i, _ := slices.BinarySearchFunc(n.members, name, func(m member, name string) int { return strings.Compare(m.name, name) })
	n.members = slices.Insert(n.members, i, member{name, quoted, value})
}

// remove removes a member of an object if it exists.
func (n *node) remove(name string) {
	n.members = slices.DeleteFunc(n.members, func(m member) bool { return m.name == name })
}

// find returns the value at a JSON Pointer (RFC 6901), or the deepest value on the path that exists.
func (n *node) find(pointer string) *node {
	for token := range jsontext.Pointer(pointer).Tokens() {
		child := n.member(token)
		if i, err := strconv.Atoi(token); err == nil && n.kind == '[' && i >= 0 && i < len(n.items) {
			child = n.items[i]
		}
		if child == nil {
			break
		}
		n = child
	}
	return n
}

// appendCompact appends the value without white space.
func (n *node) appendCompact(dst []byte) []byte { return n.append(dst, "", maxIndent) }

// maxIndent is the number of levels that the files indent. Indentation multiplies the size of a text by the depth, and
// the service allows thousands of levels.
const maxIndent = 32

// appendFile appends the value in the form of a file: indented, and with a final newline.
func (n *node) appendFile(dst []byte) []byte { return append(n.append(dst, "  ", 0), '\n') }

// append appends the value, which is at the given level. From level maxIndent on, it adds no white space.
func (n *node) append(dst []byte, indent string, level int) []byte {
	if n.kind != '{' && n.kind != '[' {
		return append(dst, n.scalar...)
	}
	multiline := level < maxIndent
	newline := func(level int) {
		if multiline {
			dst = append(append(dst, '\n'), strings.Repeat(indent, level)...)
		}
	}
	dst = append(dst, byte(n.kind))
	for i, m := range n.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		newline(level + 1)
		dst = append(append(dst, m.quoted...), ':')
		if multiline {
			dst = append(dst, ' ')
		}
		dst = m.value.append(dst, indent, level+1)
	}
	for i, item := range n.items {
		if i > 0 {
			dst = append(dst, ',')
		}
		newline(level + 1)
		dst = item.append(dst, indent, level+1)
	}
	if len(n.members)+len(n.items) > 0 {
		newline(level)
	}
	return append(dst, byte(n.kind)+2)
}

// kindName returns the name of a kind of JSON value with its article.
func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	default:
		return "null"
	}
}
