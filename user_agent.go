package gamesparks

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithyrand "github.com/aws/smithy-go/rand"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

var invocationIDs = smithyrand.NewUUID(randomBytes{})

// randomBytes reads from the runtime's generator, for which calls do not wait. Invocation ids are no secrets.
type randomBytes struct{}

func (randomBytes) Read(p []byte) (int, error) {
	var random [8]byte
	for i := 0; i < len(p); i += len(random) {
		binary.LittleEndian.PutUint64(random[:], rand.Uint64())
		copy(p[i:], random[:])
	}
	return len(p), nil
}

// identify returns the headers that tell which call a request belongs to and who makes it. They are those that the
// middleware ClientRequestID and UserAgent of the SDK write.
func (c *call) identify() (invocationID, userAgent string, err error) {
	invocationID, err = invocationIDs.GetUUID()
	if c.options == c.client.options {
		return invocationID, c.client.userAgent(), err
	}
	return invocationID, userAgentHeader(c.options), err
}

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

// userAgentHeader returns what the middleware writes into the header.
func userAgentHeader(o *Options) string {
	req, _ := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	// The middleware fails on other types of request only.
	_, _, _ = newUserAgent(o).HandleBuild(context.Background(), middleware.BuildInput{Request: req}, nopBuildHandler{})
	return req.Header.Get("User-Agent")
}

type nopBuildHandler struct{}

func (nopBuildHandler) HandleBuild(context.Context, middleware.BuildInput) (out middleware.BuildOutput, metadata middleware.Metadata, err error) {
	return out, metadata, nil
}
