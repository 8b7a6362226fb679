package server

import (
	"cmp"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/server/internal/controlplane"
	"github.com/gamesparks-go/gamesparks/types"
)

// checkMediaTypes checks the Content-Type header of a request with a body, and the Accept header of a request for an
// operation with output. Clients may omit both.
func checkMediaTypes(a action, r *http.Request) error {
	if given := r.Header["Content-Type"]; hasBody(r) && len(given) > 0 && (len(given) > 1 || !isJSON(given[0])) {
		return &wireError{
			http.StatusUnsupportedMediaType, "UnsupportedMediaTypeException",
			fmt.Sprintf("The body has the content type %.100q. Set the header Content-Type: application/json.", strings.Join(given, ", ")),
		}
	}
	accept := strings.TrimSpace(strings.Join(r.Header["Accept"], ","))
	if accept != "" && a.hasOutput && !acceptsJSON(accept) {
		return &wireError{
			http.StatusNotAcceptable, "NotAcceptableException",
			fmt.Sprintf("The response has the content type application/json, which the header Accept excludes: %.100q.", accept),
		}
	}
	return nil
}

const mediaTypeJSON = "application/json"

// isJSON reports whether a content type is application/json in UTF-8.
func isJSON(contentType string) bool {
	name, parameters, err := mime.ParseMediaType(contentType)
	charset, given := parameters["charset"]
	return err == nil && name == mediaTypeJSON && (!given || strings.EqualFold(charset, "utf-8"))
}

// acceptsJSON reports whether an Accept header (RFC 9110, section 12.5.1) permits application/json. The most specific
// matching media range takes precedence. Malformed ranges do not match.
func acceptsJSON(accept string) bool {
	ranges := []string{"*/*", "application/*", mediaTypeJSON} // in increasing specificity
	best, accepted := -1, false
	for part := range strings.SplitSeq(accept, ",") {
		name, parameters, err := mime.ParseMediaType(part)
		if specificity := slices.Index(ranges, name); err == nil && specificity >= best && specificity >= 0 {
			weight, err := strconv.ParseFloat(cmp.Or(parameters["q"], "1"), 64)
			permits := err == nil && weight > 0
			accepted = permits || specificity == best && accepted
			best = specificity
		}
	}
	return accepted
}

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

// encodeOutput returns the response body.
func encodeOutput(op *controlplane.Operation, r controlplane.Response) ([]byte, error) {
	buffer := make([]byte, 0, r.SizeHint)
	return restjson.EncodeBodyInto(buffer, &serde.Shape{Schema: op.Schema.Output, Type: op.Output, Value: r.Output})
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
