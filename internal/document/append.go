package document

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	smithydocument "github.com/aws/smithy-go/document"
	documentjson "github.com/aws/smithy-go/document/json"
	smithyencoding "github.com/aws/smithy-go/encoding"
	"github.com/go-json-experiment/json/jsontext"
)

// Append appends the JSON encoding of a document to dst.
func Append(dst []byte, d Interface) ([]byte, error) {
	switch d := d.(type) {
	case *Raw:
		return append(dst, d.data...), nil
	case *Lazy:
		return appendValue(dst, d.value)
	}
	data, err := d.MarshalSmithyDocument()
	return append(dst, data...), err
}

// appendValue encodes the types that documents decode into, which make up most documents, by itself, and leaves all
// others to smithy-go's encoder. That gives the same encoding, at several times the price.
func appendValue(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case string:
		return appendString(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return dst, &smithydocument.InvalidMarshalError{Message: fmt.Sprintf("%v has no JSON encoding", v)}
		}
		return smithyencoding.EncodeFloat(dst, v, 64), nil
	case map[string]any:
		return appendMap(dst, v)
	case []any:
		return appendSlice(dst, v)
	case smithydocument.Marshaler:
		data, err := v.MarshalSmithyDocument()
		return append(dst, data...), err
	}
	data, err := documentjson.NewEncoder().Encode(v)
	return append(dst, data...), err
}

func appendString(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s) // the error only tells that bytes that are not UTF-8 became U+FFFD
	return dst
}

func appendMap(dst []byte, m map[string]any) (_ []byte, err error) {
	if m == nil {
		return append(dst, "null"...), nil
	}
	keys := make([]string, 0, 8) // on the stack for most objects
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	dst = append(dst, '{')
	for i, key := range keys {
		if key == "" {
			return dst, &smithydocument.InvalidMarshalError{Message: "map key cannot be empty"}
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, key), ':')
		if dst, err = appendValue(dst, m[key]); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func appendSlice(dst []byte, s []any) (_ []byte, err error) {
	if s == nil {
		return append(dst, "null"...), nil
	}
	dst = append(dst, '[')
	for i, v := range s {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendValue(dst, v); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}
