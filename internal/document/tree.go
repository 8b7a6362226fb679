package document

import (
	"bytes"
	"errors"
	"io"
	"sync"

	smithydocument "github.com/aws/smithy-go/document"
	"github.com/go-json-experiment/json/jsontext"
)

// parse calls read for a JSON text. It returns an error unless the text consists of exactly one value.
func parse(data []byte, read func(*parser) error) error {
	p, _ := parsers.Get().(*parser)
	p.reset(data)
	err := read(p)
	if err == nil {
		if _, end := p.tokens.ReadToken(); !errors.Is(end, io.EOF) {
			err = errors.New("document is not JSON: unexpected data after the value")
		}
	}
	p.reset(nil)
	parsers.Put(p)
	return err
}

var parsers = sync.Pool{New: func() any { return &parser{tokens: new(jsontext.Decoder)} }}

type parser struct {
	buffer bytes.Buffer
	tokens *jsontext.Decoder
}

func (p *parser) reset(data []byte) {
	p.buffer = *bytes.NewBuffer(data)
	p.tokens.Reset(&p.buffer, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// value returns the next value as nil, bool, string, smithydocument.Number, []any or map[string]any.
func (p *parser) value() (any, error) {
	token, err := p.tokens.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return token.Bool(), nil
	case '"':
		return token.String(), nil
	case '0':
		return smithydocument.Number(token.String()), nil
	case '[':
		list := []any{}
		for p.tokens.PeekKind() != ']' {
			item, err := p.value()
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err = p.tokens.ReadToken()
		return list, err
	}
	object := map[string]any{}
	for p.tokens.PeekKind() != '}' {
		name, err := p.tokens.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		if object[key], err = p.value(); err != nil {
			return nil, err
		}
	}
	_, err = p.tokens.ReadToken()
	return object, err
}
