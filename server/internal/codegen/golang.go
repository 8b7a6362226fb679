package codegen

import (
	"fmt"
	"go/format"
	"path"
	"slices"
	"strconv"
	"sync"
	"text/template"

	"github.com/gamesparks-go/gamesparks/internal/gamemodel"
)

// golang generates a Go module.
type golang struct{}

func (golang) name() string { return "GO" }

var golangStyle = style{
	reserved: []string{"Transport", "RequestType", "MessageType", "Requests", "Events", "Notifications"},
	members:  func(string) []string { return []string{"MarshalJSON", "UnmarshalJSON"} },
	prefixed: true,
	basic: func(b gamemodel.Basic) string {
		switch b {
		case gamemodel.Boolean:
			return "bool"
		case gamemodel.Integer, gamemodel.Long:
			return "int64"
		case gamemodel.Float, gamemodel.Double:
			return "float64"
		case gamemodel.Decimal:
			return "json.Number"
		case gamemodel.Timestamp:
			return "time.Time"
		case gamemodel.Document:
			return "json.RawMessage"
		default:
			return "string"
		}
	},
	optional: func(ident string, s gamemodel.Shape) string {
		if golangNilable(s) {
			return ident
		}
		return "*" + ident
	},
	required: func(ident string, s gamemodel.Shape) string {
		// A required structure is also a pointer, because it can be recursive or large.
		if _, ok := s.(*gamemodel.Structure); ok {
			return "*" + ident
		}
		return ident
	},
}

// golangTemplates returns the templates, which are parsed on first use.
var golangTemplates = sync.OnceValue(func() *template.Template {
	return parseTemplates("go", template.FuncMap{
		"comment": func(text string) string { return comment("//", text) },
		"quote":   strconv.QuoteToASCII,
	})
})

// golangNilable reports whether the type of s can be nil, which represents an absent value.
func golangNilable(s gamemodel.Shape) bool {
	switch s := s.(type) {
	case gamemodel.Basic:
		return s == gamemodel.Document
	case *gamemodel.List, *gamemodel.Map:
		return true
	}
	return false
}

func (golang) files(m *gamemodel.Messages, g Generator) (map[string][]byte, error) {
	v := newView(m, g, golangStyle)
	if len(v.Structures)+len(v.Containers) > 0 {
		v.Imports = append(v.Imports, "encoding/json")
	}
	if len(v.Containers) > 0 {
		v.Imports = append(v.Imports, "fmt")
	}
	if uses(m, gamemodel.Timestamp) {
		v.Imports = append(v.Imports, "time")
	}
	files, err := execute(golangTemplates(), v)
	if err != nil {
		return nil, err
	}
	for name, content := range files {
		if path.Ext(name) == ".go" {
			if files[name], err = format.Source(content); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return files, nil
}

// uses reports whether any field or element has the shape b.
func uses(m *gamemodel.Messages, b gamemodel.Basic) bool {
	return slices.ContainsFunc(m.Shapes, func(s gamemodel.Shape) bool {
		switch s := s.(type) {
		case *gamemodel.Structure:
			return slices.ContainsFunc(s.Fields, func(f gamemodel.Field) bool { return f.Shape == b })
		case *gamemodel.List:
			return s.Element == b
		case *gamemodel.Map:
			return s.Element == b
		}
		return false
	})
}
