package operations_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// TestOfMethod checks that each method of the client is bound to the operation of the same name and to the method's input
// and output.
func TestOfMethod(t *testing.T) {
	t.Parallel()
	client := reflect.TypeFor[*gamesparks.Client]()
	for _, op := range schemas.Operations() {
		m, ok := client.MethodByName(op.Name)
		if !ok {
			t.Errorf("the client has no method %s", op.Name)
			continue
		}
		b := operations.OfMethod(m.Func)
		if b.Schema != op {
			t.Errorf("%s is bound to the wrong operation: %+v", op.Name, b.Schema)
			continue
		}
		in, out := reflect.TypeOf(b.Input.New()), reflect.TypeOf(b.Output.New())
		if in != m.Type.In(2) || out != m.Type.Out(0) {
			t.Errorf("%s is bound to the wrong types: %v and %v", op.Name, in, out)
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	if b := operations.Of((*gamesparks.Client).GetGame); b.Schema != schemas.GetGame || b.Input == nil || b.Output == nil {
		t.Errorf("incomplete binding: %+v", b)
	}
	if operations.Record(context.Background(), operations.Binding[int, int]{}) {
		t.Error("Record accepts a context that Of did not create")
	}
}
