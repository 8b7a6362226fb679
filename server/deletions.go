package server

import (
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// maxSweep limits what a request removes on the side, so that none pays for thousands of deletions. It is more than a
// request can leave behind, so what is left behind does not pile up.
const maxSweep = 16

// graveTime is a fixed-width format, so that graves are in the order of their times.
const graveTime = "2006-01-02T15:04:05.000Z"

// bury remembers that the record of the key, of what is in state DELETING or of a client token, is to be removed at
// that time. From then on until it is, readers pass over it.
func (c *call) bury(key string, at time.Time) error {
	return c.w.Put(c.key("grave", at.UTC().Format(graveTime), key), nil)
}

// sweep removes records whose time has come, up to a number of them.
func (c *call) sweep(limit int) error {
	graves := storage.Prefix(c.key("grave", ""))
	due := graves.Start
	graves.End = due + c.now.Format(graveTime) + "0" // '0' follows '/', so what is due right now is included
	var found []string
	for entry, err := range c.tx.Scan(graves) {
		if err != nil {
			return err
		}
		if found = append(found, entry.Key); len(found) == limit {
			break
		}
	}
	for _, grave := range found {
		_, key, _ := strings.Cut(strings.TrimPrefix(grave, due), "/")
		if err := c.remove(key); err != nil {
			return err
		}
		if err := c.w.Delete(grave); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes the record of the key if its time has come: a new game or stage may have its name by now, and a token
// may have been used again.
func (c *call) remove(key string) error {
	record, err := load[struct{ Gone, Expires time.Time }](c, key)
	if err != nil || record == nil || !c.isGone(record.Gone) && !c.isGone(record.Expires) {
		return err
	}
	return c.w.Delete(key)
}
