package gamesparks

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// newUserAgent returns the middleware that sets the User-Agent header.
func newUserAgent(o *Options) *awsmiddleware.RequestUserAgent {
	ua := awsmiddleware.NewRequestUserAgent()
	ua.AddSDKAgentKeyValue(awsmiddleware.APIMetadata, "gamesparks", version)
	if o.AppID != "" {
		ua.AddSDKAgentKey(awsmiddleware.ApplicationIdentifier, o.AppID)
	}
	switch o.Retryer.(type) {
	case *retry.Standard:
		ua.AddUserAgentFeature(awsmiddleware.UserAgentFeatureRetryModeStandard)
	case *retry.AdaptiveMode:
		ua.AddUserAgentFeature(awsmiddleware.UserAgentFeatureRetryModeAdaptive)
	}
	for _, feature := range o.features {
		ua.AddUserAgentFeature(feature)
	}
	if p, ok := o.Credentials.(aws.CredentialProviderSource); ok {
		for _, source := range p.ProviderSources() {
			ua.AddCredentialsSource(source)
		}
	}
	return ua
}

// userAgentHeader returns the header value that the middleware sets.
func userAgentHeader(o *Options) string {
	req, _ := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	// The middleware fails only for other request types.
	_, _, _ = newUserAgent(o).HandleBuild(context.Background(), middleware.BuildInput{Request: req}, nopBuildHandler{})
	return req.Header.Get("User-Agent")
}

type nopBuildHandler struct{}

func (nopBuildHandler) HandleBuild(context.Context, middleware.BuildInput) (out middleware.BuildOutput, metadata middleware.Metadata, err error) {
	return out, metadata, nil
}
