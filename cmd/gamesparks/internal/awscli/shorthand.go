package awscli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	smithy "github.com/aws/smithy-go"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// parseShorthand parses the shorthand syntax KEY=VALUE,KEY=VALUE of a structure or map. A value may be in single or double
// quotes; outside of quotes, \, is a comma. KEY@=NAME reads the value from a file. Nested values are not supported: the
// structures and maps of this API have none.
func parseShorthand(s *smithy.Schema, text string) (jsontext.Value, error) {
	p := &shorthandParser{text: text}
	values := map[string]jsontext.Value{}
	for {
		key, value, fromFile, err := p.next()
		if err != nil {
			return nil, err
		}
		if _, duplicate := values[key]; duplicate {
			return nil, fmt.Errorf("second instance of key %q in %s", key, text)
		}
		member := s.MapValue()
		if s.Type() == smithy.ShapeTypeStructure {
			if member = s.Member(key); member == nil {
				return nil, fmt.Errorf("unknown key %q, valid choices are: %s", key, strings.Join(slices.Sorted(maps.Keys(s.Members())), ", "))
			}
		}
		if member.Type() == smithy.ShapeTypeDocument {
			return nil, fmt.Errorf("shorthand syntax does not support documents: write the whole parameter as JSON to set %s", key)
		}
		if fromFile {
			text, loaded, err := Load(value)
			if err != nil || !loaded {
				return nil, errors.Join(err, fmt.Errorf("%s@= requires the name of a file with the prefix file:// or fileb://", key))
			}
			if member.Type() != smithy.ShapeTypeBlob { // the prefix of a blob's file determines its encoding
				value = text
			}
		}
		if values[key], err = parseValue(member, value); err != nil {
			return nil, err
		}
		if p.rest() == "" {
			return json.Marshal(values, json.Deterministic(true))
		}
		p.position++ // the comma
		p.skipSpace()
	}
}

// shorthandParser reads the pairs of a text in the shorthand syntax.
type shorthandParser struct {
	text     string
	position int
}

func (p *shorthandParser) rest() string { return p.text[p.position:] }

func (p *shorthandParser) skipSpace() {
	p.position += len(p.rest()) - len(strings.TrimLeft(p.rest(), " \t\r\n"))
}

// next reads a pair up to the comma after it or the end of the text. It reports whether the pair has the form KEY@=NAME.
func (p *shorthandParser) next() (key, value string, fromFile bool, err error) {
	const keyCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.#/:"
	key = p.rest()
	if end := strings.IndexFunc(key, func(r rune) bool { return !strings.ContainsRune(keyCharacters, r) }); end >= 0 {
		key = key[:end]
	}
	p.position += len(key)
	p.skipSpace()
	fromFile = strings.HasPrefix(p.rest(), "@=")
	if fromFile {
		p.position++
	}
	if !strings.HasPrefix(p.rest(), "=") {
		return "", "", false, p.unexpected("'='")
	}
	p.position++
	p.skipSpace()
	if value, err = p.value(); err != nil {
		return "", "", false, err
	}
	p.skipSpace()
	if p.rest() != "" && p.rest()[0] != ',' {
		return "", "", false, p.unexpected("','")
	}
	return key, value, fromFile, nil
}

// value reads a quoted value, or a value up to a comma.
func (p *shorthandParser) value() (string, error) {
	text := p.rest()
	quote := byte(0)
	if text != "" && (text[0] == '\'' || text[0] == '"') {
		quote = text[0]
		text = text[1:]
	}
	var value strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote == 0 && c == ',':
			p.position += i
			return strings.TrimRight(value.String(), " \t\r\n"), nil
		case quote != 0 && c == quote:
			p.position += i + 2
			return value.String(), nil
		case c == '\\' && i+1 < len(text) && (quote == 0 && text[i+1] == ',' || quote != 0 && (text[i+1] == quote || text[i+1] == '\\')):
			i++
			c = text[i]
		}
		value.WriteByte(c)
	}
	if quote != 0 {
		return "", fmt.Errorf("the quote %c is not closed in %s", quote, p.text)
	}
	p.position = len(p.text)
	return strings.TrimRight(value.String(), " \t\r\n"), nil
}

func (p *shorthandParser) unexpected(want string) error {
	found := "the end"
	if p.rest() != "" {
		found = fmt.Sprintf("%q", p.rest()[:1])
	}
	return fmt.Errorf("expected %s, found %s in the shorthand syntax KEY=VALUE,KEY=VALUE, in which a comma in a value is written \\,:\n%s\n%s^", want, found, p.text, strings.Repeat(" ", p.position))
}
