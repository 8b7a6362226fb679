package gamesparks

import (
	"bytes"
	"fmt"

	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/conditional"
	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// idempotentInput is an input with a ClientToken.
type idempotentInput interface {
	clientToken() **string
}

// validate returns the input with a ClientToken, which makes retries safe, or an error for an invalid input.
func (c *call) validate(params any) (any, error) {
	if !c.input.Holds(params) {
		return nil, c.unknownInput(params)
	}
	if err := c.checkIfMatch(); err != nil {
		return nil, err
	}
	in, err := c.withClientToken(params)
	if err != nil {
		return nil, fmt.Errorf("create client token: %w", err)
	}
	return in, serde.Check(c.op.InputName, c.input, in, c.options.StrictValidation)
}

// withClientToken returns a copy of the input with a new ClientToken if its token is nil. The caller's input stays
// unchanged, so a second call with it is a new request.
func (c *call) withClientToken(params any) (any, error) {
	in, ok := params.(idempotentInput)
	if !ok || *in.clientToken() != nil {
		return params, nil
	}
	token, err := c.options.IdempotencyTokenProvider.GetIdempotencyToken()
	if err != nil {
		return nil, err
	}
	in, _ = c.input.Copy(params).(idempotentInput)
	*in.clientToken() = &token
	return in, nil
}

func (c *call) unknownInput(params any) error {
	return fmt.Errorf("middleware set an input of type %T, want a non-nil *%s", params, c.op.InputName)
}

// encode encodes the input as path, query and body of a request.
func (c *call) encode(params any) (restjson.Request, error) {
	if !c.input.Holds(params) {
		return restjson.Request{}, c.unknownInput(params)
	}
	encoded, err := restjson.EncodeRequest(c.op, c.input, params)
	if err != nil {
		return encoded, &smithy.SerializationError{Err: err}
	}
	return encoded, nil
}

// serialize encodes the input into the request of the stack.
func (c *call) serialize(params any, req *smithyhttp.Request) (*smithyhttp.Request, error) {
	encoded, err := c.encode(params)
	if err != nil {
		return nil, err
	}
	req.Method = c.op.Method
	req.URL.Path, req.URL.RawPath, req.URL.RawQuery = encoded.Path, encoded.RawPath, encoded.Query
	if c.options.ifMatch != nil {
		req.Header.Set(conditional.IfMatch, *c.options.ifMatch)
	}
	if encoded.Body == nil {
		return req, nil
	}
	req.Header.Set("Content-Type", "application/json")
	return req.SetStream(bytes.NewReader(encoded.Body))
}
