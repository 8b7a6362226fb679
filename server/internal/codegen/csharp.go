package codegen

import (
	"fmt"
	"strings"
	"sync"
	"text/template"
	"unicode/utf16"

	"github.com/gamesparks-go/gamesparks/internal/gamemodel"
)

// csharp generates a .NET project, which also works in Unity. It uses Newtonsoft.Json, which is available for both.
type csharp struct{}

func (csharp) name() string { return "CSHARP" }

var csharpStyle = style{
	reserved: []string{"ITransport", "RequestType", "MessageType", "Requests", "Events", "Notifications", "GameMessages"},
	// A member cannot have the name of its type, and must not hide a method of object.
	members: func(ident string) []string {
		return []string{ident, "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString"}
	},
	enumMembers: []string{"Value", "Values"},
	basic: func(b gamemodel.Basic) string {
		switch b {
		case gamemodel.Boolean:
			return "bool"
		case gamemodel.Integer, gamemodel.Long:
			return "long"
		case gamemodel.Float, gamemodel.Double:
			return "double"
		case gamemodel.Decimal:
			return "decimal"
		case gamemodel.Timestamp:
			return "global::System.DateTimeOffset"
		case gamemodel.Document:
			return "global::Newtonsoft.Json.Linq.JToken"
		default:
			return "string"
		}
	},
	optional: func(ident string, s gamemodel.Shape) string {
		if csharpNullable(s) {
			return ident
		}
		return ident + "?"
	},
	required: func(ident string, _ gamemodel.Shape) string { return ident },
	codec: func(ident string, s gamemodel.Shape) string {
		switch s {
		case gamemodel.Long:
			return gamemodel.Integer.String()
		case gamemodel.Float:
			return gamemodel.Double.String()
		}
		if basic, ok := s.(gamemodel.Basic); ok {
			return basic.String()
		}
		return "Shape<" + ident + ">"
	},
}

// csharpNullable reports whether the type of s is a reference type, which can be null.
func csharpNullable(s gamemodel.Shape) bool {
	switch s := s.(type) {
	case gamemodel.Basic:
		return s == gamemodel.String || s == gamemodel.Document
	case *gamemodel.Enum:
		return false
	}
	return true
}

// csharpTemplates returns the templates, which are parsed on first use.
var csharpTemplates = sync.OnceValue(func() *template.Template {
	xml := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	return parseTemplates("csharp", template.FuncMap{
		"comment": func(indent, text string) string { return comment(indent+"///", xml.Replace(text)) },
		"quote":   csharpQuote,
		"args":    func(s structureView, f fieldView) fieldArgs { return fieldArgs{s, f} },
	})
})

func (csharp) files(m *gamemodel.Messages, g Generator) (map[string][]byte, error) {
	return execute(csharpTemplates(), newView(m, g, csharpStyle))
}

// fieldArgs is the argument of the template that renders a structure field.
type fieldArgs struct {
	Structure structureView
	Field     fieldView
}

// csharpQuote returns s as a C# string literal that contains only ASCII characters.
func csharpQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, unit := range utf16.Encode([]rune(s)) {
		if unit < ' ' || unit > '~' || unit == '"' || unit == '\\' {
			fmt.Fprintf(&b, `\u%04X`, unit)
		} else {
			b.WriteByte(byte(unit))
		}
	}
	b.WriteByte('"')
	return b.String()
}
