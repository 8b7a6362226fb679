package gamesparks_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

const (
	testETag           = `"sha256:0123"`
	preconditionFailed = "PreconditionFailedException"
)

// rejected is the response to a request whose condition does not match.
var rejected = answer{status: 412, body: `{"message":"m"}`, header: http.Header{
	"X-Amzn-Errortype": {preconditionFailed}, "X-Amzn-Requestid": {"request"},
}}

// conditionalWrites are the operations that support WithIfMatch.
var conditionalWrites = map[string]func(context.Context, *gamesparks.Client, ...func(*gamesparks.Options)) (middleware.Metadata, error){
	"UpdateGameConfiguration": func(ctx context.Context, c *gamesparks.Client, optFns ...func(*gamesparks.Options)) (middleware.Metadata, error) {
		out, err := c.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{
			GameName: ptr("g"), Modifications: []types.SectionModification{{Operation: types.OperationRemove, Path: ptr("/a"), Section: ptr("A")}},
		}, optFns...)
		if err != nil {
			return middleware.Metadata{}, err
		}
		return out.ResultMetadata, nil
	},
	"ImportGameConfiguration": func(ctx context.Context, c *gamesparks.Client, optFns ...func(*gamesparks.Options)) (middleware.Metadata, error) {
		out, err := c.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
			GameName: ptr("g"), ImportSource: &types.ImportGameConfigurationSource{File: []byte("{}")},
		}, optFns...)
		if err != nil {
			return middleware.Metadata{}, err
		}
		return out.ResultMetadata, nil
	},
}

// TestWithIfMatch checks the header of the request, which is signed, and the entity tag of the response.
func TestWithIfMatch(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		for name, write := range conditionalWrites {
			r := &recorder{answers: []answer{{body: "{}", header: http.Header{"Etag": {testETag}}}, {body: "{}"}}}
			client := newClient(r, via)
			const condition = `"x", ` + testETag
			metadata, err := write(t.Context(), client, gamesparks.WithIfMatch(condition))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			request := r.last(t)
			if got := request.Header.Values("If-Match"); len(got) != 1 || got[0] != condition {
				t.Errorf("%s: If-Match is %q, want %q", name, got, condition)
			}
			if signed := request.Header.Get("Authorization"); !strings.Contains(signed, ";if-match;") {
				t.Errorf("%s: If-Match is not signed: %s", name, signed)
			}
			if got := gamesparks.ConfigurationETag(metadata); got != testETag {
				t.Errorf("%s: got entity tag %s, want %s", name, got, testETag)
			}
			if metadata, err = write(t.Context(), client); err != nil {
				t.Errorf("%s without a condition: %v", name, err)
			}
			if got := gamesparks.ConfigurationETag(metadata); got != "" {
				t.Errorf("%s: got entity tag %s, want none", name, got)
			}
			if got, ok := r.last(t).Header["If-Match"]; ok {
				t.Errorf("%s without a condition: If-Match is %q", name, got)
			}
		}
	})
	if got := gamesparks.ConfigurationETag(middleware.Metadata{}); got != "" {
		t.Errorf("got entity tag %s of empty metadata", got)
	}
}

// TestRejectedIfMatch checks that no request is sent if the condition is malformed or the operation does not support it.
func TestRejectedIfMatch(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		r := &recorder{}
		client := newClient(r, via)
		for name, m := range methods() {
			if conditionalWrites[name] != nil {
				continue
			}
			_, err := m.call(t.Context(), client, exchanges()[name].input, gamesparks.WithIfMatch(testETag))
			want := "WithIfMatch: If-Match is not supported by the operation " + name + ": send it only with UpdateGameConfiguration and ImportGameConfiguration"
			if err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%s: got error %v, want one that ends with %q", name, err, want)
			}
		}
		for name, write := range conditionalWrites {
			for _, condition := range []string{"", "sha256:0123", `"a", *`, "\"a\nb\""} {
				_, err := write(t.Context(), client, gamesparks.WithIfMatch(condition))
				if err == nil || !strings.Contains(err.Error(), "WithIfMatch: If-Match is ") || !strings.Contains(err.Error(), "want * or a list of entity tags") {
					t.Errorf("%s, %q: got error %v", name, condition, err)
				}
			}
		}
		if n := len(r.all()); n != 0 {
			t.Errorf("%d requests were sent, want none", n)
		}
	})
}

// TestConditionalOutcome checks that a conditional write reports a failed precondition only if no attempt can have taken
// effect, and that it reports an unknown outcome otherwise.
func TestConditionalOutcome(t *testing.T) {
	t.Parallel()
	type outcome string
	const (
		applied, stale outcome = "applied", "precondition failed"
		unknown, other outcome = "unknown outcome", "other error"
	)
	lost := answer{err: errors.New("connection reset by peer")}
	refused := answer{err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}
	incomplete := answer{reader: breaksOff(`{"a`)}
	tests := map[string]struct {
		answers  []answer
		want     outcome
		attempts int
	}{
		"success":              {[]answer{{body: "{}"}}, applied, 1},
		"stale":                {[]answer{rejected}, stale, 1},
		"lost, then applied":   {[]answer{lost, {body: "{}"}}, applied, 2},
		"lost, then stale":     {[]answer{lost, rejected}, unknown, 2},
		"gateway, then stale":  {[]answer{{status: 504}, rejected}, unknown, 2},
		"lost, limited, stale": {[]answer{lost, failure(429, "ThrottlingException"), rejected}, unknown, 3},
		"lost, then denied":    {[]answer{lost, failure(403, "AccessDeniedException")}, unknown, 2},
		"limited, then stale":  {[]answer{failure(429, "ThrottlingException"), rejected}, stale, 2},
		"refused, then stale":  {[]answer{refused, rejected}, stale, 2},
		"always lost":          {[]answer{lost}, unknown, 3},
		"always refused":       {[]answer{refused}, other, 3},
		"always a gateway":     {[]answer{{status: 502}}, unknown, 3},
		"denied":               {[]answer{failure(403, "AccessDeniedException")}, other, 1},
		"incomplete output":    {[]answer{incomplete, rejected}, unknown, 1},
		"malformed output":     {[]answer{{body: "{"}}, unknown, 1},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			for op, write := range conditionalWrites {
				r := &recorder{answers: test.answers}
				_, err := write(t.Context(), newClient(r, via), gamesparks.WithIfMatch(testETag))
				var unclear *gamesparks.UnknownOutcomeError
				got := other
				switch {
				case err == nil:
					got = applied
				case errors.As(err, &unclear):
					got = unknown
					if gamesparks.IsPreconditionFailed(err) {
						t.Errorf("%s: the error also matches a PreconditionFailedException: %v", op, err)
					}
					if unclear.Err == nil || !errors.Is(err, unclear.Err) || !strings.Contains(err.Error(), "the write may have taken effect: read the configuration again") {
						t.Errorf("%s: unexpected error %v", op, err)
					}
				case gamesparks.IsPreconditionFailed(err):
					got = stale
				}
				if got != test.want {
					t.Errorf("%s: got %s, want %s: %v", op, got, test.want, err)
				}
				if n := len(r.all()); n != test.attempts {
					t.Errorf("%s: %d attempts, want %d", op, n, test.attempts)
				}
				var operation *smithy.OperationError
				if err != nil && (!errors.As(err, &operation) || operation.Operation() != op) {
					t.Errorf("%s: error %v is not an OperationError", op, err)
				}
				last := test.answers[min(test.attempts, len(test.answers))-1]
				if last.status == 412 && (gamesparks.RequestID(err) != "request" || !strings.Contains(err.Error(), preconditionFailed+": m")) {
					t.Errorf("%s: error %v has no request ID, or does not name the rejection", op, err)
				}
			}
		})
	}
}

// TestCanceledConditionalWrite checks that a write that was canceled while its response was pending has an unknown outcome.
func TestCanceledConditionalWrite(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		for op, write := range conditionalWrites {
			ctx, cancel := context.WithCancel(t.Context())
			client := newClient(doFunc(func(*http.Request) (*http.Response, error) {
				cancel()
				return nil, ctx.Err()
			}), via)
			_, err := write(ctx, client, gamesparks.WithIfMatch("*"))
			var outcome *gamesparks.UnknownOutcomeError
			if !errors.As(err, &outcome) || !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got error %v, want an UnknownOutcomeError that wraps context.Canceled", op, err)
			}
		}
	})
}

// TestPreconditionFailed checks the type of the error.
func TestPreconditionFailed(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		r := &recorder{answers: []answer{rejected}}
		_, err := conditionalWrites["ImportGameConfiguration"](t.Context(), newClient(r, via), gamesparks.WithIfMatch(testETag))
		var e *types.PreconditionFailedException
		if !errors.As(err, &e) || e.ErrorCode() != preconditionFailed || e.ErrorFault() != smithy.FaultClient || e.ErrorMessage() != *e.Message || e.Error() != preconditionFailed+": "+*e.Message {
			t.Errorf("got error %v (%+v)", err, e)
		}
		if !gamesparks.IsPreconditionFailed(err) || gamesparks.IsConflict(err) || gamesparks.IsPreconditionFailed(nil) {
			t.Errorf("IsPreconditionFailed does not classify %v", err)
		}
		checkWrapping(t, err, "ImportGameConfiguration", 412, gamesparks.RequestID(err))
	})
}
