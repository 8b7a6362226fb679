package gamesparks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// needsStack reports whether the options require a middleware stack.
func (o *Options) needsStack() bool {
	_, noTraces := o.TracerProvider.(*tracing.NopTracerProvider)
	_, noMetrics := o.MeterProvider.(metrics.NopMeterProvider)
	return len(o.APIOptions) > 0 || hasInterceptors(&o.Interceptors) || o.logsMessages() || !noTraces || !noMetrics
}

// stackExecutor runs the steps as a smithy middleware stack, with the middleware IDs of aws-sdk-go-v2.
type stackExecutor call

// stackState is the state of a call that only the stack executor uses.
type stackState struct{ unlogged unloggedBody }

func (s *stackExecutor) run(ctx context.Context, params any) (result any, metadata middleware.Metadata, err error) {
	c := (*call)(s)
	ctx = withCallMeter(ctx, c.options.MeterProvider, c.op.Name)
	ctx, span := startCallSpan(ctx, c.options.TracerProvider, c.op.Name)
	defer func() { endCallSpan(span, err) }()

	stack, err := c.newStack()
	if err != nil {
		return nil, metadata, err
	}
	handler := middleware.DecorateHandler(smithyhttp.NewClientHandlerWithOptions(stackSender{c},
		func(h *smithyhttp.ClientHandler) { h.Meter = c.options.MeterProvider.Meter(scope) }), stack)
	callTimer, err := startTimer(ctx, &callDuration) // not timed, whose closure would add two frames to the stack
	if err != nil {
		return nil, metadata, err
	}
	err = errPanic // for the span, if the handler does not return
	result, metadata, err = handler.Handle(ctx, params)
	callTimer.record(ctx)
	return result, metadata, err
}

var errPanic = errors.New("panic")

// hashPayload hashes the request body. It does so for each attempt, since middleware may have changed the body.
func (s *stackExecutor) hashPayload(req *smithyhttp.Request) (string, error) {
	stream := req.GetStream()
	if stream == nil {
		return emptyPayloadHash, nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, stream); err != nil {
		return "", err
	}
	if err := req.RewindStream(); err != nil {
		return "", fmt.Errorf("rewind request body: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func (c *call) newStack() (*middleware.Stack, error) {
	stack := middleware.NewStack(c.op.Name, smithyhttp.NewStackRequest)
	o := c.options
	errs := []error{
		stack.Initialize.Add(&validationMiddleware{c}, middleware.After),
		stack.Serialize.Add(legacyEndpointAnchor{}, middleware.After),
		stack.Serialize.Add(&serializerMiddleware{c}, middleware.After),
		stack.Build.Add(&awsmiddleware.ClientRequestID{}, middleware.After),
		stack.Build.Add(newUserAgent(o), middleware.After),
		stack.Finalize.Add(c.client.newRetry(o), middleware.After),
	}
	for i := range attemptSteps {
		errs = append(errs, stack.Finalize.Add(&attemptMiddleware{c, &attemptSteps[i]}, middleware.After))
	}
	errs = append(errs, // responses pass through this step in reverse order
		stack.Deserialize.Add(&awsmiddleware.AddRawResponse{}, middleware.After),
		stack.Deserialize.Add(&awshttp.ResponseErrorWrapper{}, middleware.After),
		stack.Deserialize.Add(&awsmiddleware.RequestIDRetriever{}, middleware.After),
		stack.Deserialize.Add(&deserializerMiddleware{c}, middleware.After),
		stack.Deserialize.Add(&awsmiddleware.RecordResponseTiming{
			DisableClockSkewCorrection: o.DisableClockSkewCorrection,
		}, middleware.After),
	)
	if c.client.inLambda {
		errs = append(errs, stack.Build.Add(&awsmiddleware.RecursionDetection{}, middleware.After))
	}
	errs = append(errs, stack.Deserialize.Add(newMessageLogger(o), middleware.After))
	errs = append(errs, addInterceptors(stack, &o.Interceptors))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, fn := range o.APIOptions {
		if err := fn(stack); err != nil {
			return nil, err
		}
	}
	return stack, nil
}

type validationMiddleware struct{ *call }

func (*validationMiddleware) ID() string { return "OperationInputValidation" }

func (m *validationMiddleware) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	out middleware.InitializeOutput, metadata middleware.Metadata, err error,
) {
	if in.Parameters, err = m.validate(in.Parameters); err != nil {
		return out, metadata, err
	}
	return next.HandleInitialize(ctx, in)
}

// legacyEndpointAnchor is a no-op. In other clients of the SDK, the middleware with this ID calls an EndpointResolver, and
// programs insert middleware relative to it. In this client, ResolveEndpointV2 calls both kinds of resolver.
type legacyEndpointAnchor struct{}

func (legacyEndpointAnchor) ID() string { return "ResolveEndpoint" }

func (legacyEndpointAnchor) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
	middleware.SerializeOutput, middleware.Metadata, error,
) {
	return next.HandleSerialize(ctx, in)
}

type serializerMiddleware struct{ *call }

func (*serializerMiddleware) ID() string { return "OperationSerializer" }

func (m *serializerMiddleware) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
	out middleware.SerializeOutput, metadata middleware.Metadata, err error,
) {
	req, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return out, metadata, fmt.Errorf("middleware set a request of type %T, want *smithyhttp.Request", in.Request)
	}
	_, span := tracing.StartSpan(ctx, "OperationSerializer")
	err = timed(ctx, &serializeDuration, func() (err error) {
		in.Request, err = m.serialize(in.Parameters, req)
		return err
	})
	span.End()
	if err != nil {
		return out, metadata, err
	}
	return next.HandleSerialize(ctx, in)
}

type attemptMiddleware struct {
	*call
	step *attemptStep
}

func (m *attemptMiddleware) ID() string { return m.step.id }

func (m *attemptMiddleware) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	req, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return out, metadata, fmt.Errorf("middleware set a request of type %T, want *smithyhttp.Request", in.Request)
	}
	if m.step.importFromContext != nil {
		m.step.importFromContext(m.call, ctx)
	}
	spanCtx, span := tracing.StartSpan(ctx, m.step.span)
	err = timed(ctx, m.step.time, func() error { return m.step.run(m.call, spanCtx, req) }, m.step.dimensions(m.call)...)
	if m.step.exportToContext != nil {
		ctx = m.step.exportToContext(m.call, ctx)
	}
	if err == nil && m.step.annotateSpan != nil {
		m.step.annotateSpan(m.call, req, span)
	}
	span.End()
	if err != nil {
		return out, metadata, err
	}
	return next.HandleFinalize(ctx, in)
}

// dimensions returns the properties of the step's metric.
func (s *attemptStep) dimensions(c *call) []metrics.RecordMetricOption {
	if !s.perScheme {
		return nil
	}
	return []metrics.RecordMetricOption{func(o *metrics.RecordMetricOptions) {
		o.Properties.Set("auth.scheme_id", c.scheme.SchemeID())
	}}
}

func annotateScheme(c *call, _ *smithyhttp.Request, span tracing.Span) {
	span.SetProperty("auth.scheme_id", c.scheme.SchemeID())
}

func annotateEndpoint(_ *call, req *smithyhttp.Request, span tracing.Span) {
	span.SetProperty("client.call.resolved_endpoint", req.URL.Scheme+"://"+req.URL.Host)
}

// stackSender sends the requests of a stack.
type stackSender struct{ *call }

// Do implements the client of a smithyhttp.ClientHandler.
func (s stackSender) Do(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		if err := bufferBody(req); err != nil {
			return nil, err
		}
	}
	resp, err := s.send(req, new(limitedBody))
	if resp != nil && s.options.ClientLogMode.IsResponseWithBody() {
		s.hideBody(resp)
	}
	return resp, err
}

type deserializerMiddleware struct{ *call }

func (*deserializerMiddleware) ID() string { return "OperationDeserializer" }

func (m *deserializerMiddleware) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, metadata middleware.Metadata, err error,
) {
	out, metadata, err = next.HandleDeserialize(ctx, in)
	m.recordClockOffset(metadata)
	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok {
		if err == nil {
			err = &smithy.DeserializationError{Err: fmt.Errorf("middleware returned a response of type %T, want *smithyhttp.Response", out.RawResponse)}
		}
		return out, metadata, err
	}
	if resp.Body == nil { // middleware may create a response without a body
		resp.Body = http.NoBody
	}
	m.restoreBody(resp)
	defer m.closeBody(ctx, resp)
	if err != nil {
		return out, metadata, err
	}
	_, span := tracing.StartSpan(ctx, "OperationDeserializer")
	err = timed(ctx, &deserializeDuration, func() error { return m.deserialize(resp) })
	span.End()
	if err == nil {
		out.Result = m.out
	}
	return out, metadata, err
}

func (o *Options) logsMessages() bool {
	mode := o.ClientLogMode
	return mode.IsRequest() || mode.IsRequestWithBody() || mode.IsResponse() || mode.IsResponseWithBody()
}

func newMessageLogger(o *Options) *smithyhttp.RequestResponseLogger {
	mode := o.ClientLogMode
	return &smithyhttp.RequestResponseLogger{
		LogRequest:          mode.IsRequest(),
		LogRequestWithBody:  mode.IsRequestWithBody(),
		LogResponse:         mode.IsResponse(),
		LogResponseWithBody: mode.IsResponseWithBody(),
	}
}

func hasInterceptors(i *smithyhttp.InterceptorRegistry) bool {
	return len(i.BeforeExecution)+len(i.BeforeSerialization)+len(i.AfterSerialization)+len(i.BeforeRetryLoop)+
		len(i.BeforeAttempt)+len(i.BeforeSigning)+len(i.AfterSigning)+len(i.BeforeTransmit)+len(i.AfterTransmit)+
		len(i.BeforeDeserialization)+len(i.AfterDeserialization)+len(i.AfterAttempt)+len(i.AfterExecution) > 0
}

// addInterceptors adds the middleware that calls the interceptors. It adds all of them or none, since later ones read the
// state that earlier ones record.
func addInterceptors(stack *middleware.Stack, i *smithyhttp.InterceptorRegistry) error {
	if !hasInterceptors(i) {
		return nil
	}
	const before, after = middleware.Before, middleware.After
	return errors.Join(
		stack.Initialize.Add(&smithyhttp.InterceptExecution{BeforeExecution: i.BeforeExecution, AfterExecution: i.AfterExecution}, before),
		stack.Serialize.Insert(&smithyhttp.InterceptBeforeSerialization{Interceptors: i.BeforeSerialization}, "OperationSerializer", before),
		stack.Serialize.Insert(&smithyhttp.InterceptAfterSerialization{Interceptors: i.AfterSerialization}, "OperationSerializer", after),
		stack.Finalize.Insert(&smithyhttp.InterceptBeforeRetryLoop{Interceptors: i.BeforeRetryLoop}, "Retry", before),
		stack.Finalize.Insert(&smithyhttp.InterceptAttempt{BeforeAttempt: i.BeforeAttempt, AfterAttempt: i.AfterAttempt}, "Retry", after),
		stack.Finalize.Insert(&smithyhttp.InterceptBeforeSigning{Interceptors: i.BeforeSigning}, "Signing", before),
		stack.Finalize.Insert(&smithyhttp.InterceptAfterSigning{Interceptors: i.AfterSigning}, "Signing", after),
		stack.Deserialize.Add(&smithyhttp.InterceptTransmit{BeforeTransmit: i.BeforeTransmit, AfterTransmit: i.AfterTransmit}, after),
		stack.Deserialize.Insert(&smithyhttp.InterceptBeforeDeserialization{Interceptors: i.BeforeDeserialization}, "OperationDeserializer", after),
		stack.Deserialize.Insert(&smithyhttp.InterceptAfterDeserialization{Interceptors: i.AfterDeserialization}, "OperationDeserializer", before),
	)
}
