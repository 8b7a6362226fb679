package codegen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The sections that define messages.
const (
	modelSection         = "GameSparks.Core.Model"
	requestsSection      = "GameSparks.Core.Requests"
	eventsSection        = "GameSparks.Core.Events"
	notificationsSection = "GameSparks.Core.Notifications"
)

// Problem is one thing in a configuration that no code can be generated for.
type Problem struct {
	// Section is the name of the section.
	Section string

	// Path is the JSON Pointer (RFC 6901) of the value in the section, as UpdateGameConfiguration takes it.
	Path string

	// Reason tells what is wrong with the value.
	Reason string
}

// ConfigurationError tells why no code can be generated for a configuration.
type ConfigurationError struct {
	// Problems are the things at fault, at least one, in the order of their sections and paths.
	Problems []Problem
}

// Error returns the first problem, and how many more there are.
func (e *ConfigurationError) Error() string {
	p := e.Problems[0]
	text := p.Section + ": "
	if p.Path != "" {
		text += p.Path + ": "
	}
	text += p.Reason
	if n := len(e.Problems) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return text
}

// parser collects what is wrong, so that a user learns it all at once.
type parser struct {
	problems []Problem
	shapes   map[string]*shape
}

// parse reads the sections that define messages. An error is a *ConfigurationError.
func parse(sections map[string]json.RawMessage) (*configuration, error) {
	p := &parser{shapes: make(map[string]*shape)}
	model := p.section(sections, modelSection).members()
	// All shapes are known before the first is read, since they may refer to each other in any order.
	for _, n := range model {
		p.shapes[n.name] = &shape{name: n.name}
	}
	var c configuration
	for _, n := range model {
		s := p.shapes[n.name]
		p.shape(n, s)
		c.shapes = append(c.shapes, s)
	}
	c.requests = p.messages(sections, requestsSection, "RequestShape", "ResponseShape")
	c.events = p.messages(sections, eventsSection, "EventShape", "")
	c.notifications = p.messages(sections, notificationsSection, "NotificationShape", "")
	if len(p.problems) > 0 {
		return nil, &ConfigurationError{Problems: p.problems}
	}
	return &c, nil
}

// section decodes the content of a section. A section that is absent or null is empty.
func (p *parser) section(sections map[string]json.RawMessage, name string) node {
	n := node{parser: p, section: name, value: map[string]any{}}
	data := sections[name]
	if len(data) == 0 {
		return n
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	err := dec.Decode(&n.value)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			if n.value == nil {
				n.value = map[string]any{}
			}
			return n
		}
		err = errors.New("data after the value")
	}
	n.fail("is not JSON: %v", err)
	n.value = map[string]any{}
	return n
}

// shape reads the definition of s.
func (p *parser) shape(n node, s *shape) {
	if !n.isObject() {
		return
	}
	var known, unknown []string
	for _, m := range n.members() {
		switch kind(m.name) {
		case structureKind, enumKind, listKind, mapKind:
			known = append(known, m.name)
			s.kind = kind(m.name)
		default:
			unknown = append(unknown, m.name)
		}
	}
	if len(known) != 1 {
		has := "is empty"
		if found := slices.Concat(known, unknown); len(found) > 0 {
			has = "has " + quoted(found)
		}
		n.fail("must have exactly one of %s, but %s", quoted(kinds), has)
		return
	}
	def := n.member(known[0])
	if !def.isObject() {
		return
	}
	s.description = def.optional("Description").text()
	switch s.kind {
	case structureKind:
		for _, f := range def.optional("Fields").members() {
			s.fields = append(s.fields, p.field(f))
		}
	case enumKind:
		seen := make(map[string]bool)
		for _, v := range def.member("Values").items() {
			text, ok := as[string](v)
			if ok && seen[text] {
				v.fail("repeats the value %q", text)
			}
			seen[text] = ok
			s.values = append(s.values, text)
		}
	case listKind, mapKind:
		s.element = p.target(def)
	}
}

func (p *parser) field(n node) field {
	f := field{name: n.name}
	if !n.isObject() {
		return f
	}
	f.description = n.optional("Description").text()
	f.target = p.target(n)
	c := n.member("Cardinality")
	switch text, ok := as[string](c); {
	case text == "Required":
		f.required = true
	case ok && text != "Optional":
		c.fail("must be Required or Optional, but is %q", text)
	}
	return f
}

// target reads the member Shape of n.
func (p *parser) target(n node) target {
	m := n.member("Shape")
	name, ok := as[string](m)
	if s := p.shapes[name]; ok && s != nil {
		return target{shape: s}
	}
	if ok && !slices.Contains(basics, basic(name)) {
		m.fail("the model has no shape %q, and the basic shapes are %s", name, quoted(basics))
	}
	if basic(name) == anyShape {
		return target{basic: documentShape}
	}
	return target{basic: basic(name)}
}

// messages reads a section of messages, whose members body and response name their shapes.
func (p *parser) messages(sections map[string]json.RawMessage, section, body, response string) []message {
	var messages []message
	for _, n := range p.section(sections, section).members() {
		if !n.isObject() {
			continue
		}
		m := message{name: n.name, description: n.optional("Description").text(), body: p.structure(n.member(body))}
		if response != "" {
			m.response = p.structure(n.member(response))
		}
		for _, source := range n.optional("AllowedSources").items() {
			m.sources = append(m.sources, source.text())
		}
		messages = append(messages, m)
	}
	return messages
}

// structure returns the structure of the model that n names.
func (p *parser) structure(n node) *shape {
	name, ok := as[string](n)
	if !ok {
		return nil
	}
	s := p.shapes[name]
	switch {
	case s == nil:
		n.fail("the model has no shape %q", name)
	case s.kind != structureKind && s.kind != "":
		n.fail("must name a Structure, but %q is of the kind %s", name, s.kind)
	}
	return s
}

// node is a JSON value and its place.
type node struct {
	*parser
	section string
	path    string
	name    string // the member name or index under which its parent has it
	absent  bool   // there is no value, which is not a problem or is already reported
	value   any
}

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

func (n node) child(name string, value any) node {
	return node{n.parser, n.section, n.path + "/" + pointerEscaper.Replace(name), name, false, value}
}

func (n node) fail(format string, args ...any) {
	n.problems = append(n.problems, Problem{n.section, n.path, fmt.Sprintf(format, args...)})
}

func (n node) isObject() bool {
	_, ok := as[map[string]any](n)
	return ok
}

// members returns the members of an object, sorted by name.
func (n node) members() []node {
	object, _ := as[map[string]any](n)
	nodes := make([]node, 0, len(object))
	for _, name := range slices.Sorted(maps.Keys(object)) {
		nodes = append(nodes, n.child(name, object[name]))
	}
	return nodes
}

// member returns a member of an object that must have it.
func (n node) member(name string) node {
	object, _ := as[map[string]any](n)
	value, ok := object[name]
	if !ok {
		n.fail("%s is required", name)
		return node{absent: true}
	}
	return n.child(name, value)
}

// optional returns a member of an object. A member that is null is absent.
func (n node) optional(name string) node {
	object, _ := as[map[string]any](n)
	if object[name] == nil {
		return node{absent: true}
	}
	return n.child(name, object[name])
}

// items returns the items of an array.
func (n node) items() []node {
	array, _ := as[[]any](n)
	nodes := make([]node, 0, len(array))
	for i, value := range array {
		nodes = append(nodes, n.child(strconv.Itoa(i), value))
	}
	return nodes
}

func (n node) text() string {
	text, _ := as[string](n)
	return text
}

// as returns the value of n. If that has another type, it notes so and returns false.
func as[T any](n node) (T, bool) {
	value, ok := n.value.(T)
	if !ok && !n.absent {
		n.fail("must be %s, but is %s", typeName(value), typeName(n.value))
	}
	return value, ok
}

// typeName returns what JSON calls the type of a decoded value.
func typeName(value any) string {
	switch value.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "an array"
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "a boolean"
	default:
		return "null"
	}
}

// quoted returns a list of names for a message.
func quoted[T ~string](names []T) string {
	var texts []string
	for _, name := range names {
		texts = append(texts, fmt.Sprintf("%q", string(name)))
	}
	return strings.Join(texts, ", ")
}
