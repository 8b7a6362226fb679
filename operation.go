package gamesparks

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/internal/sigv4"
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
	ctx context.Context, client *Client, op *schemas.APIOperation, params *In, optFns []func(*Options),
) (*Out, error) {
	if params == nil {
		params = new(In)
	}
	c := call{client: client, op: op, options: client.callOptions(optFns), outputs: outputsOf[Out, O]{}}
	result, metadata, err := c.run(ctx, I(params))
	if err != nil {
		return nil, &smithy.OperationError{ServiceID: ServiceID, OperationName: op.Name, Err: err}
	}
	out, ok := result.(O)
	if !ok || out == nil {
		return nil, &smithy.OperationError{ServiceID: ServiceID, OperationName: op.Name,
			Err: fmt.Errorf("middleware returned a result of type %T, want %T", result, out)}
	}
	*out.metadata() = metadata
	return out, nil
}

// outputs makes outputs of one type. Unlike a function that does, it takes no memory.
type outputs interface{ make() serde.Structure }

type outputsOf[Out any, O output[Out]] struct{}

func (outputsOf[Out, O]) make() serde.Structure { return O(new(Out)) }

// call is one call of an operation: what its steps, which middleware.go has in order, find out and pass on.
type call struct {
	client  *Client
	op      *schemas.APIOperation
	options *Options

	// outputs makes an output for each response, so that one that turns out broken leaves nothing behind. Out is the
	// one that was filled.
	outputs outputs
	out     serde.Structure

	// regionalHost is the host of the regional default endpoint, empty if the caller chose the endpoint.
	regionalHost string

	scheme      authScheme
	identity    smithyauth.Identity
	payloadHash string

	// clockOffset is the difference of the service's clock to ours that the last attempt saw, if it saw one. The SDK's
	// retry middleware shares it with the packages of the SDK only.
	clockOffset    time.Duration
	hasClockOffset bool

	probe [1]byte // what closeBody reads into
	held  heldBody

	values callValues

	// What newRequest makes the requests of a call without a stack from.
	direct       bool
	request      restjson.Request
	invocationID string
	userAgent    string
	response     *responseMemory // of the attempt
}

// run runs the steps of the call. The result is out, or what the middleware of others has put in its place.
func (c *call) run(ctx context.Context, params serde.Structure) (result any, metadata middleware.Metadata, err error) {
	c.values = callValues{Context: ctx, base: c.client.baseContext(c.op, c.options)}
	if c.options.observed() {
		return c.runStack(&c.values, params)
	}
	metadata, err = c.runDirect(&c.values, params)
	return c.out, metadata, err
}

// callValues is the context of a call: the caller's, and in front of it the values that middleware looks for. These
// depend on client and operation only and are made once, instead of a dozen nested contexts in each call.
type callValues struct {
	context.Context
	base context.Context
}

// Value returns the value of the call or else that of the caller's context.
func (v *callValues) Value(key any) any {
	if value := v.base.Value(key); value != nil {
		return value
	}
	return v.Context.Value(key)
}

// baseContext returns the values of the operation's calls with the options.
func (c *Client) baseContext(op *schemas.APIOperation, o *Options) context.Context {
	if o != c.options {
		return newBaseContext(op.Name, o)
	}
	if base, ok := c.contexts.Load(op); ok {
		return base.(context.Context)
	}
	base, _ := c.contexts.LoadOrStore(op, newBaseContext(op.Name, o))
	return base.(context.Context)
}

func newBaseContext(operation string, o *Options) context.Context {
	// The logger goes in first, since what middleware looks for most is found fastest when it goes in last.
	ctx := middleware.SetLogger(context.Background(), &redactingLogger{o.Logger})
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
	return ctx
}

// perClient is what a client works out once, when a call first needs it.
type perClient struct {
	contexts  sync.Map // *schemas.APIOperation -> context.Context
	endpoint  func() (*resolvedEndpoint, error)
	userAgent func() string
	transport func() HTTPClient
	retry     func() *retry.Attempt
	signer    sigv4.Signer

	// inLambda tells that the process is a Lambda function, whose trace id requests have to carry. It is found out with the
	// client, since looking into the environment makes calls wait for each other.
	inLambda bool
}

func (c *Client) initPerClient() {
	c.endpoint = sync.OnceValues(func() (*resolvedEndpoint, error) { return resolveDefaultEndpoint(c.options) })
	c.retry = sync.OnceValue(func() *retry.Attempt { return c.newRetry(c.options) })
	c.transport = sync.OnceValue(func() HTTPClient { return c.options.transport() })
	c.userAgent = sync.OnceValue(func() string { return userAgentHeader(c.options) })
	_, c.inLambda = os.LookupEnv("AWS_LAMBDA_FUNCTION_NAME")
}

// retryOf returns the retry middleware of the options. It keeps nothing about a call, so calls share it.
func (c *Client) retryOf(o *Options) *retry.Attempt {
	if o == c.options {
		return c.retry()
	}
	return c.newRetry(o)
}
