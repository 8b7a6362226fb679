package controlplane

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
)

// defaultPageSize is the number of items per page unless the caller sets MaxResults.
const defaultPageSize = 50

// listPage returns the page that starts after the item that the token identifies, and the token for the next page, which
// is nil on the last page. The function item converts a record to an item; it returns false if the record must not be
// listed. A page reflects the records at the time of the call. Items that are added or removed between pages never cause
// another item to be repeated or skipped.
func listPage[Record, Item any](
	c *call, set records.Set[Record], maxResults *int32, token *string, item func(*Record) (Item, bool),
) (items []Item, next *string, err error) {
	after := ""
	if token != nil {
		if after, err = c.openPageToken(set.Prefix(), *token); err != nil {
			return nil, nil, err
		}
	}
	limit := defaultPageSize
	if maxResults != nil {
		limit = int(*maxResults)
	}
	items = []Item{}
	lastID := ""
	for entry, err := range set.List(after) {
		if err != nil {
			return nil, nil, err
		}
		it, ok := item(entry.Record)
		switch {
		case !ok:
			continue
		case len(items) == limit:
			next := c.sealPageToken(set.Prefix(), lastID)
			return items, &next, nil
		}
		items, lastID = append(items, it), entry.ID
	}
	return items, nil, nil
}

// A page token is the encrypted id of the last item on a page. It is bound to the operation and to the prefix of the
// listed records.

func newPageCipher(secret []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "page tokens", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func (c *call) sealPageToken(prefix, lastID string) string {
	return base64.RawURLEncoding.EncodeToString(c.pages.Seal(nil, nil, []byte(lastID), c.pageContext(prefix)))
}

func (c *call) openPageToken(prefix, token string) (lastID string, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	// The decoder also accepts other encodings of the same bytes, such as one with line breaks.
	if err == nil && base64.RawURLEncoding.EncodeToString(sealed) == token {
		if id, err := c.pages.Open(nil, nil, sealed, c.pageContext(prefix)); err == nil {
			return string(id), nil
		}
	}
	return "", invalid("NextToken is not a token that this operation returned for these parameters.")
}

func (c *call) pageContext(prefix string) []byte { return []byte(c.op.Name + " " + prefix) }
