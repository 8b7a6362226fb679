package restjson

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"unicode/utf8"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// DecodeRequest decodes the input of the operation, for a server: it is the reverse of EncodeRequest. Labels has the
// value of each label of the operation's URI, unescaped, in the order of op.Labels. Unlike a response, a request has to be
// valid UTF-8. As with Decode, body must not change any more.
func DecodeRequest(op *schemas.APIOperation, labels []string, query url.Values, body []byte, input serde.Structure) error {
	shape := serde.Shape{Schema: op.Input, Value: input}
	if len(body) > 0 && layoutOf(op).hasBody {
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
	// What the body says about members that are bound elsewhere is replaced now.
	return shape.Deserialize(newBoundReader(op, labels, query))
}

// boundReader reads the members that are bound to labels and to the query. Its decoder has nothing to read: it only
// stands for the types that such members do not have.
type boundReader struct {
	decoder
	members []*smithy.Schema
	values  [][]string // of the members that are still to come
	current []string   // what is left of the member being read
}

func newBoundReader(op *schemas.APIOperation, labels []string, query url.Values) *boundReader {
	r := &boundReader{}
	for t := layoutOf(op).template; len(t) > 1; t, labels = t[2:], labels[1:] {
		r.members, r.values = append(r.members, op.Input.Member(t[1])), append(r.values, labels[:1])
	}
	for _, member := range op.Input.Members() {
		if q, ok := smithy.SchemaTrait[*traits.HTTPQuery](member); ok && query[q.Name] != nil {
			r.members, r.values = append(r.members, member), append(r.values, query[q.Name])
		}
	}
	return r
}

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
