package gamesparks

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// input is a pointer to the input type of an operation.
type input[T any] interface {
	*T
	serde.Structure
}

// output is a pointer to the output type of an operation.
type output[T any] interface {
	*T
	serde.Structure
	metadata() *middleware.Metadata
}

// invoke is the way that every operation takes, from its parameters to its output.
func invoke[In, Out any, I input[In], O output[Out]](
	ctx context.Context, c *Client, op *schemas.APIOperation, params *In, optFns []func(*Options),
) (*Out, error) {
	if params == nil {
		params = new(In)
	}
	result, metadata, err := c.call(ctx, op, I(params), O(new(Out)), optFns)
	if err != nil {
		return nil, err
	}
	out, ok := result.(O)
	if !ok || out == nil {
		return nil, &smithy.OperationError{ServiceID: ServiceID, OperationName: op.Name,
			Err: fmt.Errorf("middleware returned a result of type %T, want %T", result, out)}
	}
	*out.metadata() = metadata
	return out, nil
}

// call runs the operation's middleware stack. The result is out, or what the middleware of others has put in its
// place.
func (c *Client) call(
	ctx context.Context, op *schemas.APIOperation, in, out serde.Structure, optFns []func(*Options),
) (result any, metadata middleware.Metadata, err error) {
	options := c.callOptions(optFns)

	ctx = callContext(ctx, options, op.Name)
	ctx, span := startCallSpan(ctx, options.TracerProvider, op.Name)
	defer func() {
		endCallSpan(span, err)
		if err != nil {
			err = &smithy.OperationError{ServiceID: ServiceID, OperationName: op.Name, Err: err}
		}
	}()

	stack, err := c.newStack(op, options, out)
	if err != nil {
		return nil, metadata, err
	}
	handler := middleware.DecorateHandler(smithyhttp.NewClientHandlerWithOptions(options.HTTPClient,
		func(h *smithyhttp.ClientHandler) { h.Meter = options.MeterProvider.Meter(scope) }), stack)

	result, err = timed(ctx, callDuration, func() (any, error) {
		result, m, err := handler.Handle(ctx, in)
		metadata = m
		return result, err
	})
	return result, metadata, err
}

// callContext returns the context of a call, with what middleware finds in it.
func callContext(ctx context.Context, o *Options, operation string) context.Context {
	ctx = middleware.ClearStackValues(ctx)
	ctx = middleware.WithServiceID(ctx, ServiceID)
	ctx = middleware.WithOperationName(ctx, operation)
	ctx = awsmiddleware.SetServiceID(ctx, ServiceID)
	ctx = awsmiddleware.SetOperationName(ctx, operation)
	if o.Region != "" {
		ctx = awsmiddleware.SetRegion(ctx, o.Region)
	}
	if o.EndpointResolver != nil {
		ctx = awsmiddleware.SetRequiresLegacyEndpoints(ctx, true)
	}
	ctx = middleware.SetLogger(ctx, redactingLogger{o.Logger})
	return withCallMeter(ctx, o.MeterProvider, operation)
}

// idempotentInput is an input with a ClientToken.
type idempotentInput interface {
	// withClientToken returns a copy of the input whose ClientToken, when it was nil, is what fill returns. The caller's
	// input stays as it is: used again it is another request.
	withClientToken(fill func() (*string, error)) (serde.Structure, error)
}

func newClientToken(o *Options) func() (*string, error) {
	return func() (*string, error) {
		token, err := o.IdempotencyTokenProvider.GetIdempotencyToken()
		return aws.String(token), err
	}
}
