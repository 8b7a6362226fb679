package document

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	smithydocument "github.com/aws/smithy-go/document"
	smithyencoding "github.com/aws/smithy-go/encoding"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is the nesting limit of encoding/json. It also ends the encoding of a value that contains itself.
const maxDepth = 10_000

var errTooDeep = fmt.Errorf("the value is nested deeper than %d levels or contains itself", maxDepth)

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
	if err == nil {
		dst, err = appendRaw(dst, data)
	}
	if err != nil {
		return dst, fmt.Errorf("document cannot be encoded: %w", err)
	}
	return dst, nil
}

// appendValue appends the encoding of a value. It encodes the most common types without reflection.
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
		return appendFloat(dst, v, 64)
	case map[string]any:
		return appendMap(dst, v, depth)
	case []any:
		return appendSlice(dst, v, depth)
	case *Lazy:
		return appendValue(dst, v.value, depth+1)
	case *Raw:
		return append(dst, v.data...), nil
	}
	return appendReflect(dst, reflect.ValueOf(v), depth)
}

var (
	jsonNumberType     = reflect.TypeFor[json.Number]()
	documentNumberType = reflect.TypeFor[smithydocument.Number]()
	rawMessageType     = reflect.TypeFor[json.RawMessage]()
	marshalerType      = reflect.TypeFor[smithydocument.Marshaler]()
	timeType           = reflect.TypeFor[time.Time]()
	bigIntType         = reflect.TypeFor[big.Int]()
	bigFloatType       = reflect.TypeFor[big.Float]()
)

func appendReflect(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errTooDeep
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice: // including a nil json.RawMessage
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
	}
	t := v.Type()
	switch t {
	case jsonNumberType:
		return appendNumber(dst, orDefault(v.String(), "0"))
	case documentNumberType:
		if v.String() == "" {
			return append(dst, `""`...), nil // as smithy-go's encoder does
		}
		return appendNumber(dst, v.String())
	case rawMessageType:
		return appendRaw(dst, v.Bytes())
	}
	if v.Kind() != reflect.Interface && v.CanInterface() && t.Implements(marshalerType) {
		return appendMarshaler(dst, v, depth)
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.CanInterface() {
			return appendValue(dst, v.Elem().Interface(), depth+1)
		}
		return appendReflect(dst, v.Elem(), depth+1)
	case reflect.Pointer:
		return appendReflect(dst, v.Elem(), depth+1)
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case reflect.String:
		return appendString(dst, v.String()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		return appendFloat(dst, v.Float(), t.Bits())
	case reflect.Slice, reflect.Array:
		return appendList(dst, v, depth)
	case reflect.Map:
		return appendReflectMap(dst, v, depth)
	case reflect.Struct:
		return appendStruct(dst, v, depth)
	}
	return dst, fmt.Errorf("a value of type %v cannot be represented in JSON", t)
}

// appendMarshaler appends the encoding of a document from this package or from another service's client.
func appendMarshaler(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	switch d := v.Interface().(type) {
	case *Lazy, *Raw:
		return appendValue(dst, d, depth)
	case smithydocument.Marshaler:
		data, err := d.MarshalSmithyDocument()
		if err != nil {
			return dst, err
		}
		return appendRaw(dst, data)
	}
	return dst, nil
}

func appendFloat(dst []byte, f float64, bits int) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, fmt.Errorf("the number %v cannot be represented in JSON", f)
	}
	return smithyencoding.EncodeFloat(dst, f, bits), nil
}

func appendNumber(dst []byte, digits string) ([]byte, error) {
	value := jsontext.Value(digits)
	if value.Kind() != '0' || !value.IsValid() || strings.ContainsAny(digits, " \t\r\n") {
		return dst, fmt.Errorf("%.40q is not a JSON number", digits)
	}
	return append(dst, digits...), nil
}

// appendRaw appends a JSON text after validating it against RFC 8259, which allows duplicate member names and escaped
// unpaired surrogates.
func appendRaw(dst, data []byte) ([]byte, error) {
	if !utf8.Valid(data) || !jsontext.Value(data).IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) {
		return dst, fmt.Errorf("%.40q is not JSON", data)
	}
	return append(dst, data...), nil
}

func appendString(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s) // the error only reports invalid UTF-8, which becomes U+FFFD
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
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, key), ':')
		if dst, err = appendValue(dst, m[key], depth+1); err != nil {
			return dst, atName(key, err)
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
			return dst, atIndex(i, err)
		}
	}
	return append(dst, ']'), nil
}

func appendList(dst []byte, v reflect.Value, depth int) (_ []byte, err error) {
	dst = append(dst, '[')
	for i := range v.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendReflect(dst, v.Index(i), depth+1); err != nil {
			return dst, atIndex(i, err)
		}
	}
	return append(dst, ']'), nil
}

func appendReflectMap(dst []byte, v reflect.Value, depth int) (_ []byte, err error) {
	type entry struct {
		name  string
		value reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		name, err := keyName(it.Key())
		if err != nil {
			return dst, err
		}
		entries = append(entries, entry{name, it.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	dst = append(dst, '{')
	for i, e := range entries {
		if i > 0 {
			if e.name == entries[i-1].name {
				return dst, fmt.Errorf("two keys of a %v have the same name %q", v.Type(), e.name)
			}
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, e.name), ':')
		if dst, err = appendReflect(dst, e.value, depth+1); err != nil {
			return dst, atName(e.name, err)
		}
	}
	return append(dst, '}'), nil
}

// keyName returns the member name for a map key. Like smithy-go's encoder, it formats keys of basic kinds with fmt.
func keyName(key reflect.Value) (name string, err error) {
	for key.Kind() == reflect.Interface {
		key = key.Elem()
	}
	if !key.IsValid() || !key.CanInterface() {
		return "", errors.New("a map key is nil or unexported")
	}
	switch key.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		name = fmt.Sprint(key.Interface())
	default:
		m, ok := key.Interface().(encoding.TextMarshaler)
		if !ok || key.Kind() == reflect.Pointer && key.IsNil() {
			return "", fmt.Errorf("a map key of type %v cannot be represented in JSON: use strings, numbers or a type with a MarshalText method", key.Type())
		}
		text, err := m.MarshalText()
		if err != nil {
			return "", err
		}
		name = string(text)
	}
	return name, nil
}

func appendStruct(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	t := v.Type()
	switch {
	case t.ConvertibleTo(timeType):
		return dst, fmt.Errorf("a value of type %v cannot be represented in JSON: use a string, for example t.Format(time.RFC3339)", t)
	case t.ConvertibleTo(bigIntType), t.ConvertibleTo(bigFloatType):
		return appendBig(dst, v)
	}
	s := structTypeOf(t)
	switch {
	case s.noSerde:
		return dst, &smithydocument.InvalidMarshalError{Message: fmt.Sprintf("unsupported type %v", t)}
	case s.opaque:
		return appendOpaque(dst, v)
	case s.hidden != nil:
		return dst, fmt.Errorf("%v embeds %v, whose value would be lost: use a named field", t, s.hidden)
	}
	dst = append(dst, '{')
	first := true
	for _, f := range s.fields {
		fv, ok := fieldOf(v, f.index)
		if !ok || f.omitEmpty && isEmpty(fv) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(appendString(dst, f.name), ':')
		var err error
		if dst, err = appendReflect(dst, fv, depth+1); err != nil {
			return dst, atName(f.name, err)
		}
	}
	return append(dst, '}'), nil
}

// fieldOf returns the field at the index. It returns false if the field belongs to an embedded struct whose pointer is
// nil.
func fieldOf(v reflect.Value, index []int) (reflect.Value, bool) {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}

// isEmpty reports whether omitempty omits the value. As in smithy-go's encoder, and unlike in encoding/json, omitempty
// keeps empty maps and slices that are not nil.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Struct:
		return false
	case reflect.Array:
		return v.Len() == 0
	case reflect.Float32, reflect.Float64:
		return v.Float() == 0
	}
	return v.IsZero()
}

// appendOpaque encodes a struct without exported fields with its MarshalJSON or MarshalText method.
func appendOpaque(dst []byte, v reflect.Value) ([]byte, error) {
	t := v.Type()
	if v.CanInterface() && hasEncoding(t) {
		p := reflect.New(t)
		p.Elem().Set(v)
		switch m := p.Interface().(type) {
		case json.Marshaler:
			data, err := m.MarshalJSON()
			if err != nil {
				return dst, err
			}
			return appendRaw(dst, data)
		case encoding.TextMarshaler:
			text, err := m.MarshalText()
			if err != nil {
				return dst, err
			}
			return appendString(dst, string(text)), nil
		}
	}
	return dst, fmt.Errorf("a value of type %v cannot be represented in JSON: it has no exported fields and no MarshalJSON or MarshalText method", t)
}

// appendBig encodes a value whose type or underlying type is big.Int or big.Float.
func appendBig(dst []byte, v reflect.Value) ([]byte, error) {
	if !v.CanInterface() {
		return dst, fmt.Errorf("a field of type %v is unexported", v.Type())
	}
	if v.Type().ConvertibleTo(bigIntType) {
		n, _ := v.Convert(bigIntType).Interface().(big.Int)
		return n.Append(dst, 10), nil
	}
	f, _ := v.Convert(bigFloatType).Interface().(big.Float)
	if f.IsInf() {
		return dst, fmt.Errorf("the number %v cannot be represented in JSON", &f)
	}
	if f.Sign() == 0 && f.Signbit() {
		return append(dst, "-0"...), nil
	}
	if n, accuracy := f.Int64(); accuracy == big.Exact {
		return strconv.AppendInt(dst, n, 10), nil
	}
	return f.Append(dst, 'e', -1), nil
}
