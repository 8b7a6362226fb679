package controlplane

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
)

// tokenLifetime is how long the service remembers an idempotency token.
const tokenLifetime = 24 * time.Hour

// idempotencyToken is the ClientToken of a request.
type idempotencyToken struct {
	value  string // empty if the request has none
	record records.IdempotencyToken
	used   bool // whether an earlier request used the token with the same parameters
}

// idempotencyToken looks up the client token of a request to the operation. The parameters of the request, without the
// token, are in params. Reusing a token with different parameters, such as another game, is a conflict.
func (c *call) idempotencyToken(value *string, params any) (*idempotencyToken, error) {
	if value == nil {
		return &idempotencyToken{}, nil
	}
	text, err := json.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("compute request digest: %w", err)
	}
	sum := sha256.Sum256(text)
	digest := hex.EncodeToString(sum[:])
	found, err := c.tx.IdempotencyToken(c.op.Name, *value)
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return &idempotencyToken{
			value:  *value,
			record: records.IdempotencyToken{RequestDigest: digest, ExpiresAt: c.now.Add(tokenLifetime)},
		}, nil
	case found.RequestDigest != digest:
		return nil, conflict("The client token was already used with different parameters.")
	}
	return &idempotencyToken{value: *value, record: *found, used: true}, nil
}

// repeats reports whether the request repeats the one that created the resource with which resourceToken is stored.
func (t *idempotencyToken) repeats(resourceToken string) bool {
	return t.used && t.value == resourceToken
}

// saveIdempotencyToken records the resource that the request created.
func (c *call) saveIdempotencyToken(t *idempotencyToken, resource records.ResourceRef) error {
	if t.value == "" {
		return nil
	}
	t.record.Resource = resource
	return c.tx.PutIdempotencyToken(c.op.Name, t.value, &t.record)
}
