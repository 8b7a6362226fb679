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

// HTTPClient sends HTTP requests. *http.Client implements it. It must be safe for concurrent use.
type HTTPClient interface {
	// Do sends the request and returns the response. The caller closes the response body.
	Do(*http.Request) (*http.Response, error)
}

// HTTPSignerV4 signs HTTP requests with Signature Version 4. The Signer of aws-sdk-go-v2's package aws/signer/v4
// implements it. It must be safe for concurrent use.
type HTTPSignerV4 interface {
	// SignHTTP adds the signature to the request. The payloadHash is the SHA-256 of the body in hexadecimal.
	SignHTTP(ctx context.Context, credentials aws.Credentials, r *http.Request, payloadHash string, service string, region string, signingTime time.Time, optFns ...func(*v4.SignerOptions)) error
}

// IdempotencyTokenProvider creates the tokens that replace a nil ClientToken. It must be safe for concurrent use.
type IdempotencyTokenProvider interface {
	// GetIdempotencyToken returns a new token. The API accepts 33 to 126 characters.
	GetIdempotencyToken() (string, error)
}

// Options configures a [Client]. The functional options of a call configure that call only. The zero value of every field
// except Region and Credentials is a good default.
type Options struct {
	// APIOptions modify the middleware stack of each call, after the client has built it. Optional.
	APIOptions []func(*middleware.Stack) error

	// AppID identifies the application in the User-Agent header. It should have at most 50 characters. Optional.
	AppID string

	// AuthSchemePreference lists names of authentication schemes, such as sigv4, in order of preference. Optional. The
	// default is the order of AuthSchemeResolver.
	AuthSchemePreference []string

	// AuthSchemeResolver returns the authentication schemes that an operation may use. Optional. The default is SigV4, or
	// no authentication if Credentials is nil.
	AuthSchemeResolver AuthSchemeResolver

	// AuthSchemes are the authentication schemes that the client supports. Optional. The default is SigV4.
	AuthSchemes []smithyhttp.AuthScheme

	// BaseEndpoint is the URL of the service. Its path, if any, is prepended to the paths of all operations. It is
	// passed to EndpointResolverV2. If its scheme is http, requests are sent in clear text, including signed ones.
	// Optional. The default is the endpoint of the region. [NewFromConfig] sets it from the configuration, into which
	// config.LoadDefaultConfig reads AWS_ENDPOINT_URL_GAMESPARKS and AWS_ENDPOINT_URL.
	BaseEndpoint *string

	// ClientLogMode selects the events that the client logs. Session tokens and signatures are redacted. Optional. The
	// default logs warnings only.
	ClientLogMode aws.ClientLogMode

	// Credentials provides the credentials that sign requests. Optional. If it is nil or aws.AnonymousCredentials, requests
	// are not signed.
	Credentials aws.CredentialsProvider

	// DefaultsMode selects a set of defaults for timeouts and the retry mode. These defaults are set before functional
	// options are called, so set it in the Options or the aws.Config of the client. Optional. The default is the legacy
	// mode.
	DefaultsMode aws.DefaultsMode

	// DisableClockSkewCorrection disables the correction of the signing time by the clock skew that the client measures from
	// the Date header of responses. Optional. The default is false.
	DisableClockSkewCorrection bool

	// EndpointOptions selects the variant of the region's endpoint. Optional. The default is the IPv4 endpoint with HTTPS.
	EndpointOptions EndpointResolverOptions

	// EndpointResolver resolves the service's endpoint before EndpointResolverV2. Optional.
	//
	// Deprecated: Set BaseEndpoint, or EndpointResolverV2.
	EndpointResolver EndpointResolver

	// EndpointResolverV2 resolves the service's endpoint. Optional. The default is [NewDefaultEndpointResolverV2].
	EndpointResolverV2 EndpointResolverV2

	// HTTPClient sends the requests. The client does not follow redirects, since that would disclose credentials: it
	// ignores CheckRedirect of an *http.Client. A custom implementation should not follow redirects either. Optional. The
	// default is the HTTP client of aws-sdk-go-v2 with the timeouts of DefaultsMode.
	HTTPClient HTTPClient

	// HTTPSignerV4 signs the requests. Optional. The default creates the same signatures as the signer of aws-sdk-go-v2.
	HTTPSignerV4 HTTPSignerV4

	// IdempotencyTokenProvider creates the ClientToken of an input that has none. Optional. The default creates random
	// UUIDs.
	IdempotencyTokenProvider IdempotencyTokenProvider

	// Interceptors are called at the stages of each call. Optional.
	Interceptors smithyhttp.InterceptorRegistry

	// Logger receives warnings and the events that ClientLogMode selects. Optional. The default discards them.
	Logger logging.Logger

	// MaxResponseBytes limits the size of a response body after decompression. A call with a larger response fails with a
	// [ResponseTooLargeError]. Reading and decoding a body takes up to about ten times its size in memory. Optional. The
	// default is [DefaultMaxResponseBytes].
	MaxResponseBytes int64

	// MeterProvider receives the metrics of calls. Optional. The default discards them.
	MeterProvider metrics.MeterProvider

	// Region is the region of the service, for example us-east-1. It selects the regional endpoint and is part of every
	// signature. It may be empty only if requests are not signed and BaseEndpoint or an endpoint resolver provides the
	// endpoint; otherwise calls fail with an [aws.MissingRegionError].
	Region string

	// RetryMaxAttempts is the maximum number of attempts of a call, including the first one. It overrides the limit of
	// any retryer, including a custom Retryer. It can be set for a single call. A Retryer that is set for a single call
	// keeps its own limit unless that call also sets RetryMaxAttempts. Optional. The default is the limit of the
	// retryer.
	RetryMaxAttempts int

	// RetryMode selects the default retryer of a client. It cannot be set for a single call. Optional. The default is the
	// retry mode of DefaultsMode, or else the standard mode.
	RetryMode aws.RetryMode

	// Retryer decides whether and when a failed attempt is retried. Optional. The default is the retryer that RetryMode
	// selects.
	Retryer aws.Retryer

	// RuntimeEnvironment describes the environment for [aws.DefaultsModeAuto]. The config package of aws-sdk-go-v2 sets it.
	// Optional.
	RuntimeEnvironment aws.RuntimeEnvironment

	// StrictValidation checks inputs against all constraints of the API's model before a request is sent: lengths,
	// ranges, patterns and enumerations. By default, the client rejects only missing required members and empty path
	// labels, and the service checks the rest. Optional. The default is false.
	StrictValidation bool

	// TracerProvider receives the spans of calls. Optional. The default discards them.
	TracerProvider tracing.TracerProvider

	// defaultSigner is the signer that the client created because HTTPSignerV4 was nil.
	defaultSigner *v4.Signer

	// features are added to the User-Agent header.
	features []awsmiddleware.UserAgentFeature

	// ifMatch is the value of the If-Match header: see WithIfMatch.
	ifMatch *string

	// resolvedDefaultsMode is DefaultsMode, or the mode that auto resolves to.
	resolvedDefaultsMode aws.DefaultsMode
}

// Copy returns a copy that shares no slices of APIOptions or Interceptors with the original.
func (o Options) Copy() Options {
	to := o
	to.APIOptions = append([]func(*middleware.Stack) error(nil), o.APIOptions...)
	to.Interceptors = o.Interceptors.Copy()
	to.features = slices.Clip(o.features)
	return to
}

// Format implements fmt.Formatter. For every verb, it prints the options as fmt prints a struct with the verb v, except
// that it prints only the type of Credentials.
func (o Options) Format(s fmt.State, _ rune) {
	type plain Options // has no Format method
	p := plain(o)
	if p.Credentials != nil {
		p.Credentials = typeOnly{p.Credentials}
	}
	fmt.Fprintf(s, fmt.FormatString(s, 'v'), p) // other verbs would follow pointers
}

// typeOnly prints only the type of the credentials provider.
type typeOnly struct{ aws.CredentialsProvider }

func (c typeOnly) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "%T", c.CredentialsProvider) }

// GetIdentityResolver returns the identity resolver for an authentication scheme, or nil if the options have none.
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

// WithAPIOptions returns a functional option that appends to APIOptions.
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

// WithSigV4SigningName returns a functional option that sets the service name in signatures. It takes precedence over the
// names from the endpoint and the authentication scheme.
func WithSigV4SigningName(name string) func(*Options) {
	return withSigningContext("withSigV4SigningName", func(ctx context.Context) context.Context {
		//lint:ignore SA1019 Every client of the SDK passes the override in the context.
		return awsmiddleware.SetSigningName(ctx, name)
	})
}

// WithSigV4SigningRegion returns a functional option that sets the region in signatures. It takes precedence over the
// regions from the endpoint and the authentication scheme.
func WithSigV4SigningRegion(region string) func(*Options) {
	return withSigningContext("withSigV4SigningRegion", func(ctx context.Context) context.Context {
		//lint:ignore SA1019 Every client of the SDK passes the override in the context.
		return awsmiddleware.SetSigningRegion(ctx, region)
	})
}

// withFeature returns a functional option that adds a feature to the User-Agent header.
func withFeature(f awsmiddleware.UserAgentFeature) func(*Options) {
	return func(o *Options) { o.features = append(o.features, f) }
}

func withSigningContext(id string, set func(context.Context) context.Context) func(*Options) {
	m := middleware.InitializeMiddlewareFunc(id,
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(set(ctx), in)
		})
	// Appended, so that an option of the call overrides one of the client.
	return WithAPIOptions(func(s *middleware.Stack) error { return s.Initialize.Add(m, middleware.After) })
}
