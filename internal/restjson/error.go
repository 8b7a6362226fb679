package restjson

import (
	"cmp"
	"strings"
)

// ErrorInfo returns the code and the message of an error response's body. The code is the member "code", or else
// "__type"; names match without regard to case, as in the official clients, and an exact match wins. A member that is
// missing or not a string yields an empty code or a nil message. If the body is truncated, ErrorInfo uses the members
// before the end.
func ErrorInfo(body []byte) (code string, message *string) {
	d, _ := decoders.Get().(*decoder)
	d.reset(body)
	var otherCode, shape string
	var otherMessage *string
	_ = d.eachString(func(name, value string) {
		switch {
		case name == "code":
			code = value
		case name == "message":
			message = &value
		case strings.EqualFold(name, "code"):
			otherCode = value
		case strings.EqualFold(name, "message"):
			otherMessage = &value
		case strings.EqualFold(name, "__type"):
			shape = value
		}
	})
	d.release()
	return cmp.Or(code, otherCode, shape), cmp.Or(message, otherMessage)
}

// eachString calls fn with each member of an object that is a string.
func (d *decoder) eachString(fn func(name, value string)) error {
	if err := d.open(kindObject); err != nil {
		return err
	}
	for {
		more, err := d.more('}')
		if err != nil || !more {
			return err
		}
		name, err := d.readName()
		if err != nil {
			return err
		}
		if kinds[d.next()] == kindText {
			var value string
			if value, err = d.readText(); err == nil {
				fn(name, value)
			}
		} else {
			_, err = d.value()
		}
		if err != nil && !d.skipFaulty() {
			return err
		}
	}
}

// skipFaulty goes to the comma or bracket behind a value that is not JSON. Gateways put lines of text into strings, for
// example.
func (d *decoder) skipFaulty() bool {
	depth := 0
	for i := d.at; i < len(d.body); i++ {
		switch d.body[i] {
		case '"':
			for i++; i < len(d.body) && d.body[i] != '"'; i++ {
				if d.body[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']', ',':
			if depth == 0 {
				d.at = i
				return true
			}
			if d.body[i] != ',' {
				depth--
			}
		}
	}
	return false
}

// SanitizeCode strips the namespace before an error's code and the URL behind it.
func SanitizeCode(code string) string {
	code, _, _ = strings.Cut(code, ":")
	return strings.TrimSpace(code[strings.LastIndexByte(code, '#')+1:])
}
