package restjson

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"unicode/utf8"
)

// scanner reads a JSON text (RFC 8259) in one pass. It returns strings, and values of which only the extent matters, as the
// bytes that they are in the text. What it has passed is JSON, to the last byte: a text that is not ends with an error.
//
// A tokenizer with the API of jsontext's Decoder takes longer to ask for each token than to read it, and to check a text
// with it before it is cut is to read it twice: a response of a thousand documents took half again as long either way.
type scanner struct {
	body []byte
	at   int

	opened    bool // a bracket, just now: no comma comes before what is next
	validUTF8 bool // the whole text, so that its strings need not be looked at
	levels    levels
}

func (s *scanner) reset(body []byte) {
	s.body, s.at, s.opened, s.validUTF8 = body, 0, false, utf8.Valid(body)
	s.levels.exceeded = false
}

// Size returns the length of the text.
func (s *scanner) Size() int { return len(s.body) }

// next goes to the next token, and returns its first byte, or 0 at the end of the text.
func (s *scanner) next() byte {
	s.at = space(s.body, s.at)
	return byteAt(s.body, s.at)
}

// open reads the bracket that begins an object or array.
func (s *scanner) open(bracket kind) error {
	if err := s.expect(bracket); err != nil {
		return err
	}
	s.at++
	s.opened = true
	return nil
}

// expect goes to the next value, which has to be of that kind.
func (s *scanner) expect(want kind) error {
	switch got := kinds[s.next()]; got {
	case want:
		return nil
	case kindNothing:
		return s.fail(s.at)
	default:
		return fmt.Errorf("expected %s, got %s at byte %d", want, got, s.at)
	}
}

// more reports whether the object or array goes on that closes with the bracket, and if not, reads the bracket.
func (s *scanner) more(bracket byte) (bool, error) {
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

// name reads the name of a member and the colon behind it. It returns the name in its quotes, and whether there are escapes
// in it.
func (s *scanner) name() (quoted []byte, escaped bool, err error) {
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

// string reads a string, and returns the same as name.
func (s *scanner) string() (quoted []byte, escaped bool, err error) {
	start := space(s.body, s.at)
	if byteAt(s.body, start) != '"' {
		return nil, false, s.expect(kindText) // which tells what is there instead
	}
	end, escaped := endOfString(s.body, start)
	if end < 0 {
		return nil, false, s.fail(^end)
	}
	s.at = end
	return s.body[start:end:end], escaped, nil
}

// value reads a value, whatever it is, and returns it.
func (s *scanner) value() ([]byte, error) {
	start := space(s.body, s.at)
	end := endOfValue(s.body, start, &s.levels)
	switch {
	case s.levels.exceeded:
		return nil, fmt.Errorf("more than %d levels at byte %d", maxLevels, ^end)
	case end < 0:
		return nil, s.fail(^end)
	}
	s.at = end
	return s.body[start:end:end], nil
}

// end checks that nothing follows.
func (s *scanner) end() error {
	if s.next(); s.at < len(s.body) {
		return s.fail(s.at)
	}
	return nil
}

// fail returns the error for a text that cannot be read any further than to i.
func (s *scanner) fail(i int) error {
	if i >= len(s.body) {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("not JSON: unexpected %q at byte %d", s.body[i], i)
}

// The functions below return where in the text something ends that begins at i. When it is not what it should be, they
// return ^j for the place j that shows it, which is below zero.

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
	depth, object := 0, false // the number of levels that are open, and whether the innermost is an object
	for {
		if object { // so there is a name first
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

		// Behind a value, or at the bracket that closes an empty one.
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

// maxLevels is how deep objects and arrays may be nested in a document, or in what is passed over. It is the limit of
// jsontext, which documents are decoded by. The levels of the API's own structures are not counted: there are few, since no
// structure contains itself.
const maxLevels = 10_000

// levels has a bit for each level of a value: whether it is an object.
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

// endOfString returns also whether there are escapes in the string.
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

// specialBytes finds the first of eight bytes, beginning with the lowest, that does not stand for itself in a string: a
// quote, a backslash or a control character. The lowest bit that is set is in it. No bit is set when there is none.
func specialBytes(eight uint64) uint64 {
	const (
		each = 0x0101010101010101
		high = 0x80 * each
	)
	// A byte that is smaller than what is taken from it gets its high bit set. It borrows from the byte above, which may get
	// one wrongly, but only above one that has it rightly. Bytes that had it before are no ASCII, and stand for themselves.
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

// endOfWord is about true, false and null.
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

// endOfDigits wants one digit at least.
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

// kind is a kind of JSON values.
type kind byte

const (
	kindNothing kind = iota
	kindNull
	kindBoolean
	kindNumber
	kindText
	kindArray
	kindObject
)

func (k kind) String() string {
	return [...]string{"nothing", "null", "boolean", "number", "string", "array", "object"}[k]
}

// kinds has the kind of the values that begin with a byte.
var kinds = [256]kind{
	'n': kindNull, 't': kindBoolean, 'f': kindBoolean, '"': kindText, '[': kindArray, '{': kindObject, '-': kindNumber,
	'0': kindNumber, '1': kindNumber, '2': kindNumber, '3': kindNumber, '4': kindNumber,
	'5': kindNumber, '6': kindNumber, '7': kindNumber, '8': kindNumber, '9': kindNumber,
}
