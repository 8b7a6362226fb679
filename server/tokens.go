package server

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// tokenLife is how long the service remembers a client token.
const tokenLife = 24 * time.Hour

// clientToken is what makes a request idempotent.
type clientToken struct {
	value  string // empty when the request has none
	key    string
	record tokenRecord
	known  bool
}

type tokenRecord struct {
	// Request is the digest of the parameters.
	Request string
	Expires time.Time

	// Made is the name or id of what the request made.
	Made string
}

// clientToken looks the token of a request up among those of the operation. Params are its parameters without the token; a
// token that came with other ones, those for another game too, is a conflict.
func (c *call) clientToken(value *string, params any) (*clientToken, error) {
	if value == nil {
		return &clientToken{}, nil
	}
	text, err := json.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("digest of request: %w", err)
	}
	sum := sha256.Sum256(text)
	t := &clientToken{
		value:  *value,
		key:    c.tokenKey(c.op.Name, *value),
		record: tokenRecord{Request: hex.EncodeToString(sum[:]), Expires: c.now.Add(tokenLife)},
	}
	found, err := load[tokenRecord](c, t.key)
	if err != nil || found == nil || !c.now.Before(found.Expires) {
		return t, err
	}
	if found.Request != t.record.Request {
		return nil, conflict("The client token was used with other parameters.")
	}
	t.known, t.record = true, *found
	return t, nil
}

// tokenKey hashes the token, which may hold any characters, slashes too.
func (c *call) tokenKey(operation, token string) string {
	sum := sha256.Sum256([]byte(token))
	return c.key("token", operation, hex.EncodeToString(sum[:]))
}

// repeats reports whether the request made something already: what was made with that token.
func (t *clientToken) repeats(madeWith string) bool { return t.known && t.value == madeWith }

// saveClientToken remembers what the request made.
func (c *call) saveClientToken(t *clientToken, made string) error {
	if t.value == "" {
		return nil
	}
	t.record.Made = made
	if err := c.bury(t.key, t.record.Expires); err != nil {
		return err
	}
	return save(c, t.key, &t.record)
}

// forgetClientToken forgets the token that an operation made something with when that is deleted. After its time the token may
// have made something else, for which it is still remembered.
func (c *call) forgetClientToken(operation, token, made string) error {
	if token == "" {
		return nil
	}
	key := c.tokenKey(operation, token)
	record, err := load[tokenRecord](c, key)
	if err != nil || record == nil || record.Made != made {
		return err
	}
	return c.w.Delete(key)
}
