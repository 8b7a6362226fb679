package sigv4_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
)

// keyring is a Keyring whose keys change.
type keyring struct{ credentials aws.Credentials }

func (k *keyring) Lookup(id string) (aws.Credentials, bool) {
	return k.credentials, id == k.credentials.AccessKeyID
}

// TestVerifierReuse verifies requests of several days and keys with one Verifier, which caches the most recent signing key.
func TestVerifierReuse(t *testing.T) {
	t.Parallel()
	other := aws.Credentials{AccessKeyID: "AKIDOTHER", SecretAccessKey: "another/secret"}
	rotated := aws.Credentials{AccessKeyID: credentials.AccessKeyID, SecretAccessKey: "rotated"}
	keys, clock := &keyring{}, now
	verifier := &sigv4.Verifier{Region: region, Service: service, Keys: keys, Now: func() time.Time { return clock }}
	for _, step := range []struct {
		name         string
		signed, held aws.Credentials
		after        time.Duration
		valid        bool
	}{
		{"first", credentials, credentials, 0, true},
		{"same", credentials, credentials, time.Second, true},
		{"other key", other, other, 0, true},
		{"first key", credentials, credentials, 0, true},
		{"next day", credentials, credentials, 24 * time.Hour, true},
		{"rotated secret", rotated, rotated, 24 * time.Hour, true},
		{"old secret after the rotation", credentials, rotated, 24 * time.Hour, false},
		{"first day", credentials, credentials, 0, true},
	} {
		clock, keys.credentials = now.Add(step.after), step.held
		c := newCall()
		c.credentials, c.time = step.signed, clock
		_, err := verify(verifier, c.sign(t), hashOf(c.body))
		var rejected *sigv4.Error
		if step.valid && err != nil || !step.valid && (!errors.As(err, &rejected) || rejected.Code != sigv4.CodeInvalidSignature) {
			t.Errorf("%s: got error %v, want a valid signature: %t", step.name, err, step.valid)
		}
	}
}
