package gamesparks

//lint:file-ignore SA1019 The deprecated endpoint resolvers are part of the official surface.

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// EndpointResolverOptions select a variant of the service's endpoint in a region.
type EndpointResolverOptions struct {
	// Logger is the logger for an [EndpointResolver]. The client sets it.
	Logger logging.Logger

	// LogDeprecated tells an EndpointResolver to log the use of deprecated endpoints. The client sets it from
	// Options.ClientLogMode.
	LogDeprecated bool

	// ResolvedRegion is the region without the FIPS part of a name such as us-east-1-fips. Optional. The client sets it
	// for such a name.
	ResolvedRegion string

	// DisableHTTPS sends requests in clear text. Signed requests are sent in clear text only to a custom endpoint: one set
	// by BaseEndpoint, the configuration's endpoint URL or a custom resolver. Signed calls to the regional endpoint fail,
	// because anyone on the network path could read and replay them. Optional. The default is false.
	DisableHTTPS bool

	// UseDualStackEndpoint selects the endpoint with IPv4 and IPv6 addresses. Optional. The default is disabled.
	UseDualStackEndpoint aws.DualStackEndpointState

	// UseFIPSEndpoint selects the endpoint that meets the FIPS standards. Optional. The default is disabled.
	UseFIPSEndpoint aws.FIPSEndpointState
}

// GetResolvedRegion returns ResolvedRegion.
func (o EndpointResolverOptions) GetResolvedRegion() string { return o.ResolvedRegion }

// GetDisableHTTPS returns DisableHTTPS.
func (o EndpointResolverOptions) GetDisableHTTPS() bool { return o.DisableHTTPS }

// GetUseDualStackEndpoint returns UseDualStackEndpoint.
func (o EndpointResolverOptions) GetUseDualStackEndpoint() aws.DualStackEndpointState {
	return o.UseDualStackEndpoint
}

// GetUseFIPSEndpoint returns UseFIPSEndpoint.
func (o EndpointResolverOptions) GetUseFIPSEndpoint() aws.FIPSEndpointState { return o.UseFIPSEndpoint }

// pseudoRegion removes the FIPS part from the region names used in older configurations.
var pseudoRegion = strings.NewReplacer("-fips-", "-", "fips-", "", "-fips", "")

// resolvedEndpointOptions returns EndpointOptions with the values derived from the other options. They are derived for
// each call, because a call may set a different region than its client.
func (o *Options) resolvedEndpointOptions() EndpointResolverOptions {
	resolved := o.EndpointOptions
	resolved.LogDeprecated = o.ClientLogMode.IsDeprecatedUsage()
	if plain := o.plainRegion(); resolved.ResolvedRegion == "" && plain != o.Region {
		resolved.ResolvedRegion = plain
		resolved.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	}
	return resolved
}

// plainRegion returns the region without its FIPS part.
func (o *Options) plainRegion() string {
	if !strings.Contains(o.Region, "fips") {
		return o.Region
	}
	return pseudoRegion.Replace(o.Region)
}

// EndpointResolver resolves the service's endpoint in a region. If it returns an aws.EndpointNotFoundError, the client
// calls its EndpointResolverV2.
//
// Deprecated: Use [EndpointResolverV2].
type EndpointResolver interface {
	// ResolveEndpoint returns the endpoint for one attempt. If it returns an error other than an
	// aws.EndpointNotFoundError, the call fails.
	ResolveEndpoint(region string, options EndpointResolverOptions) (aws.Endpoint, error)
}

// EndpointResolverFunc adapts a function to an [EndpointResolver].
//
// Deprecated: Use [EndpointResolverV2].
type EndpointResolverFunc func(region string, options EndpointResolverOptions) (aws.Endpoint, error)

// ResolveEndpoint calls the function.
func (fn EndpointResolverFunc) ResolveEndpoint(region string, options EndpointResolverOptions) (endpoint aws.Endpoint, err error) {
	return fn(region, options)
}

// EndpointResolverFromURL returns a resolver that always returns the URL, with the requested region as the signing region.
// The optFns modify the endpoint that it returns.
//
// Deprecated: Set [Options.BaseEndpoint].
func EndpointResolverFromURL(url string, optFns ...func(*aws.Endpoint)) EndpointResolver {
	endpoint := aws.Endpoint{URL: url, Source: aws.EndpointSourceCustom}
	for _, fn := range optFns {
		fn(&endpoint)
	}
	return EndpointResolverFunc(func(region string, _ EndpointResolverOptions) (aws.Endpoint, error) {
		resolved := endpoint
		if resolved.SigningRegion == "" {
			resolved.SigningRegion = region
		}
		return resolved, nil
	})
}

// DefaultEndpointResolver resolves the endpoints of the service in all AWS partitions. The zero value is ready to use.
//
// Deprecated: Use [NewDefaultEndpointResolverV2].
type DefaultEndpointResolver struct{}

// NewDefaultEndpointResolver returns a [DefaultEndpointResolver].
//
// Deprecated: Use [NewDefaultEndpointResolverV2].
func NewDefaultEndpointResolver() *DefaultEndpointResolver { return &DefaultEndpointResolver{} }

// ResolveEndpoint returns the endpoint in the region. Its error is an [aws.MissingRegionError] if the region is empty.
func (*DefaultEndpointResolver) ResolveEndpoint(region string, options EndpointResolverOptions) (aws.Endpoint, error) {
	if options.ResolvedRegion != "" {
		region = options.ResolvedRegion
	}
	if region == "" {
		return aws.Endpoint{}, missingRegionError{}
	}
	if err := checkRegion(region); err != nil {
		return aws.Endpoint{}, err
	}
	scheme := "https"
	if options.DisableHTTPS {
		scheme = "http"
	}
	p := partitionOf(region)
	host := p.host(region, options.UseFIPSEndpoint == aws.FIPSEndpointStateEnabled,
		options.UseDualStackEndpoint == aws.DualStackEndpointStateEnabled)
	return aws.Endpoint{
		URL:           fmt.Sprintf("%s://%s", scheme, host),
		PartitionID:   p.id,
		SigningName:   signingName,
		SigningRegion: region,
		SigningMethod: "v4",
	}, nil
}

// applyLegacyEndpoint copies the signing properties of an endpoint returned by an EndpointResolver.
func (s *authScheme) applyLegacyEndpoint(e aws.Endpoint) {
	if e.SigningName != "" {
		smithyhttp.SetSigV4SigningName(s.properties(), e.SigningName)
	}
	if e.SigningRegion != "" {
		smithyhttp.SetSigV4SigningRegion(s.properties(), e.SigningRegion)
	}
}
