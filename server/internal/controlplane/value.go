package controlplane

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// value is a mutable JSON value. It is decoded lazily, one level at a time, so that many modifications of a large section
// cost little more than one.
type value struct {
	text      json.RawMessage // compact JSON; obsolete once container is set
	container container       // nil until the value is decoded
}

// container is a JSON object or array.
type container interface {
	// lookUp returns the value at a path token, or nil if the value does not exist but can be added.
	lookUp(token string) (*value, error)

	// add adds a value at a token for which lookUp returns no error. In an object, it replaces an existing value.
	add(token string, v *value)

	// remove removes the value at a token for which lookUp returns a value.
	remove(token string)

	// appendTo appends the container as compact JSON.
	appendTo(dst []byte) []byte
}

// open decodes the value and returns its container, or nil if the value is neither an object nor an array. Changes to the
// container change the value.
func (v *value) open() (container, error) {
	if v.container != nil {
		return v.container, nil
	}
	// An imported section may have duplicate names. The last member wins.
	r := &valueReader{text: v.text}
	r.dec.Reset(bytes.NewBuffer(v.text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var err error
	switch v.text[0] {
	case '{':
		v.container, err = r.object()
	case '[':
		v.container, err = r.array()
	}
	return v.container, err
}

// appendTo appends the value as compact JSON.
func (v *value) appendTo(dst []byte) []byte {
	if v.container != nil {
		return v.container.appendTo(dst)
	}
	return append(dst, v.text...)
}

// object is an object whose members keep their order.
type object struct {
	members []member
	index   map[string]int // indices of the remaining members, by name
}

type member struct {
	name  json.RawMessage // quoted
	value *value          // nil if the member is removed
}

func (o *object) lookUp(token string) (*value, error) {
	if i, ok := o.index[token]; ok {
		return o.members[i].value, nil
	}
	return nil, nil
}

func (o *object) add(token string, v *value) {
	name, _ := jsontext.AppendQuote(nil, token) // fails only for invalid UTF-8, which becomes U+FFFD
	o.set(token, member{name, v})
}

func (o *object) set(name string, m member) {
	i, ok := o.index[name]
	if ok {
		o.members[i].value = m.value
		return
	}
	o.index[name] = len(o.members)
	o.members = append(o.members, m)
}

func (o *object) remove(token string) {
	o.members[o.index[token]].value = nil
	delete(o.index, token)
}

func (o *object) appendTo(dst []byte) []byte {
	dst = append(dst, '{')
	first := true
	for _, m := range o.members {
		if m.value == nil {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(dst, m.name...), ':')
		dst = m.value.appendTo(dst)
	}
	return append(dst, '}')
}

type array struct{ items []*value }

var arrayIndex = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

func (a *array) lookUp(token string) (*value, error) {
	if token == "-" {
		return nil, nil
	}
	if !arrayIndex.MatchString(token) {
		return nil, fmt.Errorf("%q is not a valid array index", token)
	}
	switch i := a.position(token); {
	case i < len(a.items):
		return a.items[i], nil
	case i > len(a.items):
		return nil, fmt.Errorf("the index %d is out of range: the array has %d items", i, len(a.items))
	}
	return nil, nil
}

// position returns the index for a token. The token "-" refers to the position after the last item.
func (a *array) position(token string) int {
	if i, err := strconv.Atoi(token); err == nil {
		return i
	}
	return len(a.items)
}

func (a *array) add(token string, v *value) {
	a.items = slices.Insert(a.items, a.position(token), v)
}

func (a *array) remove(token string) {
	i := a.position(token)
	a.items = slices.Delete(a.items, i, i+1)
}

func (a *array) appendTo(dst []byte) []byte {
	dst = append(dst, '[')
	for i, item := range a.items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item.appendTo(dst)
	}
	return append(dst, ']')
}

// valueReader decodes one level of a JSON text. The values that it returns are slices of the text.
type valueReader struct {
	text []byte
	dec  jsontext.Decoder
}

func (r *valueReader) object() (container, error) {
	o := &object{index: map[string]int{}}
	if _, err := r.dec.ReadToken(); err != nil {
		return nil, err
	}
	for r.dec.PeekKind() != '}' {
		quoted, err := r.next()
		if err != nil {
			return nil, err
		}
		name, _ := jsontext.AppendUnquote(nil, quoted) // see object.add
		text, err := r.next()
		if err != nil {
			return nil, err
		}
		o.set(string(name), member{quoted, &value{text: text}})
	}
	return o, nil
}

func (r *valueReader) array() (container, error) {
	a := &array{}
	if _, err := r.dec.ReadToken(); err != nil {
		return nil, err
	}
	for r.dec.PeekKind() != ']' {
		text, err := r.next()
		if err != nil {
			return nil, err
		}
		a.items = append(a.items, &value{text: text})
	}
	return a, nil
}

// next returns the text of the next value or name.
func (r *valueReader) next() (json.RawMessage, error) {
	read, err := r.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	end := r.dec.InputOffset()
	return r.text[end-int64(len(read)) : end : end], nil
}
