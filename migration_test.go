package gamesparks_test

//lint:file-ignore SA1019 Programs of 2023 use the deprecated names.

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// signedScope returns the region and the service for which the request is signed.
func signedScope(t *testing.T, r *recordedRequest) string {
	t.Helper()
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	parts := strings.Split(credential, "/")
	if len(parts) < 4 {
		t.Fatalf("Authorization %q has no scope", r.Header.Get("Authorization"))
	}
	return parts[2] + "/" + parts[3]
}

// TestSigningByTheSDK checks that the context contains the resolved signing name and region, so that the SDK's own signing
// middleware can replace the client's.
func TestSigningByTheSDK(t *testing.T) {
	t.Parallel()
	ofEndpoint := gamesparks.WithEndpointResolverV2(resolverFunc(func(gamesparks.EndpointParameters) (smithyendpoints.Endpoint, error) {
		option := smithyauth.Option{SchemeID: smithyauth.SchemeIDSigV4}
		smithyhttp.SetSigV4SigningName(&option.SignerProperties, "endpoint-name")
		smithyhttp.SetSigV4SigningRegion(&option.SignerProperties, "eu-west-1")
		e := smithyendpoints.Endpoint{URI: *parseURL(testEndpoint)}
		smithyauth.SetAuthOptions(&e.Properties, []*smithyauth.Option{&option})
		return e, nil
	}))
	tests := map[string]struct {
		options []func(*gamesparks.Options)
		want    string
	}{
		"default":     {nil, testRegion + "/gamesparks"},
		"endpoint":    {[]func(*gamesparks.Options){ofEndpoint}, "eu-west-1/endpoint-name"},
		"call option": {[]func(*gamesparks.Options){ofEndpoint, gamesparks.WithSigV4SigningRegion("sa-east-1")}, "sa-east-1/endpoint-name"},
		"legacy resolver": {[]func(*gamesparks.Options){gamesparks.WithEndpointResolver(gamesparks.EndpointResolverFromURL(testEndpoint,
			func(e *aws.Endpoint) { e.SigningName, e.SigningRegion = "legacy", "ap-south-1" }))}, "ap-south-1/legacy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen []string
			replace := func(s *middleware.Stack) error {
				signing := v4.NewSignHTTPRequestMiddleware(v4.SignHTTPRequestMiddlewareOptions{
					CredentialsProvider: testCredentials, Signer: v4.NewSigner(),
				})
				_, err := s.Finalize.Swap("Signing", signing)
				return errors.Join(err, s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("Scope", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
					seen = append(seen, awsmiddleware.GetSigningRegion(ctx)+"/"+awsmiddleware.GetSigningName(ctx))
					return next.HandleFinalize(ctx, in)
				}), "ResolveEndpointV2", middleware.After))
			}
			r := &recorder{answers: []answer{{status: 503}, {body: "{}"}}}
			client := newClient(r, append(test.options, gamesparks.WithAPIOptions(replace))...)
			if _, err := client.ListGames(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{test.want, test.want}, seen); diff != "" {
				t.Errorf("scope in the context of each attempt (-want +got):\n%s", diff)
			}
			for _, sent := range r.all() {
				if got := signedScope(t, sent); got != test.want {
					t.Errorf("signed for %s, want %s", got, test.want)
				}
			}
		})
	}
}

// TestSignAfterScopeChange checks that middleware can change the signing scope after endpoint resolution and before signing.
func TestSignAfterScopeChange(t *testing.T) {
	t.Parallel()
	change := func(s *middleware.Stack) error {
		return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("Change", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			return next.HandleFinalize(awsmiddleware.SetSigningRegion(ctx, "me-south-1"), in)
		}), "Signing", middleware.Before)
	}
	r := &recorder{}
	if _, err := newClient(r, gamesparks.WithAPIOptions(change)).ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := signedScope(t, r.last(t)); got != "me-south-1/gamesparks" {
		t.Errorf("signed for %s, want me-south-1/gamesparks", got)
	}
}

// TestMissingRegion checks that a call without a region returns an aws.MissingRegionError that names the settings, whether
// the region is needed for the endpoint or only for the signature at a custom endpoint.
func TestMissingRegion(t *testing.T) {
	t.Parallel()
	custom := func(o *gamesparks.Options) { o.BaseEndpoint = aws.String("https://games.example.com") }
	legacy := gamesparks.WithEndpointResolver(gamesparks.NewDefaultEndpointResolver())
	resolved := func(o *gamesparks.Options) { // signs with the scheme's own signer
		o.AuthSchemes = []smithyhttp.AuthScheme{wrappedScheme{o.AuthSchemes[0]}}
	}
	tests := map[string]struct {
		options []func(*gamesparks.Options)
		signing bool
	}{
		"regional endpoint":          {nil, false},
		"legacy resolver":            {[]func(*gamesparks.Options){legacy}, false},
		"custom endpoint":            {[]func(*gamesparks.Options){custom}, true},
		"custom endpoint and scheme": {[]func(*gamesparks.Options){custom, resolved}, true},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{}
			options := append([]func(*gamesparks.Options){via, func(o *gamesparks.Options) { o.Region = "" }}, test.options...)
			_, err := newClient(r, options...).ListGames(t.Context(), nil)
			if _, ok := errors.AsType[*aws.MissingRegionError](err); !ok || !strings.Contains(err.Error(), "set Options.Region or AWS_REGION") {
				t.Errorf("got %v, want a MissingRegionError", err)
			}
			if _, ok := errors.AsType[*v4.SigningError](err); ok != test.signing {
				t.Errorf("error %v: is a SigningError = %t", err, ok)
			}
			if n := len(r.all()); n != 0 {
				t.Errorf("sent %d requests, want 0", n)
			}
		})
	}
	anonymous := func(o *gamesparks.Options) { o.Region, o.Credentials = "", nil }
	if _, err := newClient(&recorder{}, custom, anonymous).ListGames(t.Context(), nil); err != nil {
		t.Errorf("unsigned request to a custom endpoint: %v", err)
	}
}

// wrappedScheme is an auth scheme that the client does not recognize as its own.
type wrappedScheme struct{ smithyhttp.AuthScheme }

// TestUnreachableRegionalEndpoint checks that only the error for an unreachable regional endpoint explains that the hosted
// service is closed.
func TestUnreachableRegionalEndpoint(t *testing.T) {
	t.Parallel()
	const hint = "the hosted service was closed in October 2023: set BaseEndpoint or AWS_ENDPOINT_URL_GAMESPARKS, which config.LoadDefaultConfig reads"
	noHost := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "gamesparks.us-west-2.amazonaws.com", IsNotFound: true}}
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	reset := &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
	custom := func(o *gamesparks.Options) { o.BaseEndpoint = aws.String("https://games.example.com") }
	nop := func(*gamesparks.Options) {}
	moved := gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("Move", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			in.Request.(*smithyhttp.Request).URL.Host = "games.example.com"
			return next.HandleFinalize(ctx, in)
		}), "ResolveEndpointV2", middleware.After)
	})
	tests := map[string]struct {
		option func(*gamesparks.Options)
		err    error
		want   bool
	}{
		"no such host":           {nop, noHost, true},
		"connection refused":     {nop, refused, true},
		"reset after dialing":    {nop, reset, false},
		"other error":            {nop, errors.New("mock"), false},
		"custom endpoint":        {custom, noHost, false},
		"host set by middleware": {moved, noHost, false},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{answers: []answer{{err: &url.Error{Op: "Get", URL: testEndpoint, Err: test.err}}}}
			_, err := newClient(r, via, test.option, once).ListGames(t.Context(), nil)
			if err == nil || strings.HasSuffix(err.Error(), hint) != test.want {
				t.Errorf("got %v, want hint = %t", err, test.want)
			}
			if _, ok := errors.AsType[*net.DNSError](err); ok != (test.err == error(noHost)) {
				t.Errorf("error %v: wraps a DNSError = %t", err, ok)
			}
			var send *smithyhttp.RequestSendError
			if !errors.As(err, &send) || !errors.Is(err, test.err) {
				t.Errorf("error %v does not wrap the transport's error", err)
			}
		})
	}
}

// TestErrorDecisions checks the errors that deliberately differ from those of the official client. CHANGELOG.md lists them.
func TestErrorDecisions(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "status as message", func(t *testing.T, via func(*gamesparks.Options)) {
		_, err := newClient(&recorder{answers: []answer{{status: 418}}}, via).ListGames(t.Context(), nil)
		api, _ := errors.AsType[smithy.APIError](err)
		if api == nil || api.ErrorCode() != "UnknownError" || api.ErrorMessage() != "418 I'm a teapot" {
			t.Errorf("got %v", err)
		}
	})
	onBothPaths(t, "exception that the operation does not model", func(t *testing.T, via func(*gamesparks.Options)) {
		_, err := newClient(&recorder{answers: []answer{{status: 409, body: `{"code":"ConflictException"}`}}}, via).ListGames(t.Context(), nil)
		if !gamesparks.IsConflict(err) {
			t.Errorf("got %v, want a ConflictException", err)
		}
	})
	onBothPaths(t, "attempts of a given retryer", func(t *testing.T, via func(*gamesparks.Options)) {
		for limit, want := range map[int]int{0: 3, 2: 2, 5: 5} {
			r := &recorder{answers: []answer{{status: http.StatusServiceUnavailable}}}
			client := newClient(r, via, func(o *gamesparks.Options) { o.RetryMaxAttempts = limit })
			if _, err := client.ListGames(t.Context(), nil); err == nil || len(r.all()) != want {
				t.Errorf("RetryMaxAttempts = %d: got %d attempts, want %d and an error; error: %v", limit, len(r.all()), want, err)
			}
		}
	})
}

// TestSigningErrorType checks the cases in which the error is a SigningError, as in the official client.
func TestSigningErrorType(t *testing.T) {
	t.Parallel()
	broken := errors.New("hardware token removed")
	tests := map[string]func(*gamesparks.Options){
		"signer": func(o *gamesparks.Options) {
			o.HTTPSignerV4 = signerFunc(func(string, string) error { return broken })
		},
		"credentials": func(o *gamesparks.Options) {
			o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{}, fmt.Errorf("refresh: %w", broken)
			})
		},
	}
	for name, option := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			_, err := newClient(&recorder{}, via, option).ListGames(t.Context(), nil)
			if _, ok := errors.AsType[*v4.SigningError](err); !ok || !errors.Is(err, broken) {
				t.Errorf("got %v, want a SigningError", err)
			}
		})
	}
}
