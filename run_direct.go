package gamesparks

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// runDirect calls the steps one after the other. Of the SDK's middleware it runs those that keep what they find out in
// places of their own: Retry, AddRawResponse and RecordResponseTiming; and RecursionDetection. The types below stand behind
// them.
func (c *call) runDirect(ctx context.Context, params any) (metadata middleware.Metadata, err error) {
	c.direct = true
	in, err := c.validate(params)
	if err != nil {
		return metadata, err
	}
	if c.request, err = c.encode(in); err != nil {
		return metadata, err
	}
	if c.invocationID, c.userAgent, err = c.identify(); err != nil {
		return metadata, err
	}
	_, metadata, err = c.client.retryOf(c.options).HandleFinalize(ctx, middleware.FinalizeInput{Request: c}, (*directAttempt)(c))
	return metadata, err
}

// requestMemory is what the request of an attempt consists of, and responseMemory what its response does, each allocated
// at once. They are apart, so that who keeps a response does not keep the request. errorMemory is an error for a response
// and the one inside it.
type (
	requestMemory struct {
		request smithyhttp.Request
		url     url.URL
		values  [3]string // of headers
	}
	responseMemory struct {
		response smithyhttp.Response
		body     limitedBody
	}
	errorMemory struct {
		outer awshttp.ResponseError
		inner smithyhttp.ResponseError
	}
)

// newRequest returns the request for an attempt, to which the steps of the attempt add.
func (c *call) newRequest() *smithyhttp.Request {
	a := new(requestMemory)
	values := a.values[:]
	values[0], values[1], values[2] = c.invocationID, c.userAgent, "application/json"
	header := make(http.Header, 8)
	header["Amz-Sdk-Invocation-Id"] = values[0:1:1]
	header["User-Agent"] = values[1:2:2]
	if c.request.Body != nil {
		header["Content-Type"] = values[2:3:3]
	}
	a.url = url.URL{Path: c.request.Path, RawQuery: c.request.Query}
	if c.request.RawPath != c.request.Path { // as net/url has it, which compares the two whenever they are there
		a.url.RawPath = c.request.RawPath
	}
	// The context is that of the call, not of the attempt: the middleware that wants more from it is in the stack.
	req := (&http.Request{}).WithContext(&c.values)
	req.Method = c.op.Method
	req.URL = &a.url
	req.Header = header
	req.ContentLength = int64(len(c.request.Body))
	a.request.Request = req
	if c.client.inLambda {
		_, _, _ = new(awsmiddleware.RecursionDetection).HandleBuild(&c.values, middleware.BuildInput{Request: &a.request}, built{})
	}
	return &a.request
}

// built is behind the last step that builds a request.
type built struct{}

func (built) HandleBuild(context.Context, middleware.BuildInput) (out middleware.BuildOutput, metadata middleware.Metadata, err error) {
	return out, metadata, nil
}

// directAttempt makes an attempt.
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

// directReceive sends the request and deserializes the response.
type directReceive call

func (r *directReceive) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
	c := (*call)(r)
	timing := awsmiddleware.RecordResponseTiming{DisableClockSkewCorrection: c.options.DisableClockSkewCorrection}
	out, metadata, err = timing.HandleDeserialize(ctx, in, (*directSend)(c))
	c.noteClockOffset(metadata)
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

// directSend sends the request. It does what smithy-go's ClientHandler does, without copying a request that is new.
type directSend call

func (s *directSend) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
	req, _ := in.Request.(*smithyhttp.Request)
	if len(s.request.Body) > 0 {
		req.Body = io.NopCloser(bytes.NewReader(s.request.Body))
	}
	s.response = new(responseMemory)
	resp, err := sender{(*call)(s)}.Do(req.Request)
	if resp == nil { // what comes after relies on there being one
		resp = &http.Response{Header: http.Header{}, Body: http.NoBody}
	}
	if err != nil {
		err = &smithyhttp.RequestSendError{Err: err}
		if ctx.Err() != nil {
			err = &smithy.CanceledError{Err: ctx.Err()}
		}
	}
	s.response.response.Response = resp
	out.RawResponse = &s.response.response
	return out, metadata, err
}
