package restjson

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// DecodeRequest decodes a request that a server received into an input of the operation. The type of the input is t.
// DecodeRequest is the inverse of EncodeRequest. The labels parameter contains the unescaped values of the labels in the
// operation's URI, in order. Unlike a response, a request must be valid UTF-8. As with Decode, the caller must not change
// body after the call.
func DecodeRequest(op *schemas.APIOperation, labels []string, query url.Values, body []byte, t serde.Type, input any) error {
	shape := serde.Shape{Schema: op.Input, Type: t, Value: input}
	if len(body) > 0 && op.HasBody() {
		if !utf8.Valid(body) {
			return errors.New("request body: not valid UTF-8")
		}
		d, _ := decoders.Get().(*decoder)
		d.request = true
		err := d.decode(body, &shape)
		d.release()
		if err != nil {
			return fmt.Errorf("request body: %w", err)
		}
	}
	// Members bound to the path or the query replace members of the same name in the body.
	return shape.Deserialize(newBoundReader(op, labels, query))
}

// boundReader implements serde.Reader for the members that are bound to labels and to the query: strings, integers and
// lists of strings.
type boundReader struct {
	members []*smithy.Schema
	values  [][]string // of the remaining members
	current []string   // remaining values of the current member
}

func newBoundReader(op *schemas.APIOperation, labels []string, query url.Values) *boundReader {
	r := &boundReader{}
	for i, name := range op.Path.Labels() {
		r.members, r.values = append(r.members, op.Input.Member(name)), append(r.values, labels[i:i+1])
	}
	for _, member := range op.Input.Members() {
		if q, ok := smithy.SchemaTrait[*traits.HTTPQuery](member); ok && query[q.Name] != nil {
			r.members, r.values = append(r.members, member), append(r.values, query[q.Name])
		}
	}
	return r
}

func (r *boundReader) Size() int { return 0 }

func (r *boundReader) ReadStruct(*smithy.Schema) error { return nil }

func (r *boundReader) ReadStructMember() (*smithy.Schema, error) {
	if len(r.members) == 0 {
		return nil, nil
	}
	member := r.members[0]
	r.current = r.values[0]
	r.members, r.values = r.members[1:], r.values[1:]
	return member, nil
}

func (r *boundReader) ReadList(*smithy.Schema) error { return nil }

func (r *boundReader) ReadListItem(*smithy.Schema) (bool, error) { return len(r.current) > 0, nil }

func (r *boundReader) ReadNil(*smithy.Schema) (bool, error) { return false, nil }

func (r *boundReader) ReadString(_ *smithy.Schema, v *string) error {
	*v, r.current = r.current[0], r.current[1:]
	if !utf8.ValidString(*v) {
		return errors.New("not valid UTF-8")
	}
	return nil
}

func (r *boundReader) ReadInt32(_ *smithy.Schema, v *int32) error {
	n, err := strconv.ParseInt(r.current[0], 10, 32)
	if err != nil {
		return fmt.Errorf("%.32q is not a 32-bit integer", r.current[0])
	}
	*v = int32(n)
	return nil
}

var errUnbound = errors.New("a value of this type cannot be bound to the path or the query")

func (r *boundReader) ReadMap(*smithy.Schema) error                    { return errUnbound }
func (r *boundReader) ReadMapKey(*smithy.Schema) (string, bool, error) { return "", false, errUnbound }
func (r *boundReader) ReadBool(*smithy.Schema, *bool) error            { return errUnbound }
func (r *boundReader) ReadTime(*smithy.Schema, *time.Time) error       { return errUnbound }
func (r *boundReader) ReadBlob(*smithy.Schema, *[]byte) error          { return errUnbound }
func (r *boundReader) ReadDocument() ([]byte, error)                   { return nil, errUnbound }
