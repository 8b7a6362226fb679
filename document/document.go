// Package document provides the type of the API's document members, which hold a JSON value of any shape: the content of a
// configuration section, or the value of a modification.
//
// # Go values and JSON
//
// [NewLazyDocument] encodes a Go value as JSON, and UnmarshalSmithyDocument decodes JSON into one:
//
//	Go                                          JSON
//	nil, nil pointer, nil map, nil slice        null
//	bool, string, integers, floats              boolean, string, number
//	*big.Int, *big.Float                        number
//	json.Number, the Number type of smithy-go   number with the same digits
//	json.RawMessage                             the JSON text it holds
//	Interface                                   the document
//	slice, array, including []byte              array
//	map                                         object
//	struct                                      object of its exported fields
//	struct without exported fields              what its MarshalJSON or MarshalText method returns
//
// These types can occur at any depth. Values of other types, NaN, infinities and values that contain themselves are
// errors, as is a time.Time: format it as a string. A struct without exported fields and without such a method is an error,
// and so is a struct that embeds one with such a method and has fields of its own, since its object would not contain
// the embedded value.
//
// A json.RawMessage must be JSON as RFC 8259 defines it, in UTF-8, and is sent byte for byte. Names may repeat, and an
// escape may stand for half of a surrogate pair. A nil json.RawMessage is null; an empty one is an error.
//
// Map keys of string, integer, float and boolean types become names as fmt.Sprint formats them, keys of other types by
// their MarshalText method. Two keys with the same name are an error. When decoding, the key type must be a string or
// integer type or have an UnmarshalText method.
//
// # Struct tags
//
// Documents use the tag `document`, as all AWS SDKs for Go do, and ignore the tag `json`:
//
//	Name string `document:"name"`            // the member "name"
//	Name string `document:"name,omitempty"`  // left out when it is false, 0, "" or nil
//	Name string `document:"-"`               // never encoded or decoded
//
// Without a tag the member has the name of the field. Decoding prefers the field with exactly the member's name and
// accepts one that differs in case only. Embedded structs are flattened by the rules of encoding/json.
//
// # Differences from encoding/json
//
// The tag `json` and, for types other than structs without exported fields, the methods MarshalJSON, MarshalText and their
// counterparts have no effect; []byte is an array of numbers; omitempty keeps empty maps and slices that are not nil. To
// use the conventions of encoding/json, convert with a json.RawMessage:
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

// Interface is a JSON value of any shape. A nil Interface means that the member is absent; a document of null is not nil.
//
// [NewLazyDocument] creates a document, and responses contain documents, which can be passed on in a request. These are safe for
// concurrent use as long as the Go value that they were created from does not change.
//
// Interface has the methods of the interfaces Marshaler and Unmarshaler in smithy-go's document package.
type Interface interface {
	// MarshalSmithyDocument returns the JSON encoding, which must not be changed.
	MarshalSmithyDocument() ([]byte, error)

	// UnmarshalSmithyDocument decodes the document into the value that v points to. Members that no struct field matches
	// are ignored; null sets the zero value. Into an interface{} it stores nil, bool, string, []interface{},
	// map[string]interface{} or, for every number, a Number of smithy-go's document package, which keeps all digits; a
	// *big.Float keeps as many as its precision has room for. A json.RawMessage receives the JSON text, and an Interface
	// the document, both not nil for null. A value that does not fit is a *document.UnmarshalTypeError of smithy-go; the
	// value may then be partly set.
	UnmarshalSmithyDocument(v interface{}) error
}

// NewLazyDocument returns a document of v. It encodes v each time the document is sent, decoded or marshaled, so the call
// that sends it reports an error in v, with the path of the value. The package documentation lists the types that v can
// contain.
func NewLazyDocument(v interface{}) Interface {
	return document.NewLazy(v)
}
