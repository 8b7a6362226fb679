package restjson

import (
	"cmp"
	"strings"

	"github.com/gamesparks-go/gamesparks/internal/jsonscan"
)

// ErrorInfo returns the code and the message in the body of an error response. The code is the value of "code", or else
// of "__type". As in the official clients, names match case-insensitively, and an exact match takes precedence. If a
// member is missing or not a string, the code is empty or the message is nil. If the body is truncated, ErrorInfo uses
// the complete members.
func ErrorInfo(body []byte) (code string, message *string) {
	d, _ := decoders.Get().(*decoder)
	d.Reset(body)
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

// eachString calls fn for each member of an object whose value is a string.
func (d *decoder) eachString(fn func(name, value string)) error {
	if err := d.Open(jsonscan.KindObject); err != nil {
		return err
	}
	for {
		more, err := d.More('}')
		if err != nil || !more {
			return err
		}
		name, err := d.readName()
		if err != nil {
			return err
		}
		if d.NextKind() == jsonscan.KindText {
			var value string
			if value, err = d.readText(); err == nil {
				fn(name, value)
			}
		} else {
			_, err = d.Value()
		}
		if err != nil && !d.SkipMalformed() {
			return err
		}
	}
}

// SanitizeCode removes a namespace before the error code and a URL after it.
func SanitizeCode(code string) string {
	code, _, _ = strings.Cut(code, ":")
	return strings.TrimSpace(code[strings.LastIndexByte(code, '#')+1:])
}
