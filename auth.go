package gamesparks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	schemeSigV4 = smithyauth.SchemeIDSigV4

	// signingName is the service's name in signatures.
	signingName = "gamesparks"
)

// AuthResolverParameters are what the authentication schemes of a call are resolved from.
type AuthResolverParameters struct {
	// Operation is the name of the operation.
	Operation string

	// Region is the region of the client.
	Region string
}

// AuthSchemeResolver returns the authentication schemes that an operation may use, the preferred one first. It has to
// be safe for concurrent use.
type AuthSchemeResolver interface {
	ResolveAuthSchemes(context.Context, *AuthResolverParameters) ([]*smithyauth.Option, error)
}

// defaultAuthSchemeResolver offers SigV4, and no authentication for want of credentials.
type defaultAuthSchemeResolver struct{}

func (defaultAuthSchemeResolver) ResolveAuthSchemes(_ context.Context, params *AuthResolverParameters) ([]*smithyauth.Option, error) {
	sigV4 := &smithyauth.Option{SchemeID: schemeSigV4}
	smithyhttp.SetSigV4SigningName(&sigV4.SignerProperties, signingName)
	smithyhttp.SetSigV4SigningRegion(&sigV4.SignerProperties, params.Region)
	return []*smithyauth.Option{sigV4, {SchemeID: smithyauth.SchemeIDAnonymous}}, nil
}

// sigV4Scheme is the authentication scheme of the service.
type sigV4Scheme struct{}

func (sigV4Scheme) SchemeID() string { return schemeSigV4 }

func (sigV4Scheme) IdentityResolver(o smithyauth.IdentityResolverOptions) smithyauth.IdentityResolver {
	return o.GetIdentityResolver(schemeSigV4)
}

// Signer returns nil: the signing middleware holds what signing takes.
func (sigV4Scheme) Signer() smithyhttp.Signer { return nil }

// credentialsResolver makes an identity resolver of a credentials provider.
type credentialsResolver struct{ provider aws.CredentialsProvider }

func (r credentialsResolver) GetIdentity(ctx context.Context, _ smithy.Properties) (smithyauth.Identity, error) {
	credentials, err := r.provider.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("get credentials: %w", err)
	}
	return &credentialsIdentity{credentials}, nil
}

type credentialsIdentity struct{ credentials aws.Credentials }

func (i *credentialsIdentity) Expiration() time.Time { return i.credentials.Expires }

// authScheme is the scheme chosen for a call.
type authScheme struct {
	smithyhttp.AuthScheme
	identityProperties smithy.Properties
	signerProperties   smithy.Properties
}

// applyLegacyEndpoint takes over what an endpoint of the old kind says about signing.
func (s *authScheme) applyLegacyEndpoint(e aws.Endpoint) {
	if e.SigningName != "" {
		smithyhttp.SetSigV4SigningName(&s.signerProperties, e.SigningName)
	}
	if e.SigningRegion != "" {
		smithyhttp.SetSigV4SigningRegion(&s.signerProperties, e.SigningRegion)
	}
}

type (
	authSchemeKey struct{}
	identityKey   struct{}
)

func getAuthScheme(ctx context.Context) *authScheme {
	s, _ := middleware.GetStackValue(ctx, authSchemeKey{}).(*authScheme)
	return s
}

// authSchemeMiddleware chooses the authentication scheme.
type authSchemeMiddleware struct {
	options   *Options
	operation string
}

func (*authSchemeMiddleware) ID() string { return "ResolveAuthScheme" }

func (m *authSchemeMiddleware) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	_, span := tracing.StartSpan(ctx, "ResolveAuthScheme")
	defer span.End()

	region := m.options.Region
	if r := m.options.resolvedEndpointOptions().ResolvedRegion; r != "" {
		region = r
	}
	options, err := m.options.AuthSchemeResolver.ResolveAuthSchemes(ctx, &AuthResolverParameters{
		Operation: m.operation,
		Region:    region,
	})
	if err != nil {
		return out, metadata, fmt.Errorf("resolve auth scheme: %w", err)
	}
	scheme := m.choose(options)
	if scheme == nil {
		return out, metadata, fmt.Errorf("could not select an auth scheme")
	}
	span.SetProperty("auth.scheme_id", scheme.SchemeID())
	span.End()
	return next.HandleFinalize(middleware.WithStackValue(ctx, authSchemeKey{}, scheme), in)
}

// choose returns the first scheme, in the order of preference, that the client knows and has an identity for.
func (m *authSchemeMiddleware) choose(options []*smithyauth.Option) *authScheme {
	for _, option := range m.byPreference(options) {
		if option.SchemeID == smithyauth.SchemeIDAnonymous {
			return &authScheme{AuthScheme: smithyhttp.NewAnonymousScheme()}
		}
		for _, scheme := range m.options.AuthSchemes {
			if sameScheme(scheme.SchemeID(), option.SchemeID) && scheme.IdentityResolver(m.options) != nil {
				return &authScheme{scheme, option.IdentityProperties, option.SignerProperties}
			}
		}
	}
	return nil
}

func (m *authSchemeMiddleware) byPreference(options []*smithyauth.Option) []*smithyauth.Option {
	if len(m.options.AuthSchemePreference) == 0 {
		return options
	}
	rank := func(o *smithyauth.Option) int {
		if i := slices.Index(m.options.AuthSchemePreference, schemeName(o.SchemeID)); i >= 0 {
			return i
		}
		return len(m.options.AuthSchemePreference)
	}
	options = slices.Clone(options)
	slices.SortStableFunc(options, func(a, b *smithyauth.Option) int { return rank(a) - rank(b) })
	return options
}

// sameScheme compares scheme ids, whose namespace an option may leave out.
func sameScheme(registered, option string) bool {
	return registered == option || schemeName(registered) == option
}

// schemeName returns a scheme id without its namespace.
func schemeName(id string) string { return id[strings.LastIndex(id, "#")+1:] }

// identityMiddleware gets the identity to sign as.
type identityMiddleware struct{ options *Options }

func (*identityMiddleware) ID() string { return "GetIdentity" }

func (m *identityMiddleware) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	spanCtx, span := tracing.StartSpan(ctx, "GetIdentity")
	defer span.End()

	scheme := getAuthScheme(ctx)
	if scheme == nil {
		return out, metadata, fmt.Errorf("no resolved auth scheme")
	}
	resolver := scheme.IdentityResolver(m.options)
	if resolver == nil {
		return out, metadata, fmt.Errorf("no identity resolver")
	}
	identity, err := timed(ctx, resolveIdentityDuration, func() (smithyauth.Identity, error) {
		return resolver.GetIdentity(spanCtx, scheme.identityProperties)
	}, withScheme(scheme))
	if err != nil {
		return out, metadata, fmt.Errorf("get identity: %w", err)
	}
	span.End()
	return next.HandleFinalize(middleware.WithStackValue(ctx, identityKey{}, identity), in)
}

// signingMiddleware signs the request, at the service's time as far as it is known.
type signingMiddleware struct {
	options *Options

	// clientOffset is what earlier calls found out about the service's clock. attemptOffset is what the attempts of
	// this call did; the SDK's retry middleware shares it with the packages of the SDK only.
	clientOffset  *atomic.Int64
	attemptOffset *time.Duration
}

func (*signingMiddleware) ID() string { return "Signing" }

func (m *signingMiddleware) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
) {
	_, span := tracing.StartSpan(ctx, "SignRequest")
	defer span.End()

	req, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return out, metadata, fmt.Errorf("unexpected transport type %T", in.Request)
	}
	scheme := getAuthScheme(ctx)
	if scheme == nil {
		return out, metadata, fmt.Errorf("no resolved auth scheme")
	}
	identity, ok := middleware.GetStackValue(ctx, identityKey{}).(smithyauth.Identity)
	if !ok {
		return out, metadata, fmt.Errorf("no identity")
	}
	m.override(ctx, scheme)
	if _, err := timed(ctx, signingDuration, func() (struct{}, error) {
		return struct{}{}, m.sign(ctx, req, scheme, identity)
	}, withScheme(scheme)); err != nil {
		return out, metadata, fmt.Errorf("sign request: %w", err)
	}
	span.End()

	out, metadata, err = next.HandleFinalize(ctx, in)
	if offset, ok := awsmiddleware.GetAttemptSkew(metadata); ok {
		m.attemptOffset = &offset
	}
	return out, metadata, err
}

// override applies the signing name and region that the caller set for the call.
func (m *signingMiddleware) override(ctx context.Context, scheme *authScheme) {
	if name := awsmiddleware.GetSigningName(ctx); name != "" {
		smithyhttp.SetSigV4SigningName(&scheme.signerProperties, name)
	}
	if region := awsmiddleware.GetSigningRegion(ctx); region != "" {
		smithyhttp.SetSigV4SigningRegion(&scheme.signerProperties, region)
	}
}

func (m *signingMiddleware) sign(ctx context.Context, req *smithyhttp.Request, scheme *authScheme, identity smithyauth.Identity) error {
	if signer := scheme.Signer(); signer != nil {
		return signer.SignRequest(ctx, req, identity, scheme.signerProperties)
	}
	id, ok := identity.(*credentialsIdentity)
	if !ok {
		return fmt.Errorf("unexpected identity type %T", identity)
	}
	name, ok := smithyhttp.GetSigV4SigningName(&scheme.signerProperties)
	if !ok {
		return fmt.Errorf("sigv4 signing name is required")
	}
	region, ok := smithyhttp.GetSigV4SigningRegion(&scheme.signerProperties)
	if !ok || region == "" {
		return fmt.Errorf("sigv4 signing region is required")
	}
	return m.options.HTTPSignerV4.SignHTTP(ctx, id.credentials, req.Request, v4.GetPayloadHash(ctx), name, region, m.time(),
		func(o *v4.SignerOptions) {
			o.DisableURIPathEscaping, _ = smithyhttp.GetDisableDoubleEncoding(&scheme.signerProperties)
			o.LogSigning = m.options.ClientLogMode.IsSigning()
			o.Logger = middleware.GetLogger(ctx)
		})
}

func (m *signingMiddleware) time() time.Time {
	now := time.Now()
	switch {
	case m.options.DisableClockSkewCorrection:
		return now
	case m.attemptOffset != nil:
		return now.Add(*m.attemptOffset)
	}
	return now.Add(time.Duration(m.clientOffset.Load()))
}

func withScheme(scheme *authScheme) metrics.RecordMetricOption {
	return func(o *metrics.RecordMetricOptions) { o.Properties.Set("auth.scheme_id", scheme.SchemeID()) }
}
