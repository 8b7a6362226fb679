package controlplane

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
)

// An exported configuration is a JSON file: {"Document":{"Type":"Game","Sections":{NAME:CONTENT, ...}}}.

const (
	documentType = "Game"

	// space contains the white space characters of JSON.
	space = " \t\r\n"
)

// export returns the content of an exported file with the sections, sorted by name.
func export(s records.Sections) []byte {
	var b bytes.Buffer
	b.WriteString(`{"Document":{"Type":"` + documentType + `","Sections":{`)
	for i, name := range slices.Sorted(maps.Keys(s)) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + name + `":`) // the model allows no names that need escaping
		b.Write(s[name])
	}
	b.WriteString("}}}")
	return b.Bytes()
}

// exportSize returns the size of the exported file in bytes.
func exportSize(l records.SectionList) int {
	return len(export(nil)) + l.Size + l.Count*len(`"":`) + max(l.Count-1, 0) // the commas
}

// parseExport returns the sections of an exported file. An error in the file includes its line and column, where the
// column counts characters. Unknown members of the two outer objects are ignored.
func parseExport(file []byte) (records.Sections, error) {
	p := exportParser{text: file, dec: json.NewDecoder(bytes.NewReader(file))}
	p.dec.UseNumber() // not all numbers fit a Go type
	found, err := p.file()
	var at *positionError
	if errors.As(err, &at) {
		line, column := position(file, at.offset)
		return nil, fmt.Errorf("line %d, column %d: %w", line, column, at.err)
	}
	return found, err
}

// positionError is an error at an offset of the file.
type positionError struct {
	offset int64
	err    error
}

func (e *positionError) Error() string { return e.err.Error() }

// position returns the line and column of an offset, both starting at 1.
func position(text []byte, offset int64) (line, column int) {
	before := text[:min(max(offset, 0), int64(len(text)))]
	line = bytes.Count(before, []byte("\n")) + 1
	return line, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

type exportParser struct {
	text []byte
	dec  *json.Decoder
}

func (p *exportParser) file() (records.Sections, error) {
	if err := checkText(p.text); err != nil {
		return nil, err
	}
	var found records.Sections
	start := p.start()
	err := p.object("the file", func(key string, _ int64) error {
		if key != "Document" {
			return p.skip()
		}
		var err error
		found, err = p.document()
		return err
	})
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, missing(start, "the file", "Document")
	}
	return found, nil
}

func (p *exportParser) document() (records.Sections, error) {
	var found records.Sections
	typed := false
	start := p.start()
	err := p.object("Document", func(key string, _ int64) error {
		switch key {
		case "Type":
			start := p.start()
			token, err := p.dec.Token()
			if err == nil && token != documentType {
				err = &positionError{start, fmt.Errorf("Document.Type must be %q", documentType)}
			}
			typed = true
			return err
		case "Sections":
			found = records.Sections{}
			return p.object("Document.Sections", func(name string, at int64) error { return p.section(found, name, at) })
		}
		return p.skip()
	})
	switch {
	case err != nil:
		return nil, err
	case !typed:
		return nil, missing(start, "Document", "Type")
	case found == nil:
		return nil, missing(start, "Document", "Sections")
	}
	return found, nil
}

// section reads the content of the section whose name is at offset at.
func (p *exportParser) section(found records.Sections, name string, at int64) error {
	if rule := checkConstraints(schemas.SectionName, name); rule != "" {
		return &positionError{at, fmt.Errorf("section name %q: %s", name, rule)}
	}
	start := p.start()
	var content json.RawMessage
	if err := p.dec.Decode(&content); err != nil {
		return err
	}
	if err := checkLevels(0, content); err != nil {
		return &positionError{start, err}
	}
	content, err := compact(content)
	found[name] = content
	return err
}

// object reads an object. For each key, it calls member with the key and its offset; member must read the value. A
// duplicate key is an error, because one of the values would be lost. Errors refer to the object as objectName.
func (p *exportParser) object(objectName string, member func(key string, at int64) error) error {
	start := p.start()
	token, err := p.dec.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return &positionError{start, fmt.Errorf("%s must be an object", objectName)}
	}
	seen := map[string]bool{}
	for p.dec.More() {
		start := p.start()
		token, err := p.dec.Token()
		if err != nil {
			return err
		}
		key, _ := token.(string) // the decoder accepts only strings as keys
		if seen[key] {
			return &positionError{start, fmt.Errorf("%s has a duplicate key %q", objectName, key)}
		}
		seen[key] = true
		if err := member(key, start); err != nil {
			return err
		}
	}
	_, err = p.dec.Token()
	return err
}

func (p *exportParser) skip() error {
	var value json.RawMessage
	return p.dec.Decode(&value)
}

// missing returns the error for an object at an offset that lacks a required member.
func missing(at int64, object, member string) error {
	return &positionError{at, fmt.Errorf("%s has no %s", object, member)}
}

// start returns the offset at which the next token begins.
func (p *exportParser) start() int64 { return skip(p.text, p.dec.InputOffset(), space+",:") }

// checkText returns the first syntax error in a JSON text, with its position. Syntax errors during later decoding would
// have unreliable positions, but cannot occur once checkText has succeeded.
func checkText(text []byte) error {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return &positionError{int64(i), errors.New("not valid UTF-8")}
		}
		i += size
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	var value json.RawMessage
	err := dec.Decode(&value)
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &positionError{int64(len(text)), errors.New("unexpected end of file")}
	case errors.As(err, &syntax):
		return &positionError{syntax.Offset - 1, fmt.Errorf("not valid JSON: %w", err)} // the offset is after the invalid character
	case err != nil:
		return err
	}
	if rest := skip(text, dec.InputOffset(), space); rest < int64(len(text)) {
		return &positionError{rest, errors.New("unexpected data after the end of the JSON value")}
	}
	return nil
}

// skip returns the first offset at or after offset whose character is not in chars.
func skip(text []byte, offset int64, chars string) int64 {
	return int64(len(text) - len(bytes.TrimLeft(text[offset:], chars)))
}
