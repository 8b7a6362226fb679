// Package document converts between Go values and documents, the members of the GameSparks API that contain a JSON value of
// any shape: the content of a configuration section, or the value of a modification.
//
//	type lamp struct {
//		Color string `document:"color"`
//		Hours int    `document:"hours,omitempty"`
//	}
//	modification := types.SectionModification{
//		Section:   new("Lighthouse.Lamps"),
//		Operation: types.OperationAdd,
//		Path:      new("/north"),
//		Value:     document.NewLazyDocument(lamp{Color: "white", Hours: 8}),
//	}
//
//	var north lamp
//	if err := modification.Value.UnmarshalSmithyDocument(&north); err != nil {
//		log.Fatal(err)
//	}
//	fmt.Println(north.Color, north.Hours)
//
// # Go values and JSON
//
// [NewLazyDocument] encodes a Go value as JSON, and UnmarshalSmithyDocument decodes JSON into a Go value:
//
//	Go                                          JSON
//	nil, nil pointer, nil map, nil slice        null
//	bool, string, integers, floats              boolean, string, number
//	*big.Int, *big.Float                        number
//	json.Number, the Number type of smithy-go   number with the same digits
//	json.RawMessage                             the JSON text
//	Interface                                   the document
//	slice, array, including []byte              array
//	map                                         object
//	struct                                      object of its exported fields
//	struct without exported fields              the result of its MarshalJSON or MarshalText method
//
// These types can occur at any depth. The following values cause an error:
//
//   - values of other types, NaN, infinities and values that contain themselves;
//   - a time.Time: format it as a string;
//   - a struct that has neither exported fields nor a MarshalJSON or MarshalText method;
//   - a struct with fields that also embeds a struct with such a method: the object would not contain the embedded value.
//
// A json.RawMessage must be a JSON text (RFC 8259) in UTF-8, and is sent byte for byte. It may contain repeated names
// and escapes of unpaired surrogates. A nil json.RawMessage is encoded as null; an empty one causes an error.
//
// Map keys of string, integer, float and boolean types become names as formatted by fmt.Sprint. Keys of other types
// become names by their MarshalText method. Two keys with the same name cause an error. For decoding, the key type must
// be a string or integer type or have an UnmarshalText method.
//
// # Struct tags
//
// Documents use the tag `document`, as all AWS SDKs for Go do, and ignore the tag `json`:
//
//	Name string `document:"name"`            // the member "name"
//	Name string `document:"name,omitempty"`  // omitted if it is false, 0, "" or nil
//	Name string `document:"-"`               // never encoded or decoded
//
// Without a tag, the member has the name of the field. Decoding prefers the field with exactly the member's name, and
// otherwise accepts a field whose name differs only in case. Embedded structs are flattened by the rules of encoding/json.
//
// # Differences from encoding/json
//
// The tag `json` has no effect. The methods MarshalJSON, MarshalText, UnmarshalJSON and UnmarshalText have an effect only on
// structs without exported fields. A []byte is an array of numbers. With omitempty, empty maps and slices that are not nil
// are kept. To use the conventions of encoding/json, convert with a json.RawMessage:
//
//	text, err := json.Marshal(value)
//	...
//	in.Value = document.NewLazyDocument(json.RawMessage(text))
//
//	var text json.RawMessage
//	if err := section.Attributes.UnmarshalSmithyDocument(&text); err != nil { ... }
//	err := json.Unmarshal(text, &value)
package document

import (
	"github.com/gamesparks-go/gamesparks/internal/document"
)

// Interface is a JSON value of any shape. A nil Interface means that the member is absent; a document that contains a
// JSON null is not nil.
//
// [NewLazyDocument] creates a document. Responses also contain documents, which can be sent unchanged in a request.
// Both kinds are safe for concurrent use as long as the Go value that they were created from does not change.
//
// Interface has the methods of the interfaces Marshaler and Unmarshaler in smithy-go's document package.
type Interface interface {
	// MarshalSmithyDocument returns the JSON encoding. The caller must not change it.
	MarshalSmithyDocument() ([]byte, error)

	// UnmarshalSmithyDocument decodes the document into the value that v points to. It ignores members without a
	// matching struct field. A JSON null sets the zero value.
	//
	// In an interface{} it stores nil, bool, string, []interface{}, map[string]interface{} or, for a number, the Number
	// type of smithy-go's document package, which keeps all digits. A *big.Float keeps the digits that fit its precision. In
	// a json.RawMessage it stores the JSON text, and in an Interface the document; neither is nil for null.
	//
	// If a value does not fit its Go type, the error is a *document.UnmarshalTypeError of smithy-go, and the value that v
	// points to may be partly set.
	UnmarshalSmithyDocument(v interface{}) error
}

// NewLazyDocument returns a document that contains v. The document encodes v each time it is sent, decoded or
// marshaled. The call that sends it therefore reports an error in v, with the path of the value. The package
// documentation lists the supported types.
func NewLazyDocument(v interface{}) Interface {
	return document.NewLazy(v)
}
