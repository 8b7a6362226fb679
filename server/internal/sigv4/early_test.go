package sigv4_test

import (
	"encoding/hex"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
)

// TestSignedContentHash checks that Check verifies the signature of a request with a signed hash of its body, and that
// Verify then still compares the body with the hash.
func TestSignedContentHash(t *testing.T) {
	t.Parallel()
	const body = `{"GameName":"chess"}`
	hash := hashOf(body)
	for _, tc := range []struct {
		name         string
		secret       string
		header       string // X-Amz-Content-Sha256
		late         bool   // the header is added after the request is signed
		body         string // the body that is received
		check        string // code of the error of Check
		wantVerified bool
		verify       string // code of the error of Verify
	}{
		{name: "no hash", body: body},
		{name: "hash", header: hex.EncodeToString(hash[:]), body: body, wantVerified: true},
		{name: "other body", header: hex.EncodeToString(hash[:]), body: "{}", wantVerified: true, verify: "InvalidSignatureException"},
		{name: "other body without hash", body: "{}", verify: "InvalidSignatureException"},
		{name: "wrong secret", header: hex.EncodeToString(hash[:]), secret: "other", body: body, check: "InvalidSignatureException"},
		{name: "wrong secret without hash", secret: "other", body: body, verify: "InvalidSignatureException"},
		{name: "hash that is not signed", header: hex.EncodeToString(hash[:]), late: true, body: body},
		{name: "hash of another body that is not signed", header: hex.EncodeToString(make([]byte, 32)), late: true, body: body},
		{name: "not a hash", header: "UNSIGNED-PAYLOAD", body: body},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCall()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/game", nil)
			if err != nil {
				t.Fatal(err)
			}
			if tc.header != "" && !tc.late {
				r.Header.Set("X-Amz-Content-Sha256", tc.header)
			}
			signer := aws.Credentials{AccessKeyID: c.credentials.AccessKeyID, SecretAccessKey: c.credentials.SecretAccessKey}
			if tc.secret != "" {
				signer.SecretAccessKey = tc.secret
			}
			verifier := newVerifier()
			if err := v4.NewSigner().SignHTTP(t.Context(), signer, r, hex.EncodeToString(hash[:]), service, region, verifierTime(verifier)); err != nil {
				t.Fatal(err)
			}
			if tc.late {
				r.Header.Set("X-Amz-Content-Sha256", tc.header)
			}
			signature, err := verifier.Check(r)
			if got := errorCode(err); got != tc.check {
				t.Fatalf("Check: error = %v, want code %q", err, tc.check)
			}
			if err != nil {
				return
			}
			if signature.Verified != tc.wantVerified {
				t.Errorf("Verified = %t, want %t", signature.Verified, tc.wantVerified)
			}
			if err := signature.Verify(hashOf(tc.body)); errorCode(err) != tc.verify {
				t.Errorf("Verify: error = %v, want code %q", err, tc.verify)
			}
		})
	}
}

// verifierTime returns the time of the verifier's clock.
func verifierTime(v *sigv4.Verifier) time.Time {
	if v.Now == nil {
		return time.Now()
	}
	return v.Now()
}

// errorCode returns the code of a *sigv4.Error, and "" for nil.
func errorCode(err error) string {
	var rejected *sigv4.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &rejected):
		return rejected.Code
	}
	return err.Error()
}
