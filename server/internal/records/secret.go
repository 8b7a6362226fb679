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

// Secret returns the secret from which all keys of the service are derived. The first call creates it. Later calls only
// read, so that a service can start on a full disk.
func Secret(ctx context.Context, store storage.Store) (secret []byte, err error) {
	read := func(tx storage.Reader) error {
		found, err := tx.Get(secretKey)
		secret = bytes.Clone(found)
		return err
	}
	if err := store.View(ctx, read); err != nil || secret != nil {
		return secret, err
	}
	err = store.Update(ctx, func(tx storage.Writer) error {
		if err := read(tx); err != nil || secret != nil {
			return err
		}
		secret = make([]byte, secretSize)
		_, _ = cryptorand.Read(secret) // never fails
		return tx.Put(secretKey, secret)
	})
	return secret, err
}
