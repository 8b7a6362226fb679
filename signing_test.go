package gamesparks_test

import (
	stdcmp "cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// signedAs describes the expected signature of a request. The zero value of a field stands for the default of newClient.
type signedAs struct {
	name, region string
	at           time.Time // zero means now
	credentials  aws.Credentials
}

const amzDate = "20060102T150405Z"

// verifySignature signs the request again, using the signer from aws-sdk-go-v2 and the date in the request, and compares the
// signatures.
func verifySignature(t *testing.T, sent *recordedRequest, want signedAs) {
	t.Helper()
	want.name, want.region = stdcmp.Or(want.name, "gamesparks"), stdcmp.Or(want.region, testRegion)
	want.at = stdcmp.Or(want.at, time.Now())
	if want.credentials.AccessKeyID == "" {
		want.credentials, _ = testCredentials.Retrieve(t.Context())
	}

	at := signingTime(t, sent)
	if d := at.Sub(want.at); d < -time.Minute || d > time.Minute {
		t.Errorf("signed at %v, want %v", at, want.at)
	}
	again, err := http.NewRequestWithContext(context.Background(), sent.Method, sent.URL.String(), strings.NewReader(sent.body))
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(signedHeaderNames(sent.Header.Get("Authorization")), ";") {
		if name != "host" && name != "content-length" {
			again.Header.Set(name, sent.Header.Get(name))
		}
	}
	hash := sha256.Sum256([]byte(sent.body))
	if err := v4.NewSigner().SignHTTP(t.Context(), want.credentials, again, hex.EncodeToString(hash[:]), want.name, want.region, at); err != nil {
		t.Fatal(err)
	}
	if got, want := sent.Header.Get("Authorization"), again.Header.Get("Authorization"); got != want {
		t.Errorf("authorization:\n got %s\nwant %s", got, want)
	}
	if got, want := sent.Header.Get("X-Amz-Security-Token"), want.credentials.SessionToken; got != want {
		t.Errorf("session token %q, want %q", got, want)
	}
}

func signingTime(t *testing.T, sent *recordedRequest) time.Time {
	t.Helper()
	at, err := time.Parse(amzDate, sent.Header.Get("X-Amz-Date"))
	if err != nil {
		t.Fatalf("X-Amz-Date: %v", err)
	}
	return at
}

// signedHeaderNames returns the names of the headers listed as signed in an Authorization header.
func signedHeaderNames(authorization string) string {
	_, names, _ := strings.Cut(authorization, "SignedHeaders=")
	names, _, _ = strings.Cut(names, ",")
	return names
}

// requireAnonymous checks that a request has no signature headers.
func requireAnonymous(t *testing.T, sent *recordedRequest) {
	t.Helper()
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256"} {
		if v := sent.Header.Get(name); v != "" {
			t.Errorf("header %s is %q in an unsigned request", name, v)
		}
	}
}

// TestSignatures verifies the signature of each operation's request.
func TestSignatures(t *testing.T) {
	t.Parallel()
	table := exchanges()
	for name, m := range methods() {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{answers: []answer{table[name].answer()}}
			if _, err := m.call(t.Context(), newClient(r, via), table[name].input); err != nil {
				t.Fatal(err)
			}
			verifySignature(t, r.last(t), signedAs{})
		})
	}
}

// TestSigningOptions checks the options that set the name, region and credentials used for signing.
func TestSigningOptions(t *testing.T) {
	t.Parallel()
	type options = gamesparks.Options
	other := aws.Credentials{AccessKeyID: "AKIDOTHER", SecretAccessKey: "other-secret"}
	otherProvider := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return other, nil })
	tests := map[string]struct {
		client, call []func(*options)
		want         signedAs
		host         string
	}{
		"default": {},
		"region of the call": {
			call: []func(*options){func(o *options) { o.Region = "eu-west-1" }},
			want: signedAs{region: "eu-west-1"}, host: "gamesparks.eu-west-1.amazonaws.com",
		},
		"credentials without a session token": {
			client: []func(*options){func(o *options) { o.Credentials = otherProvider }},
			want:   signedAs{credentials: other},
		},
		"credentials of the call": {
			call: []func(*options){func(o *options) { o.Credentials = otherProvider }},
			want: signedAs{credentials: other},
		},
		"credentials of the call of an anonymous client": {
			client: []func(*options){func(o *options) { o.Credentials = nil }},
			call:   []func(*options){func(o *options) { o.Credentials = otherProvider }},
			want:   signedAs{credentials: other},
		},
		"signing name": {
			client: []func(*options){gamesparks.WithSigV4SigningName("other")},
			want:   signedAs{name: "other"},
		},
		"signing name of the call": {
			client: []func(*options){gamesparks.WithSigV4SigningName("client")},
			call:   []func(*options){gamesparks.WithSigV4SigningName("call")},
			want:   signedAs{name: "call"},
		},
		"signing region": {
			call: []func(*options){gamesparks.WithSigV4SigningRegion("eu-north-1")},
			want: signedAs{region: "eu-north-1"},
		},
		"signing name and region": {
			call: []func(*options){gamesparks.WithSigV4SigningRegion("eu-north-1"), gamesparks.WithSigV4SigningName("other")},
			want: signedAs{name: "other", region: "eu-north-1"},
		},
		"FIPS pseudo region": {
			client: []func(*options){func(o *options) { o.Region = "us-east-1-fips" }},
			want:   signedAs{region: "us-east-1"}, host: "gamesparks-fips.us-east-1.amazonaws.com",
		},
		"custom endpoint": {
			client: []func(*options){func(o *options) { o.BaseEndpoint = aws.String("https://games.example.com:8443/base") }},
			host:   "games.example.com:8443",
		},
		"endpoint's auth scheme": {
			client: []func(*options){gamesparks.WithEndpointResolverV2(resolverFunc(func(gamesparks.EndpointParameters) (smithyendpoints.Endpoint, error) {
				var signer, endpoint smithy.Properties
				smithyhttp.SetSigV4SigningName(&signer, "endpoint-name")
				smithyhttp.SetSigV4SigningRegion(&signer, "endpoint-region")
				smithyauth.SetAuthOptions(&endpoint, []*smithyauth.Option{{SchemeID: "aws.auth#sigv4", SignerProperties: signer}})
				return smithyendpoints.Endpoint{URI: *parseURL("https://e.example.com"), Properties: endpoint}, nil
			}))},
			want: signedAs{name: "endpoint-name", region: "endpoint-region"}, host: "e.example.com",
		},
		"auth scheme resolver": {
			client: []func(*options){func(o *options) {
				o.AuthSchemeResolver = authResolverFunc(func(p *gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error) {
					var signer smithy.Properties
					smithyhttp.SetSigV4SigningName(&signer, strings.ToLower(p.Operation))
					smithyhttp.SetSigV4SigningRegion(&signer, "not-"+p.Region)
					return []*smithyauth.Option{{SchemeID: "aws.auth#sigv4", SignerProperties: signer}}, nil
				})
			}},
			want: signedAs{name: "listgames", region: "not-us-west-2"},
		},
		"supported preference": {
			client: []func(*options){func(o *options) { o.AuthSchemePreference = []string{"sigv4a", "sigv4"} }},
		},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{}
			_, err := newClient(r, with(via, test.client)...).ListGames(t.Context(), nil, test.call...)
			if err != nil {
				t.Fatal(err)
			}
			verifySignature(t, r.last(t), test.want)
			if diff := cmp.Diff(stdcmp.Or(test.host, "gamesparks.us-west-2.amazonaws.com"), r.last(t).URL.Host); diff != "" {
				t.Errorf("host (-want +got):\n%s", diff)
			}
		})
	}
}

type resolverFunc func(gamesparks.EndpointParameters) (smithyendpoints.Endpoint, error)

func (f resolverFunc) ResolveEndpoint(_ context.Context, p gamesparks.EndpointParameters) (smithyendpoints.Endpoint, error) {
	return f(p)
}

type authResolverFunc func(*gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error)

func (f authResolverFunc) ResolveAuthSchemes(_ context.Context, p *gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error) {
	return f(p)
}

// TestAnonymous checks that requests are not signed if there are no credentials or the anonymous scheme is selected.
func TestAnonymous(t *testing.T) {
	t.Parallel()
	type options = gamesparks.Options
	tests := map[string]struct{ client, call []func(*options) }{
		"no credentials":        {client: []func(*options){func(o *options) { o.Credentials = nil }}},
		"anonymous credentials": {client: []func(*options){func(o *options) { o.Credentials = aws.AnonymousCredentials{} }}},
		"cached":                {client: []func(*options){func(o *options) { o.Credentials = aws.NewCredentialsCache(aws.AnonymousCredentials{}) }}},
		"for the call":          {call: []func(*options){func(o *options) { o.Credentials = aws.AnonymousCredentials{} }}},
		"preferred":             {client: []func(*options){func(o *options) { o.AuthSchemePreference = []string{"noAuth", "sigv4"} }}},
		"by the resolver": {client: []func(*options){func(o *options) {
			o.AuthSchemeResolver = authResolverFunc(func(*gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error) {
				return []*smithyauth.Option{{SchemeID: smithyauth.SchemeIDAnonymous}}, nil
			})
		}}},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{}
			if _, err := newClient(r, with(via, test.client)...).ListGames(t.Context(), nil, test.call...); err != nil {
				t.Fatal(err)
			}
			requireAnonymous(t, r.last(t))
		})
	}
}

// TestSigningErrors checks that a call whose request cannot be signed returns an error with the cause and sends nothing.
func TestSigningErrors(t *testing.T) {
	t.Parallel()
	type options = gamesparks.Options
	expired := errors.New("the token has expired")
	broken := errors.New("signer is broken")
	tests := map[string]struct {
		option func(*options)
		is     error
		text   string
	}{
		"credentials": {func(o *options) {
			o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, expired })
		}, expired, "get identity"},
		"signer": {func(o *options) { o.HTTPSignerV4 = signerFunc(func(string, string) error { return broken }) }, broken, "sign request"},
		"resolver": {func(o *options) {
			o.AuthSchemeResolver = authResolverFunc(func(*gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error) { return nil, broken })
		}, broken, "resolve auth scheme"},
		"no scheme": {func(o *options) {
			o.AuthSchemeResolver = authResolverFunc(func(*gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error) {
				return []*smithyauth.Option{{SchemeID: "aws.auth#sigv4a"}}, nil
			})
		}, nil, `no usable auth scheme: the resolver returned ["aws.auth#sigv4a"]`},
		"no region": {func(o *options) {
			o.Region, o.BaseEndpoint = "", aws.String("https://games.example.com")
		}, nil, "region is not set: set Options.Region or AWS_REGION"},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{}
			_, err := newClient(r, via, test.option).ListGames(t.Context(), nil)
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v", err)
			}
			if len(r.all()) != 0 {
				t.Error("a request was sent")
			}
		})
	}
}

type signerFunc func(service, region string) error

func (f signerFunc) SignHTTP(_ context.Context, _ aws.Credentials, _ *http.Request, _ string, service, region string, _ time.Time, _ ...func(*v4.SignerOptions)) error {
	return f(service, region)
}

// markScheme is a custom authentication scheme that marks requests with a header.
type markScheme struct{ id string }

func (s markScheme) SchemeID() string { return s.id }
func (markScheme) IdentityResolver(o smithyauth.IdentityResolverOptions) smithyauth.IdentityResolver {
	return &smithyauth.AnonymousIdentityResolver{}
}
func (s markScheme) Signer() smithyhttp.Signer { return s }
func (s markScheme) SignRequest(_ context.Context, r *smithyhttp.Request, _ smithyauth.Identity, _ smithy.Properties) error {
	r.Header.Set("X-Marked", s.id)
	return nil
}

// TestCustomSigning checks that the signer and the authentication schemes can be replaced.
func TestCustomSigning(t *testing.T) {
	t.Parallel()
	var service, region string
	r := &recorder{}
	client := newClient(r, func(o *gamesparks.Options) {
		o.HTTPSignerV4 = signerFunc(func(s, r string) error { service, region = s, r; return nil })
	})
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if service != "gamesparks" || region != testRegion {
		t.Errorf("the signer was called for service %q in region %q", service, region)
	}

	both := func(o *gamesparks.Options) {
		o.AuthSchemes = append(o.AuthSchemes, markScheme{"example#mark"}, markScheme{"example#other"})
		o.AuthSchemeResolver = authResolverFunc(func(*gamesparks.AuthResolverParameters) ([]*smithyauth.Option, error) {
			return []*smithyauth.Option{{SchemeID: "example#unknown"}, {SchemeID: "example#mark"}, {SchemeID: "other"}}, nil
		})
	}
	for _, test := range []struct {
		preference []string
		want       string
	}{
		{nil, "example#mark"}, {[]string{"other"}, "example#other"}, {[]string{"unknown", "other", "mark"}, "example#other"},
	} {
		_, err := newClient(r, both, func(o *gamesparks.Options) { o.AuthSchemePreference = test.preference }).ListGames(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.last(t).Header.Get("X-Marked"); got != test.want {
			t.Errorf("preference %q: scheme %q, want %q", test.preference, got, test.want)
		}
		requireAnonymous(t, r.last(t))
	}
}

// changingSigner changes the request and then signs it with the SDK's signer.
type changingSigner struct {
	*v4.Signer
	change func(*http.Request)
}

func (s changingSigner) SignHTTP(
	ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, at time.Time, optFns ...func(*v4.SignerOptions),
) error {
	s.change(r)
	return s.Signer.SignHTTP(ctx, c, r, hash, service, region, at, optFns...)
}

// TestSigningChangedPaths checks the signature if middleware or the signer has changed the request's path.
func TestSigningChangedPaths(t *testing.T) {
	t.Parallel()
	opaque := func(r *http.Request) { r.URL.Opaque = "//" + r.URL.Host + "/a%20b" + r.URL.Path }
	escaped := func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/a b"+r.URL.Path, "/a%20b"+r.URL.Path }
	for name, change := range map[string]func(*http.Request){"opaque": opaque, "escaped": escaped} {
		for source, option := range map[string]func(*gamesparks.Options){
			"signer": func(o *gamesparks.Options) { o.HTTPSignerV4 = changingSigner{v4.NewSigner(), change} },
			"middleware": gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
				return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("Own", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
					change(in.Request.(*smithyhttp.Request).Request)
					return next.HandleFinalize(ctx, in)
				}), "Signing", middleware.Before)
			}),
		} {
			r := &recorder{}
			if _, err := newClient(r, option).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")}); err != nil {
				t.Fatalf("%s by %s: %v", name, source, err)
			}
			if got := r.last(t).URL.String(); !strings.Contains(got, "/a%20b/game/g") {
				t.Errorf("%s by %s: %s", name, source, got)
			}
			verifySignature(t, r.last(t), signedAs{})
		}
	}
}

// TestPayloadHashOfMiddleware checks that the SDK's payload hash middleware finds the hash in the context.
func TestPayloadHashOfMiddleware(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	client := newClient(r, gamesparks.WithAPIOptions(v4.AddContentSHA256HeaderMiddleware))
	if _, err := client.UpdateGame(t.Context(), &gamesparks.UpdateGameInput{GameName: aws.String("g"), Description: aws.String("d")}); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(r.last(t).body))
	if got, want := r.last(t).Header.Get("X-Amz-Content-Sha256"), hex.EncodeToString(sum[:]); got != want {
		t.Errorf("X-Amz-Content-Sha256: %q, want %q", got, want)
	}
	verifySignature(t, r.last(t), signedAs{})
}

// TestSchemeSigner checks that code outside a client can sign requests with the auth scheme in the options.
func TestSchemeSigner(t *testing.T) {
	t.Parallel()
	options := newClient(nil).Options()
	scheme := options.AuthSchemes[0]
	identity, err := scheme.IdentityResolver(options).GetIdentity(t.Context(), smithy.Properties{})
	if err != nil {
		t.Fatal(err)
	}
	req, _ := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	req.Method = http.MethodGet
	req.URL = &url.URL{Scheme: "https", Host: "example.com", Path: "/game"}

	var props smithy.Properties
	if err := scheme.Signer().SignRequest(t.Context(), req, identity, props); err == nil {
		t.Error("SignRequest without a name and a region returned no error")
	}
	smithyhttp.SetSigV4SigningName(&props, "games")
	smithyhttp.SetSigV4SigningRegion(&props, "eu-west-1")
	if err := scheme.Signer().SignRequest(t.Context(), req, &smithyauth.AnonymousIdentity{}, props); err == nil {
		t.Error("SignRequest with an anonymous identity returned no error")
	}
	if err := scheme.Signer().SignRequest(t.Context(), req, identity, props); err != nil {
		t.Fatal(err)
	}
	if got := req.Header.Get("Authorization"); !strings.Contains(got, "/eu-west-1/games/aws4_request") {
		t.Errorf("unexpected authorization %q", got)
	}
}
