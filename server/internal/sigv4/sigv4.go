// Package sigv4 verifies AWS Signature Version 4 on the server side. [Verifier] verifies API requests that are signed in
// their headers or their query. [Downloads] presigns download URLs and verifies them.
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"

	timeFormat = "20060102T150405Z"
	dateFormat = "20060102"

	// maxSkew is the maximum clock skew between client and service.
	maxSkew = 5 * time.Minute

	// maxExpiry is the maximum lifetime of a presigned request.
	maxExpiry = 7 * 24 * time.Hour
)

// Keyring looks up access keys. It must be safe for concurrent use.
type Keyring interface {
	// Lookup returns the credentials with the access key id, and whether they exist. If the credentials have a session
	// token, each request must carry it. If CanExpire is set, the credentials are rejected from Expires on.
	Lookup(accessKeyID string) (aws.Credentials, bool)
}

// Keys is an immutable Keyring: a map of access key ids to credentials.
type Keys map[string]aws.Credentials

// NewKeys returns the credentials as a Keyring. If several credentials have the same access key id, the last ones win.
func NewKeys(credentials ...aws.Credentials) Keys {
	keys := make(Keys, len(credentials))
	for _, c := range credentials {
		keys[c.AccessKeyID] = c
	}
	return keys
}

// Lookup implements [Keyring].
func (k Keys) Lookup(accessKeyID string) (aws.Credentials, bool) {
	credentials, ok := k[accessKeyID]
	return credentials, ok
}

// Verifier verifies the signatures of requests to one service in one region. It is safe for concurrent use as long as its
// fields do not change.
type Verifier struct {
	// Region and Service are the region and service of the credential scope that requests must be signed for.
	Region  string
	Service string

	// Keys are the access keys that requests may be signed with.
	Keys Keyring

	// AllowUnsigned accepts requests without a signature. Signed requests are still verified.
	AllowUnsigned bool

	// Now is the service's clock. Optional. The default is time.Now.
	Now func() time.Time

	last atomic.Pointer[signingKey]
}

// Signature is the signature of a request that [Verifier.Check] has accepted.
type Signature struct {
	// AccessKeyID is the access key id of the signature. It is empty if the request is not signed.
	AccessKeyID string

	// Verified reports whether the signature is known to be valid, because the request has a signed hash of its body. Verify
	// then only compares the body with that hash.
	Verified bool

	payload  string   // the signed hash of the body; set if Verified
	claim    *claim   // nil if the request is not signed
	requests []string // the canonical requests without the hash of the body
	key      []byte   // the signing key
}

// contentHash is the header in which some clients send the SHA-256 of the body.
const contentHash = "x-amz-content-sha256"

var hexHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Check checks the properties of a request's signature that do not depend on the body: the access key is known, the scope
// is that of the service, and the time is valid. If a hash of the body is among the signed headers, Check verifies the
// signature too. The error is an [*Error].
//
// The method, r.RequestURI (r.URL if that is empty), r.Host and the headers must be as the client sent them. Check only
// authenticates: the caller decides whether the access key is authorized.
func (v *Verifier) Check(r *http.Request) (*Signature, error) {
	path, rawQuery := target(r)
	query, err := url.ParseQuery(rawQuery)
	if err != nil { // ParseQuery drops malformed parameters, which would then not be verified
		return nil, newError(CodeIncompleteSignature, "The query string is malformed: %v.", err)
	}
	claim, err := parseClaim(r.Header, query)
	if err != nil {
		return nil, err
	}
	if claim == nil {
		if !v.AllowUnsigned {
			return nil, newError(CodeMissingAuthenticationToken, "The request is not signed. Sign it with an access key of the service, "+
				"as in curl --aws-sigv4 aws:amz:%s:%s --user ACCESS_KEY_ID:SECRET_ACCESS_KEY.", v.Region, v.Service)
		}
		return &Signature{}, nil
	}

	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	if err := v.checkScope(claim); err != nil {
		return nil, err
	}
	if err := claim.checkTime(now()); err != nil {
		return nil, err
	}
	credentials, err := v.credentials(claim, now())
	if err != nil {
		return nil, err
	}
	headers, err := canonicalHeaders(r, claim.signedHeaders)
	if err != nil {
		return nil, err
	}
	s := &Signature{AccessKeyID: claim.accessKeyID, claim: claim, key: v.signingKey(credentials.SecretAccessKey, claim.date)}
	for _, path := range canonicalPaths(path) {
		s.requests = append(s.requests, strings.Join([]string{
			r.Method, path, canonicalQuery(query), headers, strings.Join(claim.signedHeaders, ";"), "",
		}, "\n"))
	}
	if slices.Contains(claim.signedHeaders, contentHash) {
		if hashes := headerValues(r, contentHash); len(hashes) == 1 && hexHash.MatchString(hashes[0]) {
			if err := s.verify(hashes[0]); err != nil {
				return nil, err
			}
			s.Verified, s.payload = true, hashes[0]
		}
	}
	return s, nil
}

// Verify verifies the signature of a request whose body has the given SHA-256. The error is an [*Error].
func (s *Signature) Verify(payload [sha256.Size]byte) error {
	hash := hex.EncodeToString(payload[:])
	switch {
	case s.claim == nil:
		return nil
	case !s.Verified:
		return s.verify(hash)
	case hash != s.payload:
		return newError(CodeInvalidSignature, "The body does not match the signed header X-Amz-Content-Sha256. Check that no proxy changes the request.")
	}
	return nil
}

func (s *Signature) verify(payloadHash string) error {
	for _, request := range s.requests {
		signature := s.claim.sign(s.key, request+payloadHash)
		if subtle.ConstantTimeCompare([]byte(signature), []byte(s.claim.signature)) == 1 {
			return nil
		}
	}
	return newError(CodeInvalidSignature,
		"The signature does not match the request. Check the secret access key, and that no proxy changes the request.")
}

func (v *Verifier) checkScope(c *claim) error {
	switch {
	case c.region != v.Region:
		return newError(CodeInvalidSignature, "The credential scope has the region %q, but the region of this service is %q.", c.region, v.Region)
	case c.service != v.Service:
		return newError(CodeInvalidSignature, "The credential scope has the service %q, but the name of this service is %q.", c.service, v.Service)
	case c.terminator != terminator:
		return newError(CodeInvalidSignature, "The credential scope ends with %q, but must end with %q.", c.terminator, terminator)
	case c.date != c.time.Format(dateFormat):
		return newError(CodeInvalidSignature, "The credential scope has the date %q, but the request has the date %q.",
			c.date, c.time.Format(dateFormat))
	}
	return nil
}

func (v *Verifier) credentials(c *claim, now time.Time) (aws.Credentials, error) {
	credentials, ok := v.Keys.Lookup(c.accessKeyID)
	switch {
	case !ok:
		return aws.Credentials{}, newError(CodeUnrecognizedClient, "The access key id %.100q is not known to this service or is disabled. "+
			"Use a key of the service, or add this one to the server: gamesparks-server has --access-key and --keys, package server WithCredentials.", c.accessKeyID)
	case subtle.ConstantTimeCompare([]byte(credentials.SessionToken), []byte(c.sessionToken)) != 1:
		return aws.Credentials{}, newError(CodeUnrecognizedClient, "The session token does not belong to the access key. "+
			"Send the token of the key in X-Amz-Security-Token, or none if the key has none.")
	case credentials.CanExpire && !now.Before(credentials.Expires):
		return aws.Credentials{}, newError(CodeExpiredToken, "The session token has expired. Sign with new credentials.")
	}
	return credentials, nil
}

// signingKey is the key of all signatures of one day with a secret access key.
type signingKey struct {
	secret, date string
	key          []byte
}

// signingKey returns the signing key for the scope of the service. Deriving a key takes longer than computing a signature, so
// the most recent key is cached.
func (v *Verifier) signingKey(secret, date string) []byte {
	if last := v.last.Load(); last != nil && last.secret == secret && last.date == date {
		return last.key
	}
	key := []byte("AWS4" + secret)
	for _, part := range []string{date, v.Region, v.Service, terminator} {
		key = hmacSHA256(key, part)
	}
	v.last.Store(&signingKey{secret, date, key})
	return key
}

// sign returns the signature of a canonical request.
func (c *claim) sign(key []byte, request string) string {
	hash := sha256.Sum256([]byte(request))
	text := algorithm + "\n" + c.time.Format(timeFormat) + "\n" + c.scope.String() + "\n" + hex.EncodeToString(hash[:])
	return hex.EncodeToString(hmacSHA256(key, text))
}

func hmacSHA256(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
