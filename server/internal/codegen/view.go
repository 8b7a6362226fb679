package codegen

import (
	"bytes"
	"embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/gamesparks-go/gamesparks/internal/gamemodel"
)

//go:embed templates
var templateFiles embed.FS

// style holds the rules of a language for names and types.
type style struct {
	// reserved are the identifiers that generated code declares in the scope of the shapes.
	reserved []string

	// members returns the identifiers that members of the type ident cannot have.
	members func(ident string) []string

	// enumMembers are additional identifiers that enum values cannot have.
	enumMembers []string

	// prefixed means that types and enum values share a scope, so that the identifier of each value starts with that of
	// its type.
	prefixed bool

	// basic returns the type for a basic shape.
	basic func(b gamemodel.Basic) string

	// optional returns the type of an optional field of the shape s, whose values have the type ident.
	optional func(ident string, s gamemodel.Shape) string

	// required returns the type of a required field.
	required func(ident string, s gamemodel.Shape) string

	// codec returns the suffix of the names of the functions that read and write a value of the type ident. Optional.
	codec func(ident string, s gamemodel.Shape) string
}

// view is the argument of the templates: the messages of a game with the names and types of a language.
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
	Value                    string // the type of a value that is present
	Codec                    string
	Required                 bool
	shape                    gamemodel.Shape
}

// IsStructure reports whether the field holds a structure.
func (f fieldView) IsStructure() bool {
	_, ok := f.shape.(*gamemodel.Structure)
	return ok
}

// IsContainer reports whether the field holds a list or a map.
func (f fieldView) IsContainer() bool {
	switch f.shape.(type) {
	case *gamemodel.List, *gamemodel.Map:
		return true
	}
	return false
}

// IsDocument reports whether the field holds any JSON value.
func (f fieldView) IsDocument() bool { return f.shape == gamemodel.Document }

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

// groupView is the view of the messages in a section.
type groupView struct {
	Ident, Description string
	Messages           []messageView
}

type messageView struct {
	Ident, Name, Description string
	Sources                  []string
	Body, Response           string // types; Response is empty unless the message is a request
}

// newView returns the view of m in the style of a language.
func newView(m *gamemodel.Messages, g Generator, st style) *view {
	names := make([]string, 0, len(m.Shapes))
	for _, s := range m.Shapes {
		names = append(names, s.ShapeName())
	}
	types := newScope(st.reserved...)
	idents := types.addAll("", names)
	typeOf := func(s gamemodel.Shape) string {
		if basic, ok := s.(gamemodel.Basic); ok {
			return st.basic(basic)
		}
		return idents[s.ShapeName()]
	}
	codec := func(s gamemodel.Shape) string {
		if st.codec == nil {
			return ""
		}
		return st.codec(typeOf(s), s)
	}

	v := &view{Version: strings.Map(versionRune, g.GameSdkVersion), Platform: g.TargetPlatform}
	for _, s := range m.Shapes {
		ident := typeOf(s)
		switch s := s.(type) {
		case *gamemodel.Structure:
			v.Structures = append(v.Structures, structureView{ident, s.Name, s.Description, fieldViews(s, ident, st, typeOf, codec)})
		case *gamemodel.Enum:
			scope, prefix := newScope(append(st.members(ident), st.enumMembers...)...), ""
			if st.prefixed {
				scope, prefix = types, ident
			}
			values := scope.addAll(prefix, s.Values)
			e := enumView{Ident: ident, Name: s.Name, Description: s.Description}
			for _, value := range s.Values {
				e.Values = append(e.Values, valueView{values[value], value})
			}
			v.Enums = append(v.Enums, e)
		case *gamemodel.List:
			v.Containers = append(v.Containers, containerView{ident, s.Name, s.Description, false, typeOf(s.Element), codec(s.Element)})
		case *gamemodel.Map:
			v.Containers = append(v.Containers, containerView{ident, s.Name, s.Description, true, typeOf(s.Element), codec(s.Element)})
		}
	}
	v.Groups = []groupView{
		newGroup("Requests", "the requests of the game, each with its response", m.Requests, st, func(r gamemodel.Request) messageView {
			return newMessage(r.Message, r.Response, typeOf)
		}),
		newGroup("Events", "the events of the game", m.Events, st, func(e gamemodel.Event) messageView {
			return newMessage(e.Message, nil, typeOf)
		}),
		newGroup("Notifications", "the notifications of the game", m.Notifications, st, func(n gamemodel.Notification) messageView {
			return newMessage(n.Message, nil, typeOf)
		}),
	}
	return v
}

// versionRune removes characters that cannot be part of a version, because the version is written to comments.
func versionRune(r rune) rune {
	if r == '.' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' {
		return r
	}
	return -1
}

func fieldViews(s *gamemodel.Structure, ident string, st style, typeOf, codec func(gamemodel.Shape) string) []fieldView {
	names := make([]string, 0, len(s.Fields))
	for _, f := range s.Fields {
		names = append(names, f.Name)
	}
	idents := newScope(st.members(ident)...).addAll("", names)
	var fields []fieldView
	for _, f := range s.Fields {
		fv := fieldView{Ident: idents[f.Name], Name: f.Name, Description: f.Description, Required: f.Required, shape: f.Shape}
		express := st.optional
		if f.Required {
			express = st.required
		}
		fv.Value, fv.Codec = typeOf(f.Shape), codec(f.Shape)
		fv.Type = express(fv.Value, f.Shape)
		fields = append(fields, fv)
	}
	return fields
}

// newGroup returns the view of the messages of a section.
func newGroup[M any](ident, description string, messages []M, st style, newView func(M) messageView) groupView {
	g := groupView{Ident: ident, Description: description}
	var names []string
	for _, m := range messages {
		mv := newView(m)
		g.Messages = append(g.Messages, mv)
		names = append(names, mv.Name)
	}
	idents := newScope(st.members(ident)...).addAll("", names)
	for i := range g.Messages {
		g.Messages[i].Ident = idents[g.Messages[i].Name]
	}
	return g
}

// newMessage returns the view of a message without its identifier. The parameter response is nil unless the message is a
// request.
func newMessage(m gamemodel.Message, response *gamemodel.Structure, typeOf func(gamemodel.Shape) string) messageView {
	mv := messageView{Name: m.Name, Description: m.Description, Sources: m.AllowedSources, Body: typeOf(m.Body)}
	if response != nil {
		mv.Response = typeOf(response)
	}
	return mv
}

// parseTemplates returns the templates of a directory.
func parseTemplates(dir string, funcs template.FuncMap) *template.Template {
	return template.Must(template.New(dir).Funcs(funcs).ParseFS(templateFiles, "templates/"+dir+"/*.tmpl", "templates/rules.md.tmpl"))
}

// execute runs the templates of a directory with v and returns the results, by file name.
func execute(t *template.Template, v *view) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, file := range t.Templates() {
		name, isFile := strings.CutSuffix(file.Name(), ".tmpl")
		if !isFile || name == "rules.md" {
			continue // a template that other files include
		}
		var buf bytes.Buffer
		if err := file.Execute(&buf, v); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files[name] = buf.Bytes()
	}
	return files, nil
}
