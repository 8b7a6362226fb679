package restjson

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"
	"unsafe"

	smithy "github.com/aws/smithy-go"
	smithydocument "github.com/aws/smithy-go/document"
	smithytime "github.com/aws/smithy-go/time"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// Decode decodes a JSON body. No body at all counts as an empty object. The strings and documents that it stores are
// parts of body, which must not change any more.
func Decode(body []byte, value *serde.Shape) error {
	if len(body) == 0 {
		return nil
	}
	d, _ := decoders.Get().(*decoder)
	err := d.decode(body, value)
	d.reset(nil)
	decoders.Put(d)
	return err
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decoder implements smithy.ShapeDeserializer.
type decoder struct {
	body   []byte
	buffer bytes.Buffer
	tokens jsontext.Decoder
	open   []*smithy.Schema // the structures being read

	// request tells that a client has written the body: a document may be null, which in a response is the same as none,
	// and text has to be UTF-8, which in a response is mended.
	request bool
}

func (d *decoder) decode(body []byte, value *serde.Shape) error {
	d.reset(body)
	if err := value.Deserialize(d); err != nil {
		return err
	}
	return d.end()
}

func (d *decoder) reset(body []byte) {
	d.body = body
	d.buffer = *bytes.NewBuffer(body)
	d.open = d.open[:0]
	// What the standard library and other SDKs let pass is no reason to fail.
	d.tokens.Reset(&d.buffer, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func (d *decoder) end() error {
	switch _, err := d.tokens.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errors.New("data after the JSON value")
}

// kind names the kinds of JSON values.
func kind(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "boolean"
	case '"':
		return "string"
	case '0':
		return "number"
	case '{':
		return "object"
	case '[':
		return "array"
	}
	return "nothing"
}

// read returns the next value, as a part of the body, and its kind.
func (d *decoder) read() ([]byte, jsontext.Kind, error) {
	value, err := d.tokens.ReadValue()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, 0, err
	}
	end := int(d.tokens.InputOffset())
	return d.body[end-len(value) : end : end], value.Kind(), nil
}

// readKind returns the next value, which has to be of that kind.
func (d *decoder) readKind(want jsontext.Kind) ([]byte, error) {
	value, k, err := d.read()
	if err == nil && k != want {
		err = fmt.Errorf("expected %s, got %s", kind(want), kind(k))
	}
	return value, err
}

// enter reads the bracket that begins an object or array.
func (d *decoder) enter(bracket jsontext.Kind) error {
	token, err := d.tokens.ReadToken()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	if token.Kind() != bracket {
		return fmt.Errorf("expected %s, got %s", kind(bracket), kind(token.Kind()))
	}
	return nil
}

// peek returns the first byte of the next token, 0 at the end of the body. It looks at the body itself, which is a
// fraction of the price of asking the tokenizer; whether the token is where it may be is checked when it is read.
func (d *decoder) peek() byte {
	for _, c := range d.body[d.tokens.InputOffset():] {
		switch c {
		case ' ', '\t', '\r', '\n', ',', ':':
		default:
			return c
		}
	}
	return 0
}

// more reports whether the object or array goes on. If not, its closing bracket is read.
func (d *decoder) more() (bool, error) {
	if c := d.peek(); c != '}' && c != ']' {
		return true, nil
	}
	_, err := d.tokens.ReadToken()
	return false, err
}

// text returns the string that a JSON string stands for. It shares the body's memory where it can.
func (d *decoder) text(quoted []byte) (string, error) {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return unsafe.String(unsafe.SliceData(inner), len(inner)), nil
	}
	unquoted, err := jsontext.AppendUnquote(nil, quoted)
	if !d.request {
		err = nil // the tokenizer has checked all but that the text is UTF-8, and what is not has become U+FFFD
	}
	return string(unquoted), err
}

func (d *decoder) readText() (string, error) {
	quoted, err := d.readKind('"')
	if err != nil {
		return "", err
	}
	return d.text(quoted)
}

func (d *decoder) ReadNil(*smithy.Schema) (bool, error) {
	if d.peek() != 'n' {
		return false, nil
	}
	_, err := d.tokens.ReadToken()
	return true, err
}

func (d *decoder) ReadStruct(s *smithy.Schema) error {
	if null, err := d.ReadNil(s); null || err != nil {
		d.open = append(d.open, nil) // without members
		return err
	}
	d.open = append(d.open, s)
	return d.enter('{')
}

// ReadStructMember passes over members that the schema does not have, and over nulls that are no values.
func (d *decoder) ReadStructMember() (*smithy.Schema, error) {
	s := d.open[len(d.open)-1]
	for s != nil {
		more, err := d.more()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		name, err := d.readText()
		if err != nil {
			return nil, err
		}
		member := s.Members()[name]
		if member == nil {
			if err := d.tokens.SkipValue(); err != nil {
				return nil, err
			}
			continue
		}
		if d.request && member.Type() == smithy.ShapeTypeDocument {
			return member, nil
		}
		if null, err := d.ReadNil(member); err != nil {
			return nil, err
		} else if !null {
			return member, nil
		}
	}
	d.open = d.open[:len(d.open)-1]
	return nil, nil
}

func (d *decoder) ReadList(*smithy.Schema) error { return d.enter('[') }

func (d *decoder) ReadListItem(*smithy.Schema) (bool, error) { return d.more() }

func (d *decoder) ReadMap(*smithy.Schema) error { return d.enter('{') }

func (d *decoder) ReadMapKey(*smithy.Schema) (string, bool, error) {
	more, err := d.more()
	if err != nil || !more {
		return "", false, err
	}
	key, err := d.readText()
	return key, true, err
}

func (d *decoder) ReadString(_ *smithy.Schema, v *string) (err error) {
	*v, err = d.readText()
	return err
}

func (d *decoder) ReadInt32(_ *smithy.Schema, v *int32) error {
	number, err := d.readKind('0')
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(number), 10, 32)
	if err != nil {
		return fmt.Errorf("%.40s is not a 32-bit integer", number)
	}
	*v = int32(n)
	return nil
}

func (d *decoder) ReadBool(_ *smithy.Schema, v *bool) error {
	value, k, err := d.read()
	if err == nil && k != 't' && k != 'f' {
		err = fmt.Errorf("expected boolean, got %s", kind(k))
	}
	*v = string(value) == "true"
	return err
}

// ReadTime reads a date and time of RFC 3339. All timestamps of the API have that format.
func (d *decoder) ReadTime(_ *smithy.Schema, v *time.Time) error {
	value, err := d.readText()
	if err != nil {
		return err
	}
	if *v, err = smithytime.ParseDateTime(value); err != nil {
		return fmt.Errorf("%.40q is not a date and time of RFC 3339", value)
	}
	return nil
}

func (d *decoder) ReadBlob(_ *smithy.Schema, v *[]byte) error {
	value, err := d.readText()
	if err != nil {
		return err
	}
	*v, err = base64.StdEncoding.DecodeString(value)
	return err
}

// ReadRawDocument returns a document in its JSON encoding.
func (d *decoder) ReadRawDocument() ([]byte, error) {
	value, _, err := d.read()
	return value, err
}

// The API has no shapes of the types below.

var errType = errors.New("the API has no shape of this type")

func (d *decoder) ReadInt8(*smithy.Schema, *int8) error             { return errType }
func (d *decoder) ReadInt16(*smithy.Schema, *int16) error           { return errType }
func (d *decoder) ReadInt64(*smithy.Schema, *int64) error           { return errType }
func (d *decoder) ReadFloat32(*smithy.Schema, *float32) error       { return errType }
func (d *decoder) ReadFloat64(*smithy.Schema, *float64) error       { return errType }
func (d *decoder) ReadBigInt(*smithy.Schema, *big.Int) error        { return errType }
func (d *decoder) ReadBigFloat(*smithy.Schema, *big.Float) error    { return errType }
func (d *decoder) ReadUnion(*smithy.Schema) (*smithy.Schema, error) { return nil, errType }

// ReadDocument is not called: documents are read by ReadRawDocument.
func (d *decoder) ReadDocument(*smithy.Schema, *smithydocument.Value) error { return errType }
