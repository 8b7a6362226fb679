package restjson

import (
	"bytes"
	"unicode/utf8"
)

// cutter cuts a JSON text into its values. It finds where they end, and relies on the text being JSON, which has been
// checked of all but the bodies of errors. It stays within the text whatever that is.
type cutter struct {
	body []byte
	at   int

	// What is true of the whole body need not be looked for in each of its strings.
	noEscapes bool
	validUTF8 bool
}

func (c *cutter) reset(body []byte) {
	*c = cutter{body: body, noEscapes: bytes.IndexByte(body, '\\') < 0, validUTF8: utf8.Valid(body)}
}

// Size returns the length of the text.
func (c *cutter) Size() int { return len(c.body) }

// next goes to the next value, name or closing bracket, and returns its first byte, or 0 at the end of the body.
func (c *cutter) next() byte {
	for ; c.at < len(c.body); c.at++ {
		switch b := c.body[c.at]; b {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			return b
		}
	}
	return 0
}

// cut returns the value that begins here and goes behind it. It returns false when the body ends first.
func (c *cutter) cut() (value []byte, ok bool) {
	start, end := c.at, 0
	if start == len(c.body) {
		return nil, false
	}
	switch c.body[start] {
	case '"':
		end = c.endOfString(start)
	case '{', '[':
		end = c.endOfNested(start)
	default:
		end = c.endOfLiteral(start)
	}
	if end < 0 {
		return nil, false
	}
	c.at = end
	return c.body[start:end:end], true
}

// endOfString returns where the string ends that begins at start, or -1.
func (c *cutter) endOfString(start int) int {
	for i := start + 1; i < len(c.body); i++ {
		switch c.body[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	return -1
}

// endOfNested returns where the object or array ends that begins at start, or -1.
func (c *cutter) endOfNested(start int) int {
	depth := 0
	for i := start; i < len(c.body); i++ {
		switch structural[c.body[i]] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			end := c.endOfString(i)
			if end < 0 {
				return -1
			}
			i = end - 1
		}
	}
	return -1
}

// structural tells the bytes between which there is nothing to look at. Arrays are like objects.
var structural = [256]byte{'"': '"', '{': '{', '[': '{', '}': '}', ']': '}'}

// endOfLiteral returns where the number, boolean or null ends that begins at start.
func (c *cutter) endOfLiteral(start int) int {
	for i := start + 1; i < len(c.body); i++ {
		switch c.body[i] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return i
		}
	}
	return len(c.body)
}

// kind is a kind of JSON values.
type kind byte

const (
	nothing kind = iota
	null
	boolean
	number
	text
	array
	object
)

func (k kind) String() string {
	return [...]string{"nothing", "null", "boolean", "number", "string", "array", "object"}[k]
}

// kinds has the kind of the values that begin with a byte.
var kinds = [256]kind{
	'n': null, 't': boolean, 'f': boolean, '"': text, '[': array, '{': object, '-': number,
	'0': number, '1': number, '2': number, '3': number, '4': number, '5': number, '6': number, '7': number, '8': number, '9': number,
}
