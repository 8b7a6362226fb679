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
	"strings"
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
}

// Verify returns the access key id that signed the request, or an [*Error]. The access key id is empty if the request is
// not signed and AllowUnsigned is set. Verify does not read the body: payload is its SHA-256. The method, r.RequestURI
// (r.URL if that is empty), r.Host and the headers must be as the client sent them. Verify only authenticates: the caller
// decides whether the access key is authorized.
func (v *Verifier) Verify(r *http.Request, payload [sha256.Size]byte) (accessKeyID string, err error) {
	return v.verify(r, hex.EncodeToString(payload[:]))
}

func (v *Verifier) verify(r *http.Request, payloadHash string) (accessKeyID string, err error) {
	path, rawQuery := target(r)
	query, err := url.ParseQuery(rawQuery)
	if err != nil { // ParseQuery drops malformed parameters, which would then not be verified
		return "", newError(CodeIncompleteSignature, "The query string is malformed: %v.", err)
	}
	claim, err := parseClaim(r.Header, query)
	if err != nil {
		return "", err
	}
	if claim == nil {
		if !v.AllowUnsigned {
			return "", newError(CodeMissingAuthenticationToken, "The request is not signed.")
		}
		return "", nil
	}

	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	if err := v.checkScope(claim); err != nil {
		return "", err
	}
	if err := claim.checkTime(now()); err != nil {
		return "", err
	}
	credentials, err := v.credentials(claim, now())
	if err != nil {
		return "", err
	}
	headers, err := canonicalHeaders(r, claim.signedHeaders)
	if err != nil {
		return "", err
	}
	for _, path := range canonicalPaths(path) {
		request := strings.Join([]string{
			r.Method, path, canonicalQuery(query), headers, strings.Join(claim.signedHeaders, ";"), payloadHash,
		}, "\n")
		signature := claim.sign(credentials.SecretAccessKey, request)
		if subtle.ConstantTimeCompare([]byte(signature), []byte(claim.signature)) == 1 {
			return claim.accessKeyID, nil
		}
	}
	return "", newError(CodeInvalidSignature,
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
		return aws.Credentials{}, newError(CodeUnrecognizedClient, "The access key id is not known to this service.")
	case subtle.ConstantTimeCompare([]byte(credentials.SessionToken), []byte(c.sessionToken)) != 1:
		return aws.Credentials{}, newError(CodeUnrecognizedClient, "The session token does not belong to the access key.")
	case credentials.CanExpire && !now.Before(credentials.Expires):
		return aws.Credentials{}, newError(CodeExpiredToken, "The session token has expired.")
	}
	return credentials, nil
}

// sign returns the signature of a canonical request.
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
