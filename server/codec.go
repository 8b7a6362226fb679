package server

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/server/internal/controlplane"
	"github.com/gamesparks-go/gamesparks/types"
)

// decodeInput decodes a request into a new input and validates it. The values of the URI's labels are in labels.
func decodeInput(op *controlplane.Operation, labels []string, rawQuery string, body []byte) (any, error) {
	query, err := parseQuery(rawQuery)
	if err != nil {
		return nil, malformed(err)
	}
	in := op.Input.New()
	if err := restjson.DecodeRequest(op.Schema, labels, query, body, op.Input, in); err != nil {
		return nil, malformed(err)
	}
	return in, validate(op, in)
}

// encodeOutput returns the response body for output, which must be a pointer.
func encodeOutput(op *controlplane.Operation, output any) ([]byte, error) {
	return restjson.EncodeBody(&serde.Shape{Schema: op.Schema.Output, Type: op.Output, Value: output})
}

// validate returns a ValidationException that lists all violations of the model's constraints, or nil if the input is
// valid.
func validate(op *controlplane.Operation, in any) error {
	err := serde.Check(op.Schema.Name, op.Input, in, true)
	var violations smithy.InvalidParamsError
	if !errors.As(err, &violations) {
		return err
	}
	var lines []string
	for _, v := range violations.Errs() {
		lines = append(lines, v.Error())
	}
	text := fmt.Sprintf("%d validation error(s) detected: %s", len(lines), strings.Join(lines, " "))
	return &types.ValidationException{Message: &text}
}

// parseQuery calls url.ParseQuery and adds context to the error.
func parseQuery(raw string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return query, nil
}
