package gamesparks

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	"github.com/aws/smithy-go/middleware"
	smithyrand "github.com/aws/smithy-go/rand"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/conditional"
	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// output is a pointer to the output type of an operation.
type output[T any] interface {
	*T
	metadata() *middleware.Metadata
}

// invoke runs an operation.
func invoke[In, Out any, O output[Out]](
	ctx context.Context, client *Client, op operations.Binding[In, Out], params *In, optFns []func(*Options),
) (*Out, error) {
	if operations.Record(ctx, op) {
		return nil, nil
	}
	if params == nil {
		params = new(In)
	}
	c := call{client: client, op: op.Schema, input: op.Input, output: op.Output, options: client.callOptions(optFns)}
	result, metadata, err := c.run(ctx, params)
	if err != nil {
		return nil, &smithy.OperationError{ServiceID: ServiceID, OperationName: c.op.Name, Err: c.conditionalError(err)}
	}
	out, ok := result.(*Out)
	if !ok || out == nil {
		return nil, &smithy.OperationError{ServiceID: ServiceID, OperationName: c.op.Name,
			Err: fmt.Errorf("middleware returned a result of type %T, want %T: return the result of the next handler", result, out)}
	}
	*O(out).metadata() = metadata
	return out, nil
}

// call is the state of one call of an operation.
type call struct {
	client  *Client
	op      *schemas.APIOperation
	input   serde.Type
	output  serde.Type
	options *Options
	values  callValues

	// out is the output. Each response gets a new one, so that no values remain from a response that could not be
	// deserialized.
	out any

	// executor runs the steps.
	executor executor

	// The results of an attempt's steps.
	scheme       authScheme
	identity     smithyauth.Identity
	regionalHost string // the host of the regional default endpoint; empty if the caller chose the endpoint
	payloadHash  string

	// credentials is the identity of the default authentication, part of the call to avoid an allocation.
	credentials credentialsIdentity

	// clockOffset is the offset of the service's clock, measured by the last attempt. The SDK's retry middleware exports it
	// only to packages of the SDK.
	clockOffset    time.Duration
	hasClockOffset bool

	outcome outcome

	probe [1]byte // closeBody reads into it

	direct directState
	stack  stackState
}

// executor runs the steps of a call. Everything that differs between the executors is a method of theirs, so that no
// step depends on the executor that runs it.
type executor interface {
	// run runs all steps.
	run(ctx context.Context, params any) (result any, metadata middleware.Metadata, err error)

	// hashPayload returns the SHA-256 of the request's body in hexadecimal.
	hashPayload(*smithyhttp.Request) (string, error)
}

// run runs the steps of the call: validate, serialize, identify, and for each attempt the attemptSteps, send and
// deserialize. If the options have middleware, interceptors, tracing, metrics or message logging, the steps run as a
// middleware stack; otherwise they are called in order, which takes a third of the time.
func (c *call) run(ctx context.Context, params any) (result any, metadata middleware.Metadata, err error) {
	c.values = callValues{Context: ctx, base: c.client.baseContext(c.op, c.options)}
	c.executor = (*directExecutor)(c)
	if c.options.needsStack() {
		c.executor = (*stackExecutor)(c)
	}
	return c.executor.run(&c.values, params)
}

// attemptStep is a step of an attempt before the request is sent. It has the same ID as in aws-sdk-go-v2, because
// programs insert middleware relative to that ID. Only the stack uses the fields other than run.
type attemptStep struct {
	id   string
	span string
	time *duration
	// perScheme adds the authentication scheme to the metric.
	perScheme bool
	// importFromContext applies values that middleware has set in the context. It runs before the step.
	importFromContext func(*call, context.Context)
	run               func(*call, context.Context, *smithyhttp.Request) error
	// exportToContext returns a context with the results of the step, for the SDK's own middleware.
	exportToContext func(*call, context.Context) context.Context
	annotateSpan    func(*call, *smithyhttp.Request, tracing.Span)
}

var attemptSteps = [...]attemptStep{
	{id: "ResolveAuthScheme", span: "ResolveAuthScheme", run: (*call).resolveAuthScheme, annotateSpan: annotateScheme},
	{id: "GetIdentity", span: "GetIdentity", time: &resolveIdentityDuration, perScheme: true, run: (*call).resolveIdentity},
	{id: "ResolveEndpointV2", span: "ResolveEndpoint", time: &resolveEndpointDuration, run: (*call).resolveEndpoint,
		exportToContext: exportSigningScope, annotateSpan: annotateEndpoint},
	{id: "ComputePayloadHash", span: "ComputePayloadSHA256", run: (*call).computePayloadHash, exportToContext: exportPayloadHash},
	{id: "Signing", span: "SignRequest", time: &signingDuration, perScheme: true, importFromContext: importSigningValues, run: (*call).sign},
}

func (c *Client) newRetry(o *Options) *retry.Attempt {
	return retry.NewAttemptMiddleware(o.Retryer, attemptRequest, func(m *retry.Attempt) {
		m.LogAttempts = o.ClientLogMode.IsRetries()
		m.OperationMeter = o.MeterProvider.Meter(scope)
		m.ClientSkew = c.timeOffset
		m.DisableClockSkewCorrection = o.DisableClockSkewCorrection
	})
}

// attemptRequest returns the request for an attempt. If v is the call of the direct executor, the request is a new one;
// otherwise it is a copy of the stack's request.
func attemptRequest(v any) any {
	if c, ok := v.(*call); ok {
		return c.newRequest()
	}
	return smithyhttp.RequestCloner(v)
}

var invocationIDs = smithyrand.NewUUID(randomBytes{})

// randomBytes reads from the runtime's random generator, which takes no lock. Invocation IDs are not secrets.
type randomBytes struct{}

func (randomBytes) Read(p []byte) (int, error) {
	var random [8]byte
	for i := 0; i < len(p); i += len(random) {
		binary.LittleEndian.PutUint64(random[:], rand.Uint64())
		copy(p[i:], random[:])
	}
	return len(p), nil
}

// identify returns the headers that identify the call and the client, as the SDK's middleware ClientRequestID and UserAgent
// set them.
func (c *call) identify() (invocationID, userAgent string, err error) {
	invocationID, err = invocationIDs.GetUUID()
	if c.options == c.client.options {
		return invocationID, c.client.userAgent(), err
	}
	return invocationID, userAgentHeader(c.options), err
}

// requestMemory combines the parts of a request in one allocation.
type requestMemory struct {
	request smithyhttp.Request
	http    http.Request
	url     url.URL
	values  [3]string // header values
}

// newRequest returns the request for an attempt of the direct executor.
func (c *call) newRequest() *smithyhttp.Request {
	a := new(requestMemory)
	values := a.values[:]
	values[0], values[1], values[2] = c.direct.invocationID, c.direct.userAgent, "application/json"
	header := make(http.Header, 8)
	header["Amz-Sdk-Invocation-Id"] = values[0:1:1]
	header["User-Agent"] = values[1:2:2]
	if c.direct.request.Body != nil {
		header["Content-Type"] = values[2:3:3]
	}
	if c.options.ifMatch != nil {
		header[conditional.IfMatch] = []string{*c.options.ifMatch}
	}
	a.url = url.URL{Path: c.direct.request.Path, RawQuery: c.direct.request.Query}
	if c.direct.request.RawPath != c.direct.request.Path { // by convention, RawPath is empty if it equals Path
		a.url.RawPath = c.direct.request.RawPath
	}
	// The context of the call suffices: only middleware reads the values that an attempt adds.
	a.http = *(&http.Request{}).WithContext(&c.values)
	req := &a.http
	req.Method = c.op.Method
	req.URL = &a.url
	req.Header = header
	req.ContentLength = int64(len(c.direct.request.Body))
	a.request.Request = req
	if c.client.inLambda {
		_, _, _ = new(awsmiddleware.RecursionDetection).HandleBuild(&c.values, middleware.BuildInput{Request: &a.request}, nopBuildHandler{})
	}
	return &a.request
}

// callValues is the context of a call. The values that middleware reads take precedence over the caller's. They depend
// only on the client and the operation, so base is created once, which avoids a dozen nested contexts per call.
type callValues struct {
	context.Context
	base context.Context
}

// Value returns the call's value for the key, or else the value from the caller's context.
func (v *callValues) Value(key any) any {
	if value := v.base.Value(key); value != nil {
		return value
	}
	return v.Context.Value(key)
}

// baseContext returns a context with the values that all calls of the operation with these options share.
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
	// Lookups start at the value set last, so the logger, which is read least often, is set first.
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
