package codegen

import (
	"fmt"
	"strings"
	"text/template"
	"unicode/utf16"
)

// csharp generates a .NET project that Unity takes too. It uses Newtonsoft.Json, the JSON library of both worlds.
type csharp struct{}

func (csharp) name() string { return "CSHARP" }

var csharpStyle = style{
	reserved: []string{"ITransport", "RequestType", "MessageType", "Requests", "Events", "Notifications", "GameMessages"},
	// No member can have the name of its type, or hide a method that every object has.
	members: func(ident string) []string {
		return []string{ident, "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString"}
	},
	enumMembers: []string{"Value", "Values"},
	basic: func(b basic) string {
		switch b {
		case booleanShape:
			return "bool"
		case integerShape, longShape:
			return "long"
		case floatShape, doubleShape:
			return "double"
		case decimalShape:
			return "decimal"
		case timestampShape:
			return "global::System.DateTimeOffset"
		case documentShape:
			return "global::Newtonsoft.Json.Linq.JToken"
		default:
			return "string"
		}
	},
	optional: func(ident string, t target) string {
		switch {
		case t.basic == stringShape, t.basic == documentShape, t.shape != nil && t.shape.kind != enumKind:
			return ident // a reference, which can be null
		default:
			return ident + "?"
		}
	},
	required: func(ident string, _ target) string { return ident },
	codec: func(ident string, t target) string {
		switch {
		case t.shape != nil:
			return "Shape<" + ident + ">"
		case t.basic == longShape:
			return string(integerShape)
		case t.basic == floatShape:
			return string(doubleShape)
		default:
			return string(t.basic)
		}
	},
}

func (csharp) files(c *configuration, g Generator) (map[string][]byte, error) {
	xml := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	return execute("csharp", newView(c, g, csharpStyle), template.FuncMap{
		"comment": func(indent, text string) string { return comment(indent+"///", xml.Replace(text)) },
		"quote":   csharpQuote,
		"args":    func(s structureView, f fieldView) fieldArgs { return fieldArgs{s, f} },
	})
}

// fieldArgs are the arguments of a template for a field of a structure.
type fieldArgs struct {
	Structure structureView
	Field     fieldView
}

// csharpQuote returns a string literal of ASCII characters.
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
