package records

import (
	"bytes"
	"context"
	cryptorand "crypto/rand"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// The secret is stored so that page tokens and download URLs, whose keys are derived from it, remain valid after a
// restart.
const (
	secretKey  = "service/secret"
	secretSize = 32
)

// Secret returns the secret from which all keys of the service are derived. The first call creates it.
func Secret(ctx context.Context, store storage.Store) (secret []byte, err error) {
	err = store.Update(ctx, func(tx storage.Writer) error {
		found, err := tx.Get(secretKey)
		if err != nil {
			return err
		}
		if secret = bytes.Clone(found); secret != nil {
			return nil
		}
		secret = make([]byte, secretSize)
		_, _ = cryptorand.Read(secret) // never fails
		return tx.Put(secretKey, secret)
	})
	return secret, err
}
