package gamesparks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// EndpointParameters are what an endpoint is resolved from.
type EndpointParameters struct {
	// Region is the region of the service, us-east-1 for example. It is required unless Endpoint is set.
	Region *string

	// UseDualStack asks for the endpoint that has IPv4 and IPv6 addresses. Nil means false.
	UseDualStack *bool

	// UseFIPS asks for the endpoint that meets the FIPS standards. Nil means false.
	UseFIPS *bool

	// Endpoint is a URL to use in place of the region's endpoint. It goes with neither UseDualStack nor UseFIPS.
	Endpoint *string
}

// ValidateRequired returns an error when a parameter that has to be set is nil.
func (p EndpointParameters) ValidateRequired() error {
	if p.UseDualStack == nil {
		return fmt.Errorf("parameter UseDualStack is required")
	}
	if p.UseFIPS == nil {
		return fmt.Errorf("parameter UseFIPS is required")
	}
	return nil
}

// WithDefaults returns a copy in which the parameters that are nil and have a default are set to it.
func (p EndpointParameters) WithDefaults() EndpointParameters {
	if p.UseDualStack == nil {
		p.UseDualStack = aws.Bool(false)
	}
	if p.UseFIPS == nil {
		p.UseFIPS = aws.Bool(false)
	}
	return p
}

// EndpointResolverV2 resolves the endpoint of a request. It has to be safe for concurrent use.
type EndpointResolverV2 interface {
	// ResolveEndpoint returns the endpoint for one attempt. An error ends the call.
	ResolveEndpoint(ctx context.Context, params EndpointParameters) (smithyendpoints.Endpoint, error)
}

// NewDefaultEndpointResolverV2 returns the resolver that knows the endpoints of the service in all partitions of AWS.
// It rejects a custom endpoint combined with FIPS or dual-stack. Without a region or a custom endpoint, its error is an
// [aws.MissingRegionError].
func NewDefaultEndpointResolverV2() EndpointResolverV2 { return resolver{} }

type resolver struct{}

func (resolver) ResolveEndpoint(_ context.Context, params EndpointParameters) (smithyendpoints.Endpoint, error) {
	params = params.WithDefaults()
	fips, dualStack := *params.UseFIPS, *params.UseDualStack
	switch {
	case params.Endpoint != nil && fips:
		return ruleError("Invalid Configuration: FIPS and custom endpoint are not supported")
	case params.Endpoint != nil && dualStack:
		return ruleError("Invalid Configuration: Dualstack and custom endpoint are not supported")
	case params.Endpoint != nil:
		return endpointAt(*params.Endpoint)
	case params.Region == nil:
		return smithyendpoints.Endpoint{}, missingRegionError{}
	}
	if err := checkRegion(*params.Region); err != nil {
		return smithyendpoints.Endpoint{}, err
	}
	return endpointAt("https://" + partitionOf(*params.Region).host(*params.Region, fips, dualStack))
}

// missingRegionError is an aws.MissingRegionError that names the settings.
type missingRegionError struct{}

func (missingRegionError) Error() string {
	return "region is not set: set Options.Region or AWS_REGION"
}
func (missingRegionError) Unwrap() error { return &aws.MissingRegionError{} }

func ruleError(message string) (smithyendpoints.Endpoint, error) {
	return smithyendpoints.Endpoint{}, fmt.Errorf("endpoint rule error, %s", message)
}

func endpointAt(rawURL string) (smithyendpoints.Endpoint, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return smithyendpoints.Endpoint{}, fmt.Errorf("failed to parse endpoint: %w", err)
	}
	if u.Scheme == "" || u.Host == "" {
		return smithyendpoints.Endpoint{}, fmt.Errorf("failed to parse endpoint: %q has no scheme or no host", rawURL)
	}
	return smithyendpoints.Endpoint{URI: *u, Headers: http.Header{}}, nil
}

// partition is a group of regions that share a DNS suffix and an identity system. Every partition has FIPS and
// dual-stack endpoints.
type partition struct {
	id              string
	regions         *regexp.Regexp
	suffix          string
	dualStackSuffix string
}

// partitions are all partitions of AWS. The first is the one of regions that match none.
var partitions = sync.OnceValue(func() []partition {
	return []partition{
		{"aws", regexp.MustCompile(`^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$`), "amazonaws.com", "api.aws"},
		{"aws-cn", regexp.MustCompile(`^cn-\w+-\d+$`), "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
		{"aws-eusc", regexp.MustCompile(`^eusc-(de)-\w+-\d+$`), "amazonaws.eu", "api.amazonwebservices.eu"},
		{"aws-iso", regexp.MustCompile(`^us-iso-\w+-\d+$`), "c2s.ic.gov", "api.aws.ic.gov"},
		{"aws-iso-b", regexp.MustCompile(`^us-isob-\w+-\d+$`), "sc2s.sgov.gov", "api.aws.scloud"},
		{"aws-iso-e", regexp.MustCompile(`^eu-isoe-\w+-\d+$`), "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
		{"aws-iso-f", regexp.MustCompile(`^us-isof-\w+-\d+$`), "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
		{"aws-us-gov", regexp.MustCompile(`^us-gov-\w+-\d+$`), "amazonaws.com", "api.aws"},
	}
})

// pseudoRegions are regions that stand for a whole partition and match no pattern.
var pseudoRegions = map[string]string{
	"aws-global": "aws", "aws-cn-global": "aws-cn", "aws-us-gov-global": "aws-us-gov",
	"aws-iso-global": "aws-iso", "aws-iso-b-global": "aws-iso-b", "aws-iso-e-global": "aws-iso-e",
	"aws-iso-f-global": "aws-iso-f",
}

func partitionOf(region string) partition {
	for _, p := range partitions() {
		if p.id == pseudoRegions[region] || p.regions.MatchString(region) {
			return p
		}
	}
	return partitions()[0]
}

func (p partition) host(region string, fips, dualStack bool) string {
	name, suffix := "gamesparks", p.suffix
	if fips {
		name += "-fips"
	}
	if dualStack {
		suffix = p.dualStackSuffix
	}
	return name + "." + region + "." + suffix
}

// resolvedEndpoint is an endpoint with what the ways of resolving it say besides.
type resolvedEndpoint struct {
	smithyendpoints.Endpoint
	authOptions []*smithyauth.Option
	immutable   bool // keeps its scheme whatever the options say
	named       bool // the caller's, by configuration or resolver, and not that of the region
}

// withAuthOptions takes the signing properties out of the endpoint's.
func (e *resolvedEndpoint) withAuthOptions() {
	e.authOptions, _ = smithyauth.GetAuthOptions(&e.Properties)
}

// resolveEndpoint points the request at the service.
func (c *call) resolveEndpoint(ctx context.Context, req *smithyhttp.Request) error {
	endpoint, err := c.findEndpoint(ctx)
	if err != nil {
		return fmt.Errorf("failed to resolve service endpoint, %w", err)
	}
	uri := &endpoint.URI
	req.URL.Scheme = uri.Scheme
	req.URL.Host = uri.Host
	if uri.Path != "" {
		req.URL.RawPath = smithyhttp.JoinPath(uri.EscapedPath(), req.URL.EscapedPath())
		req.URL.Path = smithyhttp.JoinPath(uri.Path, req.URL.Path)
	}
	for k := range endpoint.Headers {
		req.Header.Set(k, endpoint.Headers.Get(k))
	}
	if c.options.EndpointOptions.DisableHTTPS && !endpoint.immutable && !smithyhttp.GetHostnameImmutable(ctx) {
		req.URL.Scheme = "http"
	}
	if req.URL.Scheme == "http" && !endpoint.named && c.hasCredentials() {
		return fmt.Errorf("failed to resolve service endpoint, HTTPS is disabled and %s is not to be sent credentials in clear text; "+
			"an endpoint that may be, a proxy for example, is named by BaseEndpoint or an endpoint resolver", req.URL.Host)
	}
	for _, o := range endpoint.authOptions {
		c.scheme.properties().SetAll(&o.SignerProperties)
	}
	c.regionalHost = ""
	if !endpoint.named {
		c.regionalHost = uri.Host
	}
	return nil
}

// findEndpoint asks the resolver of the old kind, if there is one, and then the one of the new kind.
func (c *call) findEndpoint(ctx context.Context) (*resolvedEndpoint, error) {
	o := c.options
	if o.EndpointResolver != nil {
		options := o.resolvedEndpointOptions()
		options.Logger = middleware.GetLogger(ctx)
		legacy, err := o.EndpointResolver.ResolveEndpoint(o.Region, options)
		var notFound *aws.EndpointNotFoundError
		if !errors.As(err, &notFound) {
			if err != nil {
				return nil, err
			}
			c.scheme.applyLegacyEndpoint(legacy)
			at, err := endpointAt(legacy.URL)
			_, ofRegion := o.EndpointResolver.(*DefaultEndpointResolver)
			return &resolvedEndpoint{Endpoint: at, immutable: legacy.HostnameImmutable, named: !ofRegion}, err
		}
	}
	_, ofRegion := o.EndpointResolverV2.(resolver)
	if ofRegion && o == c.client.options {
		return c.client.endpoint()
	}
	params, err := endpointParameters(o)
	if err != nil {
		return nil, err
	}
	at, err := o.EndpointResolverV2.ResolveEndpoint(ctx, params)
	endpoint := &resolvedEndpoint{Endpoint: at, named: !ofRegion || params.Endpoint != nil}
	endpoint.withAuthOptions()
	return endpoint, err
}

// resolveDefaultEndpoint resolves an endpoint that depends on the options only.
func resolveDefaultEndpoint(o *Options) (*resolvedEndpoint, error) {
	params, err := endpointParameters(o)
	if err != nil {
		return nil, err
	}
	at, err := resolver{}.ResolveEndpoint(context.Background(), params)
	return &resolvedEndpoint{Endpoint: at, named: params.Endpoint != nil}, err
}

func endpointParameters(o *Options) (EndpointParameters, error) {
	options := o.resolvedEndpointOptions()
	params := EndpointParameters{
		UseDualStack: aws.Bool(options.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled),
		UseFIPS:      aws.Bool(options.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled),
		Endpoint:     o.BaseEndpoint,
	}
	if region := o.signingRegion(); region != "" {
		if err := checkRegion(region); err != nil {
			return params, err
		}
		params.Region = &region
	}
	return params, nil
}

// checkRegion refuses a region that would change which host a URL is about.
func checkRegion(region string) error {
	for label := range strings.SplitSeq(region, ".") {
		if !smithyhttp.ValidHostLabel(label) {
			return fmt.Errorf("invalid input region %s", region)
		}
	}
	return nil
}
