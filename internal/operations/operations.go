// Package operations binds each operation of the API to its schema and to the Go types of its input and output. The client
// and the server share the bindings.
//
// Package gamesparks declares the types of inputs and outputs, and lists their members in unexported functions. Each
// method of the client passes these to [Bind]. The server needs the same bindings, but package gamesparks must not export
// them: its documentation shows only data and operations. A registry would be filled at program start, so the linker
// could not remove unused operations. Therefore, [Of] calls the method with a context that only this package can create.
// [Record] recognizes that context and stores the binding, and the method then returns without sending a request.
package operations

import (
	"context"
	"reflect"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// Binding binds an operation's schema to the types of its input and output.
type Binding[In, Out any] struct {
	// Schema is the operation's schema. Input and Output list the members of its input and output.
	Schema *schemas.APIOperation
	Input  serde.Members[In]
	Output serde.Members[Out]
}

// Bind returns the binding of an operation's schema to the members of its input and output.
func Bind[In, Out any](schema *schemas.APIOperation, input serde.Members[In], output serde.Members[Out]) Binding[In, Out] {
	return Binding[In, Out]{schema, input, output}
}

// Untyped returns the binding without type parameters, for code that does not depend on the types of the input and
// output.
func (b Binding[In, Out]) Untyped() Untyped { return Untyped{b.Schema, b.Input, b.Output} }

// Untyped is a [Binding] without type parameters.
type Untyped struct {
	// Schema is the operation's schema. Input and Output are the types of its input and output.
	Schema *schemas.APIOperation
	Input  serde.Type
	Output serde.Type
}

// recorder is a context in which a method of the client stores its binding instead of sending a request.
type recorder struct {
	context.Context
	binding any
}

// Record stores the binding and returns true if [Of] or [OfMethod] created ctx. In that case, the client's method must
// return immediately.
func Record[In, Out any](ctx context.Context, b Binding[In, Out]) bool {
	r, ok := ctx.(*recorder)
	if ok {
		r.binding = b
	}
	return ok
}

// Of returns the binding of a method of the client, such as (*gamesparks.Client).CreateGame.
func Of[Client, Options, In, Out any](
	method func(*Client, context.Context, *In, ...func(*Options)) (*Out, error),
) Binding[In, Out] {
	r := &recorder{Context: context.Background()}
	_, _ = method(nil, r, nil)
	b, _ := r.binding.(Binding[In, Out])
	return b
}

// OfMethod is like [Of], but for a method found by reflection. It returns the zero value if the method is not an
// operation.
func OfMethod(method reflect.Value) Untyped {
	r := &recorder{Context: context.Background()}
	t := method.Type()
	method.Call([]reflect.Value{reflect.Zero(t.In(0)), reflect.ValueOf(r), reflect.Zero(t.In(2))})
	b, ok := r.binding.(interface{ Untyped() Untyped })
	if !ok {
		return Untyped{}
	}
	return b.Untyped()
}
