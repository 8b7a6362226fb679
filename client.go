package gamesparks

import (
	cryptorand "crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/defaults"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/metrics"
	smithyrand "github.com/aws/smithy-go/rand"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/sigv4"
)

const (
	// ServiceID is the name of the service in endpoints, logs, metrics and configuration.
	ServiceID = "GameSparks"

	// ServiceAPIVersion is the version of the API that this package implements.
	ServiceAPIVersion = "2021-08-17"
)

// Client calls the operations of the GameSparks API. Create it with [New] or [NewFromConfig]; the zero value is not usable.
// A Client is safe for concurrent use by multiple goroutines.
//
// If an input lacks a required member, the call fails with a smithy.InvalidParamsError before a request is sent. The
// documentation of each operation lists the errors that the service can return.
type Client struct {
	options *Options // a pointer, so that printing the client does not print the options

	// timeOffset is the offset of the service's clock from the local clock in nanoseconds, measured from the last response.
	timeOffset *atomic.Int64

	clientCache
}

// New returns a client with a copy of the options, modified by optFns.
func New(options Options, optFns ...func(*Options)) *Client {
	options = options.Copy()
	defaultRetryer := options.Retryer == nil
	resolveDefaults(&options) // functional options see the defaults
	if buildable, ok := options.HTTPClient.(*awshttp.BuildableClient); ok {
		options.HTTPClient = withTimeouts(buildable, options.modeConfiguration())
	}
	mode, retryer := options.RetryMode, options.Retryer
	for _, fn := range optFns {
		fn(&options)
	}
	if defaultRetryer && options.RetryMode != mode && options.Retryer == retryer {
		options.Retryer = nil // it implements the previous mode
	}
	resolveDefaults(&options)
	options.replaceDefaultSigner()
	if options.RetryMaxAttempts != 0 {
		options.Retryer = retry.AddWithMaxAttempts(options.Retryer, options.RetryMaxAttempts)
	}
	client := &Client{options: &options, timeOffset: new(atomic.Int64)}
	client.initCache()
	return client
}

// NewFromConfig returns a client with the configuration that an application's AWS clients share, modified by optFns.
// The config package of aws-sdk-go-v2 loads this configuration from the environment and from files.
func NewFromConfig(cfg aws.Config, optFns ...func(*Options)) *Client {
	options := Options{
		APIOptions:                 cfg.APIOptions,
		AppID:                      cfg.AppID,
		AuthSchemePreference:       cfg.AuthSchemePreference,
		BaseEndpoint:               configuredEndpoint(cfg),
		ClientLogMode:              cfg.ClientLogMode,
		Credentials:                cfg.Credentials,
		DefaultsMode:               cfg.DefaultsMode,
		DisableClockSkewCorrection: cfg.DisableClockSkewCorrection,
		EndpointResolver:           configuredResolver(cfg),
		HTTPClient:                 cfg.HTTPClient,
		Interceptors:               cfg.Interceptors, // New copies them
		Logger:                     cfg.Logger,
		Region:                     cfg.Region,
		RetryMaxAttempts:           cfg.RetryMaxAttempts,
		RetryMode:                  cfg.RetryMode,
		RuntimeEnvironment:         cfg.RuntimeEnvironment,
	}
	if cfg.Retryer != nil {
		options.Retryer = cfg.Retryer()
	}
	options.EndpointOptions.UseDualStackEndpoint = configuredDualStack(cfg)
	options.EndpointOptions.UseFIPSEndpoint = configuredFIPS(cfg)

	return New(options, func(o *Options) {
		for _, fn := range cfg.ServiceOptions {
			fn(ServiceID, o)
		}
		for _, fn := range optFns {
			fn(o)
		}
	})
}

// Options returns a copy of the client's options with all defaults set. Modifying the copy does not modify the client.
func (c *Client) Options() Options { return c.options.Copy() }

// Format implements fmt.Formatter. It prints the client's region and no other option.
func (c *Client) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "GameSparks client for %s", c.options.Region)
}

// callOptions returns the options for one call.
func (c *Client) callOptions(optFns []func(*Options)) *Options {
	if len(optFns) == 0 {
		return c.options // never modified
	}
	options := c.options.Copy()
	for _, fn := range optFns {
		fn(&options)
	}
	if options.Retryer == nil { // the client's retryer has the rate limits that all calls share
		options.Retryer = c.options.Retryer
	}
	if options.HTTPClient == nil {
		options.HTTPClient = c.options.HTTPClient
	}
	resolveDefaults(&options)
	if n := options.RetryMaxAttempts; n != 0 && n != c.options.RetryMaxAttempts {
		options.Retryer = retry.AddWithMaxAttempts(options.Retryer, n)
	}
	return &options
}

// resolveDefaults sets the defaults of options that are nil or empty.
func resolveDefaults(o *Options) {
	if o.Logger == nil {
		o.Logger = logging.Nop{}
	}
	if o.resolvedDefaultsMode == "" {
		o.resolvedDefaultsMode.SetFromString(string(o.DefaultsMode))
		if o.resolvedDefaultsMode == aws.DefaultsModeAuto {
			o.resolvedDefaultsMode = defaults.ResolveDefaultsModeAuto(o.Region, o.RuntimeEnvironment)
		}
	}
	if o.Retryer == nil {
		o.Retryer = newRetryer(o, o.modeConfiguration())
	}
	if o.HTTPClient == nil {
		o.HTTPClient = awshttp.NewBuildableClient()
	}
	if o.HTTPSignerV4 == nil {
		o.defaultSigner = v4.NewSigner()
		o.HTTPSignerV4 = o.defaultSigner
	}
	if o.IdempotencyTokenProvider == nil {
		o.IdempotencyTokenProvider = smithyrand.NewUUIDIdempotencyToken(cryptorand.Reader)
	}
	if o.EndpointResolverV2 == nil {
		o.EndpointResolverV2 = NewDefaultEndpointResolverV2()
	}
	if o.TracerProvider == nil {
		o.TracerProvider = &tracing.NopTracerProvider{}
	}
	if o.MeterProvider == nil {
		o.MeterProvider = metrics.NopMeterProvider{}
	}
	if o.AuthSchemeResolver == nil {
		o.AuthSchemeResolver = defaultAuthSchemeResolver{}
	}
	if o.AuthSchemes == nil {
		o.AuthSchemes = []smithyhttp.AuthScheme{sigV4Scheme{o.HTTPSignerV4}}
	}
	if aws.IsCredentialsProvider(o.Credentials, (*aws.AnonymousCredentials)(nil)) {
		o.Credentials = nil
	}
}

// replaceDefaultSigner makes the default auth scheme use a signer that a functional option has set.
func (o *Options) replaceDefaultSigner() {
	for i, scheme := range o.AuthSchemes {
		if s, ok := scheme.(sigV4Scheme); ok && o.defaultSigner != nil && s.signer == HTTPSignerV4(o.defaultSigner) {
			o.AuthSchemes = slices.Clone(o.AuthSchemes) // the caller's may be those of another client
			o.AuthSchemes[i] = sigV4Scheme{o.HTTPSignerV4}
		}
	}
}

// modeConfiguration returns the configuration of the defaults mode. It is the zero value for the legacy mode.
func (o *Options) modeConfiguration() defaults.Configuration {
	configuration, _ := defaults.GetModeConfiguration(o.resolvedDefaultsMode)
	return configuration
}

// withTimeouts returns a copy of the HTTP client with the timeouts of the mode.
func withTimeouts(client *awshttp.BuildableClient, mode defaults.Configuration) *awshttp.BuildableClient {
	if timeout, ok := mode.GetConnectTimeout(); ok {
		client = client.WithDialerOptions(func(d *net.Dialer) { d.Timeout = timeout })
	}
	if timeout, ok := mode.GetTLSNegotiationTimeout(); ok {
		client = client.WithTransportOptions(func(t *http.Transport) { t.TLSHandshakeTimeout = timeout })
	}
	return client
}

// clientCache holds values derived from the client's options on first use.
type clientCache struct {
	contexts  sync.Map // *schemas.APIOperation -> context.Context
	endpoint  func() (*resolvedEndpoint, error)
	userAgent func() string
	transport func() HTTPClient
	retry     func() *retry.Attempt
	signer    sigv4.Signer

	// inLambda reports whether the process runs in AWS Lambda, where requests carry the function's trace ID. The
	// environment is read when the client is created, since os.LookupEnv takes a process-wide lock.
	inLambda bool
}

func (c *Client) initCache() {
	c.endpoint = sync.OnceValues(func() (*resolvedEndpoint, error) { return resolveDefaultEndpoint(c.options) })
	c.retry = sync.OnceValue(func() *retry.Attempt { return c.newRetry(c.options) })
	c.transport = sync.OnceValue(func() HTTPClient { return c.options.transport() })
	c.userAgent = sync.OnceValue(func() string { return userAgentHeader(c.options) })
	_, c.inLambda = os.LookupEnv("AWS_LAMBDA_FUNCTION_NAME")
}

// retryOf returns the retry middleware for the options. The middleware holds no per-call state, so calls share it.
func (c *Client) retryOf(o *Options) *retry.Attempt {
	if o == c.options {
		return c.retry()
	}
	return c.newRetry(o)
}
