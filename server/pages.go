package server

import (
	"encoding/base64"
	"strings"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// defaultPage is how many items a page has when the caller does not say.
const defaultPage = 50

// listing is a set of records to list.
type listing struct {
	// prefix is what their keys begin with. Nothing but the rest of a key may follow it.
	prefix string
	// newest lists them in the reverse order of their keys, which for ids is that of their age.
	newest bool
}

// listPage returns the page that begins behind the item that the token names, and the token of the next page, nil when
// there is none. Item makes an item of a record, and refuses one that is not to be listed. A page holds whatever is
// there when it is read: items that come and go between pages make others neither appear twice nor be missed.
func listPage[Record, Item any](
	c *call, l listing, maxResults *int32, token *string, item func(*Record) (Item, bool),
) (items []Item, next *string, err error) {
	keys := storage.Prefix(l.prefix)
	keys.Reverse = l.newest
	if token != nil {
		after, err := c.openPageToken(l, *token)
		if err != nil {
			return nil, nil, err
		}
		if l.newest {
			keys.End = after
		} else {
			keys.Start = after + "\x00"
		}
	}
	limit := defaultPage
	if maxResults != nil {
		limit = int(*maxResults)
	}
	items = []Item{}
	var lastKey string
	for entry, err := range c.tx.Scan(keys) {
		if err != nil {
			return nil, nil, err
		}
		record, err := decode[Record](entry.Key, entry.Value)
		if err != nil {
			return nil, nil, err
		}
		it, ok := item(record)
		switch {
		case !ok:
			continue
		case len(items) == limit:
			next := c.sealPageToken(l, lastKey)
			return items, &next, nil
		}
		items, lastKey = append(items, it), entry.Key
	}
	return items, nil, nil
}

// A page token is the last key of a page, sealed together with the operation and the listing: it opens for those only.

func (c *call) sealPageToken(l listing, lastKey string) string {
	sealed := c.pages.Seal(nil, nil, []byte(strings.TrimPrefix(lastKey, l.prefix)), c.pageContext(l))
	return base64.RawURLEncoding.EncodeToString(sealed)
}

func (c *call) openPageToken(l listing, token string) (lastKey string, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	// The decoder lets other texts than the encoder's pass, with line breaks for example.
	if err == nil && base64.RawURLEncoding.EncodeToString(sealed) == token {
		if rest, err := c.pages.Open(nil, nil, sealed, c.pageContext(l)); err == nil {
			return l.prefix + string(rest), nil
		}
	}
	return "", invalid("NextToken is not a token that this operation returned for these parameters.")
}

func (c *call) pageContext(l listing) []byte { return []byte(c.op.Name + " " + l.prefix) }
