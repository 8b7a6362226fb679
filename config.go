package gamesparks

//lint:file-ignore SA1019 A configuration may have deprecated resolvers.

import (
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The configuration sources of the config package implement these interfaces, which that package does not export.
type (
	baseEndpointSource interface {
		GetServiceBaseEndpoint(ctx context.Context, sdkID string) (string, bool, error)
	}
	ignoreEndpointsSource interface {
		GetIgnoreConfiguredEndpoints(context.Context) (bool, bool, error)
	}
	dualStackSource interface {
		GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error)
	}
	fipsSource interface {
		GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error)
	}
)

// fromSources returns the value of the first configuration source that has one. If a source returns an error, the value
// is treated as not set, as in every client of the SDK.
func fromSources[S, T any](cfg aws.Config, get func(S) (T, bool, error)) (value T, found bool) {
	for _, source := range cfg.ConfigSources {
		if s, ok := source.(S); ok {
			switch v, found, err := get(s); {
			case err != nil:
				return value, false
			case found:
				return v, true
			}
		}
	}
	return value, false
}

func configuredDualStack(cfg aws.Config) aws.DualStackEndpointState {
	state, _ := fromSources(cfg, func(s dualStackSource) (aws.DualStackEndpointState, bool, error) {
		return s.GetUseDualStackEndpoint(context.Background())
	})
	return state
}

func configuredFIPS(cfg aws.Config) aws.FIPSEndpointState {
	state, _ := fromSources(cfg, func(s fipsSource) (aws.FIPSEndpointState, bool, error) {
		return s.GetUseFIPSEndpoint(context.Background())
	})
	return state
}

// configuredEndpoint returns the endpoint set in the configuration. An endpoint for this service takes precedence over
// one for all services, but the variable AWS_ENDPOINT_URL takes precedence over files.
func configuredEndpoint(cfg aws.Config) *string {
	ignore, _ := fromSources(cfg, func(s ignoreEndpointsSource) (bool, bool, error) {
		return s.GetIgnoreConfiguredEndpoints(context.Background())
	})
	if ignore || os.Getenv("AWS_ENDPOINT_URL") != "" && os.Getenv("AWS_ENDPOINT_URL_GAMESPARKS") == "" {
		return cfg.BaseEndpoint
	}
	if endpoint, ok := fromSources(cfg, func(s baseEndpointSource) (string, bool, error) {
		return s.GetServiceBaseEndpoint(context.Background(), ServiceID)
	}); ok {
		return &endpoint
	}
	return cfg.BaseEndpoint
}

// configuredResolver returns the endpoint resolver set in the configuration, or nil if it has none.
func configuredResolver(cfg aws.Config) EndpointResolver {
	switch {
	case cfg.EndpointResolverWithOptions != nil:
		return EndpointResolverFunc(func(region string, options EndpointResolverOptions) (aws.Endpoint, error) {
			return cfg.EndpointResolverWithOptions.ResolveEndpoint(ServiceID, region, options)
		})
	case cfg.EndpointResolver != nil:
		return EndpointResolverFunc(func(region string, _ EndpointResolverOptions) (aws.Endpoint, error) {
			return cfg.EndpointResolver.ResolveEndpoint(ServiceID, region)
		})
	}
	return nil
}
