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

// value is a JSON value that can be changed. It stays compact text until something in it is looked for. Then it is
// decoded, once and by one level, so that many modifications of a large section cost little more than one.
type value struct {
	text      json.RawMessage // what it was before it was opened
	container container       // nil until it is opened
}

// container is a JSON object or list.
type container interface {
	// lookUp returns the value that a token of a path means, nil when there is none but one can be added.
	lookUp(token string) (*value, error)

	// add adds a value where lookUp allows it. An object has it instead of the one that it had.
	add(token string, v *value)

	// remove removes the value that lookUp returns.
	remove(token string)

	// appendTo appends the container as compact JSON.
	appendTo(dst []byte) []byte
}

// open returns the container that the value is, nil when it is none. What changes in it changes in the value.
func (v *value) open() (container, error) {
	if v.container != nil {
		return v.container, nil
	}
	// A section may have been imported with a member twice. The last one counts.
	r := &valueReader{text: v.text}
	r.dec.Reset(bytes.NewBuffer(v.text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var err error
	switch v.text[0] {
	case '{':
		v.container, err = r.object()
	case '[':
		v.container, err = r.list()
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
	index   map[string]int // of the members that were not removed, by their names
}

type member struct {
	name  json.RawMessage // in quotes
	value *value          // nil once removed
}

func (o *object) lookUp(token string) (*value, error) {
	if i, ok := o.index[token]; ok {
		return o.members[i].value, nil
	}
	return nil, nil
}

func (o *object) add(token string, v *value) {
	name, _ := jsontext.AppendQuote(nil, token) // the error only tells that bytes that are not UTF-8 became U+FFFD
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

type list struct{ items []*value }

var listIndex = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

func (l *list) lookUp(token string) (*value, error) {
	if token == "-" {
		return nil, nil
	}
	if !listIndex.MatchString(token) {
		return nil, fmt.Errorf("%q is no index of a list", token)
	}
	switch i := l.position(token); {
	case i < len(l.items):
		return l.items[i], nil
	case i > len(l.items):
		return nil, fmt.Errorf("the list has %d items, which is less than %d", len(l.items), i)
	}
	return nil, nil
}

// position returns the index that a token means. That of "-" is behind the last item.
func (l *list) position(token string) int {
	if i, err := strconv.Atoi(token); err == nil {
		return i
	}
	return len(l.items)
}

func (l *list) add(token string, v *value) {
	l.items = slices.Insert(l.items, l.position(token), v)
}

func (l *list) remove(token string) {
	i := l.position(token)
	l.items = slices.Delete(l.items, i, i+1)
}

func (l *list) appendTo(dst []byte) []byte {
	dst = append(dst, '[')
	for i, item := range l.items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item.appendTo(dst)
	}
	return append(dst, ']')
}

// valueReader decodes one level of a JSON text. The values in it are parts of the text.
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
		name, _ := jsontext.AppendUnquote(nil, quoted) // as above
		text, err := r.next()
		if err != nil {
			return nil, err
		}
		o.set(string(name), member{quoted, &value{text: text}})
	}
	return o, nil
}

func (r *valueReader) list() (container, error) {
	l := &list{}
	if _, err := r.dec.ReadToken(); err != nil {
		return nil, err
	}
	for r.dec.PeekKind() != ']' {
		text, err := r.next()
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, &value{text: text})
	}
	return l, nil
}

// next returns the next value, or name of a member, as text.
func (r *valueReader) next() (json.RawMessage, error) {
	read, err := r.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	end := r.dec.InputOffset()
	return r.text[end-int64(len(read)) : end : end], nil
}
