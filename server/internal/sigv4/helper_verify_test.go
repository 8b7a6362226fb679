package sigv4_test

import (
	"crypto/sha256"
	"net/http"

	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
)

// verify checks the headers of a request and then verifies the signature with the hash of the body. It returns the access
// key id.
func verify(v *sigv4.Verifier, r *http.Request, payload [sha256.Size]byte) (accessKeyID string, err error) {
	signature, err := v.Check(r)
	if err != nil {
		return "", err
	}
	if err := signature.Verify(payload); err != nil {
		return "", err
	}
	return signature.AccessKeyID, nil
}
