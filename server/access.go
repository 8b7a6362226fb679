package server

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
	"github.com/gamesparks-go/gamesparks/types"
)

// signingName is the name of the service in credential scopes.
const signingName = "gamesparks"

// Credential is an access key with its permissions.
type Credential struct {
	// AccessKeyID and SecretAccessKey form the access key. Both are required. The id consists of ASCII letters, digits,
	// underscores, hyphens and periods.
	AccessKeyID, SecretAccessKey string

	// SessionToken is the session token that each request must carry. Optional. If it is empty, requests must not carry a
	// session token.
	SessionToken string

	// Expires is when the key expires, according to the wall clock. From then on, requests fail with an
	// ExpiredTokenException. Optional. The zero time means never.
	Expires time.Time

	// Account is the account whose resources the key can read and write. Optional. The default is the account set with
	// [WithAccount].
	Account string

	// ReadOnly makes all write operations fail with an AccessDeniedException.
	ReadOnly bool

	// Disabled makes all requests fail with an UnrecognizedClientException. The players of its account stay connected.
	Disabled bool
}

// accessKeyIDPattern excludes the characters that separate the parts of the Authorization header, and those that a shell
// splits or expands.
var accessKeyIDPattern = regexp.MustCompile(`^[0-9A-Za-z_.-]+$`)

// Validate checks the members of the credential. [WithCredentials] and [Service.SetCredentials] require valid credentials.
func (c Credential) Validate() error {
	switch {
	case c.AccessKeyID == "" || c.SecretAccessKey == "":
		return errors.New("the access key id and the secret access key must not be empty")
	case !accessKeyIDPattern.MatchString(c.AccessKeyID):
		return fmt.Errorf("access key id %q: must consist of ASCII letters, digits, underscores, hyphens and periods", c.AccessKeyID)
	case c.Account != "" && !accountPattern.MatchString(c.Account):
		return fmt.Errorf("account %q: must have 12 digits", c.Account)
	}
	return nil
}

// defaultCredential is the access key that the service accepts without [WithCredentials].
var defaultCredential = Credential{AccessKeyID: "local", SecretAccessKey: defaultSecret}

// WithCredentials sets the access keys that the service accepts. The default is a single key whose id and secret are both
// "local". The default secret is public, so a service that accepts it refuses requests to foreign hosts and from foreign
// web pages: see [WithAllowedHosts] and [WithCORSOrigins]. [Server.Config] uses the first credential.
func WithCredentials(credentials ...Credential) Option {
	return func(s *settings) error {
		if err := checkCredentials(credentials); err != nil {
			return &OptionError{Option: "WithCredentials", Err: err}
		}
		s.credentials = credentials
		return nil
	}
}

func checkCredentials(credentials []Credential) error {
	if len(credentials) == 0 {
		return errors.New("credentials must not be empty")
	}
	seen := map[string]bool{}
	for _, c := range credentials {
		if err := c.Validate(); err != nil {
			return fmt.Errorf("credential %q: %w", c.AccessKeyID, err)
		}
		if seen[c.AccessKeyID] {
			return fmt.Errorf("credential %q: duplicate access key id", c.AccessKeyID)
		}
		seen[c.AccessKeyID] = true
	}
	return nil
}

// WithAnonymousAccess grants unsigned requests full access to the account set with [WithAccount]. The signatures of
// signed requests are still verified. By default, an unsigned request fails with a MissingAuthenticationTokenException.
// The service then refuses requests to foreign hosts and from foreign web pages: see [WithAllowedHosts] and
// [WithCORSOrigins].
func WithAnonymousAccess() Option {
	return func(s *settings) error {
		s.anonymous = true
		return nil
	}
}

// newVerifier returns the signature verifier. It uses the wall clock, as clients do, because a test may stop the clock
// set with [WithClock].
func newVerifier(s *settings) *sigv4.Verifier {
	return &sigv4.Verifier{Region: s.region, Service: signingName, Keys: s.keys, AllowUnsigned: s.anonymous, Now: s.wallClock}
}

func (c *Credential) aws() aws.Credentials {
	return aws.Credentials{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken, Source: "local",
		CanExpire: !c.Expires.IsZero(), Expires: c.Expires,
	}
}

// access holds the permissions of an access key.
type access struct {
	account  string
	readOnly bool
}

// accessOf returns the permissions of an access key. Unsigned requests, whose access key id is empty, have full access. The
// access key may have been removed or disabled since its signature was verified.
func (s *settings) accessOf(accessKeyID string) (access, error) {
	if accessKeyID == "" {
		return access{account: s.account}, nil
	}
	c := s.keys.find(accessKeyID)
	if c == nil {
		return access{}, &sigv4.Error{
			Code: sigv4.CodeUnrecognizedClient, Status: http.StatusForbidden, Message: "The access key is no longer known to this service.",
		}
	}
	return access{account: cmp.Or(c.Account, s.account), readOnly: c.ReadOnly}, nil
}

// accounts returns the account of unsigned requests and the accounts of all access keys, without duplicates.
func (s *settings) accounts() []string {
	accounts := []string{s.account}
	for _, c := range s.keys.keys.Load().credentials {
		if c.Account != "" && !slices.Contains(accounts, c.Account) {
			accounts = append(accounts, c.Account)
		}
	}
	return accounts
}

// authorize verifies the signature of a request whose body has been read, and checks that the access key permits the
// action.
func (x *exchange) authorize(a action, signature *sigv4.Signature, body []byte) error {
	if err := signature.Verify(sha256.Sum256(body)); err != nil {
		return err
	}
	granted, err := x.accessOf(signature.AccessKeyID)
	if err != nil {
		return err
	}
	x.record.AccessKeyID, x.record.Account = signature.AccessKeyID, granted.account
	if err := x.throttle(signature.AccessKeyID); err != nil {
		return err
	}
	if granted.readOnly && a.writes {
		text := fmt.Sprintf("The access key %s is not authorized to perform gamesparks:%s.", signature.AccessKeyID, a.name)
		return &types.AccessDeniedException{Message: &text}
	}
	return nil
}
