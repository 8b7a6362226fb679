package gamesparks_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// Tests of state that calls share, of options set alone, and of secondary effects.

// TestPayloadHashSetByMiddleware verifies that a payload hash in the context takes precedence over the computed hash,
// and that it applies to one call only.
func TestPayloadHashSetByMiddleware(t *testing.T) {
	t.Parallel()
	const unsigned = "UNSIGNED-PAYLOAD"
	var hashes []string
	signer := hashSigner(func(hash string) { hashes = append(hashes, hash) })
	client := newClient(&recorder{}, func(o *gamesparks.Options) { o.HTTPSignerV4 = signer })
	setHash := gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("SetHash", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			return next.HandleFinalize(v4.SetPayloadHash(ctx, unsigned), in)
		}), "ComputePayloadHash", middleware.After)
	})
	for _, optFns := range [][]func(*gamesparks.Options){{setHash}, nil} {
		if _, err := client.ListGames(t.Context(), nil, optFns...); err != nil {
			t.Fatal(err)
		}
	}
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if diff := cmp.Diff([]string{unsigned, empty}, hashes); diff != "" {
		t.Errorf("payload hashes passed to the signer (-want +got):\n%s", diff)
	}
}

// hashSigner passes the payload hash to a function and does not sign.
type hashSigner func(hash string)

func (f hashSigner) SignHTTP(_ context.Context, _ aws.Credentials, _ *http.Request, hash, _, _ string, _ time.Time, _ ...func(*v4.SignerOptions)) error {
	f(hash)
	return nil
}

// TestSingleInterceptor registers each kind of interceptor alone.
func TestSingleInterceptor(t *testing.T) {
	t.Parallel()
	kinds := reflect.TypeFor[smithyhttp.InterceptorRegistry]()
	for i := range kinds.NumField() {
		kind := kinds.Field(i).Name
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			all := &interceptors{t: t}
			client := newClient(&recorder{}, all.register, func(o *gamesparks.Options) {
				registry := reflect.ValueOf(&o.Interceptors).Elem()
				for j := range registry.NumField() {
					if j != i {
						registry.Field(j).SetZero()
					}
				}
			})
			if _, err := client.ListGames(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{kind}, all.ran); diff != "" {
				t.Errorf("interceptors (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSharedAuthOption verifies that a resolver can return the same Option to concurrent calls, although each call signs
// for another service name and region. The race detector reports a write to the shared Option.
func TestSharedAuthOption(t *testing.T) {
	t.Parallel()
	var signer smithy.Properties
	smithyhttp.SetSigV4SigningName(&signer, "shared")
	smithyhttp.SetSigV4SigningRegion(&signer, "shared-1")
	shared := []*smithyauth.Option{{SchemeID: smithyauth.SchemeIDSigV4, SignerProperties: signer}}
	resolver := func(o *gamesparks.Options) {
		o.AuthSchemeResolver = authResolverFunc(func(*gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error) { return shared, nil })
	}
	r := &recorder{}
	client := newClient(r, resolver)
	var wg sync.WaitGroup
	for _, name := range []string{"one", "two", "three", "four"} {
		wg.Go(func() {
			_, err := client.ListGames(t.Context(), nil, gamesparks.WithSigV4SigningName(name), gamesparks.WithSigV4SigningRegion(name+"-1"))
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := map[string]bool{}
	for _, sent := range r.all() {
		scope := strings.Split(sent.Header.Get("Authorization"), "/")
		got[scope[2]+" "+scope[3]] = true
	}
	want := map[string]bool{"one-1 one": true, "two-1 two": true, "three-1 three": true, "four-1 four": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("signing scopes (-want +got):\n%s", diff)
	}
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	verifySignature(t, r.last(t), signedAs{name: "shared", region: "shared-1"})
}

// TestSharedAuthOptions verifies that AuthSchemePreference does not reorder the slice that the resolver returns.
func TestSharedAuthOptions(t *testing.T) {
	t.Parallel()
	sigV4, anonymous := &smithyauth.Option{SchemeID: smithyauth.SchemeIDSigV4}, &smithyauth.Option{SchemeID: smithyauth.SchemeIDAnonymous}
	shared := []*smithyauth.Option{sigV4, anonymous}
	r := &recorder{}
	client := newClient(r, func(o *gamesparks.Options) {
		o.AuthSchemeResolver = authResolverFunc(func(*gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error) { return shared, nil })
	})
	if _, err := client.ListGames(t.Context(), nil, func(o *gamesparks.Options) { o.AuthSchemePreference = []string{"noAuth"} }); err != nil {
		t.Fatal(err)
	}
	requireAnonymous(t, r.last(t))
	if shared[0] != sigV4 || shared[1] != anonymous {
		t.Error("the resolver's slice is reordered")
	}
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	verifySignature(t, r.last(t), signedAs{})
}

// TestShortCircuitWithoutBody verifies that a response from middleware needs no body.
func TestShortCircuitWithoutBody(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 404} {
		r := &recorder{}
		client := newClient(r, gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
			return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Answer", func(context.Context, middleware.DeserializeInput, middleware.DeserializeHandler) (out middleware.DeserializeOutput, metadata middleware.Metadata, err error) {
				out.RawResponse = &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: http.Header{"X-Amzn-Errortype": {"ResourceNotFoundException"}}}}
				return out, metadata, nil
			}), middleware.After)
		}))
		out, err := client.ListGames(t.Context(), nil)
		if status == 200 && (err != nil || out == nil) || status == 404 && !gamesparks.IsNotFound(err) {
			t.Errorf("status %d: got %+v and %v", status, out, err)
		}
		if len(r.all()) != 0 {
			t.Errorf("status %d: %d requests", status, len(r.all()))
		}
	}
}

// TestRedactSingleSecret verifies that each spelling of a secret is redacted when a message contains nothing else that
// asks for redaction.
func TestRedactSingleSecret(t *testing.T) {
	t.Parallel()
	const secret = "0a1b2c3d4e5f"
	for _, before := range []string{
		"X-Amz-Signature=", "X-Amz-Signature%3D", "Signature=", "signature%3d", "?Expires&Signature=", "/a?Signature%3D",
		"X-Amz-Security-Token: ", "x-amz-security-token:", "X-Amz-Security-Token=", "X-Amz-Security-Token%3D",
		`X-Amz-Signature\u003d`, `X-Amz-Security-Token\u003D`,
	} {
		t.Run(before, func(t *testing.T) {
			t.Parallel()
			// The message is plain text in JSON, in which a backslash is escaped.
			body := `{"message":"before ` + strings.ReplaceAll(before, `\`, `\\`) + secret + ` after"}`
			logger := newLogRecorder()
			client := newClient(&recorder{answers: []answer{{status: 400, body: body}}}, func(o *gamesparks.Options) {
				o.Logger, o.ClientLogMode = logger, aws.LogResponseWithBody
			})
			_, err := client.ListGames(t.Context(), nil)
			var api smithy.APIError
			if !errors.As(err, &api) {
				t.Fatalf("got %v, want an APIError", err)
			}
			if diff := cmp.Diff("before "+before+"[redacted] after", api.ErrorMessage()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
			if before[len(before)-1] != ' ' && !strings.Contains(before, `\u`) && strings.Contains(logger.text(), secret) {
				t.Errorf("the log contains the secret:\n%s", logger.text())
			}
		})
	}
}

// TestNilRetryerOfCall verifies that a call with a nil Retryer takes the client's, whose token bucket all calls share.
func TestNilRetryerOfCall(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		retryer := &countingRetryer{RetryerV2: noBackoff().(aws.RetryerV2)}
		r := &recorder{answers: []answer{{status: 503}, success}}
		client := newClient(r, via, func(o *gamesparks.Options) { o.Retryer = retryer })
		if _, err := client.ListGames(t.Context(), nil, func(o *gamesparks.Options) { o.Retryer = nil }); err != nil {
			t.Fatal(err)
		}
		if retryer.tokens != 1 || len(r.all()) != 2 {
			t.Errorf("the client's retryer was asked for %d retry tokens in %d attempts, want 1 in 2", retryer.tokens, len(r.all()))
		}
	})
}

// countingRetryer counts the retry tokens that it hands out.
type countingRetryer struct {
	aws.RetryerV2
	tokens int
}

func (r *countingRetryer) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	r.tokens++
	return r.RetryerV2.GetRetryToken(ctx, err)
}

// TestResolvedRegionIsSigned verifies that ResolvedRegion takes precedence over Region in endpoint and signature, and
// that auth scheme resolvers receive it.
func TestResolvedRegionIsSigned(t *testing.T) {
	t.Parallel()
	resolved := func(o *gamesparks.Options) { o.EndpointOptions.ResolvedRegion = "eu-west-1" }
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		for name, option := range map[string]func(*gamesparks.Options){
			"region":        func(*gamesparks.Options) {},
			"pseudo region": func(o *gamesparks.Options) { o.Region = "us-east-1-fips" },
		} {
			r := &recorder{}
			if _, err := newClient(r, via, option, resolved).ListGames(t.Context(), nil); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			verifySignature(t, r.last(t), signedAs{region: "eu-west-1"})
			if got, want := r.last(t).URL.Host, "gamesparks.eu-west-1.amazonaws.com"; got != want {
				t.Errorf("%s: host %s, want %s", name, got, want)
			}
			var params gamesparks.AuthResolverParameters
			client := newClient(r, via, option, resolved, func(o *gamesparks.Options) {
				o.AuthSchemeResolver = authResolverFunc(func(p *gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error) {
					params = *p
					return []*smithyauth.Option{{SchemeID: smithyauth.SchemeIDAnonymous}}, nil
				})
			})
			if _, err := client.ListGames(t.Context(), nil); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if diff := cmp.Diff(gamesparks.AuthResolverParameters{Operation: "ListGames", Region: "eu-west-1"}, params); diff != "" {
				t.Errorf("%s: parameters (-want +got):\n%s", name, diff)
			}
		}
	})
}

// TestFaultOfUntypedError verifies the fault of errors without a type, which the status decides.
func TestFaultOfUntypedError(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]smithy.ErrorFault{
		300: smithy.FaultClient, 400: smithy.FaultClient, 499: smithy.FaultClient, 500: smithy.FaultServer, 503: smithy.FaultServer, 599: smithy.FaultServer,
	} {
		onBothPaths(t, http.StatusText(status), func(t *testing.T, via func(*gamesparks.Options)) {
			_, err := newClient(&recorder{answers: []answer{{status: status}}}, via, once).ListGames(t.Context(), nil)
			var api smithy.APIError
			if !errors.As(err, &api) {
				t.Fatalf("got %v, want an APIError", err)
			}
			if api.ErrorFault() != want || api.ErrorCode() != "UnknownError" {
				t.Errorf("status %d: fault %v and code %s, want %v", status, api.ErrorFault(), api.ErrorCode(), want)
			}
		})
	}
}

// TestHTTPClientTimeout verifies that the Timeout of an *http.Client bounds an attempt.
func TestHTTPClientTimeout(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		t.Cleanup(server.Close)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second) // only if the Timeout has no effect
		defer cancel()
		client := newClient(&http.Client{Timeout: time.Millisecond}, via, once, func(o *gamesparks.Options) { o.BaseEndpoint = &server.URL })
		_, err := client.ListGames(ctx, nil)
		var timeout interface{ Timeout() bool }
		if !errors.As(err, &timeout) || !timeout.Timeout() || ctx.Err() != nil || !strings.Contains(err.Error(), "Client.Timeout") {
			t.Errorf("got %v, want a timeout of the HTTP client", err)
		}
	})
}
