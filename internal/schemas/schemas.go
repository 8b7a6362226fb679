// Package schemas defines the model of the GameSparks API, version 2021-08-17, as smithy schemas: every operation and
// shape with its wire names, bindings, errors and constraints. It is the only source of these facts for serialization,
// validation, introspection and the server.
package schemas

import (
	"maps"
	"slices"
	"strings"
	"sync"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"
)

// Namespace is the namespace of the model's shape IDs.
const Namespace = "com.amazonaws.gamesparks"

// APIOperation is an operation of the API, as described by the model.
type APIOperation struct {
	*smithy.OperationSchema

	// Name is the operation's name, for example CreateGame.
	Name string
	// InputName is the name of the Go type of the operation's input, for example CreateGameInput.
	InputName string
	// Method and URI are the values of the http trait. Labels in URI are in braces.
	Method, URI string
	// Path is the parsed URI.
	Path PathTemplate
	// Idempotent reports whether the model marks the operation as idempotent.
	Idempotent bool
	// Items is the output member that contains the items of a page, or nil if the operation is not paginated.
	Items *smithy.Schema
	// Errors are the modeled errors of the operation.
	Errors []*smithy.Schema

	hasBody func() bool
}

// Operations returns all operations, sorted by name.
func Operations() []*APIOperation {
	return slices.SortedFunc(maps.Values(operations), func(a, b *APIOperation) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
}

// FindOperation returns the operation with the given name, or nil.
func FindOperation(name string) *APIOperation { return operations[name] }

var operations = map[string]*APIOperation{}

type operationOption func(*APIOperation)

func idempotent(o *APIOperation) { o.Idempotent = true }

func paginated(items *smithy.Schema) operationOption {
	return func(o *APIOperation) { o.Items = items }
}

func throws(errors ...*smithy.Schema) operationOption {
	return func(o *APIOperation) { o.Errors = errors }
}

func operation(name, method, uri string, input, output *smithy.Schema, opts ...operationOption) *APIOperation {
	schema := smithy.NewSchema(shapeID(name), smithy.ShapeTypeOperation, 0,
		&traits.HTTP{Method: method, URI: uri, Code: 200})
	op := &APIOperation{
		OperationSchema: smithy.NewOperationSchema(schema, input, output),
		Name:            name,
		InputName:       name + "Input",
		Method:          method,
		URI:             uri,
		Path:            parsePath(uri),
	}
	// Computed on first use, because members are added to the input's schema after this call.
	op.hasBody = sync.OnceValue(func() bool {
		for _, m := range input.Members() {
			_, inPath := smithy.SchemaTrait[*traits.HTTPLabel](m)
			_, inQuery := smithy.SchemaTrait[*traits.HTTPQuery](m)
			if !inPath && !inQuery {
				return true
			}
		}
		return false
	})
	for _, opt := range opts {
		opt(op)
	}
	operations[name] = op
	return op
}

func shapeID(name string) smithy.ShapeID { return smithy.ShapeID{Namespace: Namespace, Name: name} }

func stringShape(name string, ts ...smithy.Trait) *smithy.Schema {
	return smithy.NewSchema(shapeID(name), smithy.ShapeTypeString, 0, ts...)
}

func enum(name string, values ...string) *smithy.Schema {
	return smithy.NewSchema(shapeID(name), smithy.ShapeTypeEnum, 0, &Enum{Values: values})
}

func structure(name string, ts ...smithy.Trait) *smithy.Schema {
	return smithy.NewSchema(shapeID(name), smithy.ShapeTypeStructure, 8, ts...)
}

func list(name string, member *smithy.Schema, ts ...smithy.Trait) *smithy.Schema {
	s := smithy.NewSchema(shapeID(name), smithy.ShapeTypeList, 1, ts...)
	s.AddMember("member", member)
	return s
}

func mapShape(name string, key, value *smithy.Schema, ts ...smithy.Trait) *smithy.Schema {
	s := smithy.NewSchema(shapeID(name), smithy.ShapeTypeMap, 2, ts...)
	s.AddMember("key", key)
	s.AddMember("value", value)
	return s
}

func exception(name string, status int) *smithy.Schema {
	fault := "client"
	if status >= 500 {
		fault = "server"
	}
	return structure(name, &traits.Error{Type: fault}, &traits.HTTPError{Code: status})
}

func length(min, max int) *Length { return &Length{Min: min, Max: max} }

func pattern(expression string) *Pattern { return newPattern(expression) }

var (
	required = &Required{}
	token    = &IdempotencyToken{}
	label    = &traits.HTTPLabel{}
)

func query(name string) *traits.HTTPQuery { return &traits.HTTPQuery{Name: name} }

// HasOutput reports whether the operation's output has members. All of them are in the response body.
func (o *APIOperation) HasOutput() bool { return len(o.Output.Members()) > 0 }

// HasBody reports whether the operation's input has members that are bound to neither the path nor the query.
func (o *APIOperation) HasBody() bool { return o.hasBody() }

// PathTemplate is a URI split at its labels. Literals and label names alternate, and the first element is a literal.
type PathTemplate []string

func parsePath(uri string) PathTemplate {
	var t PathTemplate
	for {
		literal, rest, found := strings.Cut(uri, "{")
		t = append(t, literal)
		if !found {
			return t
		}
		name, rest, _ := strings.Cut(rest, "}")
		t = append(t, name)
		uri = rest
	}
}

// Labels returns the names of the labels in order.
func (t PathTemplate) Labels() []string {
	var names []string
	for i := 1; i < len(t); i += 2 {
		names = append(names, t[i])
	}
	return names
}
