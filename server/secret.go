package server

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	cryptorand "crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// secretKey is where the secret is kept that all keys of the service derive from. It is in the store, so that page
// tokens and download URLs outlive the process.
const (
	secretKey  = "service/secret"
	secretSize = 32
)

// loadSecret makes what seals page tokens and signs download URLs.
func (s *Service) loadSecret() error {
	var secret []byte
	err := s.store.Update(context.Background(), func(tx storage.Writer) error {
		found, err := tx.Get(secretKey)
		if err != nil {
			return err
		}
		if secret = bytes.Clone(found); secret != nil {
			return nil
		}
		secret = make([]byte, secretSize)
		_, _ = cryptorand.Read(secret) // it does not fail
		return tx.Put(secretKey, secret)
	})
	if err != nil {
		return err
	}
	if s.pages, err = newPageCipher(secret); err != nil {
		return err
	}
	s.downloads, err = newDownloads(secret, &s.settings)
	return err
}

func newPageCipher(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "page tokens", secretSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// downloadKeyID is the access key id in download URLs.
const downloadKeyID = "local-download"

func newDownloads(secret []byte, s *settings) (*sigv4.Downloads, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "download URLs", secretSize)
	if err != nil {
		return nil, err
	}
	return sigv4.NewDownloads(aws.Credentials{
		AccessKeyID: downloadKeyID, SecretAccessKey: hex.EncodeToString(key),
	}, s.region, s.clock), nil
}
