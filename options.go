package gamesparks

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithyauth "github.com/aws/smithy-go/auth"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// HTTPClient sends HTTP requests. *http.Client is one. It has to be safe for concurrent use.
type HTTPClient interface {
	// Do sends the request and returns the response, whose body the caller closes.
	Do(*http.Request) (*http.Response, error)
}

// HTTPSignerV4 signs HTTP requests with Signature Version 4. The Signer of aws-sdk-go-v2's aws/signer/v4 is one. It has
// to be safe for concurrent use.
type HTTPSignerV4 interface {
	// SignHTTP adds the signature to the request. PayloadHash is the SHA-256 of the body in hexadecimal.
	SignHTTP(ctx context.Context, credentials aws.Credentials, r *http.Request, payloadHash string, service string, region string, signingTime time.Time, optFns ...func(*v4.SignerOptions)) error
}

// IdempotencyTokenProvider makes the tokens that fill a nil ClientToken. It has to be safe for concurrent use.
type IdempotencyTokenProvider interface {
	// GetIdempotencyToken returns a new token. The API takes 33 to 126 characters.
	GetIdempotencyToken() (string, error)
}

// Options configures a [Client], or a single call when changed by one of the call's functional options. The zero value
// of every member but Region and Credentials is a good default.
type Options struct {
	// APIOptions change the middleware stack of each call. They run after everything else that makes up the stack.
	APIOptions []func(*middleware.Stack) error

	// AppID names the application in the User-Agent header. At most 50 characters are recommended.
	AppID string

	// AuthSchemePreference lists the names of authentication schemes, sigv4 for example, in the order of preference.
	AuthSchemePreference []string

	// AuthSchemeResolver chooses the authentication schemes that an operation may use. Nil means the default: SigV4,
	// or no authentication when there are no credentials.
	AuthSchemeResolver AuthSchemeResolver

	// AuthSchemes are the authentication schemes that the client knows. Nil means SigV4 only.
	AuthSchemes []smithyhttp.AuthScheme

	// BaseEndpoint is the URL of the service, with an optional path that the paths of all operations are put behind.
	// Nil means the endpoint of the region. It is an input of EndpointResolverV2. One with the scheme http is asked in
	// clear text, credentials or not: naming it is asking for that.
	BaseEndpoint *string

	// ClientLogMode selects what is written to Logger. Session tokens and signatures are left out of it.
	ClientLogMode aws.ClientLogMode

	// Credentials provide the keys that requests are signed with. With nil or aws.AnonymousCredentials, requests are
	// not signed.
	Credentials aws.CredentialsProvider

	// DefaultsMode selects a set of defaults for timeouts and the retry mode. It has to be set when the defaults are filled
	// in, which is before functional options are called.
	DefaultsMode aws.DefaultsMode

	// DisableClockSkewCorrection keeps the client from correcting the time of signatures by the clock difference that it
	// sees in the Date header of responses.
	DisableClockSkewCorrection bool

	// EndpointOptions select the variant of the region's endpoint.
	EndpointOptions EndpointResolverOptions

	// EndpointResolver resolves the service's endpoint, before EndpointResolverV2 if it is not nil.
	//
	// Deprecated: Set BaseEndpoint, or EndpointResolverV2.
	EndpointResolver EndpointResolver

	// EndpointResolverV2 resolves the service's endpoint. Nil means [NewDefaultEndpointResolverV2].
	EndpointResolverV2 EndpointResolverV2

	// HTTPClient sends the requests. Nil means the client of aws-sdk-go-v2 with the timeouts of DefaultsMode. Redirects
	// are not followed, whatever CheckRedirect an *http.Client has: the credentials would go with them. A type of your
	// own should not follow any either.
	HTTPClient HTTPClient

	// HTTPSignerV4 signs the requests. Nil means signatures as the signer of aws-sdk-go-v2 makes them.
	HTTPSignerV4 HTTPSignerV4

	// IdempotencyTokenProvider fills a ClientToken that is nil. Nil means random UUIDs.
	IdempotencyTokenProvider IdempotencyTokenProvider

	// Interceptors are called at the stages of each call.
	Interceptors smithyhttp.InterceptorRegistry

	// Logger takes what ClientLogMode selects, and warnings. Nil discards it.
	Logger logging.Logger

	// MaxResponseBytes limits the body of a response, after decompression; a larger one is a [ResponseTooLargeError].
	// Reading a body and making an output of it takes up to about ten times its size in memory. 0 means
	// [DefaultMaxResponseBytes].
	MaxResponseBytes int64

	// MeterProvider takes the metrics of calls. Nil discards them.
	MeterProvider metrics.MeterProvider

	// Region is the region of the service, us-east-1 for example. It selects the regional endpoint and is part of every
	// signature. It may be empty only if requests are not signed and BaseEndpoint or an endpoint resolver provides the
	// endpoint; otherwise calls fail with an [aws.MissingRegionError].
	Region string

	// RetryMaxAttempts limits the attempts of a call, the first one included. It applies to every retryer, a Retryer
	// given by the caller too, whose own limit it replaces. 0 means the limit of the retryer. Set for a single call, it
	// limits that call. A Retryer set for a single call keeps its own limit unless that call sets RetryMaxAttempts, too.
	RetryMaxAttempts int

	// RetryMode selects the retryer that a client is made with when Retryer is nil. It cannot be set for a single call.
	RetryMode aws.RetryMode

	// Retryer decides whether and when a failed attempt is repeated. Nil means the one that RetryMode selects.
	Retryer aws.Retryer

	// RuntimeEnvironment is what [aws.DefaultsModeAuto] goes by. It is filled by the config package.
	RuntimeEnvironment aws.RuntimeEnvironment

	// StrictValidation checks inputs against all constraints of the API's model before a request is sent: lengths,
	// ranges, patterns and enumerations. When false, only missing required members and empty path labels are refused
	// by the client, and the rest is left to the service.
	StrictValidation bool

	// TracerProvider takes the spans of calls. Nil discards them.
	TracerProvider tracing.TracerProvider

	// defaultSigner is HTTPSignerV4 if that was nil.
	defaultSigner *v4.Signer

	// features are what the User-Agent header tells about how a call is made.
	features []awsmiddleware.UserAgentFeature

	// resolvedDefaultsMode is DefaultsMode with auto replaced by what it stands for.
	resolvedDefaultsMode aws.DefaultsMode
}

// Copy returns a copy that shares no slice of options or interceptors with the original.
func (o Options) Copy() Options {
	to := o
	to.APIOptions = append([]func(*middleware.Stack) error(nil), o.APIOptions...)
	to.Interceptors = o.Interceptors.Copy()
	to.features = slices.Clip(o.features)
	return to
}

// Format prints the options as fmt prints any structure by the verb v, except that of Credentials it shows the type
// only.
func (o Options) Format(s fmt.State, _ rune) {
	type plain Options // without this method
	p := plain(o)
	if p.Credentials != nil {
		p.Credentials = typeOnly{p.Credentials}
	}
	fmt.Fprintf(s, fmt.FormatString(s, 'v'), p) // other verbs would print what pointers point to
}

// typeOnly are credentials that are printed as their type.
type typeOnly struct{ aws.CredentialsProvider }

func (c typeOnly) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%T", c.CredentialsProvider) }

// GetIdentityResolver returns what resolves the identity for an authentication scheme, or nil when the options have
// none for it.
func (o Options) GetIdentityResolver(schemeID string) smithyauth.IdentityResolver {
	switch schemeID {
	case schemeSigV4:
		if o.Credentials != nil {
			return credentialsResolver{o.Credentials.Retrieve}
		}
	case smithyauth.SchemeIDAnonymous:
		return &smithyauth.AnonymousIdentityResolver{}
	}
	return nil
}

// WithAPIOptions returns a functional option that adds to APIOptions.
func WithAPIOptions(optFns ...func(*middleware.Stack) error) func(*Options) {
	return func(o *Options) { o.APIOptions = append(o.APIOptions, optFns...) }
}

// WithEndpointResolver returns a functional option that sets EndpointResolver.
//
// Deprecated: Set BaseEndpoint, or EndpointResolverV2.
func WithEndpointResolver(v EndpointResolver) func(*Options) {
	return func(o *Options) { o.EndpointResolver = v }
}

// WithEndpointResolverV2 returns a functional option that sets EndpointResolverV2.
func WithEndpointResolverV2(v EndpointResolverV2) func(*Options) {
	return func(o *Options) { o.EndpointResolverV2 = v }
}

// WithSigV4SigningName returns a functional option that makes requests be signed for another service name. It wins
// over the names from endpoint and authentication scheme.
func WithSigV4SigningName(name string) func(*Options) {
	return withSigningContext("withSigV4SigningName", func(ctx context.Context) context.Context {
		//lint:ignore SA1019 All clients of the SDK pass the override on in the context.
		return awsmiddleware.SetSigningName(ctx, name)
	})
}

// WithSigV4SigningRegion returns a functional option that makes requests be signed for another region. It wins over
// the regions from endpoint and authentication scheme.
func WithSigV4SigningRegion(region string) func(*Options) {
	return withSigningContext("withSigV4SigningRegion", func(ctx context.Context) context.Context {
		//lint:ignore SA1019 All clients of the SDK pass the override on in the context.
		return awsmiddleware.SetSigningRegion(ctx, region)
	})
}

// withFeature returns a functional option that adds to what the User-Agent header tells.
func withFeature(f awsmiddleware.UserAgentFeature) func(*Options) {
	return func(o *Options) { o.features = append(o.features, f) }
}

func withSigningContext(id string, set func(context.Context) context.Context) func(*Options) {
	m := middleware.InitializeMiddlewareFunc(id,
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(set(ctx), in)
		})
	// The last one wins: a call's, if it has one, over the client's.
	return WithAPIOptions(func(s *middleware.Stack) error { return s.Initialize.Add(m, middleware.After) })
}
