// Package restjson implements the restJson1 protocol for the shapes of this API: JSON bodies, path labels and query
// parameters. It encodes to memory and decodes from memory, but sends no requests.
//
// It replaces the restjson package of smithy-go, which decodes documents eagerly and copies bodies. This API needs only a
// small part of that package. Package jsonscan reads bodies; jsontext quotes and unquotes strings.
package restjson

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	smithy "github.com/aws/smithy-go"
	smithytime "github.com/aws/smithy-go/time"
	"github.com/aws/smithy-go/traits"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gamesparks-go/gamesparks/document"
	internaldocument "github.com/gamesparks-go/gamesparks/internal/document"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// Request is an encoded input.
type Request struct {
	// Path is the unescaped path of the URL, and RawPath is the escaped path.
	Path, RawPath string
	// Query is the escaped query of the URL.
	Query string
	// Body is the JSON body, or nil if the operation has none.
	Body []byte
}

// EncodeRequest encodes the input of an operation. The type of the input is t.
func EncodeRequest(op *schemas.APIOperation, t serde.Type, input any) (Request, error) {
	e, _ := encoders.Get().(*encoder)
	e.bound, e.noBody = true, !op.HasBody()
	e.labels = e.space[:0]
	shape := serde.Shape{Schema: op.Input, Type: t, Value: input}
	err := shape.Serialize(e)
	var r Request
	if err == nil {
		r.Query, r.Body = string(e.query), e.body
		r.RawPath, err = fillPath(op.Path, e.labels)
	}
	*e = encoder{}
	encoders.Put(e)
	if err != nil {
		return Request{}, err
	}
	r.Path = r.RawPath
	if strings.Contains(r.RawPath, "%") {
		if r.Path, err = url.PathUnescape(r.RawPath); err != nil {
			return Request{}, err
		}
	}
	return r, nil
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// EncodeBodyInto encodes a structure whose members are all bound to the body. It uses the memory of buffer, whose content it
// overwrites, if the encoding fits.
func EncodeBodyInto(buffer []byte, shape *serde.Shape) ([]byte, error) {
	e := encoder{body: buffer[:0]}
	if err := shape.Serialize(&e); err != nil {
		return nil, err
	}
	return e.body, nil
}

// fillPath returns the escaped path with the values of the labels inserted into the template.
func fillPath(template schemas.PathTemplate, labels []label) (string, error) {
	var space [128]byte
	b := space[:0]
	for i, part := range template {
		if i%2 == 0 {
			b = append(b, part...)
			continue
		}
		n := slices.IndexFunc(labels, func(l label) bool { return l.name == part })
		if n < 0 || labels[n].value == "" {
			return "", fmt.Errorf("input member %s must not be empty", part)
		}
		b = appendEscaped(b, labels[n].value)
	}
	return string(b), nil
}

type label struct{ name, value string }

// encoder implements serde.Writer.
type encoder struct {
	// bound reports whether labels and query parameters are omitted from the body. noBody reports whether the input has
	// no other members.
	bound  bool
	noBody bool
	labels []label
	space  [4]label // backing array of labels; no operation has more
	query  []byte
	body   []byte

	depth int
	// inObject reports, for each depth, whether values are members of an object and need names.
	inObject [maxDepth + 1]bool
	// afterKey reports whether the key of a map entry has been written, but not yet its value.
	afterKey bool
	// queryList is the query parameter of the list that is being written, or "".
	queryList string
}

// maxDepth exceeds the depth of the API's structures. Documents are encoded separately.
const maxDepth = 16

// begin writes the separator before a value and, inside an object, the member's name.
func (e *encoder) begin(s *smithy.Schema) {
	if e.afterKey {
		e.afterKey = false
		return
	}
	if n := len(e.body); n > 0 {
		if last := e.body[n-1]; last != '{' && last != '[' {
			e.body = append(e.body, ',')
		}
	}
	if e.depth > 0 && e.inObject[e.depth] {
		e.body = append(e.body, '"')
		e.body = append(e.body, s.MemberName()...) // names in the model need no escaping
		e.body = append(e.body, '"', ':')
	}
}

func (e *encoder) open(s *smithy.Schema, bracket byte) {
	e.begin(s)
	e.body = append(e.body, bracket)
	e.depth++
	e.inObject[e.depth] = bracket == '{'
}

func (e *encoder) close(bracket byte) {
	e.body = append(e.body, bracket)
	e.depth--
}

// bind stores the value if a trait binds the member to the path or the query, and reports whether it did.
func (e *encoder) bind(s *smithy.Schema, value string) bool {
	if !e.bound {
		return false
	}
	if e.queryList != "" {
		e.addQuery(e.queryList, value)
		return true
	}
	if _, ok := smithy.SchemaTrait[*traits.HTTPLabel](s); ok {
		e.labels = append(e.labels, label{s.MemberName(), value})
		return true
	}
	if q, ok := smithy.SchemaTrait[*traits.HTTPQuery](s); ok {
		e.addQuery(q.Name, value)
		return true
	}
	return false
}

func (e *encoder) addQuery(name, value string) {
	if len(e.query) > 0 {
		e.query = append(e.query, '&')
	}
	e.query = appendEscaped(e.query, name)
	e.query = append(e.query, '=')
	e.query = appendEscaped(e.query, value)
}

func (e *encoder) WriteStruct(s *smithy.Schema) {
	if e.depth == 0 && e.noBody {
		e.depth++ // all members are bound elsewhere, so there is no body
		return
	}
	e.open(s, '{')
}

func (e *encoder) CloseStruct() {
	if e.depth == 1 && e.body == nil {
		e.depth--
		return
	}
	e.close('}')
}

func (e *encoder) WriteList(s *smithy.Schema) {
	if e.bound {
		if q, ok := smithy.SchemaTrait[*traits.HTTPQuery](s); ok {
			e.queryList = q.Name
			return
		}
	}
	e.open(s, '[')
}

func (e *encoder) CloseList() {
	if e.queryList != "" {
		e.queryList = ""
		return
	}
	e.close(']')
}

func (e *encoder) WriteMap(s *smithy.Schema) {
	e.open(s, '{')
	e.inObject[e.depth] = false
}

func (e *encoder) WriteKey(s *smithy.Schema, key string) {
	e.begin(s)
	e.quote(key)
	e.body = append(e.body, ':')
	e.afterKey = true
}

func (e *encoder) CloseMap() { e.close('}') }

func (e *encoder) WriteString(s *smithy.Schema, v string) {
	if !e.bind(s, v) {
		e.begin(s)
		e.quote(v)
	}
}

// quote appends a JSON string. Invalid UTF-8 becomes U+FFFD.
func (e *encoder) quote(v string) {
	e.body, _ = jsontext.AppendQuote(e.body, v) // the error only reports invalid UTF-8
}

func (e *encoder) WriteInt32(s *smithy.Schema, v int32) {
	if !e.bind(s, strconv.Itoa(int(v))) {
		e.begin(s)
		e.body = strconv.AppendInt(e.body, int64(v), 10)
	}
}

func (e *encoder) WriteBool(s *smithy.Schema, v bool) {
	e.begin(s)
	e.body = strconv.AppendBool(e.body, v)
}

func (e *encoder) WriteTime(s *smithy.Schema, v time.Time) {
	e.begin(s)
	e.quote(smithytime.FormatDateTime(v))
}

func (e *encoder) WriteBlob(s *smithy.Schema, v []byte) {
	e.begin(s)
	e.body = slices.Grow(e.body, base64.StdEncoding.EncodedLen(len(v))+8) // 8 bytes for the end of the body
	e.body = append(e.body, '"')
	e.body = appendBase64(e.body, v)
	e.body = append(e.body, '"')
}

func (e *encoder) WriteDocument(s *smithy.Schema, d document.Interface) (err error) {
	e.begin(s)
	e.body, err = internaldocument.Append(e.body, d)
	return err
}

// appendEscaped percent-encodes all bytes except the unreserved characters of RFC 3986.
func appendEscaped(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~' {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}
