package server

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// keyring holds the access keys that the service accepts. They can be replaced while the service handles requests.
type keyring struct{ keys atomic.Pointer[keys] }

// keys is an immutable set of access keys.
type keys struct {
	credentials   []Credential // at least one
	byID          map[string]*Credential
	defaultSecret bool // whether an enabled key has the default secret
}

func newKeyring(credentials []Credential) *keyring {
	r := &keyring{}
	r.replace(credentials)
	return r
}

func (r *keyring) replace(credentials []Credential) {
	k := &keys{credentials: slices.Clone(credentials), byID: make(map[string]*Credential, len(credentials))}
	for i := range k.credentials {
		c := &k.credentials[i]
		k.byID[c.AccessKeyID] = c
		k.defaultSecret = k.defaultSecret || c.SecretAccessKey == defaultSecret && !c.Disabled
	}
	r.keys.Store(k)
}

// find returns the enabled access key with the id, or nil.
func (r *keyring) find(accessKeyID string) *Credential {
	if c := r.keys.Load().byID[accessKeyID]; c != nil && !c.Disabled {
		return c
	}
	return nil
}

// Lookup implements [sigv4.Keyring].
func (r *keyring) Lookup(accessKeyID string) (aws.Credentials, bool) {
	c := r.find(accessKeyID)
	if c == nil {
		return aws.Credentials{}, false
	}
	return c.aws(), true
}

// SetCredentials replaces the access keys that the service accepts, as if they had been set with [WithCredentials].
// Requests whose signature the service has already verified are not affected. If a credential is invalid, SetCredentials
// returns an error and does not change the access keys.
func (s *Service) SetCredentials(credentials ...Credential) error {
	if err := checkCredentials(credentials); err != nil {
		return fmt.Errorf("server: SetCredentials: %w", err)
	}
	s.keys.replace(credentials)
	s.rates.keep(credentials)
	return nil
}
