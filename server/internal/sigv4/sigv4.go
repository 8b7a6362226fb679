// Package sigv4 verifies AWS Signature Version 4 on the server's side: of API requests, signed in their headers or in
// their query, and of the download URLs that the service itself presigns.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"

	timeFormat = "20060102T150405Z"
	dateFormat = "20060102"

	// maxSkew is how far the clocks of client and service may be apart.
	maxSkew = 5 * time.Minute

	// maxExpiry is the longest life of a presigned request.
	maxExpiry = 7 * 24 * time.Hour
)

// Rights are what the holder of a key may do.
type Rights int

// The rights in ascending order; each includes the ones before it.
const (
	None Rights = iota
	ReadOnly
	Full
)

// Key is an access key with its secret and its rights.
type Key struct {
	// Credentials are the key itself. A session token that is not empty has to come with each request. When CanExpire
	// is set, the key is refused from Expires on.
	Credentials aws.Credentials

	// Rights are what a request that is signed with the key may do.
	Rights Rights
}

// Keyring finds keys. It has to be safe for concurrent use.
type Keyring interface {
	// Lookup returns the key with the id, and whether there is one.
	Lookup(accessKeyID string) (Key, bool)
}

// Keys is a Keyring that never changes, by access key id.
type Keys map[string]Key

// NewKeys returns the keys as a Keyring. Of several keys with one id the last counts.
func NewKeys(keys ...Key) Keys {
	ring := make(Keys, len(keys))
	for _, key := range keys {
		ring[key.Credentials.AccessKeyID] = key
	}
	return ring
}

// Lookup implements [Keyring].
func (k Keys) Lookup(accessKeyID string) (Key, bool) {
	key, ok := k[accessKeyID]
	return key, ok
}

// Identity is who signed a request.
type Identity struct {
	// AccessKeyID is empty for a request that was not signed.
	AccessKeyID string

	// Rights are what the signer may do.
	Rights Rights
}

// Verifier verifies the signatures of requests to one service in one region. Its fields must not change while it is
// in use; it is then safe for concurrent use.
type Verifier struct {
	// Region and Service are what requests have to be signed for.
	Region  string
	Service string

	// Keys are the keys that requests may be signed with.
	Keys Keyring

	// Anonymous are the rights of requests that are not signed at all. None, the zero value, refuses them.
	Anonymous Rights

	// Now is the service's clock. Nil means time.Now.
	Now func() time.Time
}

// Verify returns who signed the request, or an [*Error]. It takes the SHA-256 of the body, which it does not read, and
// the request as the client sent it: the method, r.RequestURI (or r.URL, if that is empty), r.Host and the headers.
// Whether the identity may do what it asks for is the caller's to decide.
func (v *Verifier) Verify(r *http.Request, payload [sha256.Size]byte) (Identity, error) {
	return v.verify(r, hex.EncodeToString(payload[:]))
}

func (v *Verifier) verify(r *http.Request, payloadHash string) (Identity, error) {
	path, rawQuery := target(r)
	query, err := url.ParseQuery(rawQuery)
	if err != nil { // some parameters would not be read, and must not go unverified
		return Identity{}, newError(CodeIncompleteSignature, "the query string is malformed: %v", err)
	}
	claim, err := parseClaim(r.Header, query)
	if err != nil {
		return Identity{}, err
	}
	if claim == nil {
		if v.Anonymous == None {
			return Identity{}, newError(CodeMissingAuthenticationToken, "the request is not signed")
		}
		return Identity{Rights: v.Anonymous}, nil
	}

	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	if err := v.checkScope(claim); err != nil {
		return Identity{}, err
	}
	if err := claim.checkTime(now()); err != nil {
		return Identity{}, err
	}
	key, err := v.key(claim, now())
	if err != nil {
		return Identity{}, err
	}
	headers, err := canonicalHeaders(r, claim.signedHeaders)
	if err != nil {
		return Identity{}, err
	}
	for _, path := range canonicalPaths(path) {
		request := strings.Join([]string{
			r.Method, path, canonicalQuery(query), headers, strings.Join(claim.signedHeaders, ";"), payloadHash,
		}, "\n")
		signature := claim.sign(key.Credentials.SecretAccessKey, request)
		if subtle.ConstantTimeCompare([]byte(signature), []byte(claim.signature)) == 1 {
			return Identity{AccessKeyID: claim.accessKeyID, Rights: key.Rights}, nil
		}
	}
	return Identity{}, newError(CodeInvalidSignature,
		"the signature does not match the request: check the secret access key and that nothing changes the request on its way")
}

func (v *Verifier) checkScope(c *claim) error {
	switch {
	case c.region != v.Region:
		return newError(CodeInvalidSignature, "the credential scope is for the region %q, this is %q", c.region, v.Region)
	case c.service != v.Service:
		return newError(CodeInvalidSignature, "the credential scope is for the service %q, this is %q", c.service, v.Service)
	case c.terminator != terminator:
		return newError(CodeInvalidSignature, "the credential scope ends in %q, not in %q", c.terminator, terminator)
	case c.date != c.time.Format(dateFormat):
		return newError(CodeInvalidSignature, "the credential scope is for the date %q, the request for %q",
			c.date, c.time.Format(dateFormat))
	}
	return nil
}

func (v *Verifier) key(c *claim, now time.Time) (Key, error) {
	key, ok := v.Keys.Lookup(c.accessKeyID)
	switch {
	case !ok:
		return Key{}, newError(CodeUnrecognizedClient, "there is no such access key id")
	case subtle.ConstantTimeCompare([]byte(key.Credentials.SessionToken), []byte(c.sessionToken)) != 1:
		return Key{}, newError(CodeUnrecognizedClient, "the session token is not the one of the access key")
	case key.Credentials.CanExpire && !now.Before(key.Credentials.Expires):
		return Key{}, newError(CodeExpiredToken, "the session has expired")
	}
	return key, nil
}

// sign returns the signature that the canonical request has to have.
func (c *claim) sign(secret, request string) string {
	hash := sha256.Sum256([]byte(request))
	text := algorithm + "\n" + c.time.Format(timeFormat) + "\n" + c.scope.String() + "\n" + hex.EncodeToString(hash[:])

	key := []byte("AWS4" + secret)
	for _, part := range []string{c.date, c.region, c.service, c.terminator, text} {
		key = hmacSHA256(key, part)
	}
	return hex.EncodeToString(key)
}

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
