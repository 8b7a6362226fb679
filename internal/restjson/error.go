package restjson

import (
	"strings"
)

// ErrorInfo returns the code and the message in the body of an error response, in all their spellings. What is missing,
// or is not a string, is empty or nil. Of a body that breaks off it returns what came before.
func ErrorInfo(body []byte) (code string, message *string) {
	d, _ := decoders.Get().(*decoder)
	d.reset(body)
	var alternativeCode string
	var alternativeMessage *string
	_ = d.eachString(func(name, value string) {
		switch name {
		case "code":
			code = value
		case "__type":
			alternativeCode = value
		case "message":
			message = &value
		case "Message":
			alternativeMessage = &value
		}
	})
	d.release()
	if code == "" {
		code = alternativeCode
	}
	if message == nil {
		message = alternativeMessage
	}
	return code, message
}

// eachString calls fn with each member of an object that is a string.
func (d *decoder) eachString(fn func(name, value string)) error {
	if err := d.open(object); err != nil {
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
		if kinds[d.next()] != text {
			if _, err := d.value(); err != nil {
				return err
			}
			continue
		}
		value, err := d.readText()
		if err != nil {
			return err
		}
		fn(name, value)
	}
}

// SanitizeCode strips the namespace before an error's code and the URL behind it.
func SanitizeCode(code string) string {
	code, _, _ = strings.Cut(code, ":")
	return strings.TrimSpace(code[strings.LastIndexByte(code, '#')+1:])
}
