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

// EndpointParameters are the inputs of an [EndpointResolverV2].
type EndpointParameters struct {
	// Region is the region of the service, for example us-east-1. Required unless Endpoint is set.
	Region *string

	// UseDualStack selects the endpoint with IPv4 and IPv6 addresses. Optional. The default is false.
	UseDualStack *bool

	// UseFIPS selects the endpoint that meets the FIPS standards. Optional. The default is false.
	UseFIPS *bool

	// Endpoint is a URL that replaces the endpoint of the region. It cannot be combined with UseDualStack or UseFIPS.
	// Optional.
	Endpoint *string
}

// ValidateRequired returns an error if UseDualStack or UseFIPS is nil. WithDefaults sets both.
func (p EndpointParameters) ValidateRequired() error {
	if p.UseDualStack == nil {
		return errors.New("EndpointParameters.UseDualStack is nil: set it or call WithDefaults")
	}
	if p.UseFIPS == nil {
		return errors.New("EndpointParameters.UseFIPS is nil: set it or call WithDefaults")
	}
	return nil
}

// WithDefaults returns a copy in which nil parameters that have a default are set to it.
func (p EndpointParameters) WithDefaults() EndpointParameters {
	if p.UseDualStack == nil {
		p.UseDualStack = aws.Bool(false)
	}
	if p.UseFIPS == nil {
		p.UseFIPS = aws.Bool(false)
	}
	return p
}

// EndpointResolverV2 resolves the endpoint of a request. It must be safe for concurrent use.
type EndpointResolverV2 interface {
	// ResolveEndpoint returns the endpoint for one attempt. If it returns an error, the call fails.
	ResolveEndpoint(ctx context.Context, params EndpointParameters) (smithyendpoints.Endpoint, error)
}

// NewDefaultEndpointResolverV2 returns a resolver for the service's endpoints in all AWS partitions. It returns an
// error for a custom endpoint that is combined with FIPS or dual-stack, and an [aws.MissingRegionError] if neither a
// region nor a custom endpoint is set.
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

// missingRegionError wraps aws.MissingRegionError with a message that names the settings to change.
type missingRegionError struct{}

func (missingRegionError) Error() string {
	return "region is not set: set Options.Region or AWS_REGION"
}
func (missingRegionError) Unwrap() error { return &aws.MissingRegionError{} }

// ruleError returns an error with a message defined by the service's endpoint rules.
func ruleError(message string) (smithyendpoints.Endpoint, error) {
	return smithyendpoints.Endpoint{}, fmt.Errorf("endpoint rule error, %s", message)
}

func endpointAt(rawURL string) (smithyendpoints.Endpoint, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return smithyendpoints.Endpoint{}, fmt.Errorf("invalid endpoint: %w: set an absolute URL such as https://games.example.com", err)
	}
	if u.Scheme == "" || u.Host == "" {
		return smithyendpoints.Endpoint{}, fmt.Errorf("invalid endpoint: %q has no scheme or no host: set an absolute URL such as https://games.example.com", rawURL)
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

// partitions returns all AWS partitions. The first one is the default for regions that match no pattern.
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

// resolvedEndpoint is an endpoint with the properties that depend on how it was resolved.
type resolvedEndpoint struct {
	smithyendpoints.Endpoint
	authOptions []*smithyauth.Option
	immutable   bool // DisableHTTPS does not change the scheme
	custom      bool // chosen by the caller's configuration or resolver, not by the region
}

// resolveEndpoint sets the scheme, host and path prefix of the request.
func (c *call) resolveEndpoint(ctx context.Context, req *smithyhttp.Request) error {
	endpoint, err := c.findEndpoint(ctx)
	if err != nil {
		return fmt.Errorf("resolve endpoint: %w", err)
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
	if req.URL.Scheme == "http" && !endpoint.custom && c.hasCredentials() {
		return fmt.Errorf("resolve endpoint: HTTPS is disabled, but signed requests to the regional endpoint %s require HTTPS: "+
			"set Options.BaseEndpoint or an endpoint resolver to send them to another endpoint in clear text", req.URL.Host)
	}
	for _, o := range endpoint.authOptions {
		c.scheme.properties().SetAll(&o.SignerProperties)
	}
	c.regionalHost = ""
	if !endpoint.custom {
		c.regionalHost = uri.Host
	}
	return nil
}

// findEndpoint calls EndpointResolver if it is set. If it is nil or finds no endpoint, findEndpoint calls
// EndpointResolverV2.
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
			_, regional := o.EndpointResolver.(*DefaultEndpointResolver)
			return &resolvedEndpoint{Endpoint: at, immutable: legacy.HostnameImmutable, custom: !regional}, err
		}
	}
	_, regional := o.EndpointResolverV2.(resolver)
	if regional && o == c.client.options {
		return c.client.endpoint()
	}
	params, err := endpointParameters(o)
	if err != nil {
		return nil, err
	}
	at, err := o.EndpointResolverV2.ResolveEndpoint(ctx, params)
	endpoint := &resolvedEndpoint{Endpoint: at, custom: !regional || params.Endpoint != nil}
	endpoint.authOptions, _ = smithyauth.GetAuthOptions(&endpoint.Properties)
	return endpoint, err
}

// resolveDefaultEndpoint resolves the endpoint with the default resolver, whose result depends only on the options.
func resolveDefaultEndpoint(o *Options) (*resolvedEndpoint, error) {
	params, err := endpointParameters(o)
	if err != nil {
		return nil, err
	}
	at, err := resolver{}.ResolveEndpoint(context.Background(), params)
	return &resolvedEndpoint{Endpoint: at, custom: params.Endpoint != nil}, err
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

// checkRegion returns an error for a region that is not a sequence of host labels, because such a region could change
// the host of the URL.
func checkRegion(region string) error {
	for label := range strings.SplitSeq(region, ".") {
		if !smithyhttp.ValidHostLabel(label) {
			return fmt.Errorf("invalid region %q: set Options.Region to a name such as us-east-1", region)
		}
	}
	return nil
}
