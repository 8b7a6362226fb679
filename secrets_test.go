package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks"
)

const (
	urlSignature = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
	urlToken     = "FwoGZXIvYXdzEURL%2Ftoken%3D%3D"
	presignedURL = "https://b.s3.us-west-2.amazonaws.com/s.json?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Security-Token=" + urlToken +
		"&X-Amz-Date=20220301T120000Z&X-Amz-Signature=" + urlSignature
)

// staticCredentials is a credentials provider that, like the one in the SDK's credentials package, stores the keys in a
// field that fmt can print.
type staticCredentials struct{ Value aws.Credentials }

func (c staticCredentials) Retrieve(context.Context) (aws.Credentials, error) { return c.Value, nil }

func (staticCredentials) IsExpired() bool { return false }

var static = staticCredentials{aws.Credentials{
	AccessKeyID: testAccessKey, SecretAccessKey: testSecretKey, SessionToken: testSessionToken, Source: "static",
}}

// written collects everything that a client logs, traces and measures, and its printed return values.
type written struct {
	*logRecorder
	spans  *spanRecorder
	meters *meterRecorder
	more   strings.Builder
}

// print prints the value with all verbs that show its contents. For an error, it also prints all wrapped errors.
func (w *written) print(v any) {
	for _, format := range []string{"%v\n", "%+v\n", "%#v\n", "%s\n", "%q\n"} {
		fmt.Fprintf(&w.more, format, v)
	}
	err, ok := v.(error)
	if !ok {
		return
	}
	var malformed *smithy.DeserializationError
	if errors.As(err, &malformed) {
		fmt.Fprintf(&w.more, "%s\n", malformed.Snapshot)
	}
	switch err := v.(type) {
	case interface{ Unwrap() error }:
		if inner := err.Unwrap(); inner != nil {
			w.print(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range err.Unwrap() {
			w.print(inner)
		}
	}
}

func (w *written) text() string {
	var b strings.Builder
	b.WriteString(w.logRecorder.text())
	b.WriteString(w.more.String())
	for _, s := range w.spans.spans {
		fmt.Fprintf(&b, "span %s %v %+v\n", s.name, s.properties, s.status)
	}
	for name, records := range w.meters.records {
		fmt.Fprintf(&b, "metric %s %+v\n", name, records)
	}
	return b.String()
}

// TestSecrets checks that no secrets appear in logs, errors, traces, metrics or panics, or in the printed form of clients,
// options and identities. It covers every log mode and calls with every kind of result, on both paths.
func TestSecrets(t *testing.T) {
	t.Parallel()
	body := `{"S3Url":"` + presignedURL + `"}`
	input := &gamesparks.ExportSnapshotInput{GameName: aws.String("g"), SnapshotId: aws.String(snapshotID)}
	panics := func(id string) func(*gamesparks.Options) {
		return gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
			return s.Finalize.Add(middleware.FinalizeMiddlewareFunc(id, func(_ context.Context, in middleware.FinalizeInput, _ middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				panic(fmt.Sprintf("%T", in.Request))
			}), middleware.After)
		})
	}
	tests := map[string]struct {
		answer answer
		option func(*gamesparks.Options)
		unsent bool
	}{
		"output":           {answer: answer{body: body}},
		"retried":          {answer: answer{status: 503, body: `{"message":"try again"}`}},
		"throttled":        {answer: failure(429, "ThrottlingException")},
		"modeled error":    {answer: failure(403, "AccessDeniedException")},
		"unknown error":    {answer: answer{status: 418, body: "<html>"}},
		"malformed":        {answer: answer{body: body + "x"}},
		"wrong type":       {answer: answer{body: `{"a":"` + presignedURL + `","S3Url":{"a":"` + presignedURL + `"}}`}},
		"escaped":          {answer: answer{body: strings.NewReplacer("&", `\u0026`, "=", `\u003d`).Replace(body) + "x"}},
		"nested URL":       {answer: answer{body: `{"S3Url":"https://example.com/?to=` + url.QueryEscape(presignedURL) + `"}x`}},
		"secret truncated": {answer: answer{body: strings.Repeat(" ", 1024-len(body)+20) + body + "x"}},
		"incomplete body": {answer: answer{reader: func() io.Reader {
			return io.MultiReader(strings.NewReader(body[:len(body)-9]), iotest.ErrReader(io.ErrUnexpectedEOF))
		}}},
		"too large":             {answer: answer{body: body}, option: func(o *gamesparks.Options) { o.MaxResponseBytes = int64(len(body)) - 9 }},
		"no connection":         {answer: answer{err: &url.Error{Op: "Get", URL: testEndpoint, Err: errors.New("connection refused")}}},
		"invalid endpoint":      {option: func(o *gamesparks.Options) { o.BaseEndpoint = aws.String("nowhere") }, unsent: true},
		"clear text":            {option: func(o *gamesparks.Options) { o.EndpointOptions.DisableHTTPS = true }, unsent: true},
		"unknown scheme":        {option: func(o *gamesparks.Options) { o.AuthSchemes = []smithyhttp.AuthScheme{markScheme{"x#y"}} }},
		"custom scheme":         {option: printingScheme, answer: answer{body: body}},
		"panic in a middleware": {option: panics("Panic"), unsent: true},
		"panic in the HTTP client": {option: func(o *gamesparks.Options) {
			inner := o.HTTPClient
			o.HTTPClient = doFunc(func(r *http.Request) (*http.Response, error) {
				inner.Do(r)
				panic(fmt.Sprintf("%T", r))
			})
		}, answer: answer{body: body}},
	}
	modes := map[string]aws.ClientLogMode{
		"nothing": 0, "everything": allLogModes, "signing": aws.LogSigning, "retries": aws.LogRetries, "requests": aws.LogRequest,
		"requests with bodies": aws.LogRequestWithBody, "responses": aws.LogResponse,
		"responses with bodies": aws.LogResponseWithBody, "deprecated usage": aws.LogDeprecatedUsage,
	}
	for name, test := range tests {
		for modeName, mode := range modes {
			onBothPaths(t, name+", log of "+modeName, func(t *testing.T, via func(*gamesparks.Options)) {
				w := &written{logRecorder: newLogRecorder(), spans: &spanRecorder{}, meters: newMeterRecorder()}
				r := &recorder{answers: []answer{test.answer}}
				client := newClient(r, via, func(o *gamesparks.Options) {
					o.Credentials, o.Logger, o.ClientLogMode = static, w, mode
					if len(o.APIOptions) > 0 { // they require a stack
						o.TracerProvider, o.MeterProvider = w.spans, w.meters
					}
					if test.option != nil {
						test.option(o)
					}
					for _, scheme := range o.AuthSchemes {
						if p, ok := scheme.(*printing); ok {
							p.w = w
						}
					}
				})
				func() {
					defer func() {
						if p := recover(); p != nil {
							w.print(p)
							w.more.Write(debug.Stack())
						}
					}()
					out, err := client.ExportSnapshot(t.Context(), input)
					w.print(err)
					w.print(out)
				}()
				w.print(client)
				w.print(client.Options())
				options := client.Options()
				w.print(&options)
				w.print(struct{ Client *gamesparks.Client }{client})
				w.print(struct{ Options gamesparks.Options }{options})
				resolver := options.GetIdentityResolver(smithyauth.SchemeIDSigV4)
				w.print(resolver)
				identity, err := resolver.GetIdentity(t.Context(), smithy.Properties{})
				if err != nil {
					t.Fatal(err)
				}
				w.print(identity)

				secrets := map[string]string{
					"the secret key": testSecretKey, "the session token": testSessionToken,
					"the URL's signature": urlSignature, "the URL's token": urlToken,
				}
				signature := regexp.MustCompile(`Signature=([0-9a-f]{64})$`)
				for i, sent := range r.all() {
					match := signature.FindStringSubmatch(sent.Header.Get("Authorization"))
					if name == "custom scheme" || name == "unknown scheme" {
						continue
					}
					if match == nil {
						t.Fatalf("attempt %d is not signed", i)
					}
					secrets[fmt.Sprintf("the signature of attempt %d", i)] = match[1]
				}
				if name != "unknown scheme" && (len(r.all()) == 0) != test.unsent {
					t.Errorf("unexpected number of requests: %d", len(r.all()))
				}
				text := strings.ToLower(w.text())
				for what, secret := range secrets {
					for _, secret := range []string{secret, url.QueryEscape(secret), secret[:len(secret)/2]} {
						if at := strings.Index(text, strings.ToLower(secret)); at >= 0 {
							t.Errorf("output contains %s:\n%s", what, text[max(0, at-300):min(len(text), at+100)])
							break
						}
					}
				}
				if !strings.Contains(text, "akidexample") { // the access key ID is not a secret
					t.Errorf("output does not contain the identity:\n%s", text)
				}
			})
		}
	}
}

// printing is a custom authentication scheme that prints the identity.
type printing struct{ w *written }

func printingScheme(o *gamesparks.Options) { o.AuthSchemes = []smithyhttp.AuthScheme{&printing{}} }

func (*printing) SchemeID() string { return smithyauth.SchemeIDSigV4 }
func (*printing) IdentityResolver(o smithyauth.IdentityResolverOptions) smithyauth.IdentityResolver {
	return o.GetIdentityResolver(smithyauth.SchemeIDSigV4)
}
func (p *printing) Signer() smithyhttp.Signer { return p }
func (p *printing) SignRequest(_ context.Context, _ *smithyhttp.Request, identity smithyauth.Identity, properties smithy.Properties) error {
	p.w.print(identity)
	p.w.print(properties)
	return nil
}

// TestSecretsAreNotInOptions checks that options are printed like any other struct, but without the credentials.
func TestSecretsAreNotInOptions(t *testing.T) {
	t.Parallel()
	options := gamesparks.Options{Region: testRegion, RetryMaxAttempts: 7, Credentials: static}
	tests := map[string][]string{
		"%v":  {testRegion, " 7 ", "gamesparks_test.staticCredentials"},
		"%+v": {"Region:us-west-2", "RetryMaxAttempts:7", "Credentials:gamesparks_test.staticCredentials"},
		"%#v": {`Region:"us-west-2"`, "RetryMaxAttempts:7", "Credentials:gamesparks_test.staticCredentials"},
	}
	for format, parts := range tests {
		for _, v := range []any{options, &options, []gamesparks.Options{options}} {
			text := fmt.Sprintf(format, v)
			for _, part := range parts {
				if !strings.Contains(text, part) {
					t.Errorf("%s output does not contain %q: %s", format, part, text)
				}
			}
		}
	}
	if text := fmt.Sprintf("%+v", gamesparks.Options{}); !strings.Contains(text, "Credentials:<nil>") {
		t.Errorf("got %s, want nil credentials printed as <nil>", text)
	}
	if got := options.Credentials; got != aws.CredentialsProvider(static) {
		t.Errorf("formatting changed the credentials to %v", got)
	}
}
