package gamesparks

import (
	"bytes"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
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

// validate checks the input and returns it with a ClientToken, which makes retries safe.
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

// encode encodes the input as the variable parts of a request.
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

// serialize encodes the input into a request of the stack.
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
