package restjson

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	smithy "github.com/aws/smithy-go"
	smithytime "github.com/aws/smithy-go/time"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gamesparks-go/gamesparks/internal/jsonscan"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// Decode decodes a JSON body. It treats an empty body as an empty object. The decoded strings and documents share the
// memory of body, so the caller must not change body after the call.
func Decode(body []byte, value *serde.Shape) error {
	if len(body) == 0 {
		return nil
	}
	d, _ := decoders.Get().(*decoder)
	err := d.decode(body, value)
	d.release()
	return err
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decoder implements serde.Reader.
type decoder struct {
	jsonscan.Scanner

	structures []*smithy.Schema // the structures being read

	// known caches members by a hash of their names: length, first and last byte. Responses repeat the same members, and
	// looking them up in a map takes several times as long. Members with the same hash evict each other.
	known [64]knownMember

	// request is true for the body of a request. It must be UTF-8, base64 must be canonical, and only members of structures
	// can be null. In a response, bytes that are not UTF-8 become U+FFFD, and nulls in lists and maps are skipped.
	request bool
}

type knownMember struct{ structure, member *smithy.Schema }

func (d *decoder) decode(body []byte, value *serde.Shape) error {
	d.Reset(body)
	null, err := d.ReadNil(value.Schema)
	if err == nil && !null {
		err = value.Deserialize(d)
	}
	if err != nil {
		return err
	}
	return d.End()
}

func (d *decoder) release() {
	d.Reset(nil)
	d.structures = d.structures[:0]
	d.request = false
	decoders.Put(d)
}

// readKind returns the next value, which must be of the given kind.
func (d *decoder) readKind(want jsonscan.Kind) ([]byte, error) {
	if err := d.Expect(want); err != nil {
		return nil, err
	}
	return d.Value()
}

// text returns the value of a JSON string. It shares the body's memory unless the string has escapes or
// the body contains invalid UTF-8.
func (d *decoder) text(quoted []byte, escaped bool) (string, error) {
	if escaped || !d.ValidUTF8() {
		return d.unquote(quoted)
	}
	return unsafe.String(&quoted[1], len(quoted)-2), nil
}

func (d *decoder) unquote(quoted []byte) (string, error) {
	unquoted, err := jsontext.AppendUnquote(nil, quoted)
	if !d.request {
		err = nil // the scanner accepted the string, so the error only reports invalid UTF-8, which is now U+FFFD
	}
	return string(unquoted), err
}

func (d *decoder) readText() (string, error) {
	quoted, escaped, err := d.Text()
	if err != nil {
		return "", err
	}
	return d.text(quoted, escaped)
}

func (d *decoder) readName() (string, error) {
	quoted, escaped, err := d.Name()
	if err != nil {
		return "", err
	}
	return d.text(quoted, escaped)
}

func (d *decoder) ReadNil(*smithy.Schema) (bool, error) {
	null, err := d.readNull()
	if null && err == nil && d.request {
		err = errNull
	}
	return null, err
}

var errNull = errors.New("the value must not be null")

func (d *decoder) readNull() (bool, error) {
	if d.NextKind() != jsonscan.KindNull {
		return false, nil
	}
	_, err := d.Value()
	return true, err
}

func (d *decoder) ReadStruct(s *smithy.Schema) error {
	d.structures = append(d.structures, s)
	return d.Open(jsonscan.KindObject)
}

func (d *decoder) ReadStructMember() (*smithy.Schema, error) {
	s := d.structures[len(d.structures)-1]
	for {
		more, err := d.More('}')
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		name, err := d.readName()
		if err != nil {
			return nil, err
		}
		member := d.member(s, name)
		if member == nil {
			if _, err := d.Value(); err != nil {
				return nil, err
			}
			continue
		}
		if member.Type() == smithy.ShapeTypeDocument { // null is a document
			return member, nil
		}
		if null, err := d.readNull(); err != nil || !null {
			return member, err
		}
	}
	d.structures = d.structures[:len(d.structures)-1]
	return nil, nil
}

// member returns the structure's member with the given name, or nil.
func (d *decoder) member(s *smithy.Schema, name string) *smithy.Schema {
	if name == "" {
		return nil
	}
	known := &d.known[(len(name)<<4^int(name[0])^int(name[len(name)-1]))%len(d.known)]
	if known.structure == s && known.member.MemberName() == name {
		return known.member
	}
	member := s.Members()[name]
	if member != nil {
		*known = knownMember{s, member}
	}
	return member
}

func (d *decoder) ReadList(*smithy.Schema) error { return d.Open(jsonscan.KindArray) }

func (d *decoder) ReadListItem(*smithy.Schema) (bool, error) { return d.More(']') }

func (d *decoder) ReadMap(*smithy.Schema) error { return d.Open(jsonscan.KindObject) }

func (d *decoder) ReadMapKey(*smithy.Schema) (string, bool, error) {
	more, err := d.More('}')
	if err != nil || !more {
		return "", false, err
	}
	key, err := d.readName()
	return key, true, err
}

func (d *decoder) ReadString(_ *smithy.Schema, v *string) (err error) {
	*v, err = d.readText()
	return err
}

func (d *decoder) ReadInt32(_ *smithy.Schema, v *int32) error {
	digits, err := d.readKind(jsonscan.KindNumber)
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(string(digits), 10, 32)
	if err != nil {
		return fmt.Errorf("%.40s is not a 32-bit integer", digits)
	}
	*v = int32(n)
	return nil
}

func (d *decoder) ReadBool(_ *smithy.Schema, v *bool) error {
	value, err := d.readKind(jsonscan.KindBoolean)
	*v = string(value) == "true"
	return err
}

// ReadTime reads an RFC 3339 timestamp, the format of all timestamps of the API.
func (d *decoder) ReadTime(_ *smithy.Schema, v *time.Time) error {
	value, err := d.readText()
	if err != nil {
		return err
	}
	// Go has a fast parser for this layout. Other AWS clients accept more formats, so fall back to their parser.
	if *v, err = time.Parse(time.RFC3339Nano, value); err == nil {
		return nil
	}
	if *v, err = smithytime.ParseDateTime(value); err != nil {
		return fmt.Errorf("%.40q is not an RFC 3339 timestamp", value)
	}
	return nil
}

func (d *decoder) ReadBlob(_ *smithy.Schema, v *[]byte) error {
	value, err := d.readText()
	if err != nil {
		return err
	}
	if !d.request {
		*v, err = base64.StdEncoding.DecodeString(value)
		return err
	}
	*v, err = base64.StdEncoding.Strict().DecodeString(value)
	if err != nil || strings.ContainsAny(value, "\r\n") { // which package base64 ignores
		return errors.New("the value must be base64 with padding, in its canonical form, without line breaks")
	}
	return nil
}

func (d *decoder) ReadDocument() ([]byte, error) { return d.Value() }
