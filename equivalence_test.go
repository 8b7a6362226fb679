package gamesparks_test

import (
	"errors"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"testing"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// observation contains everything that the caller and the service can observe during a call.
type observation struct {
	Requests []observedRequest
	Output   any
	Error    string
	Chain    []string // the types of the error and the errors it wraps
	Metadata observedMetadata
}

type observedRequest struct {
	Method, URL, Body string
	Length            int64
	Header            http.Header
}

type observedMetadata struct {
	RequestID                    string
	Status                       int
	HasServerTime, HasResponseAt bool
	Skew                         time.Duration
	Attempts                     []string // the error of each attempt
	ErrorStatus                  int
	ErrorRequestID               string
	Snapshot                     string
}

// observe calls the operation and returns an observation. It omits invocation IDs, times and signatures, which differ
// between calls; instead, it verifies the signatures.
func observe(t *testing.T, m method, input any, answers []answer, optFns ...func(*gamesparks.Options)) observation {
	t.Helper()
	r := &recorder{answers: answers}
	out, err := m.call(t.Context(), newClient(r, optFns...), input)
	var s observation
	ids := map[string]bool{}
	for _, sent := range r.all() {
		verifySignature(t, sent, signedAs{})
		header := sent.Header.Clone()
		ids[header.Get("Amz-Sdk-Invocation-Id")] = true
		for _, name := range []string{"Authorization", "X-Amz-Date", "Amz-Sdk-Invocation-Id"} {
			if len(header[name]) != 1 {
				t.Errorf("%s: got %d values of header %s, want 1", m.Name, len(header[name]), name)
			}
			header.Del(name)
		}
		s.Requests = append(s.Requests, observedRequest{sent.Method, sent.URL.String(), sent.body, sent.ContentLength, header})
	}
	if len(ids) != 1 {
		t.Errorf("%s: the attempts have different invocation IDs: %v", m.Name, ids)
	}
	if err != nil {
		s.Error = err.Error()
		for e := err; e != nil; e = errors.Unwrap(e) {
			s.Chain = append(s.Chain, reflect.TypeOf(e).String())
		}
		var response *awshttp.ResponseError
		if errors.As(err, &response) {
			s.Metadata.ErrorStatus, s.Metadata.ErrorRequestID = response.HTTPStatusCode(), response.ServiceRequestID()
		}
		var malformed *smithy.DeserializationError
		if errors.As(err, &malformed) {
			s.Metadata.Snapshot = string(malformed.Snapshot)
		}
		return s
	}
	s.Output = out
	metadata := reflect.ValueOf(out).Elem().FieldByName("ResultMetadata").Interface().(middleware.Metadata)
	s.Metadata.RequestID, _ = awsmiddleware.GetRequestIDMetadata(metadata)
	if raw, ok := awsmiddleware.GetRawResponse(metadata).(interface{ HTTPStatusCode() int }); ok {
		s.Metadata.Status = raw.HTTPStatusCode()
	} else if awsmiddleware.GetRawResponse(metadata) != nil {
		s.Metadata.Status = reflect.ValueOf(awsmiddleware.GetRawResponse(metadata)).Elem().FieldByName("StatusCode").Interface().(int)
	}
	_, s.Metadata.HasServerTime = awsmiddleware.GetServerTime(metadata)
	_, s.Metadata.HasResponseAt = awsmiddleware.GetResponseAt(metadata)
	if results, ok := retry.GetAttemptResults(metadata); ok {
		for _, result := range results.Results {
			s.Metadata.Attempts = append(s.Metadata.Attempts, errorText(result.Err))
		}
	}
	return s
}

// withCurrentDate returns a copy of the answers in which every Date header is set to the current time.
func withCurrentDate(answers []answer) []answer {
	answers = slices.Clone(answers)
	for i := range answers {
		if h := &answers[i].header; h.Get("Date") != "" {
			*h = h.Clone()
			h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		}
	}
	return answers
}

// TestPathsAreEquivalent checks that both paths produce the same requests, outputs, errors and metadata, for every operation
// and all kinds of responses.
func TestPathsAreEquivalent(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Amzn-Requestid": {"request-1"}, "Date": {"set by withCurrentDate"}}
	with := func(status int, body string) answer { return answer{status: status, body: body, header: header} }
	for name, m := range methods() {
		e := exchanges()[name]
		answers := map[string][]answer{
			"output":           {with(200, e.response)},
			"other status":     {with(204, "")},
			"without headers":  {{body: e.response}},
			"empty":            {with(200, "{}")},
			"retried":          {with(503, ""), {err: errors.New("connection reset by peer")}, with(200, e.response)},
			"throttled":        {failure(429, "ThrottlingException"), with(200, e.response)},
			"persistent error": {with(500, `{"message":"m"}`)},
			"skewed":           {failure(403, "RequestTimeTooSkewed"), with(200, e.response)},
			"malformed":        {with(200, e.response+"x")},
			"redirect":         {with(307, "")},
			"no response":      {{err: errors.New("no route to host")}},
			"incomplete body":  {{reader: breaksOff(`{"a`)}},
		}
		for _, schema := range m.Errors {
			code := schema.ID().Name
			answers[code] = []answer{failure(modeledErrors[code].status, code)}
		}
		for kind, answers := range answers {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				answers := withCurrentDate(answers) // here, since the test may start long after its parent
				direct := observe(t, m, e.input, answers, paths["direct"])
				stack := observe(t, m, e.input, answers, paths["stack"])
				if diff := cmp.Diff(direct, stack, values); diff != "" {
					t.Errorf("(-direct +stack):\n%s", diff)
				}
				if len(direct.Requests) == 0 || (direct.Error == "") != (direct.Output != nil) {
					t.Errorf("observation has no request, or not exactly one of output and error: %+v", direct)
				}
			})
		}
		t.Run(name+" options", func(t *testing.T) {
			t.Parallel()
			endpoint := "http://localhost:1/base"
			for kind, options := range map[string]func(*gamesparks.Options){
				"endpoint": func(o *gamesparks.Options) { o.BaseEndpoint = &endpoint },
				"identity": func(o *gamesparks.Options) { o.AppID, o.RetryMaxAttempts = "app", 7 },
				"strict":   strict,
			} {
				answers := withCurrentDate([]answer{with(200, e.response)})
				direct := observe(t, m, e.input, answers, options, paths["direct"])
				stack := observe(t, m, e.input, answers, options, paths["stack"])
				if diff := cmp.Diff(direct, stack, values); diff != "" {
					t.Errorf("%s (-direct +stack):\n%s", kind, diff)
				}
			}
		})
	}
	if n := len(maps.Clone(methods())); n != 33 {
		t.Errorf("got %d operations, want 33", n)
	}
}
