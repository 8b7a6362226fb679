// Package document implements the document type of the GameSparks client: a JSON value of any shape.
package document

import (
	smithydocument "github.com/aws/smithy-go/document"
)

// Interface has the same methods as Interface in the public package document, which this package cannot import.
type Interface interface {
	smithydocument.Marshaler
	smithydocument.Unmarshaler
}

// Lazy is a document that encodes a Go value on each use.
type Lazy struct{ value any }

// NewLazy returns a document that encodes v on each use.
func NewLazy(v any) *Lazy { return &Lazy{value: v} }

// MarshalSmithyDocument returns the JSON encoding of the document.
func (d *Lazy) MarshalSmithyDocument() ([]byte, error) {
	data, err := Append(nil, d)
	if err != nil {
		return nil, err
	}
	return data, nil
}

// UnmarshalSmithyDocument decodes the document into the value that v points to.
func (d *Lazy) UnmarshalSmithyDocument(v any) error {
	data, err := d.MarshalSmithyDocument()
	if err != nil {
		return err
	}
	return NewRaw(data).UnmarshalSmithyDocument(v)
}

// Raw is a document that holds its JSON encoding.
type Raw struct{ data []byte }

// NewRaw returns the document whose JSON encoding is data. The document retains data.
func NewRaw(data []byte) *Raw { return &Raw{data: data} }

// MarshalSmithyDocument returns the JSON encoding of the document. The caller must not change it.
func (d *Raw) MarshalSmithyDocument() ([]byte, error) { return d.data, nil }

// UnmarshalSmithyDocument decodes the document into the value that v points to.
func (d *Raw) UnmarshalSmithyDocument(v any) error {
	return decode(d.data, v)
}
