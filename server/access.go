package server

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
)

// signingName is the service's name in signatures.
const signingName = "gamesparks"

// Credential is an access key with which requests can be signed.
type Credential struct {
	// AccessKeyID and SecretAccessKey are the key. Neither may be empty.
	AccessKeyID, SecretAccessKey string

	// SessionToken, when it is not empty, has to come with each request.
	SessionToken string

	// Expires is when the key ceases to be good, by the clock of the machine: requests then fail with an
	// ExpiredTokenException. The zero time means never.
	Expires time.Time

	// Account is the account that the key belongs to, and so do the resources that it makes and sees. When empty, it is
	// that of [WithAccount].
	Account string

	// ReadOnly keeps the key from operations that change something: they fail with an AccessDeniedException.
	ReadOnly bool
}

// defaultCredential is the one that a service has when none are given.
var defaultCredential = Credential{AccessKeyID: "local", SecretAccessKey: "local"}

// WithCredentials sets the access keys that requests may be signed with, instead of the key local with the secret
// local. [Server.Config] has the first of them.
func WithCredentials(credentials ...Credential) Option {
	return func(s *settings) error {
		if len(credentials) == 0 {
			return errors.New("credentials: there must be at least one")
		}
		seen := map[string]bool{}
		for _, c := range credentials {
			switch {
			case c.AccessKeyID == "" || c.SecretAccessKey == "":
				return errors.New("credential: the access key id and the secret access key must not be empty")
			case c.Account != "" && !accountPattern.MatchString(c.Account):
				return fmt.Errorf("credential %s: account %q: must have 12 digits", c.AccessKeyID, c.Account)
			case seen[c.AccessKeyID]:
				return fmt.Errorf("credential %s: the access key id is there twice", c.AccessKeyID)
			}
			seen[c.AccessKeyID] = true
		}
		s.credentials = credentials
		return nil
	}
}

// WithAnonymousAccess lets requests that are not signed do everything, in the account of [WithAccount]. Signatures that
// are there are still verified. Without this option a request that is not signed fails with a
// MissingAuthenticationTokenException.
func WithAnonymousAccess() Option {
	return func(s *settings) error {
		s.anonymous = sigv4.Full
		return nil
	}
}

// newVerifier returns the accounts of the service and what verifies signatures. It goes by the clock of the machine,
// which is the one that clients sign by, and not by that of the service, which a test may have stopped.
func (s *Service) newVerifier() (accounts map[string]bool, v *sigv4.Verifier) {
	accounts = map[string]bool{s.account: true}
	keys := sigv4.Keys{}
	for _, c := range s.credentials {
		rights := sigv4.Full
		if c.ReadOnly {
			rights = sigv4.ReadOnly
		}
		keys[c.AccessKeyID] = sigv4.Key{Credentials: c.aws(), Rights: rights}
		if c.Account != "" {
			accounts[c.Account] = true
		}
	}
	return accounts, &sigv4.Verifier{Region: s.region, Service: signingName, Keys: keys, Anonymous: s.anonymous}
}

func (c *Credential) aws() aws.Credentials {
	return aws.Credentials{
		AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.SessionToken, Source: "local",
		CanExpire: !c.Expires.IsZero(), Expires: c.Expires,
	}
}

func (s *Service) accountOf(identity sigv4.Identity) string {
	for _, c := range s.credentials {
		if c.AccessKeyID == identity.AccessKeyID && c.Account != "" {
			return c.Account
		}
	}
	return s.account
}

// rightsFor returns what a caller of the operation needs. The API reads with GET and with nothing else.
func rightsFor(op *schemas.APIOperation) sigv4.Rights {
	if op.Method == http.MethodGet {
		return sigv4.ReadOnly
	}
	return sigv4.Full
}
