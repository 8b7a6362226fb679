package gamesparks

import (
	"bytes"
	"context"
	"io"
	"net/http"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// runDirect calls the steps one after the other. Of the SDK's middleware it runs those that keep what they find out in
// places of their own: Retry, AddRawResponse and RecordResponseTiming. The types below stand behind them.
func (c *call) runDirect(ctx context.Context, params any) (metadata middleware.Metadata, err error) {
	c.direct = true
	in, err := c.validate(params)
	if err != nil {
		return metadata, err
	}
	req, _ := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if err := c.serialize(in, req); err != nil {
		return metadata, err
	}
	if err := c.identify(req); err != nil {
		return metadata, err
	}
	_, metadata, err = c.client.retryOf(c.options).HandleFinalize(ctx, middleware.FinalizeInput{Request: req}, (*directAttempt)(c))
	return metadata, err
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
		err = &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{Response: resp, Err: err}, RequestID: requestID}
	}
	return out, metadata, err
}

// directSend sends the request. It does what smithy-go's ClientHandler does, without the copy of the request that each
// attempt has one of already.
type directSend call

func (s *directSend) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
	req, _ := in.Request.(*smithyhttp.Request)
	httpRequest := req.Request.WithContext(ctx)
	httpRequest.ContentLength = int64(len(s.body))
	if len(s.body) > 0 {
		httpRequest.Body = io.NopCloser(bytes.NewReader(s.body))
	}
	if err := smithyhttp.ValidateEndpointHost(httpRequest.URL.Host); err != nil {
		return out, metadata, err
	}
	resp, err := s.options.HTTPClient.Do(httpRequest)
	if resp == nil { // what comes after relies on there being one
		resp = &http.Response{Header: http.Header{}, Body: http.NoBody}
	}
	if err != nil {
		err = &smithyhttp.RequestSendError{Err: err}
		if ctx.Err() != nil {
			err = &smithy.CanceledError{Err: ctx.Err()}
		}
	}
	out.RawResponse = &smithyhttp.Response{Response: resp}
	return out, metadata, err
}
