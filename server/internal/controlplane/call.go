package controlplane

import (
	"context"
	"fmt"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/conditional"
	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
)

// call is a single call to an operation. Each operation is a method of call.
type call struct {
	*Service
	Caller
	ctx context.Context
	op  *schemas.APIOperation
	now time.Time

	// tx is the transaction of the operation.
	tx *records.Tx

	// keys are the keys of the records that an update probably reads.
	keys []string

	// ifMatch is the condition in IfMatch.
	ifMatch conditional.Condition

	// response is the result of the operation, without the output.
	response Response

	// afterCommit runs after the transaction has ended, and may complete the output. Optional. The context does not end with
	// the request, whose client may not wait for the response.
	afterCommit func(context.Context) error
}

func (c *call) owner() records.Owner { return records.Owner{Account: c.Account, Region: c.Region} }

// Operation is an operation of the API.
type Operation struct {
	// Untyped holds the schema of the operation and the types of its input and output.
	operations.Untyped

	// Writes reports whether the operation changes the state of the service.
	Writes bool

	run func(*call, any) (any, error)
}

// Run runs the operation. The input in must be a pointer to a value that satisfies the constraints of the model. The
// output is also a pointer. API errors have the error types of the SDK. Any other error is an internal failure.
func (s *Service) Run(ctx context.Context, op *Operation, caller Caller, in any) (Response, error) {
	c := &call{Service: s, Caller: caller, ctx: ctx, op: op.Schema, now: s.now()}
	if err := c.parseIfMatch(); err != nil {
		return Response{}, err
	}
	out, err := op.run(c, in)
	if err != nil {
		return Response{}, err
	}
	c.response.Output = out
	return c.response, nil
}

// parseIfMatch parses the If-Match header. It rejects the header if the operation does not support it, since the client
// relies on the condition.
func (c *call) parseIfMatch() (err error) {
	if c.IfMatch == nil {
		return nil
	}
	if !conditional.Supports(c.op) {
		return invalid("%v.", conditional.Unsupported(c.op))
	}
	if c.ifMatch, err = conditional.Parse(c.IfMatch...); err != nil {
		return invalid("%v.", err)
	}
	return nil
}

// clientMethod is a method of the client. The operation has the same input and output types.
type clientMethod[In, Out any] = func(*gamesparks.Client, context.Context, *In, ...func(*gamesparks.Options)) (*Out, error)

// reads returns a read-only operation.
func reads[In, Out any](m clientMethod[In, Out], method func(*call, *In) (*Out, error)) *Operation {
	return newOperation(m, false, func(c *call, in *In) (any, error) {
		return run(c, (*call).view, func() (*Out, error) { return method(c, in) })
	})
}

// readsGame is like reads, for an operation whose transaction, viewGame or viewGameOnly, reads the game with the name.
func readsGame[In, Out any](
	m clientMethod[In, Out], name func(*In) *string, transact func(*call, *string, func(*records.Tx) error) error,
	method func(*call, *In) (*Out, error),
) *Operation {
	return newOperation(m, false, func(c *call, in *In) (any, error) {
		view := func(c *call, fn func(*records.Tx) error) error { return transact(c, name(in), fn) }
		return run(c, view, func() (*Out, error) { return method(c, in) })
	})
}

// readsCatalogue returns an operation that reads the extension catalogue.
func readsCatalogue[In, Out any](m clientMethod[In, Out], method func(*call, *In) (*Out, error)) *Operation {
	view := func(c *call, fn func(*records.Tx) error) error { return viewCatalogue(c.ctx, c.catalogue, fn) }
	return newOperation(m, false, func(c *call, in *In) (any, error) {
		return run(c, view, func() (*Out, error) { return method(c, in) })
	})
}

// writes returns an operation that writes atomically.
func writes[In, Out any](m clientMethod[In, Out], method func(*call, *In) (*Out, error)) *Operation {
	return newOperation(m, true, func(c *call, in *In) (any, error) {
		return run(c, (*call).update, func() (*Out, error) { return method(c, in) })
	})
}

// writesWithKeys is like writes, for an operation that knows before its transaction which records it probably reads.
func writesWithKeys[In, Out any](m clientMethod[In, Out], keys func(*call, *In) []string, method func(*call, *In) (*Out, error)) *Operation {
	return newOperation(m, true, func(c *call, in *In) (any, error) {
		c.keys = keys(c, in)
		return run(c, (*call).update, func() (*Out, error) { return method(c, in) })
	})
}

// writesPrepared is like writes, for an operation with work that needs no transaction. Because a transaction blocks all
// other writes, prepare does this work first. The method receives the result of prepare.
func writesPrepared[In, Out, Prepared any](
	m clientMethod[In, Out], prepare func(*call, *In) (Prepared, error), method func(*call, *In, Prepared) (*Out, error),
) *Operation {
	return newOperation(m, true, func(c *call, in *In) (any, error) {
		prepared, err := prepare(c, in)
		if err != nil {
			return nil, err
		}
		return run(c, (*call).update, func() (*Out, error) { return method(c, in, prepared) })
	})
}

func newOperation[In, Out any](m clientMethod[In, Out], writes bool, run func(*call, *In) (any, error)) *Operation {
	op := &Operation{Untyped: operations.Of(m).Untyped(), Writes: writes}
	op.run = func(c *call, in any) (any, error) {
		input, ok := in.(*In)
		if !ok {
			return nil, fmt.Errorf("operation %s: input has type %T, want %T", op.Schema.Name, in, input)
		}
		return run(c, input)
	}
	return op
}

// afterCommitTimeout limits the time of afterCommit.
const afterCommitTimeout = 10 * time.Second

// run calls the method in a transaction.
func run[Out any](c *call, transact func(*call, func(*records.Tx) error) error, method func() (*Out, error)) (any, error) {
	var out *Out
	err := transact(c, func(tx *records.Tx) (err error) {
		c.tx, c.afterCommit, c.response = tx, nil, Response{} // the store may rerun the transaction
		out, err = method()
		return err
	})
	if err != nil {
		return nil, err
	}
	if c.afterCommit != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), afterCommitTimeout)
		defer cancel()
		if err := c.afterCommit(ctx); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func viewCatalogue(ctx context.Context, catalogue *records.DB, fn func(*records.Tx) error) error {
	return catalogue.View(ctx, records.Owner{}, time.Time{}, fn)
}
