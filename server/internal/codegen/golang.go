package codegen

import (
	"fmt"
	"go/format"
	"path"
	"strconv"
	"text/template"
)

// golang generates a Go module.
type golang struct{}

func (golang) name() string { return "GO" }

var golangStyle = style{
	reserved: []string{"Transport", "RequestType", "MessageType", "Requests", "Events", "Notifications"},
	members:  func(string) []string { return []string{"MarshalJSON", "UnmarshalJSON"} },
	prefixed: true,
	basic: func(b basic) string {
		switch b {
		case booleanShape:
			return "bool"
		case integerShape, longShape:
			return "int64"
		case floatShape, doubleShape:
			return "float64"
		case decimalShape:
			return "json.Number"
		case timestampShape:
			return "time.Time"
		case documentShape:
			return "json.RawMessage"
		default:
			return "string"
		}
	},
	optional: func(ident string, t target) string {
		if golangNilable(t) {
			return ident
		}
		return "*" + ident
	},
	required: func(ident string, t target) string {
		// A structure is behind a pointer here too, since it may hold itself, or too much to hold by value.
		if t.shape != nil && t.shape.kind == structureKind {
			return "*" + ident
		}
		return ident
	},
}

// golangNilable reports whether the type of t has a nil that can stand for an absent value.
func golangNilable(t target) bool {
	return t.basic == documentShape || t.shape != nil && (t.shape.kind == listKind || t.shape.kind == mapKind)
}

func (golang) files(c *configuration, g Generator) (map[string][]byte, error) {
	v := newView(c, g, golangStyle)
	if len(v.Structures)+len(v.Containers) > 0 {
		v.Imports = append(v.Imports, "encoding/json")
	}
	if len(v.Containers) > 0 {
		v.Imports = append(v.Imports, "fmt")
	}
	if c.uses(timestampShape) {
		v.Imports = append(v.Imports, "time")
	}
	files, err := execute("go", v, template.FuncMap{
		"comment": func(text string) string { return comment("//", text) },
		"quote":   strconv.QuoteToASCII,
	})
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
