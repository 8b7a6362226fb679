package gamesparks

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"

	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// protocol turns inputs into HTTP requests, and HTTP responses into outputs.
var protocol = restjson1.New(nil)

// idempotentInput is an input with a ClientToken.
type idempotentInput interface {
	// withClientToken returns a copy of the input whose ClientToken, when it was nil, is what fill returns. The caller's
	// input stays as it is: used again it is another request.
	withClientToken(fill func() (*string, error)) (serde.Structure, error)
}

// validate refuses an input that breaks the rules, and returns it with the ClientToken that makes retries safe.
func (c *call) validate(params any) (serde.Structure, error) {
	in, ok := params.(serde.Structure)
	if !ok {
		return nil, fmt.Errorf("unknown input parameters type %T", params)
	}
	if t, ok := in.(idempotentInput); ok {
		var err error
		if in, err = t.withClientToken(c.newClientToken); err != nil {
			return nil, fmt.Errorf("make client token: %w", err)
		}
	}
	return in, serde.Check(c.op.Name, in, c.options.StrictValidation)
}

func (c *call) newClientToken() (*string, error) {
	token, err := c.options.IdempotencyTokenProvider.GetIdempotencyToken()
	return aws.String(token), err
}

// serialize makes the request from the input.
func (c *call) serialize(ctx context.Context, params any, req *smithyhttp.Request) error {
	in, ok := params.(serde.Structure)
	if !ok {
		return fmt.Errorf("unknown input parameters type %T", params)
	}
	shape := serde.Shape{Schema: c.op.Input, Value: in}
	if err := protocol.SerializeRequest(ctx, c.op.OperationSchema, &shape, req); err != nil {
		return &smithy.SerializationError{Err: err}
	}
	if err := shape.Err(); err != nil {
		return &smithy.SerializationError{Err: err}
	}
	if strings.Contains(req.URL.RawPath, "%") {
		// The encoder replaces labels one by one in the unescaped path too, and is misled by a value that looks like a
		// label.
		path, err := url.PathUnescape(req.URL.RawPath)
		if err != nil {
			return &smithy.SerializationError{Err: err}
		}
		req.URL.Path = path
	}
	return nil
}

// deserialize makes the output, or the error, from the response.
func (c *call) deserialize(ctx context.Context, resp *smithyhttp.Response) error {
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return responseError(ctx, resp)
	}
	shape := serde.Shape{Schema: c.op.Output, Value: c.out}
	return protocol.DeserializeResponse(ctx, c.op.OperationSchema, nil, resp, &shape)
}

// noteClockOffset keeps what an attempt found out about the service's clock, for the signature of the next attempt.
func (c *call) noteClockOffset(metadata middleware.Metadata) {
	if offset, ok := awsmiddleware.GetAttemptSkew(metadata); ok {
		c.clockOffset, c.hasClockOffset = offset, true
	}
}
