package gamesparks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	schemeSigV4 = smithyauth.SchemeIDSigV4

	// signingName is the service name used in signatures.
	signingName = "gamesparks"

	// emptyPayloadHash is the SHA-256 of an empty body.
	emptyPayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// AuthResolverParameters are the inputs of an [AuthSchemeResolver].
type AuthResolverParameters struct {
	// Operation is the name of the operation.
	Operation string

	// Region is the region of the client.
	Region string
}

// AuthSchemeResolver returns the authentication schemes that an operation may use. It must be safe for concurrent use.
type AuthSchemeResolver interface {
	// ResolveAuthSchemes returns the schemes for one call in order of preference. If it returns an error, the call fails.
	ResolveAuthSchemes(context.Context, *AuthResolverParameters) ([]*smithyauth.Option, error)
}

// defaultAuthSchemeResolver returns SigV4, followed by anonymous access for clients without credentials.
type defaultAuthSchemeResolver struct{}

func (defaultAuthSchemeResolver) ResolveAuthSchemes(_ context.Context, params *AuthResolverParameters) ([]*smithyauth.Option, error) {
	sigV4 := &smithyauth.Option{SchemeID: schemeSigV4}
	smithyhttp.SetSigV4SigningName(&sigV4.SignerProperties, signingName)
	smithyhttp.SetSigV4SigningRegion(&sigV4.SignerProperties, params.Region)
	return []*smithyauth.Option{sigV4, {SchemeID: smithyauth.SchemeIDAnonymous}}, nil
}

// sigV4Scheme is the authentication scheme of the service.
type sigV4Scheme struct{ signer HTTPSignerV4 }

func (sigV4Scheme) SchemeID() string { return schemeSigV4 }

func (sigV4Scheme) IdentityResolver(o smithyauth.IdentityResolverOptions) smithyauth.IdentityResolver {
	return o.GetIdentityResolver(schemeSigV4)
}

// Signer returns a signer for code that reads the scheme from a client's options. The client itself does not use it,
// because this signer does not correct the signing time for clock skew.
func (s sigV4Scheme) Signer() smithyhttp.Signer { return sigV4Signer(s) }

type sigV4Signer sigV4Scheme

func (s sigV4Signer) SignRequest(ctx context.Context, req *smithyhttp.Request, identity smithyauth.Identity, props smithy.Properties) error {
	id, ok := identity.(*credentialsIdentity)
	if !ok {
		return unexpectedIdentity(identity)
	}
	name, hasName := smithyhttp.GetSigV4SigningName(&props)
	region, hasRegion := smithyhttp.GetSigV4SigningRegion(&props)
	switch {
	case !hasName:
		return errors.New("auth option has no signing name: set it with smithyhttp.SetSigV4SigningName")
	case !hasRegion || region == "":
		return missingRegionError{}
	}
	return s.signer.SignHTTP(ctx, id.credentials, req.Request, v4.GetPayloadHash(ctx), name, region, time.Now(),
		func(o *v4.SignerOptions) { o.DisableURIPathEscaping, _ = smithyhttp.GetDisableDoubleEncoding(&props) })
}

// credentialsResolver adapts a credentials provider to an identity resolver.
type credentialsResolver struct{ retrieve aws.CredentialsProviderFunc }

func (r credentialsResolver) GetIdentity(ctx context.Context, _ smithy.Properties) (smithyauth.Identity, error) {
	identity, err := retrieveIdentity(ctx, r.retrieve)
	if err != nil {
		return nil, err
	}
	return &identity, nil
}

func retrieveIdentity(ctx context.Context, provider aws.CredentialsProvider) (credentialsIdentity, error) {
	credentials, err := provider.Retrieve(ctx)
	if err != nil {
		return credentialsIdentity{}, fmt.Errorf("get credentials: %w", err)
	}
	return credentialsIdentity{credentials}, nil
}

type credentialsIdentity struct{ credentials aws.Credentials }

func unexpectedIdentity(identity smithyauth.Identity) error {
	return fmt.Errorf("identity type is %T, want the identity that Options.GetIdentityResolver resolves", identity)
}

func (i *credentialsIdentity) Expiration() time.Time { return i.credentials.Expires }

// Format prints only the access key ID, because a custom signer may log the identity.
func (i *credentialsIdentity) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "credentials of %s", i.credentials.AccessKeyID)
}

// authScheme is the scheme chosen for an attempt.
type authScheme struct {
	smithyhttp.AuthScheme
	identityProperties smithy.Properties

	// signerProperties is nil if no option, endpoint or middleware has set a property. The sign method has defaults.
	signerProperties *smithy.Properties
}

// isSigV4 reports whether the scheme is the package's own SigV4 scheme, which sign implements.
func (s *authScheme) isSigV4() bool {
	_, ok := s.AuthScheme.(sigV4Scheme)
	return ok
}

// properties returns the signer's properties for modification.
func (s *authScheme) properties() *smithy.Properties {
	if s.signerProperties == nil {
		s.signerProperties = new(smithy.Properties)
	}
	return s.signerProperties
}

// resolveAuthScheme chooses the authentication scheme.
func (c *call) resolveAuthScheme(ctx context.Context, _ *smithyhttp.Request) error {
	o := c.options
	if o.hasDefaultAuth() {
		// The resolver would add only the signing properties that sign defaults to.
		c.scheme = authScheme{AuthScheme: o.AuthSchemes[0]}
		return nil
	}
	options, err := o.AuthSchemeResolver.ResolveAuthSchemes(ctx, &AuthResolverParameters{
		Operation: c.op.Name,
		Region:    o.signingRegion(),
	})
	if err != nil {
		return fmt.Errorf("resolve auth scheme: %w", err)
	}
	for _, option := range byPreference(options, o.AuthSchemePreference) {
		if option.SchemeID == smithyauth.SchemeIDAnonymous {
			c.scheme = authScheme{AuthScheme: smithyhttp.NewAnonymousScheme()}
			return nil
		}
		for _, scheme := range o.AuthSchemes {
			if sameScheme(scheme.SchemeID(), option.SchemeID) && scheme.IdentityResolver(o) != nil {
				c.scheme = authScheme{AuthScheme: scheme, identityProperties: option.IdentityProperties}
				c.scheme.properties().SetAll(&option.SignerProperties) // a copy, since the option may be shared
				return nil
			}
		}
	}
	return fmt.Errorf("no usable auth scheme: the resolver returned %q: set Options.Credentials, or add one of them to Options.AuthSchemes",
		schemeIDs(options))
}

// hasDefaultAuth reports whether SigV4 with Options.Credentials is the only scheme that can be selected.
func (o *Options) hasDefaultAuth() bool {
	_, resolver := o.AuthSchemeResolver.(defaultAuthSchemeResolver)
	if !resolver || len(o.AuthSchemePreference) > 0 || len(o.AuthSchemes) != 1 || o.Credentials == nil {
		return false
	}
	_, scheme := o.AuthSchemes[0].(sigV4Scheme)
	return scheme
}

func schemeIDs(options []*smithyauth.Option) []string {
	ids := make([]string, len(options))
	for i, o := range options {
		ids[i] = o.SchemeID
	}
	return ids
}

func (o *Options) signingRegion() string {
	return cmp.Or(o.EndpointOptions.ResolvedRegion, o.plainRegion(), o.Region)
}

func byPreference(options []*smithyauth.Option, preferred []string) []*smithyauth.Option {
	if len(preferred) == 0 {
		return options
	}
	rank := func(o *smithyauth.Option) int {
		if i := slices.Index(preferred, schemeName(o.SchemeID)); i >= 0 {
			return i
		}
		return len(preferred)
	}
	options = slices.Clone(options)
	slices.SortStableFunc(options, func(a, b *smithyauth.Option) int { return rank(a) - rank(b) })
	return options
}

// sameScheme compares the IDs of two schemes. An option may omit the namespace.
func sameScheme(registered, option string) bool {
	return registered == option || schemeName(registered) == option
}

// schemeName returns a scheme ID without its namespace.
func schemeName(id string) string { return id[strings.LastIndex(id, "#")+1:] }

// resolveIdentity gets the identity that signs the request.
func (c *call) resolveIdentity(ctx context.Context, _ *smithyhttp.Request) (err error) {
	if c.options.hasDefaultAuth() { // avoid allocating a resolver and an identity for this call
		c.credentials, err = retrieveIdentity(ctx, c.options.Credentials)
		c.identity = &c.credentials
	} else if resolver := c.scheme.IdentityResolver(c.options); resolver != nil {
		c.identity, err = resolver.GetIdentity(ctx, c.scheme.identityProperties)
	} else {
		return fmt.Errorf("auth scheme %s has no identity resolver: return one from its IdentityResolver method", c.scheme.SchemeID())
	}
	if err != nil {
		return &v4.SigningError{Err: fmt.Errorf("get identity: %w", err)}
	}
	return nil
}

// hasCredentials reports whether the request is signed with credentials.
func (c *call) hasCredentials() bool {
	_, anonymous := c.identity.(*smithyauth.AnonymousIdentity)
	return c.identity != nil && !anonymous
}
