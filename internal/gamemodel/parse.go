package gamemodel

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Problem describes an error and its place in a configuration.
type Problem struct {
	// Section is the name of the section.
	Section string

	// Path is the JSON Pointer (RFC 6901) to the value in the section, in the form that UpdateGameConfiguration accepts.
	Path string

	// Reason describes the expected and the actual value.
	Reason string
}

// Error lists every problem in a configuration, so that all of them can be fixed at once.
type Error struct {
	// Problems has at least one element. It is ordered by section, as parsed, and within a section by the names of the
	// entries.
	Problems []Problem
}

// Error returns a message with the first problem and the number of other problems.
func (e *Error) Error() string {
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

// ParseMessages parses the sections that define messages: the model, the requests, the events and the notifications. The
// sections parameter maps section names to JSON content. ParseMessages ignores other sections, and treats a section that
// is absent or null as empty. The error is nil or an [*Error].
func ParseMessages(sections map[string]json.RawMessage) (*Messages, error) {
	p := &parser{sections: sections, shapes: make(map[string]Shape)}
	var m Messages
	model := p.section(ModelSection).members()
	// Shapes can refer to shapes that follow, so declare all of them before parsing the first definition.
	for _, n := range model {
		p.shapes[n.name] = declare(n)
	}
	for _, n := range model {
		m.Shapes = append(m.Shapes, p.define(n))
	}
	for n := range p.section(RequestsSection).objects() {
		r := Request{Message: p.message(n, "RequestShape"), Response: p.structure(n.member("ResponseShape"))}
		r.AllowedSources = n.allowedSources()
		m.Requests = append(m.Requests, r)
	}
	for n := range p.section(EventsSection).objects() {
		e := Event{p.message(n, "EventShape")}
		e.AllowedSources = n.allowedSources()
		m.Events = append(m.Events, e)
	}
	for n := range p.section(NotificationsSection).objects() {
		s := Notification{p.message(n, "NotificationShape")}
		s.AllowedSources = n.allowedSources()
		m.Notifications = append(m.Notifications, s)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return &m, nil
}

// ParseHandlers parses the sections that define the handlers of requests and events. The sections parameter maps section
// names to JSON content. ParseHandlers ignores other sections, and treats a section that is absent or null as empty. The
// error is nil or an [*Error].
func ParseHandlers(sections map[string]json.RawMessage) (*Handlers, error) {
	p := &parser{sections: sections}
	h := Handlers{Requests: p.handlers(RequestHandlersSection), Events: p.handlers(EventHandlersSection)}
	if err := p.err(); err != nil {
		return nil, err
	}
	return &h, nil
}

// parser collects the problems in a configuration.
type parser struct {
	sections map[string]json.RawMessage
	shapes   map[string]Shape // the shapes of the model; nil for an invalid definition
	problems []Problem
}

// err returns an *Error if there are problems.
func (p *parser) err() error {
	if len(p.problems) == 0 {
		return nil
	}
	return &Error{Problems: p.problems}
}

// section decodes the content of a section. It treats a section that is absent or null as empty.
func (p *parser) section(name string) node {
	n := node{parser: p, section: name, value: map[string]any{}}
	data := p.sections[name]
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

// declare returns the shape that n defines, with only its name set. It returns nil for an invalid definition, but does
// not report the problem.
func declare(n node) Shape {
	definition, _ := n.value.(map[string]any)
	var shapes []Shape
	for member := range definition {
		switch kind(member) {
		case structureKind:
			shapes = append(shapes, &Structure{Name: n.name})
		case enumKind:
			shapes = append(shapes, &Enum{Name: n.name})
		case listKind:
			shapes = append(shapes, &List{Name: n.name})
		case mapKind:
			shapes = append(shapes, &Map{Name: n.name})
		}
	}
	if len(shapes) != 1 {
		return nil
	}
	return shapes[0]
}

// define parses the definition of a declared shape, and returns the complete shape.
func (p *parser) define(n node) Shape {
	if !n.isObject() {
		return nil
	}
	shape := p.shapes[n.name]
	if shape == nil {
		n.failKind()
		return nil
	}
	def := n.member(string(shape.kind()))
	if !def.isObject() {
		return nil
	}
	description := def.optional("Description").text()
	switch s := shape.(type) {
	case *Structure:
		s.Description = description
		for _, f := range def.optional("Fields").members() {
			s.Fields = append(s.Fields, p.field(f))
		}
	case *Enum:
		s.Description, s.Values = description, def.member("Values").uniqueTexts()
	case *List:
		s.Description, s.Element = description, p.reference(def)
	case *Map:
		s.Description, s.Element = description, p.reference(def)
	}
	return shape
}

// failKind reports that a definition does not have exactly one shape.
func (n node) failKind() {
	var known, unknown []string
	for _, m := range n.members() {
		if slices.Contains(kinds, kind(m.name)) {
			known = append(known, m.name)
		} else {
			unknown = append(unknown, m.name)
		}
	}
	has := "is empty"
	if found := slices.Concat(known, unknown); len(found) > 0 {
		has = "has " + quoted(found)
	}
	n.fail("must have exactly one of %s, but %s", quoted(kinds), has)
}

// uniqueTexts returns the items of an array of strings, and reports duplicates.
func (n node) uniqueTexts() []string {
	var texts []string
	seen := make(map[string]bool)
	for _, item := range n.items() {
		text, ok := as[string](item)
		if ok && seen[text] {
			item.fail("is a duplicate of the value %q", text)
		}
		seen[text] = ok
		texts = append(texts, text)
	}
	return texts
}

func (p *parser) field(n node) Field {
	f := Field{Name: n.name}
	if !n.isObject() {
		return f
	}
	f.Description = n.optional("Description").text()
	f.Shape = p.reference(n)
	c := n.member("Cardinality")
	switch text, ok := as[string](c); {
	case text == "Required":
		f.Required = true
	case ok && text != "Optional":
		c.fail("must be Required or Optional, but is %q", text)
	}
	return f
}

// reference returns the shape that is named by the Shape member of n.
func (p *parser) reference(n node) Shape {
	m := n.member("Shape")
	name, ok := as[string](m)
	if !ok {
		return nil
	}
	if s, ok := p.shapes[name]; ok {
		return s
	}
	basic, ok := parseBasic(name)
	if !ok {
		m.fail("unknown shape %q: use a shape from the model or one of the basic shapes %s", name, quoted(basicNames))
	}
	return basic
}

// message parses a message except its allowed sources. The body parameter is the name of the member that refers to the
// message's shape.
func (p *parser) message(n node, body string) Message {
	return Message{Name: n.name, Description: n.optional("Description").text(), Body: p.structure(n.member(body))}
}

func (n node) allowedSources() []string {
	var sources []string
	for _, source := range n.optional("AllowedSources").items() {
		sources = append(sources, source.text())
	}
	return sources
}

// structure returns the model's structure whose name is the value of n.
func (p *parser) structure(n node) *Structure {
	name, ok := as[string](n)
	if !ok {
		return nil
	}
	shape, ok := p.shapes[name]
	if !ok {
		n.fail("the model does not define a shape %q", name)
	}
	s, ok := shape.(*Structure)
	if !ok && shape != nil {
		n.fail("must be the name of a Structure, but the kind of %q is %s", name, shape.kind())
	}
	return s
}

// handlers parses a section that defines handlers.
func (p *parser) handlers(section string) []Handler {
	var handlers []Handler
	for n := range p.section(section).objects() {
		h := Handler{Name: n.name, Description: n.optional("Description").text(), Enabled: true}
		if enabled := n.optional("Enabled"); !enabled.absent {
			h.Enabled, _ = as[bool](enabled)
		}
		if code := n.member("Code"); code.isObject() {
			h.Code = Code{Script: code.member("Script").script(), Language: code.member("ScriptLanguage").scriptLanguage()}
		}
		handlers = append(handlers, h)
	}
	return handlers
}

func (n node) script() string {
	script := n.text()
	if count := utf8.RuneCountInString(script); count > MaxScript {
		n.fail("must have at most %d characters, but has %d", MaxScript, count)
	}
	return script
}

func (n node) scriptLanguage() ScriptLanguage {
	text, ok := as[string](n)
	if ok && text != string(JavaScript) {
		n.fail("must be %q, but is %q", JavaScript, text)
	}
	return ScriptLanguage(text)
}

// node is a JSON value and its place in the configuration.
type node struct {
	*parser
	section string
	path    string
	name    string // the member name or index in the parent
	absent  bool   // the value is missing, which is allowed or already reported
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

// objects returns the members of an object that are objects themselves, sorted by name.
func (n node) objects() iter.Seq[node] {
	return func(yield func(node) bool) {
		for _, m := range n.members() {
			if m.isObject() && !yield(m) {
				return
			}
		}
	}
}

// member returns a required member of an object.
func (n node) member(name string) node {
	object, _ := as[map[string]any](n)
	value, ok := object[name]
	if !ok {
		n.fail("%s is required", name)
		return node{absent: true}
	}
	return n.child(name, value)
}

// optional returns an optional member of an object. It treats a null member as absent.
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

// as returns the value of n as a T. If the value has another type, as reports a problem and returns false.
func as[T any](n node) (T, bool) {
	value, ok := n.value.(T)
	if !ok && !n.absent {
		n.fail("must be %s, but is %s", typeName(value), typeName(n.value))
	}
	return value, ok
}

// typeName returns the JSON name of a decoded value's type.
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

// quoted formats names as a list of quoted strings for a message.
func quoted[T ~string](names []T) string {
	var texts []string
	for _, name := range names {
		texts = append(texts, fmt.Sprintf("%q", string(name)))
	}
	return strings.Join(texts, ", ")
}
