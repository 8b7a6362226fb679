package document

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"strconv"

	smithydocument "github.com/aws/smithy-go/document"
	"github.com/go-json-experiment/json/jsontext"
)

var interfaceType = reflect.TypeFor[Interface]()

// isDocument reports whether t is an interface type with the methods of Interface, such as Interface in the public package.
func isDocument(t reflect.Type) bool {
	return t.Kind() == reflect.Interface && t.NumMethod() == interfaceType.NumMethod() && t.Implements(interfaceType)
}

// decode decodes a JSON text into the value that target points to.
func decode(data []byte, target any) error {
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return &smithydocument.InvalidUnmarshalError{Type: reflect.TypeOf(target)}
	}
	return parse(data, func(p *parser) error { return p.decode(v.Elem()) })
}

// decode reads the next value into v.
func (p *parser) decode(v reflect.Value) error {
	if p.tokens.PeekKind() == 'n' {
		return p.decodeNull(v)
	}
	v, err := indirect(v)
	if err != nil {
		return err
	}
	t := v.Type()
	switch {
	case !v.CanSet():
		return &smithydocument.UnmarshalTypeError{Value: "a value", Type: t}
	case isDocument(t) || t == rawMessageType:
		return p.decodeRaw(v)
	case t.Kind() == reflect.Interface:
		if t.NumMethod() > 0 {
			return &smithydocument.UnmarshalTypeError{Value: "non-empty interface", Type: t}
		}
		tree, err := p.value()
		if err != nil {
			return err
		}
		v.Set(reflect.ValueOf(tree))
		return nil
	case t.Kind() == reflect.Struct:
		if done, err := p.decodeOpaque(v); done || err != nil {
			return err
		}
	}
	switch p.tokens.PeekKind() {
	case '[':
		return p.decodeList(v)
	case '{':
		return p.decodeObject(v)
	}
	token, err := p.tokens.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case '"':
		if t.Kind() != reflect.String {
			return &smithydocument.UnmarshalTypeError{Value: "string", Type: t}
		}
		v.SetString(token.String())
	case '0':
		return decodeNumber(token.String(), v)
	default:
		if t.Kind() != reflect.Bool {
			return &smithydocument.UnmarshalTypeError{Value: "bool", Type: t}
		}
		v.SetBool(token.Bool())
	}
	return nil
}

// indirect follows pointers, including those in interfaces, and allocates values for nil pointers.
func indirect(v reflect.Value) (reflect.Value, error) {
	for range maxDepth {
		switch {
		case v.Kind() == reflect.Pointer:
			if v.IsNil() {
				if !v.CanSet() {
					return v, &smithydocument.UnmarshalTypeError{Value: "a value", Type: v.Type()}
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		case v.Kind() == reflect.Interface && !isDocument(v.Type()) && v.Elem().Kind() == reflect.Pointer && !v.Elem().IsNil():
			v = v.Elem()
		default:
			return v, nil
		}
	}
	return v, errTooDeep
}

// decodeNull decodes null, which sets v to its zero value. A document or a json.RawMessage is set to the JSON text null
// instead, so it is not nil.
func (p *parser) decodeNull(v reflect.Value) error {
	switch {
	case !v.CanSet():
		return &smithydocument.UnmarshalTypeError{Value: "null", Type: v.Type()}
	case isDocument(v.Type()) || v.Type() == rawMessageType:
		return p.decodeRaw(v)
	}
	v.SetZero()
	return p.tokens.SkipValue()
}

// decodeRaw sets v, which is a document or a json.RawMessage, to the JSON text of the next value.
func (p *parser) decodeRaw(v reflect.Value) error {
	text, err := p.tokens.ReadValue()
	if err != nil {
		return err
	}
	text = bytes.Clone(text)
	if isDocument(v.Type()) {
		v.Set(reflect.ValueOf(NewRaw(text)))
	} else {
		v.SetBytes(text)
	}
	return nil
}

// decodeOpaque decodes a value into a struct without exported fields by calling its UnmarshalJSON or UnmarshalText
// method. It reports whether the struct has such a method.
func (p *parser) decodeOpaque(v reflect.Value) (done bool, err error) {
	t := v.Type()
	switch {
	case t.ConvertibleTo(timeType):
		return false, &smithydocument.UnmarshalTypeError{Value: "a value", Type: t}
	case t.ConvertibleTo(bigIntType), t.ConvertibleTo(bigFloatType):
		return false, nil
	}
	s := structTypeOf(t)
	if s.noSerde {
		return false, &smithydocument.UnmarshalTypeError{Value: "unsupported type", Type: t}
	}
	if !s.opaque || !v.Addr().CanInterface() {
		return false, nil
	}
	switch u := v.Addr().Interface().(type) {
	case json.Unmarshaler:
		text, err := p.tokens.ReadValue()
		if err != nil {
			return true, err
		}
		return true, u.UnmarshalJSON(bytes.Clone(text)) // the document must not change
	case encoding.TextUnmarshaler:
		token, err := p.tokens.ReadToken()
		if err != nil {
			return true, err
		}
		if token.Kind() != '"' {
			return true, &smithydocument.UnmarshalTypeError{Value: kindName(token.Kind()), Type: t}
		}
		return true, u.UnmarshalText([]byte(token.String()))
	}
	return false, nil
}

func kindName(kind jsontext.Kind) string {
	switch kind {
	case '"':
		return "string"
	case '0':
		return "number"
	case '[':
		return "list"
	case '{':
		return "map"
	}
	return "bool"
}

func decodeNumber(digits string, v reflect.Value) error {
	t := v.Type()
	unfit := &smithydocument.UnmarshalTypeError{Value: fmt.Sprintf("number %.40s", digits), Type: t}
	switch t.Kind() {
	case reflect.String: // including json.Number and the Number type of smithy-go
		v.SetString(digits)
		return nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(digits, 10, t.Bits())
		if err != nil {
			return unfit
		}
		v.SetInt(n)
		return nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(digits, 10, t.Bits())
		if err != nil {
			return unfit
		}
		v.SetUint(n)
		return nil
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(digits, t.Bits())
		if err != nil {
			return unfit
		}
		v.SetFloat(f)
		return nil
	case reflect.Struct:
		if t.ConvertibleTo(bigFloatType) {
			if f, ok := new(big.Float).SetString(digits); ok {
				v.Set(reflect.ValueOf(*f).Convert(t))
				return nil
			}
		} else if t.ConvertibleTo(bigIntType) {
			if n, ok := new(big.Int).SetString(digits, 10); ok {
				v.Set(reflect.ValueOf(*n).Convert(t))
				return nil
			}
		}
	}
	return unfit
}

// decodeList reads an array. Like encoding/json, it drops items beyond the length of a Go array.
func (p *parser) decodeList(v reflect.Value) error {
	slice := v.Kind() == reflect.Slice
	if !slice && v.Kind() != reflect.Array {
		return &smithydocument.UnmarshalTypeError{Value: "list", Type: v.Type()}
	}
	if _, err := p.tokens.ReadToken(); err != nil {
		return err
	}
	switch {
	case !slice:
		v.SetZero()
	case v.IsNil():
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	default:
		v.SetLen(0)
	}
	for i := 0; p.tokens.PeekKind() != ']'; i++ {
		if slice {
			v.Grow(1)
			v.SetLen(i + 1)
			v.Index(i).SetZero()
		} else if i >= v.Len() {
			if err := p.tokens.SkipValue(); err != nil {
				return err
			}
			continue
		}
		if err := p.decode(v.Index(i)); err != nil {
			return atIndex(i, err)
		}
	}
	_, err := p.tokens.ReadToken()
	return err
}

func (p *parser) decodeObject(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Map:
		return p.decodeMap(v)
	case reflect.Struct:
		if !v.Type().ConvertibleTo(bigIntType) && !v.Type().ConvertibleTo(bigFloatType) {
			return p.decodeStruct(v)
		}
	}
	return &smithydocument.UnmarshalTypeError{Value: "map", Type: v.Type()}
}

func (p *parser) decodeMap(v reflect.Value) error {
	t := v.Type()
	if _, err := p.tokens.ReadToken(); err != nil {
		return err
	}
	if !canDecodeKey(t.Key()) {
		return &smithydocument.UnmarshalTypeError{Value: "map key", Type: t.Key()}
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(t))
	}
	key, item := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
	for p.tokens.PeekKind() != '}' {
		token, err := p.tokens.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		if err := decodeKey(name, key); err != nil {
			return err
		}
		item.SetZero()
		if err := p.decode(item); err != nil {
			return atName(name, err)
		}
		v.SetMapIndex(key, item)
	}
	_, err := p.tokens.ReadToken()
	return err
}

// canDecodeKey reports whether decodeKey supports the key type.
func canDecodeKey(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	}
	return reflect.PointerTo(t).Implements(textUnmarshalerType)
}

// decodeKey sets a map key to the name of a member.
func decodeKey(name string, key reflect.Value) error {
	t := key.Type()
	key.SetZero()
	unfit := &smithydocument.UnmarshalTypeError{Value: fmt.Sprintf("map key %.40q", name), Type: t}
	if t.Kind() == reflect.String {
		key.SetString(name)
		return nil
	}
	if reflect.PointerTo(t).Implements(textUnmarshalerType) {
		u, _ := key.Addr().Interface().(encoding.TextUnmarshaler)
		return u.UnmarshalText([]byte(name))
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(name, 10, t.Bits())
		if err != nil {
			return unfit
		}
		key.SetInt(n)
	default:
		n, err := strconv.ParseUint(name, 10, t.Bits())
		if err != nil {
			return unfit
		}
		key.SetUint(n)
	}
	return nil
}

// decodeStruct reads an object. It ignores members without a matching field. If a member is repeated, the last value
// wins.
func (p *parser) decodeStruct(v reflect.Value) error {
	s := structTypeOf(v.Type())
	if _, err := p.tokens.ReadToken(); err != nil {
		return err
	}
	seen := make([]bool, len(s.fields))
	for p.tokens.PeekKind() != '}' {
		token, err := p.tokens.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		i, ok := s.find(name)
		if !ok {
			if err := p.tokens.SkipValue(); err != nil {
				return err
			}
			continue
		}
		field, err := settableField(v, s.fields[i].index)
		if err != nil {
			return atName(name, err)
		}
		if seen[i] {
			field.SetZero()
		}
		seen[i] = true
		if err := p.decode(field); err != nil {
			return atName(name, err)
		}
	}
	_, err := p.tokens.ReadToken()
	return err
}

// settableField returns the field at the index. It replaces nil pointers to embedded structs with pointers to new
// structs.
func settableField(v reflect.Value, index []int) (reflect.Value, error) {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !v.CanSet() {
					return v, fmt.Errorf("cannot allocate the embedded struct %v, because its type is unexported: set the pointer before decoding, or embed the struct by value", v.Type().Elem())
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	if !v.CanSet() {
		return v, fmt.Errorf("cannot set the embedded field of unexported type %v", v.Type())
	}
	return v, nil
}
