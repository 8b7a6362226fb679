package codegen

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"text/template"
)

//go:embed templates
var templateFiles embed.FS

// style is what naming and types depend on in a language.
type style struct {
	// reserved are the identifiers of the code around the shapes.
	reserved []string

	// members returns the identifiers that no member of the type ident can have.
	members func(ident string) []string

	// enumMembers are further identifiers that no value of an enum can have.
	enumMembers []string

	// prefixed reports whether the values of enums are in one scope with the types, so that each begins with its
	// type.
	prefixed bool

	// basic returns the type for a basic shape.
	basic func(b basic) string

	// optional returns the type of a field that can be absent and whose value, a t, has the type ident.
	optional func(ident string, t target) string

	// required returns the type of a required field.
	required func(ident string, t target) string

	// codec returns what the names of the functions end with that read and write a value of the type ident. It is nil
	// for a language that needs no such names.
	codec func(ident string, t target) string
}

// view is what the templates see: a configuration in the words of a language.
type view struct {
	Version    string
	Platform   string
	Structures []structureView
	Enums      []enumView
	Containers []containerView
	Groups     []groupView
	Imports    []string
}

type structureView struct {
	Ident, Name, Description string
	Fields                   []fieldView
}

type fieldView struct {
	Ident, Name, Description string
	Type                     string
	Value                    string // the type without regard to presence
	Codec                    string
	Required                 bool
	Kind                     kind // of the shape, or empty for a basic one
	Basic                    basic
}

type enumView struct {
	Ident, Name, Description string
	Values                   []valueView
}

type valueView struct{ Ident, Name string }

type containerView struct {
	Ident, Name, Description string
	Map                      bool
	Element, Codec           string
}

// groupView is the messages of a section.
type groupView struct {
	Ident, Description string
	Messages           []messageView
}

type messageView struct {
	Ident, Name, Description string
	Sources                  []string
	Body, Response           string // types; Response is empty but for a request
}

// newView returns the view of c in a style.
func newView(c *configuration, g Generator, st style) *view {
	names := make([]string, 0, len(c.shapes))
	for _, s := range c.shapes {
		names = append(names, s.name)
	}
	types := newScope(st.reserved...)
	idents := types.addAll("", names)
	codec := func(t target) string {
		if st.codec == nil {
			return ""
		}
		if t.shape == nil {
			return st.codec("", t)
		}
		return st.codec(idents[t.shape.name], t)
	}
	typeOf := func(t target) string {
		if t.shape != nil {
			return idents[t.shape.name]
		}
		return st.basic(t.basic)
	}

	v := &view{Version: strings.Map(versionRune, g.GameSdkVersion), Platform: g.TargetPlatform}
	for _, s := range c.shapes {
		ident := idents[s.name]
		switch s.kind {
		case structureKind:
			v.Structures = append(v.Structures, structureView{ident, s.name, s.description, fieldViews(s, ident, st, typeOf, codec)})
		case enumKind:
			scope, prefix := newScope(append(st.members(ident), st.enumMembers...)...), ""
			if st.prefixed {
				scope, prefix = types, ident
			}
			values := scope.addAll(prefix, s.values)
			e := enumView{Ident: ident, Name: s.name, Description: s.description}
			for _, value := range s.values {
				e.Values = append(e.Values, valueView{values[value], value})
			}
			v.Enums = append(v.Enums, e)
		case listKind, mapKind:
			v.Containers = append(v.Containers, containerView{ident, s.name, s.description, s.kind == mapKind, typeOf(s.element), codec(s.element)})
		}
	}
	v.Groups = []groupView{
		{"Requests", "the requests of the game, each with its response", messageViews("Requests", c.requests, st, idents)},
		{"Events", "the events of the game", messageViews("Events", c.events, st, idents)},
		{"Notifications", "the notifications of the game", messageViews("Notifications", c.notifications, st, idents)},
	}
	return v
}

// versionRune drops what no version has, since a version is written into comments.
func versionRune(r rune) rune {
	if r == '.' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' {
		return r
	}
	return -1
}

func fieldViews(s *shape, ident string, st style, typeOf, codec func(target) string) []fieldView {
	names := make([]string, 0, len(s.fields))
	for _, f := range s.fields {
		names = append(names, f.name)
	}
	idents := newScope(st.members(ident)...).addAll("", names)
	var fields []fieldView
	for _, f := range s.fields {
		fv := fieldView{Ident: idents[f.name], Name: f.name, Description: f.description, Required: f.required, Basic: f.target.basic}
		if f.target.shape != nil {
			fv.Kind = f.target.shape.kind
		}
		express := st.optional
		if f.required {
			express = st.required
		}
		fv.Value, fv.Codec = typeOf(f.target), codec(f.target)
		fv.Type = express(fv.Value, f.target)
		fields = append(fields, fv)
	}
	return fields
}

func messageViews(group string, messages []message, st style, types map[string]string) []messageView {
	names := make([]string, 0, len(messages))
	for _, m := range messages {
		names = append(names, m.name)
	}
	idents := newScope(st.members(group)...).addAll("", names)
	var views []messageView
	for _, m := range messages {
		mv := messageView{Ident: idents[m.name], Name: m.name, Description: m.description, Sources: m.sources, Body: types[m.body.name]}
		if m.response != nil {
			mv.Response = types[m.response.name]
		}
		views = append(views, mv)
	}
	return views
}

// execute runs the templates of a directory on v and returns the results by file name.
func execute(dir string, v *view, funcs template.FuncMap) (map[string][]byte, error) {
	t, err := template.New(dir).Funcs(funcs).ParseFS(templateFiles, "templates/"+dir+"/*.tmpl", "templates/rules.md.tmpl")
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for _, file := range t.Templates() {
		name, isFile := strings.CutSuffix(file.Name(), ".tmpl")
		if !isFile || name == "rules.md" {
			continue // a part of a file
		}
		var buf bytes.Buffer
		if err := file.Execute(&buf, v); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files[name] = buf.Bytes()
	}
	return files, nil
}
