// Package jsonscan reads JSON texts (RFC 8259) in one pass and returns strings and whole values as slices of the text.
//
// The client reads responses member by member and keeps the documents in them as JSON text. A tokenizer with the API of
// jsontext.Decoder spends more time on the call for each token than on the token. Validating a text before splitting it
// means reading it twice. Either alternative takes 50 % longer for a response with a thousand documents.
//
// The package guarantees:
//   - All text that a Scanner has read is valid JSON. The error for invalid text contains its position.
//   - Returned slices share the memory of the text and have no spare capacity. Nothing is copied or decoded.
//   - Strings may contain invalid UTF-8: see [Scanner.ValidUTF8].
//   - Values are nested at most 10,000 levels deep, and reading them uses no recursion.
package jsonscan

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"unicode/utf8"
)

// Scanner reads the JSON text that was passed to [Scanner.Reset]. The zero value reads an empty text.
type Scanner struct {
	body []byte
	at   int

	opened    bool // the last token was an opening bracket, so no comma precedes the next value
	validUTF8 bool
	levels    levels
}

// Reset makes the scanner read text. The caller must not change text while the scanner or the slices that it returned are
// in use.
func (s *Scanner) Reset(text []byte) {
	s.body, s.at, s.opened, s.validUTF8 = text, 0, false, utf8.Valid(text)
	s.levels.exceeded = false
}

// Size returns the length of the text.
func (s *Scanner) Size() int { return len(s.body) }

// ValidUTF8 reports whether the whole text is valid UTF-8. If so, its strings need no further check.
func (s *Scanner) ValidUTF8() bool { return s.validUTF8 }

// NextKind skips white space and returns the kind of the next value, or KindInvalid.
func (s *Scanner) NextKind() Kind { return kinds[s.next()] }

// next skips white space and returns the first byte of the next token, or 0 at the end of the text.
func (s *Scanner) next() byte {
	s.at = space(s.body, s.at)
	return byteAt(s.body, s.at)
}

// Open reads the opening bracket of a value of the given kind, which must be KindObject or KindArray.
func (s *Scanner) Open(kind Kind) error {
	if err := s.Expect(kind); err != nil {
		return err
	}
	s.at++
	s.opened = true
	return nil
}

// Expect skips white space and returns an error unless the next value is of the given kind.
func (s *Scanner) Expect(want Kind) error {
	switch got := kinds[s.next()]; got {
	case want:
		return nil
	case KindInvalid:
		return s.fail(s.at)
	default:
		return fmt.Errorf("expected %s, got %s at byte %d", want, got, s.at)
	}
}

// More reads the comma between two members of an object or array, or the given closing bracket. It reports whether another
// member follows.
func (s *Scanner) More(bracket byte) (bool, error) {
	b := s.next()
	first := s.opened
	s.opened = false
	switch {
	case b == bracket:
		s.at++
		return false, nil
	case first:
		return true, nil
	case b != ',':
		return false, s.fail(s.at)
	}
	s.at++
	return true, nil
}

// Name reads the name of a member and the following colon. It returns the quoted name and whether it has escapes.
func (s *Scanner) Name() (quoted []byte, escaped bool, err error) {
	start := space(s.body, s.at)
	if byteAt(s.body, start) != '"' {
		return nil, false, s.fail(start)
	}
	end, escaped := endOfString(s.body, start)
	if end < 0 {
		return nil, false, s.fail(^end)
	}
	colon := space(s.body, end)
	if byteAt(s.body, colon) != ':' {
		return nil, false, s.fail(colon)
	}
	s.at = space(s.body, colon+1)
	return s.body[start:end:end], escaped, nil
}

// Text reads a string. It returns the quoted string and whether it has escapes.
func (s *Scanner) Text() (quoted []byte, escaped bool, err error) {
	start := space(s.body, s.at)
	if byteAt(s.body, start) != '"' {
		return nil, false, s.Expect(KindText) // returns an error that names the actual kind
	}
	end, escaped := endOfString(s.body, start)
	if end < 0 {
		return nil, false, s.fail(^end)
	}
	s.at = end
	return s.body[start:end:end], escaped, nil
}

// Value reads a value of any kind and returns its text.
func (s *Scanner) Value() ([]byte, error) {
	start := space(s.body, s.at)
	end := endOfValue(s.body, start, &s.levels)
	switch {
	case s.levels.exceeded:
		return nil, fmt.Errorf("more than %d levels of nesting at byte %d", maxLevels, ^end)
	case end < 0:
		return nil, s.fail(^end)
	}
	s.at = end
	return s.body[start:end:end], nil
}

// End returns an error unless only white space follows.
func (s *Scanner) End() error {
	if s.next(); s.at < len(s.body) {
		return s.fail(s.at)
	}
	return nil
}

// SkipMalformed skips to the comma or bracket that ends the current value, and reports whether it found one. The value may be
// invalid JSON: some gateways write raw line breaks in strings, for example.
func (s *Scanner) SkipMalformed() bool {
	depth := 0
	for i := s.at; i < len(s.body); i++ {
		switch s.body[i] {
		case '"':
			i = SkipString(s.body, i) - 1
		case '{', '[':
			depth++
		case '}', ']', ',':
			if depth == 0 {
				s.at = i
				return true
			}
			if s.body[i] != ',' {
				depth--
			}
		}
	}
	return false
}

// fail returns the error for the invalid text at index i.
func (s *Scanner) fail(i int) error {
	if i >= len(s.body) {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("not JSON: unexpected %q at byte %d", s.body[i], i)
}

// SkipString returns the index after the string that begins at i. Unlike a Scanner it accepts any text between the quotes,
// including control characters and unknown escapes. If the closing quote is missing, it returns len(text).
func SkipString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// The functions below return the end of the token or value that begins at i. If it is invalid, they return ^j, a negative
// number, where j is the index of the first invalid byte.

func byteAt(b []byte, i int) byte {
	if i < len(b) {
		return b[i]
	}
	return 0
}

func space(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

func endOfValue(b []byte, i int, nesting *levels) int {
	depth, object := 0, false // the number of open levels, and whether the innermost is an object
	for {
		if object { // a name precedes the value
			if i >= len(b) || b[i] != '"' {
				return ^i
			}
			if i, _ = endOfString(b, i); i < 0 {
				return i
			}
			i = space(b, i)
			if i >= len(b) || b[i] != ':' {
				return ^i
			}
			i = space(b, i+1)
		}
		if i >= len(b) {
			return ^i
		}
		switch b[i] {
		case '{', '[':
			if depth == maxLevels {
				nesting.exceeded = true
				return ^i
			}
			object = b[i] == '{'
			nesting.set(depth, object)
			depth++
			i = space(b, i+1)
			if i < len(b) && b[i] != closing(object) {
				continue
			}
		case '"':
			if i, _ = endOfString(b, i); i < 0 {
				return i
			}
		case 't', 'f', 'n':
			if i = endOfWord(b, i); i < 0 {
				return i
			}
		default:
			if i = endOfNumber(b, i); i < 0 {
				return i
			}
		}

		// After a value, or at the closing bracket of an empty one.
		for {
			if depth == 0 {
				return i
			}
			i = space(b, i)
			if i >= len(b) {
				return ^i
			}
			if b[i] == ',' {
				i = space(b, i+1)
				break
			}
			if b[i] != closing(object) {
				return ^i
			}
			i++
			depth--
			if depth > 0 {
				object = nesting.isObject(depth - 1)
			}
		}
	}
}

// maxLevels limits the nesting of objects and arrays in a document or a skipped value. It equals the limit of jsontext,
// which decodes documents. Levels of the API's own structures do not count toward the limit: no structure is recursive,
// so there are only a few.
const maxLevels = 10_000

// levels has a bit for each nesting level of a value. The bit is set if the level is an object, and clear if it is an
// array.
type levels struct {
	objects  [maxLevels/64 + 1]uint64
	exceeded bool
}

func (l *levels) set(depth int, object bool) {
	if object {
		l.objects[depth/64] |= 1 << (depth % 64)
	} else {
		l.objects[depth/64] &^= 1 << (depth % 64)
	}
}

func (l *levels) isObject(depth int) bool { return l.objects[depth/64]>>(depth%64)&1 != 0 }

func closing(object bool) byte {
	if object {
		return '}'
	}
	return ']'
}

// endOfString returns the end of a string, and reports whether the string has escapes.
func endOfString(b []byte, i int) (end int, escaped bool) {
	for i++; i < len(b); {
		if i+8 <= len(b) {
			special := specialBytes(binary.LittleEndian.Uint64(b[i:]))
			if special == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(special) / 8
		}
		switch c := b[i]; {
		case c == '"':
			return i + 1, escaped
		case c == '\\':
			if i = endOfEscape(b, i); i < 0 {
				return i, false
			}
			escaped = true
		case c < ' ':
			return ^i, false
		default: // one of the last seven bytes
			i++
		}
	}
	return ^i, false
}

// specialBytes finds quotes, backslashes and control characters in eight bytes. The lowest set bit of the result is in the
// first such byte, counted from the least significant. The result is 0 if there is none.
func specialBytes(eight uint64) uint64 {
	const (
		each = 0x0101010101010101
		high = 0x80 * each
	)
	// Subtraction sets the high bit of each byte that is less than the subtrahend. The borrow can set the high bit of the
	// next byte incorrectly, but only above a byte whose bit is correct. Bytes with the high bit set in the input are not
	// ASCII and need no special treatment, so the mask clears them.
	quote, backslash := eight^'"'*each, eight^'\\'*each
	return ((quote - each) | (backslash - each) | (eight - ' '*each)) & (high &^ eight)
}

func endOfEscape(b []byte, i int) int {
	switch byteAt(b, i+1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		for j := i + 2; j < i+6; j++ {
			if c := byteAt(b, j); !(c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f') {
				return ^j
			}
		}
		return i + 6
	}
	return ^(i + 1)
}

// endOfWord accepts the words true, false and null.
func endOfWord(b []byte, i int) int {
	word := "null"
	switch b[i] {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	}
	for j := range len(word) {
		if byteAt(b, i+j) != word[j] {
			return ^(i + j)
		}
	}
	return i + len(word)
}

func endOfNumber(b []byte, i int) int {
	if byteAt(b, i) == '-' {
		i++
	}
	if byteAt(b, i) == '0' {
		i++
	} else if i = endOfDigits(b, i); i < 0 {
		return i
	}
	if byteAt(b, i) == '.' {
		if i = endOfDigits(b, i+1); i < 0 {
			return i
		}
	}
	if byteAt(b, i)|0x20 == 'e' {
		i++
		if c := byteAt(b, i); c == '+' || c == '-' {
			i++
		}
		i = endOfDigits(b, i)
	}
	return i
}

// endOfDigits requires at least one digit.
func endOfDigits(b []byte, i int) int {
	start := i
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	if i == start {
		return ^i
	}
	return i
}

// Kind is the kind of a JSON value.
type Kind byte

// The kinds of JSON values. KindInvalid means that no value follows.
const (
	KindInvalid Kind = iota
	KindNull
	KindBoolean
	KindNumber
	KindText
	KindArray
	KindObject
)

// String returns the name of the kind.
func (k Kind) String() string {
	return [...]string{"nothing", "null", "boolean", "number", "string", "array", "object"}[k]
}

// kinds maps the first byte of a value to its kind.
var kinds = [256]Kind{
	'n': KindNull, 't': KindBoolean, 'f': KindBoolean, '"': KindText, '[': KindArray, '{': KindObject, '-': KindNumber,
	'0': KindNumber, '1': KindNumber, '2': KindNumber, '3': KindNumber, '4': KindNumber,
	'5': KindNumber, '6': KindNumber, '7': KindNumber, '8': KindNumber, '9': KindNumber,
}
