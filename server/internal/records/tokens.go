package records

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// IdempotencyToken is the record of a used ClientToken.
type IdempotencyToken struct {
	// RequestDigest is the digest of the request's parameters.
	RequestDigest string `json:"Request"`

	// ExpiresAt is when the token expires. From then on, it can be reused.
	ExpiresAt time.Time `json:"Expires"`

	// ResourceRef refers to the resource that the request created, by name or id.
	ResourceRef string `json:"Made"`
}

// tokenKey returns the key of an idempotency token. It hashes the token, because the token may contain slashes.
func (tx *Tx) tokenKey(operation, token string) string {
	sum := sha256.Sum256([]byte(token))
	return tx.key("token", operation, hex.EncodeToString(sum[:]))
}

// IdempotencyToken returns the record of a token used with an operation, or nil if the token was not used or has expired.
func (tx *Tx) IdempotencyToken(operation, token string) (*IdempotencyToken, error) {
	record, err := load[IdempotencyToken](tx, tx.tokenKey(operation, token))
	if err != nil || record == nil || tx.expired(record.ExpiresAt) {
		return nil, err
	}
	return record, nil
}

// PutIdempotencyToken writes the record of a token used with an operation, and schedules its removal.
func (tx *Tx) PutIdempotencyToken(operation, token string, record *IdempotencyToken) error {
	key := tx.tokenKey(operation, token)
	if err := tx.scheduleExpiry(key, record.ExpiresAt); err != nil {
		return err
	}
	return save(tx, key, record)
}

// DeleteIdempotencyToken deletes the token with which an operation created a resource. It keeps a token that expired and
// was reused for another resource. It is a no-op if the token is empty.
func (tx *Tx) DeleteIdempotencyToken(operation, token, resourceRef string) error {
	if token == "" {
		return nil
	}
	key := tx.tokenKey(operation, token)
	record, err := load[IdempotencyToken](tx, key)
	if err != nil || record == nil || record.ResourceRef != resourceRef {
		return err
	}
	return tx.writer.Delete(key)
}
