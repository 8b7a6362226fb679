package gamesparks

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithy "github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/sigv4"
)

const (
	schemeSigV4 = smithyauth.SchemeIDSigV4

	// signingName is the service's name in signatures.
	signingName = "gamesparks"

	// emptyPayloadHash is the SHA-256 of no bytes.
	emptyPayloadHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
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
	// ResolveAuthSchemes returns the schemes for one call. An error ends the call.
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
type sigV4Scheme struct{ signer HTTPSignerV4 }

func (sigV4Scheme) SchemeID() string { return schemeSigV4 }

func (sigV4Scheme) IdentityResolver(o smithyauth.IdentityResolverOptions) smithyauth.IdentityResolver {
	return o.GetIdentityResolver(schemeSigV4)
}

// Signer returns a signer for whoever takes the scheme from the options of a client. Calls sign by themselves, since
// they know more: the service's time, for example.
func (s sigV4Scheme) Signer() smithyhttp.Signer { return sigV4Signer(s) }

type sigV4Signer sigV4Scheme

func (s sigV4Signer) SignRequest(ctx context.Context, req *smithyhttp.Request, identity smithyauth.Identity, props smithy.Properties) error {
	id, ok := identity.(*credentialsIdentity)
	if !ok {
		return fmt.Errorf("unexpected identity type %T", identity)
	}
	name, hasName := smithyhttp.GetSigV4SigningName(&props)
	region, hasRegion := smithyhttp.GetSigV4SigningRegion(&props)
	switch {
	case !hasName:
		return errors.New("the auth option has no sigv4 signing name")
	case !hasRegion || region == "":
		return missingRegionError{}
	}
	return s.signer.SignHTTP(ctx, id.credentials, req.Request, v4.GetPayloadHash(ctx), name, region, time.Now(),
		func(o *v4.SignerOptions) { o.DisableURIPathEscaping, _ = smithyhttp.GetDisableDoubleEncoding(&props) })
}

// credentialsResolver makes an identity resolver of a credentials provider.
type credentialsResolver struct{ retrieve aws.CredentialsProviderFunc }

func (r credentialsResolver) GetIdentity(ctx context.Context, _ smithy.Properties) (smithyauth.Identity, error) {
	return retrieveIdentity(ctx, r.retrieve)
}

func retrieveIdentity(ctx context.Context, provider aws.CredentialsProvider) (smithyauth.Identity, error) {
	credentials, err := provider.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("get credentials: %w", err)
	}
	return &credentialsIdentity{credentials}, nil
}

type credentialsIdentity struct{ credentials aws.Credentials }

func (i *credentialsIdentity) Expiration() time.Time { return i.credentials.Expires }

// Format shows the access key's id only, to whoever prints the identity: a signer of somebody else's, for example.
func (i *credentialsIdentity) Format(s fmt.State, _ rune) {
	fmt.Fprintf(s, "credentials of %s", i.credentials.AccessKeyID)
}

// authScheme is the scheme chosen for an attempt.
type authScheme struct {
	smithyhttp.AuthScheme
	identityProperties smithy.Properties

	// signerProperties are nil when nobody has said anything about signing: sign has defaults for them.
	signerProperties *smithy.Properties
}

// isSigV4 reports whether the scheme is this package's own, which sign implements.
func (s *authScheme) isSigV4() bool {
	_, ok := s.AuthScheme.(sigV4Scheme)
	return ok
}

// properties returns the signer's properties to be changed.
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
		// What the resolver would find, without the properties: sign falls back to these values.
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
	return fmt.Errorf("could not select an auth scheme")
}

// hasDefaultAuth reports whether the options leave no choice but SigV4.
func (o *Options) hasDefaultAuth() bool {
	_, resolver := o.AuthSchemeResolver.(defaultAuthSchemeResolver)
	if !resolver || len(o.AuthSchemePreference) > 0 || len(o.AuthSchemes) != 1 || o.Credentials == nil {
		return false
	}
	_, scheme := o.AuthSchemes[0].(sigV4Scheme)
	return scheme
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

// sameScheme compares scheme ids, whose namespace an option may leave out.
func sameScheme(registered, option string) bool {
	return registered == option || schemeName(registered) == option
}

// schemeName returns a scheme id without its namespace.
func schemeName(id string) string { return id[strings.LastIndex(id, "#")+1:] }

// resolveIdentity gets the identity to sign as.
func (c *call) resolveIdentity(ctx context.Context, _ *smithyhttp.Request) (err error) {
	if c.options.hasDefaultAuth() { // whose resolver would be made for this call only
		c.identity, err = retrieveIdentity(ctx, c.options.Credentials)
	} else if resolver := c.scheme.IdentityResolver(c.options); resolver != nil {
		c.identity, err = resolver.GetIdentity(ctx, c.scheme.identityProperties)
	} else {
		return fmt.Errorf("no identity resolver")
	}
	if err != nil {
		return &v4.SigningError{Err: fmt.Errorf("get identity: %w", err)}
	}
	return nil
}

// hasCredentials reports whether the request is made in somebody's name.
func (c *call) hasCredentials() bool {
	_, anonymous := c.identity.(*smithyauth.AnonymousIdentity)
	return c.identity != nil && !anonymous
}

// computePayloadHash hashes the request's body.
func (c *call) computePayloadHash(_ context.Context, req *smithyhttp.Request) error {
	if c.direct {
		if c.payloadHash == "" { // it is the same for all attempts
			c.payloadHash = emptyPayloadHash
			if len(c.request.Body) > 0 {
				sum := sha256.Sum256(c.request.Body)
				c.payloadHash = hex.EncodeToString(sum[:])
			}
		}
		return nil
	}
	stream := req.GetStream() // which middleware may have changed
	if stream == nil {
		c.payloadHash = emptyPayloadHash
		return nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, stream); err != nil {
		return fmt.Errorf("compute payload hash: %w", err)
	}
	if err := req.RewindStream(); err != nil {
		return fmt.Errorf("rewind the body after its hash: %w", err)
	}
	c.payloadHash = hex.EncodeToString(hash.Sum(nil))
	return nil
}

// sign signs the request, at the service's time as far as it is known.
func (c *call) sign(ctx context.Context, req *smithyhttp.Request) error {
	hash := c.payloadHash
	if !c.direct {
		c.importSigningScope(ctx)
		hash = cmp.Or(v4.GetPayloadHash(ctx), hash)
	}
	if !c.scheme.isSigV4() {
		signer := c.scheme.Signer()
		if signer == nil {
			return &v4.SigningError{Err: fmt.Errorf("the auth scheme %s has no signer", c.scheme.SchemeID())}
		}
		if err := signer.SignRequest(v4.SetPayloadHash(ctx, hash), req, c.identity, *c.scheme.properties()); err != nil {
			return &v4.SigningError{Err: err}
		}
		return nil
	}

	identity, ok := c.identity.(*credentialsIdentity)
	if !ok {
		return &v4.SigningError{Err: fmt.Errorf("unexpected identity type %T", c.identity)}
	}
	name, region, raw := c.signingScope()
	if _, ok := c.options.HTTPSignerV4.(*v4.Signer); ok && sigv4.IsPlainPath(req.URL) {
		raw = true // which comes to the same, and is quicker. Other signers may do something to the path first.
	}
	if region == "" {
		return &v4.SigningError{Err: missingRegionError{}}
	}
	if c.hasDefaultSigner() && c.client.signer.Sign(req.Request, hash, &identity.credentials,
		sigv4.Scope{Service: name, Region: region, Time: c.signingTime()}) {
		return nil
	}
	options := escapedPath
	switch {
	case c.options.ClientLogMode.IsSigning():
		options = func(o *v4.SignerOptions) {
			o.DisableURIPathEscaping = raw
			o.LogSigning = true
			o.Logger = middleware.GetLogger(ctx)
		}
	case raw:
		options = rawPath
	}
	err := c.options.HTTPSignerV4.SignHTTP(ctx, identity.credentials, req.Request, hash, name, region, c.signingTime(), options)
	if err != nil {
		return &v4.SigningError{Err: err}
	}
	return nil
}

// hasDefaultSigner reports whether the call may use the client's own signer. It signs as the default signer does, in a
// fifth of the time, but does not log.
func (c *call) hasDefaultSigner() bool {
	o := c.options
	return c.direct && o.defaultSigner != nil && o.HTTPSignerV4 == HTTPSignerV4(o.defaultSigner) && !o.ClientLogMode.IsSigning()
}

// The options of signatures that are not logged, which take no memory of their own.
func rawPath(o *v4.SignerOptions)     { o.DisableURIPathEscaping = true }
func escapedPath(o *v4.SignerOptions) { o.DisableURIPathEscaping = false }

// exportSigningScope returns a context with the resolved signing name and region, so that the SDK's signing middleware
// works in place of ours. Values that middleware has set win.
func exportSigningScope(c *call, ctx context.Context) context.Context {
	c.importSigningScope(ctx)
	var name, region string
	if c.scheme.isSigV4() {
		name, region, _ = c.signingScope()
	} else if p := c.scheme.signerProperties; p != nil {
		name, _ = smithyhttp.GetSigV4SigningName(p)
		region, _ = smithyhttp.GetSigV4SigningRegion(p)
	}
	if name != "" {
		//lint:ignore SA1019 The SDK's signing middleware reads it.
		ctx = awsmiddleware.SetSigningName(ctx, name)
	}
	if region != "" {
		//lint:ignore SA1019 The SDK's signing middleware reads it.
		ctx = awsmiddleware.SetSigningRegion(ctx, region)
	}
	return ctx
}

// importSigningScope copies the signing name and region that middleware has set in the context to the scheme's signer
// properties. They win over those of endpoint and scheme.
func (c *call) importSigningScope(ctx context.Context) {
	//lint:ignore SA1019 All clients of the SDK pass the override on in the context.
	if name := awsmiddleware.GetSigningName(ctx); name != "" {
		smithyhttp.SetSigV4SigningName(c.scheme.properties(), name)
	}
	//lint:ignore SA1019 All clients of the SDK pass the override on in the context.
	if region := awsmiddleware.GetSigningRegion(ctx); region != "" {
		smithyhttp.SetSigV4SigningRegion(c.scheme.properties(), region)
	}
}

// signingScope returns the service and region to sign for, and whether the path is to be signed as it is.
func (c *call) signingScope() (name, region string, raw bool) {
	name, region = signingName, c.options.signingRegion()
	p := c.scheme.signerProperties
	if p == nil {
		return name, region, false
	}
	if n, ok := smithyhttp.GetSigV4SigningName(p); ok {
		name = n
	}
	if r, ok := smithyhttp.GetSigV4SigningRegion(p); ok {
		region = r
	}
	raw, _ = smithyhttp.GetDisableDoubleEncoding(p)
	return name, region, raw
}

func (c *call) signingTime() time.Time {
	now := time.Now()
	switch {
	case c.options.DisableClockSkewCorrection:
		return now
	case c.hasClockOffset:
		return now.Add(c.clockOffset)
	}
	return now.Add(time.Duration(c.client.timeOffset.Load()))
}
