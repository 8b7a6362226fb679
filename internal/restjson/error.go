package restjson

import "strings"

// ErrorInfo returns the code and the message in the body of an error response, in all their spellings. What is missing,
// or is not a string, is empty or nil.
func ErrorInfo(body []byte) (code string, message *string, err error) {
	d, _ := decoders.Get().(*decoder)
	defer func() {
		d.reset(nil)
		decoders.Put(d)
	}()
	d.reset(body)
	var alternativeCode string
	var alternativeMessage *string
	if err := d.enter('{'); err != nil {
		return "", nil, err
	}
	for {
		more, err := d.more()
		if err != nil || !more {
			break
		}
		name, err := d.readText()
		if err != nil {
			return "", nil, err
		}
		value, k, err := d.read()
		if err != nil {
			return "", nil, err
		}
		if k != '"' {
			continue
		}
		s, err := d.text(value)
		if err != nil {
			return "", nil, err
		}
		switch name {
		case "code":
			code = s
		case "__type":
			alternativeCode = s
		case "message":
			message = &s
		case "Message":
			alternativeMessage = &s
		}
	}
	if code == "" {
		code = alternativeCode
	}
	if message == nil {
		message = alternativeMessage
	}
	return code, message, nil
}

// SanitizeCode strips the namespace before an error's code and the URL behind it.
func SanitizeCode(code string) string {
	code, _, _ = strings.Cut(code, ":")
	return strings.TrimSpace(code[strings.LastIndexByte(code, '#')+1:])
}
