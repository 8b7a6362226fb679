package sigv4_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/sigv4"
)

const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

var (
	credentials = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
	scope       = sigv4.Scope{Service: "gamesparks", Region: "us-east-1", Time: time.Date(2022, 3, 4, 5, 6, 7, 0, time.UTC)}
)

func newRequest(change func(*http.Request)) *http.Request {
	req := &http.Request{
		Method: http.MethodGet,
		URL:    &url.URL{Scheme: "https", Host: "gamesparks.us-east-1.amazonaws.com", Path: "/game/lighthouse"},
		Header: http.Header{
			"Amz-Sdk-Invocation-Id": {"ff5fcb53-05df-4963-a9fa-a223d2b10359"},
			"Amz-Sdk-Request":       {"attempt=1; max=3"},
			"User-Agent":            {"aws-sdk-go-v2/1.0"},
		},
	}
	if change != nil {
		change(req)
	}
	return req
}

// signedBySDK returns a copy of the request, signed by aws-sdk-go-v2.
func signedBySDK(t *testing.T, req *http.Request, payloadHash string, c aws.Credentials, s sigv4.Scope) *http.Request {
	t.Helper()
	req = req.Clone(t.Context())
	if err := v4.NewSigner().SignHTTP(t.Context(), c, req, payloadHash, s.Service, s.Region, s.Time); err != nil {
		t.Fatal(err)
	}
	return req
}

// TestSign checks that signatures equal those of aws-sdk-go-v2, and that Sign does not modify an unsupported request.
func TestSign(t *testing.T) {
	t.Parallel()
	withToken := credentials
	withToken.SessionToken = "session/token+=="
	odd := credentials
	odd.SessionToken = "two  spaces"
	set := func(key string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[key] = values }
	}
	tests := map[string]struct {
		change      func(*http.Request)
		credentials aws.Credentials
		scope       sigv4.Scope
		unsupported bool
	}{
		"GET":           {},
		"session token": {credentials: withToken},
		"body": {change: func(r *http.Request) {
			r.Method, r.ContentLength = "PATCH", 12345
			r.Header.Set("Content-Type", "application/json")
		}},
		"length without type":    {change: func(r *http.Request) { r.ContentLength = 1 }},
		"unknown length":         {change: func(r *http.Request) { r.ContentLength = -1 }},
		"Lambda":                 {change: set("X-Amzn-Trace-Id", "Root=1-2")},
		"no headers":             {change: func(r *http.Request) { clear(r.Header) }},
		"port":                   {change: func(r *http.Request) { r.URL.Scheme, r.URL.Host = "http", "127.0.0.1:8080" }},
		"IPv6":                   {change: func(r *http.Request) { r.URL.Host = "[::1]:8080" }},
		"host":                   {change: func(r *http.Request) { r.Host = "proxy.example.com" }},
		"root":                   {change: func(r *http.Request) { r.URL.Path = "/" }},
		"all path characters":    {change: func(r *http.Request) { r.URL.Path = "/azAZ09-._~//" }},
		"equal RawPath":          {change: func(r *http.Request) { r.URL.RawPath = r.URL.Path }},
		"time zone":              {scope: sigv4.Scope{Service: "gamesparks", Region: "us-east-1", Time: time.Date(2022, 3, 4, 23, 0, 0, 0, time.FixedZone("", -5*3600))}},
		"another scope":          {scope: sigv4.Scope{Service: "other", Region: "eu-west-1", Time: scope.Time}},
		"empty header value":     {change: set("Content-Type", "")},
		"query":                  {change: func(r *http.Request) { r.URL.RawQuery = "MaxResults=1" }, unsupported: true},
		"forced query":           {change: func(r *http.Request) { r.URL.ForceQuery = true }, unsupported: true},
		"opaque":                 {change: func(r *http.Request) { r.URL.Opaque = "//host/path" }, unsupported: true},
		"escaped path":           {change: func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/tags/a:b/c", "/tags/a%3Ab%2Fc" }, unsupported: true},
		"colon in path":          {change: func(r *http.Request) { r.URL.Path = "/snapshot/05:06" }, unsupported: true},
		"empty path":             {change: func(r *http.Request) { r.URL.Path = "" }, unsupported: true},
		"default port":           {change: func(r *http.Request) { r.URL.Host += ":443" }, unsupported: true},
		"empty host":             {change: func(r *http.Request) { r.URL.Host = "" }, unsupported: true},
		"another header":         {change: set("X-Other", "value"), unsupported: true},
		"header in lower case":   {change: set("content-type", "value"), unsupported: true},
		"two values":             {change: set("Content-Type", "a", "b"), unsupported: true},
		"no value":               {change: set("Content-Type"), unsupported: true},
		"two spaces":             {change: set("Content-Type", "a  b"), unsupported: true},
		"leading space":          {change: set("Content-Type", " a"), unsupported: true},
		"trailing space":         {change: set("Content-Type", "a "), unsupported: true},
		"tab":                    {change: set("Content-Type", "a\t"), unsupported: true},
		"not ASCII":              {change: set("Content-Type", "\u00e9"), unsupported: true},
		"authorization":          {change: set("Authorization", "AWS4-HMAC-SHA256"), unsupported: true},
		"date header":            {change: set("X-Amz-Date", "20220304T050607Z"), unsupported: true},
		"token header":           {change: set("X-Amz-Security-Token", "token"), unsupported: true},
		"session token, spaces":  {credentials: odd, unsupported: true},
		"year of five digits":    {scope: sigv4.Scope{Service: "gamesparks", Region: "us-east-1", Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, unsupported: true},
		"content length, header": {change: set("Content-Length", "1"), unsupported: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := test.credentials, test.scope
			if c.AccessKeyID == "" {
				c = credentials
			}
			if s.Region == "" {
				s = scope
			}
			req := newRequest(test.change)
			want := req.Clone(t.Context())
			var signer sigv4.Signer
			if ok := signer.Sign(req, emptyHash, &c, s); ok == test.unsupported {
				t.Fatalf("Sign returned %t", ok)
			}
			if !test.unsupported {
				want = signedBySDK(t, want, emptyHash, c, s)
			}
			if diff := cmp.Diff(want.Header, req.Header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want.URL.String(), req.URL.String()); diff != "" {
				t.Errorf("URL (-want +got):\n%s", diff)
			}
		})
	}
}

// TestKeys checks that a cached key is used only for its credentials, scope and day, and a cached date only for its second, even
// if goroutines share a signer.
func TestKeys(t *testing.T) {
	t.Parallel()
	var signer sigv4.Signer
	var wg sync.WaitGroup
	for seed := range uint64(4) {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, 0))
			either := func(a, b string) string { return []string{a, b}[random.IntN(2)] }
			for range 500 {
				c := aws.Credentials{
					AccessKeyID: either("AKID1", "AKID2"), SecretAccessKey: either("secret", "other secret"), SessionToken: either("", "token"),
				}
				s := sigv4.Scope{
					Service: either("gamesparks", "other"), Region: either("us-east-1", "eu-west-1"),
					Time: scope.Time.AddDate(0, 0, random.IntN(2)).Add(time.Duration(random.IntN(5)) * 500 * time.Millisecond),
				}
				req := newRequest(nil)
				want := signedBySDK(t, req, emptyHash, c, s)
				if !signer.Sign(req, emptyHash, &c, s) {
					t.Error("Sign returned false")
				}
				if diff := cmp.Diff(want.Header, req.Header); diff != "" {
					t.Errorf("header (-want +got):\n%s", diff)
				}
			}
		})
	}
	wg.Wait()
}

// FuzzSign compares signatures with those of aws-sdk-go-v2.
func FuzzSign(f *testing.F) {
	f.Add("GET", "gamesparks.us-east-1.amazonaws.com", "/game/lighthouse", "attempt=1; max=3", "application/json", "token", int64(12))
	f.Add("POST", "localhost:8080", "/a/b-c_d.e~f", "", "a  b", "", int64(0))
	f.Fuzz(func(t *testing.T, method, host, path, attempt, contentType, token string, length int64) {
		c := credentials
		c.SessionToken = token
		req := newRequest(func(r *http.Request) {
			r.Method, r.URL.Host, r.URL.Path, r.ContentLength = method, host, path, length
			r.Header["Amz-Sdk-Request"] = []string{attempt}
			r.Header["Content-Type"] = []string{contentType}
		})
		before := req.Clone(context.Background())
		var signer sigv4.Signer
		if !signer.Sign(req, emptyHash, &c, scope) {
			if diff := cmp.Diff(before.Header, req.Header); diff != "" {
				t.Errorf("header of an unsupported request (-want +got):\n%s", diff)
			}
			return
		}
		want := signedBySDK(t, before, emptyHash, c, scope)
		if diff := cmp.Diff(want.Header, req.Header); diff != "" {
			t.Errorf("header (-want +got):\n%s", diff)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	req := newRequest(nil)
	b.Run("Signer", func(b *testing.B) {
		var signer sigv4.Signer
		b.ReportAllocs()
		for b.Loop() {
			delete(req.Header, "X-Amz-Date")
			delete(req.Header, "Authorization")
			signer.Sign(req, emptyHash, &credentials, scope)
		}
	})
	b.Run("SDK", func(b *testing.B) {
		signer := v4.NewSigner()
		b.ReportAllocs()
		for b.Loop() {
			delete(req.Header, "X-Amz-Date")
			delete(req.Header, "Authorization")
			_ = signer.SignHTTP(context.Background(), credentials, req, emptyHash, scope.Service, scope.Region, scope.Time)
		}
	})
}
