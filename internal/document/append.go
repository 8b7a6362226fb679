package document

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
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
		dst, err := appendValue(dst, d.value, 0)
		if err != nil {
			return dst, fmt.Errorf("document cannot be encoded: %w", err)
		}
		return dst, nil
	}
	data, err := d.MarshalSmithyDocument()
	return append(dst, data...), err
}

// appendValue encodes the types that documents decode into, which make up most documents, by itself, and leaves all
// others to smithy-go's encoder. That gives the same encoding, at several times the price.
func appendValue(dst []byte, v any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errTooDeep
	}
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
			return dst, fmt.Errorf("the number %v has no JSON form", v)
		}
		return smithyencoding.EncodeFloat(dst, v, 64), nil
	case json.Number:
		return appendRaw(dst, []byte(v))
	case json.RawMessage:
		return appendRaw(dst, v)
	case map[string]any:
		return appendMap(dst, v, depth)
	case []any:
		return appendSlice(dst, v, depth)
	case *Lazy:
		return appendValue(dst, v.value, depth+1) // which ends where a document holds itself
	case smithydocument.Marshaler:
		data, err := v.MarshalSmithyDocument()
		return append(dst, data...), err
	}
	return appendEncoded(dst, v, depth)
}

// appendEncoded leaves a value to smithy-go's encoder, after a look at what that would spoil.
func appendEncoded(dst []byte, v any, depth int) ([]byte, error) {
	if err := check(reflect.ValueOf(v), depth); err != nil {
		return dst, err
	}
	data, err := documentjson.NewEncoder().Encode(v)
	if err == nil && !jsontext.Value(data).IsValid() { // an infinite *big.Float
		err = fmt.Errorf("%.40q is not JSON", data)
	}
	return append(dst, data...), err
}

// appendRaw appends what is JSON already.
func appendRaw(dst, data []byte) ([]byte, error) {
	if !jsontext.Value(data).IsValid() {
		return dst, fmt.Errorf("%.40q is not JSON", data)
	}
	return append(dst, data...), nil
}

func appendString(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s) // the error only tells that bytes that are not UTF-8 became U+FFFD
	return dst
}

func appendMap(dst []byte, m map[string]any, depth int) (_ []byte, err error) {
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
		if dst, err = appendValue(dst, m[key], depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func appendSlice(dst []byte, s []any, depth int) (_ []byte, err error) {
	if s == nil {
		return append(dst, "null"...), nil
	}
	dst = append(dst, '[')
	for i, v := range s {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendValue(dst, v, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}
