// Package document has the type of the API's document members, which hold a JSON value of any shape: the contents of
// a configuration section, or the value of a modification.
package document

import (
	"github.com/gamesparks-go/gamesparks/internal/document"
)

// Interface is a JSON value of any shape.
//
// UnmarshalSmithyDocument decodes it into the value that its argument points to. Struct fields are matched by name or
// by their `document:"name"` tag; time.Time is not supported. Into an interface{} it stores nil, bool, string,
// []interface{}, map[string]interface{} or, for every number, a document.Number of smithy-go, which keeps all digits;
// a *big.Float keeps as many as its precision has room for.
//
// MarshalSmithyDocument returns its JSON encoding.
//
// Documents from a response can be passed on in a request. An Interface is safe for concurrent use as long as the Go
// value it was made from does not change. Other packages cannot implement it.
type Interface = document.Interface

// NewLazyDocument returns the document that v stands for. V is encoded each time the document is, so an error in it
// is reported by the call that sends it.
//
// V is made of numbers, strings, booleans, nil, maps with string keys, slices, structs, *big.Int, *big.Float and the
// Number type of smithy-go's document package. A document, a json.Number or a json.RawMessage can be v itself, or a
// value of a map[string]interface{} or []interface{} in it. A time.Time cannot be encoded.
func NewLazyDocument(v interface{}) Interface {
	return document.NewLazy(v)
}
