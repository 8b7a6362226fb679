package gamesparks

//lint:file-ignore SA1019 The deprecated way to resolve endpoints is part of the official surface, and stays.

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// EndpointResolverOptions select a variant of the service's endpoint in a region.
type EndpointResolverOptions struct {
	// Logger takes the log of an [EndpointResolver].
	Logger logging.Logger

	// LogDeprecated asks an EndpointResolver to log the use of deprecated endpoints.
	LogDeprecated bool

	// ResolvedRegion is the region with the fips of a name like us-east-1-fips taken out. The client sets it.
	ResolvedRegion string

	// DisableHTTPS sends requests in clear text. Requests that are signed go in clear text only to an endpoint that the
	// caller has named, by BaseEndpoint, the configuration's endpoint URL or a resolver of its own: with the endpoint of
	// the region, their calls fail, since everybody on the way to it could read and repeat them.
	DisableHTTPS bool

	// UseDualStackEndpoint selects the endpoint that has IPv4 and IPv6 addresses.
	UseDualStackEndpoint aws.DualStackEndpointState

	// UseFIPSEndpoint selects the endpoint that meets the FIPS standards.
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

// pseudoRegion takes the fips out of the region names that older configurations have.
var pseudoRegion = strings.NewReplacer("-fips-", "-", "fips-", "", "-fips", "")

// resolvedEndpointOptions returns EndpointOptions with what follows from the other options. They are not kept, since a
// call may have another region than its client.
func (o *Options) resolvedEndpointOptions() EndpointResolverOptions {
	resolved := o.EndpointOptions
	resolved.LogDeprecated = o.ClientLogMode.IsDeprecatedUsage()
	if plain := o.plainRegion(); resolved.ResolvedRegion == "" && plain != o.Region {
		resolved.ResolvedRegion = plain
		resolved.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
	}
	return resolved
}

func (o *Options) plainRegion() string {
	if !strings.Contains(o.Region, "fips") {
		return o.Region
	}
	return pseudoRegion.Replace(o.Region)
}

// EndpointResolver resolves the service's endpoint in a region. When it returns an aws.EndpointNotFoundError, the
// client falls back to its EndpointResolverV2.
//
// Deprecated: Use [EndpointResolverV2].
type EndpointResolver interface {
	// ResolveEndpoint returns the endpoint for one attempt.
	ResolveEndpoint(region string, options EndpointResolverOptions) (aws.Endpoint, error)
}

// EndpointResolverFunc makes an [EndpointResolver] of a function.
//
// Deprecated: Use [EndpointResolverV2].
type EndpointResolverFunc func(region string, options EndpointResolverOptions) (aws.Endpoint, error)

// ResolveEndpoint calls the function.
func (fn EndpointResolverFunc) ResolveEndpoint(region string, options EndpointResolverOptions) (endpoint aws.Endpoint, err error) {
	return fn(region, options)
}

// EndpointResolverFromURL returns a resolver that always answers with the URL, and with the region it is asked for as
// the one to sign for. The optFns change the answer.
//
// Deprecated: Set [Options.BaseEndpoint].
func EndpointResolverFromURL(url string, optFns ...func(*aws.Endpoint)) EndpointResolver {
	endpoint := aws.Endpoint{URL: url, Source: aws.EndpointSourceCustom}
	for _, fn := range optFns {
		fn(&endpoint)
	}
	return EndpointResolverFunc(func(region string, _ EndpointResolverOptions) (aws.Endpoint, error) {
		answer := endpoint
		if answer.SigningRegion == "" {
			answer.SigningRegion = region
		}
		return answer, nil
	})
}

// DefaultEndpointResolver resolves the endpoints of the service in all partitions of AWS. The zero value is ready to
// use.
//
// Deprecated: Use [NewDefaultEndpointResolverV2].
type DefaultEndpointResolver struct{}

// NewDefaultEndpointResolver returns the resolver that knows the endpoints of the service in all partitions of AWS.
//
// Deprecated: Use [NewDefaultEndpointResolverV2].
func NewDefaultEndpointResolver() *DefaultEndpointResolver { return &DefaultEndpointResolver{} }

// ResolveEndpoint returns the endpoint in the region.
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

// applyLegacyEndpoint takes over what an endpoint of the old kind says about signing.
func (s *authScheme) applyLegacyEndpoint(e aws.Endpoint) {
	if e.SigningName != "" {
		smithyhttp.SetSigV4SigningName(s.properties(), e.SigningName)
	}
	if e.SigningRegion != "" {
		smithyhttp.SetSigV4SigningRegion(s.properties(), e.SigningRegion)
	}
}
