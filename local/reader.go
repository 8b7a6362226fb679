package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	smithy "github.com/aws/smithy-go"
	smithydocument "github.com/aws/smithy-go/document"
	"github.com/aws/smithy-go/traits"

	"github.com/gamesparks-go/gamesparks/internal/document"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// inputReader reads the input of an operation from an HTTP request. It is the server's counterpart of smithy-go's
// serializer of requests, which has none of its own: its deserializer is for responses, knows neither labels nor
// query, and drops a document that is null, which is a value to add like any other. Documents come out as the text
// that came in, with the order of their keys and every digit of their numbers.
type inputReader struct {
	frames []frame
	next   wireValue
}

var _ smithy.ShapeDeserializer = (*inputReader)(nil)

// wireValue is a value that has not been read yet: JSON in the body, or text in path and query.
type wireValue struct {
	json json.RawMessage
	text []string
}

// frame is a structure, list or map that is being read.
type frame struct {
	schema *smithy.Schema // of a structure
	names  []string       // of a structure or map: keys of values that are still to come, in order
	values map[string]wireValue
	items  []wireValue // of a list: those that are still to come
}

// newInputReader returns the reader of an input. What it cannot make sense of is an error of the caller.
func newInputReader(op *schemas.APIOperation, names, labels []string, query url.Values, body []byte) (*inputReader, error) {
	values := map[string]wireValue{}
	var bodyMembers bool
	for name, member := range op.Input.Members() {
		if _, ok := smithy.SchemaTrait[*traits.HTTPLabel](member); ok {
			continue
		}
		q, ok := smithy.SchemaTrait[*traits.HTTPQuery](member)
		if !ok {
			bodyMembers = true
			continue
		}
		if text, ok := query[q.Name]; ok {
			values[name] = wireValue{text: text}
		}
	}
	for i, name := range names {
		values[name] = wireValue{text: labels[i : i+1]}
	}
	if bodyMembers && len(body) > 0 {
		if !utf8.Valid(body) {
			return nil, errors.New("request body is not valid UTF-8")
		}
		object, err := readObject(body)
		if err != nil {
			return nil, fmt.Errorf("request body: %w", err)
		}
		for name, value := range object {
			if _, bound := values[name]; !bound {
				values[name] = value
			}
		}
	}
	for name, value := range values {
		for _, text := range value.text {
			if !utf8.ValidString(text) {
				return nil, fmt.Errorf("%s: not valid UTF-8", name)
			}
		}
	}
	return &inputReader{frames: []frame{structFrame(op.Input, values)}}, nil
}

func structFrame(s *smithy.Schema, values map[string]wireValue) frame {
	return frame{schema: s, names: slices.Sorted(maps.Keys(values)), values: values}
}

func readObject(text []byte) (map[string]wireValue, error) {
	var object map[string]json.RawMessage
	if err := readJSON(text, '{', "an object", &object); err != nil {
		return nil, err
	}
	values := make(map[string]wireValue, len(object))
	for name, value := range object {
		values[name] = wireValue{json: value}
	}
	return values, nil
}

// readJSON decodes JSON that has to begin with the byte first.
func readJSON(text []byte, first byte, want string, v any) error {
	text = bytes.TrimLeft(text, space)
	if len(text) > 0 && text[0] != first && json.Valid(text) {
		return fmt.Errorf("expected %s, got %s", want, kind(text[0]))
	}
	err := json.Unmarshal(text, v)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("not valid JSON: %w (offset %d)", err, syntax.Offset)
	}
	return err
}

func kind(first byte) string {
	switch first {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

func (r *inputReader) top() *frame { return &r.frames[len(r.frames)-1] }
func (r *inputReader) pop()        { r.frames = r.frames[:len(r.frames)-1] }

// ReadStruct begins with the members of the input at first, and of nested structures later.
func (r *inputReader) ReadStruct(s *smithy.Schema) error {
	if s == r.top().schema && r.next.json == nil {
		return nil
	}
	values, err := readObject(r.next.json)
	if err != nil {
		return err
	}
	r.frames = append(r.frames, structFrame(s, values))
	return nil
}

// ReadStructMember passes over members that the model does not have, and null unless it is a document.
func (r *inputReader) ReadStructMember() (*smithy.Schema, error) {
	for f := r.top(); len(f.names) > 0; {
		name := f.names[0]
		f.names = f.names[1:]
		member := f.schema.Member(name)
		if member == nil {
			continue
		}
		r.next = f.values[name]
		if r.isNull() && member.Type() != smithy.ShapeTypeDocument {
			continue
		}
		return member, nil
	}
	r.pop()
	return nil, nil
}

func (r *inputReader) ReadList(*smithy.Schema) error {
	if r.next.text != nil {
		f := frame{}
		for i := range r.next.text {
			f.items = append(f.items, wireValue{text: r.next.text[i : i+1]})
		}
		r.frames = append(r.frames, f)
		return nil
	}
	var list []json.RawMessage
	if err := readJSON(r.next.json, '[', "a list", &list); err != nil {
		return err
	}
	f := frame{items: make([]wireValue, len(list))}
	for i := range list {
		f.items[i].json = list[i]
	}
	r.frames = append(r.frames, f)
	return nil
}

func (r *inputReader) ReadListItem(*smithy.Schema) (bool, error) {
	f := r.top()
	if len(f.items) == 0 {
		r.pop()
		return false, nil
	}
	r.next, f.items = f.items[0], f.items[1:]
	return true, nil
}

func (r *inputReader) ReadMap(*smithy.Schema) error {
	values, err := readObject(r.next.json)
	if err != nil {
		return err
	}
	r.frames = append(r.frames, structFrame(nil, values))
	return nil
}

func (r *inputReader) ReadMapKey(*smithy.Schema) (string, bool, error) {
	f := r.top()
	if len(f.names) == 0 {
		r.pop()
		return "", false, nil
	}
	key := f.names[0]
	r.next, f.names = f.values[key], f.names[1:]
	return key, true, nil
}

func (r *inputReader) isNull() bool { return len(r.next.json) > 0 && r.next.json[0] == 'n' }

func (r *inputReader) ReadNil(*smithy.Schema) (bool, error) { return r.isNull(), nil }

func (r *inputReader) ReadString(_ *smithy.Schema, v *string) error {
	if r.next.text != nil {
		*v = r.next.text[0]
		return nil
	}
	return readJSON(r.next.json, '"', "a string", v)
}

func (r *inputReader) ReadInt32(_ *smithy.Schema, v *int32) error {
	text := string(r.next.json)
	if r.next.text != nil {
		text = r.next.text[0]
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return fmt.Errorf("expected an integer of 32 bits, got %.32q", text)
	}
	*v = int32(n)
	return nil
}

func (r *inputReader) ReadBlob(_ *smithy.Schema, v *[]byte) error {
	err := readJSON(r.next.json, '"', "a string", v)
	if err != nil && json.Valid(r.next.json) {
		return fmt.Errorf("expected base64: %w", err)
	}
	return err
}

func (r *inputReader) ReadDocument(_ *smithy.Schema, v *smithydocument.Value) error {
	*v = smithydocument.Opaque{Value: document.NewRaw(r.next.json)}
	return nil
}

// The inputs of the API have no members of the types below.

func (r *inputReader) absent(s *smithy.Schema) error {
	return fmt.Errorf("no input of the API has a member like %v", s.ID())
}

func (r *inputReader) ReadInt8(s *smithy.Schema, _ *int8) error          { return r.absent(s) }
func (r *inputReader) ReadInt16(s *smithy.Schema, _ *int16) error        { return r.absent(s) }
func (r *inputReader) ReadInt64(s *smithy.Schema, _ *int64) error        { return r.absent(s) }
func (r *inputReader) ReadFloat32(s *smithy.Schema, _ *float32) error    { return r.absent(s) }
func (r *inputReader) ReadFloat64(s *smithy.Schema, _ *float64) error    { return r.absent(s) }
func (r *inputReader) ReadBool(s *smithy.Schema, _ *bool) error          { return r.absent(s) }
func (r *inputReader) ReadTime(s *smithy.Schema, _ *time.Time) error     { return r.absent(s) }
func (r *inputReader) ReadBigInt(s *smithy.Schema, _ *big.Int) error     { return r.absent(s) }
func (r *inputReader) ReadBigFloat(s *smithy.Schema, _ *big.Float) error { return r.absent(s) }
func (r *inputReader) ReadUnion(s *smithy.Schema) (*smithy.Schema, error) {
	return nil, r.absent(s)
}
