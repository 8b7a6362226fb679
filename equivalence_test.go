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

// seen is all of a call that its caller, or the service, can see.
type seen struct {
	Requests []seenRequest
	Output   any
	Error    string
	Chain    []string // the types that the error wraps
	Metadata seenMetadata
}

type seenRequest struct {
	Method, URL, Body string
	Length            int64
	Header            http.Header
}

type seenMetadata struct {
	RequestID                    string
	Status                       int
	HasServerTime, HasResponseAt bool
	Skew                         time.Duration
	Attempts                     []string // their errors
	ErrorStatus                  int
	ErrorRequestID               string
	Snapshot                     string
}

// see makes a call and returns what can be seen of it. What differs from call to call by its nature is left out: ids,
// times and signatures; the signature is checked instead.
func see(t *testing.T, m method, input any, answers []answer, optFns ...func(*gamesparks.Options)) seen {
	t.Helper()
	r := &recorder{answers: answers}
	out, err := m.call(t.Context(), newClient(r, optFns...), input)
	var s seen
	ids := map[string]bool{}
	for _, sent := range r.all() {
		verifySignature(t, sent, signedAs{})
		header := sent.Header.Clone()
		ids[header.Get("Amz-Sdk-Invocation-Id")] = true
		for _, name := range []string{"Authorization", "X-Amz-Date", "Amz-Sdk-Invocation-Id"} {
			if len(header[name]) != 1 {
				t.Errorf("%s: %d headers %s", m.Name, len(header[name]), name)
			}
			header.Del(name)
		}
		s.Requests = append(s.Requests, seenRequest{sent.Method, sent.URL.String(), sent.body, sent.ContentLength, header})
	}
	if len(ids) != 1 {
		t.Errorf("%s: the attempts have the ids %v", m.Name, ids)
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

// dated returns the answers with the present time in those that have a date.
func dated(answers []answer) []answer {
	answers = slices.Clone(answers)
	for i := range answers {
		if h := &answers[i].header; h.Get("Date") != "" {
			*h = h.Clone()
			h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		}
	}
	return answers
}

// TestPathsAreEqual makes calls of every operation on both paths, with answers of all kinds, and compares requests,
// outputs, errors and metadata.
func TestPathsAreEqual(t *testing.T) {
	t.Parallel()
	header := http.Header{"X-Amzn-Requestid": {"request-1"}, "Date": {"of the test"}}
	with := func(status int, body string) answer { return answer{status: status, body: body, header: header} }
	for name, m := range methods() {
		e := exchanges()[name]
		answers := map[string][]answer{
			"output":          {with(200, e.response)},
			"other status":    {with(204, "")},
			"without headers": {{body: e.response}},
			"empty":           {with(200, "{}")},
			"retried":         {with(503, ""), {err: errors.New("connection reset by peer")}, with(200, e.response)},
			"throttled":       {failure(429, "ThrottlingException"), with(200, e.response)},
			"in vain":         {with(500, `{"message":"m"}`)},
			"skewed":          {failure(403, "RequestTimeTooSkewed"), with(200, e.response)},
			"malformed":       {with(200, e.response+"x")},
			"redirect":        {with(307, "")},
			"no response":     {{err: errors.New("no route to host")}},
			"breaks off":      {{reader: breaksOff(`{"a`)}},
		}
		for _, schema := range m.Errors {
			code := schema.ID().Name
			answers[code] = []answer{failure(modeledErrors[code].status, code)}
		}
		for kind, answers := range answers {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				answers := dated(answers) // now, since others may run for a while before this one does
				direct := see(t, m, e.input, answers, paths["direct"])
				stack := see(t, m, e.input, answers, paths["stack"])
				if diff := cmp.Diff(direct, stack, values); diff != "" {
					t.Errorf("(-direct +stack):\n%s", diff)
				}
				if len(direct.Requests) == 0 || (direct.Error == "") != (direct.Output != nil) {
					t.Errorf("nothing to compare: %+v", direct)
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
				answers := dated([]answer{with(200, e.response)})
				direct := see(t, m, e.input, answers, options, paths["direct"])
				stack := see(t, m, e.input, answers, options, paths["stack"])
				if diff := cmp.Diff(direct, stack, values); diff != "" {
					t.Errorf("%s (-direct +stack):\n%s", kind, diff)
				}
			}
		})
	}
	if n := len(maps.Clone(methods())); n != 33 {
		t.Errorf("%d operations", n)
	}
}
