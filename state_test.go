package gamesparks_test

//lint:file-ignore SA1019 The deprecated endpoint resolvers are part of the official surface.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// The tests in this file check state shared by calls, individual options and side effects.

// TestPayloadHashSetByMiddleware verifies that a payload hash in the context takes precedence over the computed hash and
// applies only to one call.
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

// hashSigner passes the payload hash to a function instead of signing.
type hashSigner func(hash string)

func (f hashSigner) SignHTTP(_ context.Context, _ aws.Credentials, _ *http.Request, hash, _, _ string, _ time.Time, _ ...func(*v4.SignerOptions)) error {
	f(hash)
	return nil
}

// TestSingleInterceptor verifies that each kind of interceptor runs even if it is the only one.
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

// TestSharedAuthOption verifies that a resolver can return the same Option to concurrent calls that sign for different
// service names and regions. The race detector would report a write to the shared Option.
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
		t.Error("the call reordered the resolver's slice")
	}
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	verifySignature(t, r.last(t), signedAs{})
}

// TestShortCircuitWithoutBody verifies that middleware can return a response without a body.
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
			t.Errorf("status %d: got %+v and error %v", status, out, err)
		}
		if len(r.all()) != 0 {
			t.Errorf("status %d: sent %d requests, want 0", status, len(r.all()))
		}
	}
}

// TestRedactSingleSecret verifies that a secret is redacted after each spelling of its name, even if the message contains no
// other secret.
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
			// The message is a JSON string, so a backslash in it is escaped.
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

// TestNilRetryerOfCall verifies that a call with a nil Retryer uses the client's Retryer, whose token bucket all calls
// share.
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
			t.Errorf("the client's retryer issued %d retry tokens in %d attempts, want 1 in 2", retryer.tokens, len(r.all()))
		}
	})
}

// countingRetryer counts the retry tokens that it issues.
type countingRetryer struct {
	aws.RetryerV2
	tokens int
}

func (r *countingRetryer) GetRetryToken(ctx context.Context, err error) (func(error) error, error) {
	r.tokens++
	return r.RetryerV2.GetRetryToken(ctx, err)
}

// TestResolvedRegionIsSigned verifies that ResolvedRegion takes precedence over Region in the endpoint and the signature,
// and that auth scheme resolvers receive it.
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

// TestFaultOfUntypedError verifies that the fault of an error without a modeled type depends on the status.
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

// TestHTTPClientTimeout verifies that the Timeout of an *http.Client limits the duration of each attempt.
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

// setHeader returns an API option that sets a request header.
func setHeader(name, value string) func(*middleware.Stack) error {
	return smithyhttp.SetHeaderValue(name, value)
}

// TestOptionSlicesAreNotShared verifies that appending to an option slice of one client or call does not affect other
// clients or calls.
func TestOptionSlicesAreNotShared(t *testing.T) {
	t.Parallel()
	given := gamesparks.Options{
		Region: testRegion, HTTPClient: &recorder{}, APIOptions: make([]func(*middleware.Stack) error, 0, 8),
	}
	given.APIOptions = append(given.APIOptions, setHeader("X-First", "given"))
	given.Interceptors.AfterSerialization = []smithyhttp.AfterSerializationInterceptor{interceptor(func(*smithyhttp.InterceptorContext) {})}
	one := gamesparks.New(given, gamesparks.WithAPIOptions(setHeader("X-Second", "one")))
	_ = gamesparks.New(given, gamesparks.WithAPIOptions(setHeader("X-Second", "two")))
	spoil := func(o *gamesparks.Options) {
		o.APIOptions[0] = setHeader("X-First", "spoiled")
		o.Interceptors.AfterSerialization[0] = interceptor(func(in *smithyhttp.InterceptorContext) { in.Request.Header.Set("X-Spoiled", "yes") })
	}
	spoil(&given)
	returned := one.Options()
	spoil(&returned)
	r := one.Options().HTTPClient.(*recorder)
	if _, err := one.ListGames(t.Context(), nil, spoil); err != nil {
		t.Fatal(err)
	}
	if got := r.last(t).Header; got.Get("X-First") != "spoiled" || got.Get("X-Spoiled") != "yes" {
		t.Errorf("the call's options had no effect: headers %v", got)
	}
	if _, err := one.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := r.last(t).Header; got.Get("X-First") != "given" || got.Get("X-Second") != "one" || got.Get("X-Spoiled") != "" {
		t.Errorf("the call changed the client's options: headers %v", got)
	}
}

// TestMaxAttemptsAndRetryerOfCall verifies that the client's RetryMaxAttempts does not limit the Retryer of a call.
func TestMaxAttemptsAndRetryerOfCall(t *testing.T) {
	t.Parallel()
	r := &recorder{answers: []answer{{status: 503}}}
	client := newClient(r, func(o *gamesparks.Options) { o.RetryMaxAttempts = 2 })
	_, err := client.ListGames(t.Context(), nil, func(o *gamesparks.Options) { o.Retryer = retry.AddWithMaxAttempts(noBackoff(), 4) })
	if err == nil || len(r.all()) != 4 {
		t.Errorf("got error %v after %d attempts, want 4 attempts", err, len(r.all()))
	}
}

// endpointSource is a configuration source.
type endpointSource string

func (s endpointSource) GetServiceBaseEndpoint(context.Context, string) (string, bool, error) {
	return string(s), s != "", nil
}

// TestConfigSourceOrder verifies that the first source with a value takes precedence and that a source that fails ends the
// search.
func TestConfigSourceOrder(t *testing.T) {
	t.Parallel()
	one, two := endpointSource("https://one.example.com"), endpointSource("https://two.example.com")
	for name, test := range map[string]struct {
		sources []any
		want    string
	}{
		"first":          {[]any{one, two}, string(one)},
		"first is empty": {[]any{endpointSource(""), two, one}, string(two)},
		"first fails":    {[]any{brokenSource{}, two}, testEndpoint},
		"second fails":   {[]any{one, brokenSource{}}, string(one)},
	} {
		r := &recorder{}
		client := gamesparks.NewFromConfig(aws.Config{Region: testRegion, HTTPClient: r, ConfigSources: test.sources})
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := r.last(t).URL.String(); got != test.want+"/game" {
			t.Errorf("%s: request sent to %s, want %s/game", name, got, test.want)
		}
	}
}

// inFinalize returns an option that calls fn with the context of the Finalize step.
func inFinalize(fn func(context.Context) error) func(*gamesparks.Options) {
	return gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
		return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("Look", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (out middleware.FinalizeOutput, metadata middleware.Metadata, err error) {
			if err := fn(ctx); err != nil {
				return out, metadata, err
			}
			return next.HandleFinalize(ctx, in)
		}), middleware.Before)
	})
}

// TestCallInsideCall verifies that a call made inside another call's middleware does not inherit a signing name, region or
// payload hash from the outer call's context.
func TestCallInsideCall(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		r := &recorder{}
		inner := newClient(r, via, func(o *gamesparks.Options) { o.Region = "eu-west-1" })
		outer := newClient(&recorder{}, gamesparks.WithSigV4SigningName("outer"), gamesparks.WithSigV4SigningRegion("outer-1"),
			inFinalize(func(ctx context.Context) error {
				ctx = v4.SetPayloadHash(ctx, "UNSIGNED-PAYLOAD")
				_, err := inner.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: aws.String("g")}, inFinalize(func(ctx context.Context) error {
					if region, op := awsmiddleware.GetRegion(ctx), awsmiddleware.GetOperationName(ctx); region != "eu-west-1" || op != "CreateSnapshot" {
						t.Errorf("context of the inner call: got operation %s in region %s", op, region)
					}
					return nil
				}))
				if err == nil {
					_, err = inner.ListGames(ctx, nil)
				}
				return err
			}))
		if _, err := outer.ListGames(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		for _, sent := range r.all() {
			verifySignature(t, sent, signedAs{region: "eu-west-1"})
		}
	})
}

// TestContextOfCallOptions verifies that the values in a call's context come from the call's options, not from the client's.
func TestContextOfCallOptions(t *testing.T) {
	t.Parallel()
	type values struct {
		Region string
		Legacy bool
	}
	var got values
	logger := newLogRecorder()
	look := inFinalize(func(ctx context.Context) error {
		got = values{awsmiddleware.GetRegion(ctx), awsmiddleware.GetRequiresLegacyEndpoints(ctx)}
		middleware.GetLogger(ctx).Logf("DEBUG", "in %s", got.Region)
		return nil
	})
	client := newClient(&recorder{}, look)
	legacy := gamesparks.WithEndpointResolver(gamesparks.EndpointResolverFromURL("https://games.example.com"))
	for _, test := range []struct {
		option func(*gamesparks.Options)
		want   values
	}{
		{func(*gamesparks.Options) {}, values{testRegion, false}},
		{func(o *gamesparks.Options) { o.Region, o.Logger = "eu-west-1", logger }, values{"eu-west-1", false}},
		{legacy, values{testRegion, true}},
		{func(*gamesparks.Options) {}, values{testRegion, false}},
	} {
		if _, err := client.ListGames(t.Context(), nil, test.option); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("context values (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff("DEBUG in eu-west-1", logger.text()); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// ownScheme is an authentication scheme that records its arguments.
type ownScheme struct {
	id       string
	noSigner bool

	identityProperties, signerProperties smithy.Properties
	identity                             smithyauth.Identity
	payloadHash                          string
}

type ownIdentity struct{}

func (ownIdentity) Expiration() time.Time { return time.Time{} }

func (s *ownScheme) SchemeID() string { return s.id }

func (s *ownScheme) IdentityResolver(smithyauth.IdentityResolverOptions) smithyauth.IdentityResolver {
	return s
}

func (s *ownScheme) GetIdentity(_ context.Context, p smithy.Properties) (smithyauth.Identity, error) {
	s.identityProperties = p
	return ownIdentity{}, nil
}

func (s *ownScheme) Signer() smithyhttp.Signer {
	if s.noSigner {
		return nil
	}
	return s
}

func (s *ownScheme) SignRequest(ctx context.Context, _ *smithyhttp.Request, identity smithyauth.Identity, p smithy.Properties) error {
	s.identity, s.signerProperties, s.payloadHash = identity, p, v4.GetPayloadHash(ctx)
	return nil
}

// TestOwnAuthScheme verifies the arguments that the client passes to an auth scheme that replaces SigV4.
func TestOwnAuthScheme(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		scheme := &ownScheme{id: smithyauth.SchemeIDSigV4}
		client := newClient(&recorder{}, via, func(o *gamesparks.Options) { o.AuthSchemes = []smithyhttp.AuthScheme{scheme} })
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		name, _ := smithyhttp.GetSigV4SigningName(&scheme.signerProperties)
		region, _ := smithyhttp.GetSigV4SigningRegion(&scheme.signerProperties)
		if scheme.identity != (ownIdentity{}) || name != "gamesparks" || region != testRegion || !strings.HasPrefix(scheme.payloadHash, "e3b0c442") {
			t.Errorf("signed with identity %v, service %q, region %q and payload hash %q",
				scheme.identity, name, region, scheme.payloadHash)
		}

		var identityProperties smithy.Properties
		identityProperties.Set("key", "value")
		resolver := func(o *gamesparks.Options) {
			o.AuthSchemeResolver = authResolverFunc(func(*gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error) {
				return []*smithyauth.Option{{SchemeID: smithyauth.SchemeIDSigV4, IdentityProperties: identityProperties}}, nil
			})
		}
		if _, err := client.ListGames(t.Context(), nil, resolver); err != nil {
			t.Fatal(err)
		}
		if got := scheme.identityProperties.Get("key"); got != "value" {
			t.Errorf("identity property is %v, want value", got)
		}

		scheme.noSigner = true
		if _, err := client.ListGames(t.Context(), nil, once); err == nil || !strings.Contains(err.Error(), "has no signer") {
			t.Errorf("got error %v, want one about the missing signer", err)
		}
	})
}

// TestNoAuthSchemes verifies that a client without auth schemes does not sign.
func TestNoAuthSchemes(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		r := &recorder{}
		client := newClient(r, via, func(o *gamesparks.Options) { o.AuthSchemes = []smithyhttp.AuthScheme{} })
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		requireAnonymous(t, r.last(t))
	})
}

// escapeSigner records whether the path is to be escaped a second time for signing.
type escapeSigner struct{ disabled []bool }

func (s *escapeSigner) SignHTTP(_ context.Context, _ aws.Credentials, _ *http.Request, _, _, _ string, _ time.Time, optFns ...func(*v4.SignerOptions)) error {
	var o v4.SignerOptions
	for _, fn := range optFns {
		fn(&o)
	}
	s.disabled = append(s.disabled, o.DisableURIPathEscaping)
	return nil
}

// TestPathEscapingOfSignatures verifies that an endpoint can disable the second escaping of the path and that logging the
// signature does not change this setting.
func TestPathEscapingOfSignatures(t *testing.T) {
	t.Parallel()
	var signer, endpoint smithy.Properties
	smithyhttp.SetDisableDoubleEncoding(&signer, true)
	smithyauth.SetAuthOptions(&endpoint, []*smithyauth.Option{{SchemeID: "aws.auth#sigv4", SignerProperties: signer}})
	disable := gamesparks.WithEndpointResolverV2(resolverFunc(func(gamesparks.EndpointParameters) (smithyendpoints.Endpoint, error) {
		return smithyendpoints.Endpoint{URI: *parseURL("https://e.example.com"), Properties: endpoint}, nil
	}))
	in := &gamesparks.ListTagsForResourceInput{ResourceArn: aws.String(gameARN)}
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		s := &escapeSigner{}
		client := newClient(&recorder{}, via, func(o *gamesparks.Options) { o.HTTPSignerV4 = s })
		for _, mode := range []aws.ClientLogMode{0, aws.LogSigning} {
			for _, option := range []func(*gamesparks.Options){func(*gamesparks.Options) {}, disable} {
				if _, err := client.ListTagsForResource(t.Context(), in, option, func(o *gamesparks.Options) { o.ClientLogMode = mode }); err != nil {
					t.Fatal(err)
				}
			}
		}
		if diff := cmp.Diff([]bool{false, true, false, true}, s.disabled); diff != "" {
			t.Errorf("DisableURIPathEscaping (-want +got):\n%s", diff)
		}

		r := &recorder{}
		if _, err := newClient(r, via, func(o *gamesparks.Options) { o.ClientLogMode = aws.LogSigning }).ListTagsForResource(t.Context(), in); err != nil {
			t.Fatal(err)
		}
		verifySignature(t, r.last(t), signedAs{})
	})
}

// TestSchemeSignerUsesOptions verifies that the auth scheme in the options signs with the signer in the options and with the
// given properties and payload hash. It also verifies that the identity expires together with the credentials.
func TestSchemeSignerUsesOptions(t *testing.T) {
	t.Parallel()
	var hashes []string
	escapes := &escapeSigner{}
	expires := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	hash := hashSigner(func(hash string) { hashes = append(hashes, hash) })
	for _, test := range []struct {
		signer gamesparks.HTTPSignerV4
		option func(*gamesparks.Options)
	}{
		{signer: hash},
		{option: func(o *gamesparks.Options) { o.HTTPSignerV4 = hash }},
		{signer: escapes},
	} {
		options := gamesparks.New(gamesparks.Options{
			HTTPSignerV4: test.signer,
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: testAccessKey, SecretAccessKey: testSecretKey, CanExpire: true, Expires: expires}, nil
			}),
		}, func(o *gamesparks.Options) {
			if test.option != nil {
				test.option(o)
			}
		}).Options()
		scheme := options.AuthSchemes[0]
		identity, err := scheme.IdentityResolver(options).GetIdentity(t.Context(), smithy.Properties{})
		if err != nil {
			t.Fatal(err)
		}
		if got := identity.Expiration(); !got.Equal(expires) {
			t.Errorf("the identity expires at %v, want %v", got, expires)
		}
		var props smithy.Properties
		smithyhttp.SetSigV4SigningName(&props, "games")
		smithyhttp.SetSigV4SigningRegion(&props, "eu-west-1")
		smithyhttp.SetDisableDoubleEncoding(&props, true)
		req, _ := smithyhttp.NewStackRequest().(*smithyhttp.Request)
		if err := scheme.Signer().SignRequest(v4.SetPayloadHash(t.Context(), "hash"), req, identity, props); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"hash", "hash"}, hashes); diff != "" {
		t.Errorf("payload hashes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bool{true}, escapes.disabled); diff != "" {
		t.Errorf("DisableURIPathEscaping (-want +got):\n%s", diff)
	}
}

// TestClockSkewDisabledForCall verifies that a call can sign with the local time even after the client has measured clock
// skew, and that the client keeps its measurement.
func TestClockSkewDisabledForCall(t *testing.T) {
	t.Parallel()
	const skew = 3 * time.Hour
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		date := func(offset time.Duration) answer {
			return answer{body: "{}", header: http.Header{"Date": {time.Now().Add(offset).UTC().Format(http.TimeFormat)}}}
		}
		r := &recorder{answers: []answer{date(skew), date(2 * skew), date(skew)}}
		client := newClient(r, via)
		disable := func(o *gamesparks.Options) { o.DisableClockSkewCorrection = true }
		for i, test := range []struct {
			option func(*gamesparks.Options)
			want   time.Duration
		}{{func(*gamesparks.Options) {}, 0}, {disable, 0}, {func(*gamesparks.Options) {}, skew}} {
			if _, err := client.ListGames(t.Context(), nil, test.option); err != nil {
				t.Fatal(err)
			}
			if at := signingTime(t, r.last(t)); at.Sub(time.Now().Add(test.want)).Abs() > time.Minute {
				t.Errorf("call %d was signed at %v, want the current time plus %v", i, at, test.want)
			}
		}
	})
}

// TestDefaultRetryer verifies which errors the default retryer retries. Other tests use a retryer without delays, which
// lacks the default retryer's list of permanent errors.
func TestDefaultRetryer(t *testing.T) {
	t.Parallel()
	for status, codes := range map[int]map[string]int{
		400: {
			"ValidationException": 1, "ThrottlingException": 3, "SlowDown": 3, "RequestTimeout": 3, "OtherException": 1, "": 1,
			"TooManyRequestsException": 3,
		},
		403: {"AccessDeniedException": 1, "RequestThrottled": 3, "OtherException": 1},
		409: {"ConflictException": 1},
		429: {"OtherException": 1, "ThrottlingException": 3},
		500: {"ConflictException": 3, "InternalServerException": 3, "OtherException": 3, "": 3},
		503: {"AccessDeniedException": 3, "": 3},
		501: {"OtherException": 1},
	} {
		for code, want := range codes {
			onBothPaths(t, fmt.Sprint(status, " ", code), func(t *testing.T, via func(*gamesparks.Options)) {
				synctest.Test(t, func(t *testing.T) {
					r := &recorder{answers: []answer{failure(status, code)}}
					_, err := newClient(r, via, func(o *gamesparks.Options) { o.Retryer = nil }).ListGames(t.Context(), nil)
					if err == nil || len(r.all()) != want {
						t.Errorf("got error %v after %d attempts, want %d attempts", err, len(r.all()), want)
					}
				})
			})
		}
	}
}

// TestHostnameImmutable verifies that DisableHTTPS does not affect an endpoint that middleware has declared immutable.
func TestHostnameImmutable(t *testing.T) {
	t.Parallel()
	for immutable, want := range map[bool]string{true: "https", false: "http"} {
		r := &recorder{}
		client := newClient(r, func(o *gamesparks.Options) {
			o.BaseEndpoint, o.EndpointOptions.DisableHTTPS = aws.String("https://games.example.com"), true
		}, gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
			return s.Initialize.Add(middleware.InitializeMiddlewareFunc("Immutable", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				return next.HandleInitialize(smithyhttp.SetHostnameImmutable(ctx, immutable), in)
			}), middleware.Before)
		}))
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if got := r.last(t).URL.Scheme; got != want {
			t.Errorf("immutable = %t: scheme %s, want %s", immutable, got, want)
		}
	}
}

// TestPseudoRegionOfLegacyResolver verifies that a legacy resolver receives the region as configured and, in its options,
// the resolved region.
func TestPseudoRegionOfLegacyResolver(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		var got [2]string
		var fips aws.FIPSEndpointState
		r := &recorder{}
		client := newClient(r, via, func(o *gamesparks.Options) { o.Region = "us-east-1-fips" }, gamesparks.WithEndpointResolver(gamesparks.EndpointResolverFunc(
			func(region string, o gamesparks.EndpointResolverOptions) (aws.Endpoint, error) {
				got, fips = [2]string{region, o.ResolvedRegion}, o.UseFIPSEndpoint
				return aws.Endpoint{URL: "https://old.example.com"}, nil
			})))
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if want := [2]string{"us-east-1-fips", "us-east-1"}; got != want || fips != aws.FIPSEndpointStateEnabled {
			t.Errorf("resolver called with regions %q and FIPS state %v, want %q and enabled", got, fips, want)
		}
		verifySignature(t, r.last(t), signedAs{region: "us-east-1"})
	})
}
