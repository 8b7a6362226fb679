package gamesparks

import (
	"bytes"
	"fmt"
	"math"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

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
	return in, serde.Check(c.op.InputName, in, c.options.StrictValidation)
}

func (c *call) newClientToken() (*string, error) {
	token, err := c.options.IdempotencyTokenProvider.GetIdempotencyToken()
	return aws.String(token), err
}

// encode makes what is particular to the request from the input.
func (c *call) encode(params any) (restjson.Request, error) {
	in, ok := params.(serde.Structure)
	if !ok {
		return restjson.Request{}, fmt.Errorf("unknown input parameters type %T", params)
	}
	encoded, err := restjson.EncodeRequest(c.op, in)
	if err != nil {
		return encoded, &smithy.SerializationError{Err: err}
	}
	return encoded, nil
}

// serialize fills in a stack's request from the input.
func (c *call) serialize(params any, req *smithyhttp.Request) (*smithyhttp.Request, error) {
	encoded, err := c.encode(params)
	if err != nil {
		return nil, err
	}
	req.Method = c.op.Method
	req.URL.Path, req.URL.RawPath, req.URL.RawQuery = encoded.Path, encoded.RawPath, encoded.Query
	if encoded.Body == nil {
		return req, nil
	}
	req.Header.Set("Content-Type", "application/json")
	return req.SetStream(bytes.NewReader(encoded.Body))
}

// deserialize makes the output, or the error, from the response.
func (c *call) deserialize(resp *smithyhttp.Response) error {
	if !isSuccess(resp.StatusCode) {
		return c.responseError(resp)
	}
	out := c.outputs.make()
	if !c.op.HasOutput() {
		// The call succeeded. A body that no output member needs, say a proxy's, must not turn it into an error.
		c.out = out
		return nil
	}
	body, err := readBody(resp, math.MaxInt64)
	if err != nil {
		err = c.bodyError(err)
	} else {
		err = restjson.Decode(body, &serde.Shape{Schema: c.op.Output, Value: out})
	}
	if err != nil {
		return &smithy.DeserializationError{Err: err, Snapshot: redact(body[:min(len(body), maxSnapshot)])}
	}
	c.out = out
	return nil
}

func isSuccess(status int) bool { return status >= 200 && status <= 299 }

// noteClockOffset keeps what an attempt found out about the service's clock, for the signature of the next attempt.
func (c *call) noteClockOffset(metadata middleware.Metadata) {
	if offset, ok := awsmiddleware.GetAttemptSkew(metadata); ok {
		c.clockOffset, c.hasClockOffset = offset, true
	}
}
