package gamesparks

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// protocol turns requests and responses into HTTP and back.
var protocol = restjson1.New(nil)

// newStack assembles the middleware of a call. The ids are those of aws-sdk-go-v2, since middleware of others inserts
// itself by them.
func (c *Client) newStack(op *schemas.APIOperation, o *Options, out serde.Structure) (*middleware.Stack, error) {
	stack := middleware.NewStack(op.Name, smithyhttp.NewStackRequest)
	err := errors.Join(
		stack.Initialize.Add(&validationMiddleware{o, op}, middleware.After),

		stack.Serialize.Add(&serializerMiddleware{op}, middleware.After),

		stack.Build.Add(&awsmiddleware.ClientRequestID{}, middleware.After),
		stack.Build.Add(newUserAgent(o), middleware.After),

		stack.Finalize.Add(c.newRetry(o), middleware.After),
		stack.Finalize.Add(&authSchemeMiddleware{o, op.Name}, middleware.After),
		stack.Finalize.Add(&identityMiddleware{o}, middleware.After),
		stack.Finalize.Add(&endpointMiddleware{o}, middleware.After),
		stack.Finalize.Add(&v4.ComputePayloadSHA256{}, middleware.After),
		stack.Finalize.Add(&signingMiddleware{options: o, clientOffset: c.timeOffset}, middleware.After),

		// Responses go through this step from its end to its beginning.
		stack.Deserialize.Add(&awsmiddleware.AddRawResponse{}, middleware.After),
		stack.Deserialize.Add(&awshttp.ResponseErrorWrapper{}, middleware.After),
		stack.Deserialize.Add(&awsmiddleware.RequestIDRetriever{}, middleware.After),
		stack.Deserialize.Add(&deserializerMiddleware{op, out}, middleware.After),
		stack.Deserialize.Add(&awsmiddleware.RecordResponseTiming{
			DisableClockSkewCorrection: o.DisableClockSkewCorrection,
		}, middleware.After),
	)
	if err != nil {
		return nil, err
	}

	// What follows is only there when there is something for it to do.
	if _, lambda := os.LookupEnv("AWS_LAMBDA_FUNCTION_NAME"); lambda {
		err = stack.Build.Add(&awsmiddleware.RecursionDetection{}, middleware.After)
	}
	if logger := newMessageLogger(o); logger != nil {
		err = errors.Join(err, stack.Deserialize.Add(logger, middleware.After))
	}
	if err := errors.Join(err, addInterceptors(stack, o)); err != nil {
		return nil, err
	}
	for _, fn := range o.APIOptions {
		if err := fn(stack); err != nil {
			return nil, err
		}
	}
	return stack, nil
}

func newUserAgent(o *Options) *awsmiddleware.RequestUserAgent {
	ua := awsmiddleware.NewRequestUserAgent()
	ua.AddSDKAgentKeyValue(awsmiddleware.APIMetadata, "gamesparks", version)
	if o.AppID != "" {
		ua.AddSDKAgentKey(awsmiddleware.ApplicationIdentifier, o.AppID)
	}
	switch o.Retryer.(type) {
	case *retry.Standard:
		ua.AddUserAgentFeature(awsmiddleware.UserAgentFeatureRetryModeStandard)
	case *retry.AdaptiveMode:
		ua.AddUserAgentFeature(awsmiddleware.UserAgentFeatureRetryModeAdaptive)
	}
	for _, feature := range o.features {
		ua.AddUserAgentFeature(feature)
	}
	if p, ok := o.Credentials.(aws.CredentialProviderSource); ok {
		for _, source := range p.ProviderSources() {
			ua.AddCredentialsSource(source)
		}
	}
	return ua
}

func (c *Client) newRetry(o *Options) *retry.Attempt {
	return retry.NewAttemptMiddleware(o.Retryer, smithyhttp.RequestCloner, func(m *retry.Attempt) {
		m.LogAttempts = o.ClientLogMode.IsRetries()
		m.OperationMeter = o.MeterProvider.Meter(scope)
		m.ClientSkew = c.timeOffset
		m.DisableClockSkewCorrection = o.DisableClockSkewCorrection
	})
}

func newMessageLogger(o *Options) *smithyhttp.RequestResponseLogger {
	mode := o.ClientLogMode
	if !mode.IsRequest() && !mode.IsRequestWithBody() && !mode.IsResponse() && !mode.IsResponseWithBody() {
		return nil
	}
	return &smithyhttp.RequestResponseLogger{
		LogRequest:          mode.IsRequest(),
		LogRequestWithBody:  mode.IsRequestWithBody(),
		LogResponse:         mode.IsResponse(),
		LogResponseWithBody: mode.IsResponseWithBody(),
	}
}

// addInterceptors adds the middleware that calls the interceptors. It is all or none, since later ones read what
// earlier ones recorded.
func addInterceptors(stack *middleware.Stack, o *Options) error {
	i := &o.Interceptors
	if len(i.BeforeExecution)+len(i.BeforeSerialization)+len(i.AfterSerialization)+len(i.BeforeRetryLoop)+
		len(i.BeforeAttempt)+len(i.BeforeSigning)+len(i.AfterSigning)+len(i.BeforeTransmit)+len(i.AfterTransmit)+
		len(i.BeforeDeserialization)+len(i.AfterDeserialization)+len(i.AfterAttempt)+len(i.AfterExecution) == 0 {
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

// validationMiddleware refuses an input that breaks the rules, and fills the ClientToken that makes retries safe.
type validationMiddleware struct {
	options *Options
	op      *schemas.APIOperation
}

func (*validationMiddleware) ID() string { return "OperationInputValidation" }

func (m *validationMiddleware) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	out middleware.InitializeOutput, metadata middleware.Metadata, err error,
) {
	params, ok := in.Parameters.(serde.Structure)
	if !ok {
		return out, metadata, fmt.Errorf("unknown input parameters type %T", in.Parameters)
	}
	if t, ok := params.(idempotentInput); ok {
		if params, err = t.withClientToken(newClientToken(m.options)); err != nil {
			return out, metadata, fmt.Errorf("make client token: %w", err)
		}
		in.Parameters = params
	}
	if err := serde.Check(m.op.Name+"Input", params, m.options.StrictValidation); err != nil {
		return out, metadata, err
	}
	return next.HandleInitialize(ctx, in)
}

// serializerMiddleware makes the HTTP request from the input.
type serializerMiddleware struct{ op *schemas.APIOperation }

func (*serializerMiddleware) ID() string { return "OperationSerializer" }

func (m *serializerMiddleware) HandleSerialize(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (
	out middleware.SerializeOutput, metadata middleware.Metadata, err error,
) {
	req, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return out, metadata, fmt.Errorf("unexpected transport type %T", in.Request)
	}
	params, ok := in.Parameters.(serde.Structure)
	if !ok {
		return out, metadata, fmt.Errorf("unknown input parameters type %T", in.Parameters)
	}
	_, span := tracing.StartSpan(ctx, "OperationSerializer")
	_, err = timed(ctx, serializeDuration, func() (struct{}, error) {
		return struct{}{}, m.serialize(ctx, req, params)
	})
	span.End()
	if err != nil {
		return out, metadata, &smithy.SerializationError{Err: err}
	}
	return next.HandleSerialize(ctx, in)
}

func (m *serializerMiddleware) serialize(ctx context.Context, req *smithyhttp.Request, params serde.Structure) error {
	shape := serde.Shape{Schema: m.op.Input, Value: params}
	if err := protocol.SerializeRequest(ctx, m.op.OperationSchema, &shape, req); err != nil {
		return err
	}
	if err := shape.Err(); err != nil {
		return err
	}
	if strings.Contains(req.URL.RawPath, "%") {
		// The encoder replaces labels one by one in the unescaped path too, and is misled by a value that looks like a
		// label.
		path, err := url.PathUnescape(req.URL.RawPath)
		if err != nil {
			return err
		}
		req.URL.Path = path
	}
	return nil
}

// deserializerMiddleware makes the output, or the error, from the HTTP response.
type deserializerMiddleware struct {
	op     *schemas.APIOperation
	output serde.Structure
}

func (*deserializerMiddleware) ID() string { return "OperationDeserializer" }

func (m *deserializerMiddleware) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, metadata middleware.Metadata, err error,
) {
	out, metadata, err = next.HandleDeserialize(ctx, in)
	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok {
		if err == nil {
			err = &smithy.DeserializationError{Err: fmt.Errorf("unknown transport type %T", out.RawResponse)}
		}
		return out, metadata, err
	}
	defer func() { smithyhttp.CloseResponseBody(ctx, resp, false, err) }()
	if err != nil {
		return out, metadata, err
	}

	_, span := tracing.StartSpan(ctx, "OperationDeserializer")
	_, err = timed(ctx, deserializeDuration, func() (struct{}, error) {
		return struct{}{}, m.deserialize(ctx, resp)
	})
	span.End()
	out.Result = m.output
	return out, metadata, err
}

func (m *deserializerMiddleware) deserialize(ctx context.Context, resp *smithyhttp.Response) error {
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return responseError(ctx, resp)
	}
	return protocol.DeserializeResponse(ctx, m.op.OperationSchema, nil, resp, &serde.Shape{Schema: m.op.Output, Value: m.output})
}
