package gamesparks_test

import (
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jarcoal/httpmock"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
)

// values makes cmp compare inputs and outputs by value.
var values = cmp.Options{
	cmpopts.IgnoreTypes(middleware.Metadata{}),
	cmp.FilterValues(func(a, b document.Interface) bool { return a != nil && b != nil },
		cmp.Transformer("document", func(d document.Interface) any { return decodeDocument(d) })),
}

// TestWire compares each operation's request and output with the table of exchanges, both with a mock transport and over
// HTTP.
func TestWire(t *testing.T) {
	t.Parallel()
	table := exchanges()
	for name, m := range methods() {
		e, ok := table[name]
		if !ok {
			t.Errorf("the table has no exchange for %s", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireSet(t, name+"Input", reflect.ValueOf(e.input))
			requireSet(t, name+"Output", reflect.ValueOf(e.output))

			onBothPaths(t, "httpmock", func(t *testing.T, via func(*gamesparks.Options)) {
				transport := httpmock.NewMockTransport()
				url := testEndpoint + e.path
				if e.query != "" {
					url += "?" + e.query
				}
				var sent *recordedRequest
				transport.RegisterResponder(e.method, url, func(r *http.Request) (*http.Response, error) {
					sent = record(t, r)
					return e.answer().response(r)
				})
				e.call(t, m, newClient(&http.Client{Transport: transport}, via))
				if sent == nil || transport.GetTotalCallCount() != 1 {
					t.Fatalf("sent %d requests, want 1", transport.GetTotalCallCount())
				}
				e.checkRequest(t, sent)
			})
			onBothPaths(t, "HTTP", func(t *testing.T, via func(*gamesparks.Options)) {
				var sent *recordedRequest
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					sent = record(t, r)
					a := e.answer()
					maps.Copy(w.Header(), a.header)
					io.WriteString(w, a.body)
				}))
				defer server.Close()
				client := newClient(server.Client(), via, func(o *gamesparks.Options) { o.BaseEndpoint = &server.URL })
				e.call(t, m, client)
				want := e.path
				if e.query != "" {
					want += "?" + e.query
				}
				if diff := cmp.Diff(want, sent.RequestURI); diff != "" {
					t.Errorf("request target (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff("gzip", sent.Header.Get("Accept-Encoding")); diff != "" { // net/http sets it
					t.Errorf("Accept-Encoding (-want +got):\n%s", diff)
				}
				sent.Header.Del("Accept-Encoding")
				if sent.Header.Get("Content-Length") == "0" {
					sent.Header.Del("Content-Length")
				}
				e.checkRequest(t, sent)
			})
		})
	}
}

func (e exchange) answer() answer {
	return answer{body: e.response, header: http.Header{
		"Content-Type": {"application/json"}, "X-Amzn-Requestid": {"request-1"},
	}}
}

// call calls the operation and checks its output.
func (e exchange) call(t *testing.T, m method, client *gamesparks.Client) {
	t.Helper()
	got, err := m.call(t.Context(), client, e.input)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e.output, got, values); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	metadata := reflect.ValueOf(got).Elem().FieldByName("ResultMetadata").Interface().(middleware.Metadata)
	if id, _ := awsmiddleware.GetRequestIDMetadata(metadata); id != "request-1" {
		t.Errorf("unexpected request ID in the metadata: %q", id)
	}
}

func (e exchange) checkRequest(t *testing.T, sent *recordedRequest) {
	t.Helper()
	if diff := cmp.Diff(e.method, sent.Method); diff != "" {
		t.Errorf("method (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(e.path, sent.URL.EscapedPath()); diff != "" {
		t.Errorf("path (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(e.query, sent.URL.RawQuery); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(parseJSON(t, e.body), parseJSON(t, sent.body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if int64(len(sent.body)) != sent.ContentLength {
		t.Errorf("content length is %d, but the body has %d bytes", sent.ContentLength, len(sent.body))
	}

	const signed = `amz-sdk-invocation-id;amz-sdk-request;`
	headers := map[string]string{
		"Amz-Sdk-Invocation-Id": `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
		"Amz-Sdk-Request":       `^attempt=1; max=3$`,
		"X-Amz-Date":            `^\d{8}T\d{6}Z$`,
		"X-Amz-Security-Token":  "^" + regexp.QuoteMeta(testSessionToken) + "$",
		"User-Agent":            `^aws-sdk-go-v2/` + regexp.QuoteMeta(aws.SDKVersion) + ` .*\bapi/gamesparks#\d+\.\d+\.\d+\b`,
		"Authorization": `^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/us-west-2/gamesparks/aws4_request, ` +
			`SignedHeaders=` + signed + `host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$`,
	}
	if e.body != "" {
		headers["Content-Type"] = `^application/json$`
		headers["Authorization"] = `^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/us-west-2/gamesparks/aws4_request, ` +
			`SignedHeaders=` + signed + `content-length;content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$`
	}
	got := slices.Sorted(maps.Keys(sent.Header))
	got = slices.DeleteFunc(got, func(name string) bool { return name == "Content-Length" })
	if diff := cmp.Diff(slices.Sorted(maps.Keys(headers)), got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	for name, pattern := range headers {
		if got := sent.Header.Get(name); !regexp.MustCompile(pattern).MatchString(got) {
			t.Errorf("header %s is %q, want a match for %s", name, got, pattern)
		}
	}
}

func record(t *testing.T, r *http.Request) *recordedRequest {
	recorded := &recordedRequest{Request: r}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		recorded.body = string(body)
	}
	return recorded
}

// requireSet fails the test if a member at any depth has its zero value or is an empty list or map, because the table of
// exchanges must cover all members.
func requireSet(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	if v.IsZero() {
		t.Errorf("%s is not set", path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Type().Elem().Kind() == reflect.Struct {
			requireMembersSet(t, path, v.Elem())
		}
	case reflect.Struct:
		requireMembersSet(t, path, v)
	case reflect.Slice:
		if v.Len() == 0 {
			t.Errorf("%s is empty", path)
		}
		for i := range v.Len() {
			if v.Type().Elem().Kind() == reflect.Struct {
				requireMembersSet(t, path+"[]", v.Index(i))
			}
		}
	case reflect.Map:
		if v.Len() == 0 {
			t.Errorf("%s is empty", path)
		}
		for it := v.MapRange(); it.Next(); {
			if v.Type().Elem().Kind() == reflect.Struct {
				requireMembersSet(t, path+"{}", it.Value())
			}
		}
	}
}

func requireMembersSet(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	if !regexp.MustCompile(`gamesparks`).MatchString(v.Type().PkgPath()) {
		return // time.Time, middleware.Metadata
	}
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.Name != "ResultMetadata" {
			requireSet(t, path+"."+field.Name, v.Field(i))
		}
	}
}
