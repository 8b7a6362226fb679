package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// parse returns what a JSON text stands for: nil, bool, json.Number, string, []any or map[string]any. These are the
// types that smithy-go's document decoder takes.
func parse(data []byte) (any, error) {
	p, _ := parsers.Get().(*parser)
	p.reset(data)
	tree, err := p.value()
	if err == nil {
		if _, end := p.tokens.ReadToken(); !errors.Is(end, io.EOF) {
			err = errors.New("there is data after the value")
		}
	}
	p.reset(nil)
	parsers.Put(p)
	if err != nil {
		return nil, fmt.Errorf("document is not JSON: %w", err)
	}
	return tree, nil
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
		return json.Number(token.String()), nil
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
