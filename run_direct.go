package gamesparks

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/restjson"
)

// directExecutor calls the steps in order. Of the SDK's middleware it runs only Retry, AddRawResponse,
// RecordResponseTiming and RecursionDetection, whose results cannot be recorded from outside the SDK. The types below
// are the handlers that this middleware calls. Their underlying type is call, so that converting a *call to a handler
// does not allocate.
type directExecutor call

// directState is the state of a call that only the direct executor uses.
type directState struct {
	request      restjson.Request
	invocationID string
	userAgent    string
	response     *responseMemory // of the current attempt
}

func (d *directExecutor) run(ctx context.Context, params any) (result any, metadata middleware.Metadata, err error) {
	c := (*call)(d)
	in, err := c.validate(params)
	if err != nil {
		return nil, metadata, err
	}
	if c.direct.request, err = c.encode(in); err != nil {
		return nil, metadata, err
	}
	if c.direct.invocationID, c.direct.userAgent, err = c.identify(); err != nil {
		return nil, metadata, err
	}
	_, metadata, err = c.client.retryOf(c.options).HandleFinalize(ctx, middleware.FinalizeInput{Request: c}, (*directAttempt)(c))
	return c.out, metadata, err
}

// hashPayload hashes the body once, since all attempts send the same body.
func (d *directExecutor) hashPayload(*smithyhttp.Request) (string, error) {
	switch c := (*call)(d); {
	case c.payloadHash != "":
		return c.payloadHash, nil
	case len(c.direct.request.Body) == 0:
		return emptyPayloadHash, nil
	default:
		sum := sha256.Sum256(c.direct.request.Body)
		return hex.EncodeToString(sum[:]), nil
	}
}

// directAttempt runs one attempt.
type directAttempt call

func (a *directAttempt) HandleFinalize(ctx context.Context, in middleware.FinalizeInput) (out middleware.FinalizeOutput, metadata middleware.Metadata, err error) {
	c := (*call)(a)
	req, _ := in.Request.(*smithyhttp.Request)
	for i := range attemptSteps {
		if err := attemptSteps[i].run(c, ctx, req); err != nil {
			return out, metadata, err
		}
	}
	received, metadata, err := awsmiddleware.AddRawResponse{}.HandleDeserialize(ctx, middleware.DeserializeInput{Request: req}, (*directReceive)(c))
	return middleware.FinalizeOutput{Result: received.Result}, metadata, err
}

// responseMemory combines the parts of a response in one allocation, and errorMemory the parts of an error. They are
// separate from requestMemory, so that a retained response does not retain its request.
type (
	responseMemory struct {
		response smithyhttp.Response
		body     limitedBody
	}
	errorMemory struct {
		outer awshttp.ResponseError
		inner smithyhttp.ResponseError
	}
)

// directReceive sends the request and deserializes the response.
type directReceive call

func (r *directReceive) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
	c := (*call)(r)
	timing := awsmiddleware.RecordResponseTiming{DisableClockSkewCorrection: c.options.DisableClockSkewCorrection}
	out, metadata, err = timing.HandleDeserialize(ctx, in, (*directSend)(c))
	c.recordClockOffset(metadata)
	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok {
		return out, metadata, err
	}
	if err == nil {
		err = c.deserialize(resp)
	}
	c.closeBody(ctx, resp)

	requestID := responseRequestID(resp)
	if requestID != "" {
		awsmiddleware.SetRequestIDMetadata(&metadata, requestID)
	}
	if err != nil {
		e := new(errorMemory)
		e.inner = smithyhttp.ResponseError{Response: resp, Err: err}
		e.outer = awshttp.ResponseError{ResponseError: &e.inner, RequestID: requestID}
		err = &e.outer
	}
	return out, metadata, err
}

// directSend sends the request as smithy-go's ClientHandler does, but without copying it first, since each attempt has
// a new request.
type directSend call

func (s *directSend) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
	c := (*call)(s)
	req, _ := in.Request.(*smithyhttp.Request)
	if len(c.direct.request.Body) > 0 {
		req.Body = io.NopCloser(bytes.NewReader(c.direct.request.Body))
	}
	c.direct.response = new(responseMemory)
	resp, err := c.send(req.Request, &c.direct.response.body)
	if resp == nil { // the outer handlers require a response
		resp = &http.Response{Header: http.Header{}, Body: http.NoBody}
	}
	if err != nil {
		err = &smithyhttp.RequestSendError{Err: err}
		if ctx.Err() != nil {
			err = &smithy.CanceledError{Err: ctx.Err()}
		}
	}
	c.direct.response.response.Response = resp
	out.RawResponse = &c.direct.response.response
	return out, metadata, err
}
