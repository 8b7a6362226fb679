package postgres

import (
	"iter"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// writer is the [storage.Writer] of a batch. One statement writes the values of all updates.
type writer struct {
	*storage.Buffer
	c *connection
}

func newWriter(c *connection) writer {
	return writer{storage.NewBuffer(newCachingReader(c)), c}
}

// Now implements [storage.Timed]. The updates of a batch have the same time.
func (w writer) Now() time.Time { return w.c.now }

// writes returns the keys to remove, and the keys to put with their values.
func (w writer) writes() (removed, keys, values [][]byte) {
	for key, value := range w.Writes() {
		if value == nil {
			removed = append(removed, []byte(key))
		} else {
			keys, values = append(keys, []byte(key)), append(values, value)
		}
	}
	return removed, keys, values
}

// cachingReader caches the values that Get has read from the database, and the results of short scans. Many updates of a batch
// read the same. The locks keep other transactions from changing what has been read.
type cachingReader struct {
	*connection
	read  map[string][]byte
	scans map[storage.Range][]storage.Entry
}

func newCachingReader(c *connection) *cachingReader {
	r := &cachingReader{c, map[string][]byte{}, map[storage.Range][]storage.Entry{}}
	add(r.read, c.prefetch, c.prefetched)
	return r
}

// Get implements [storage.Reader].
func (r *cachingReader) Get(key string) (value []byte, err error) {
	if value, ok := r.read[key]; ok {
		return value, nil
	}
	value, err = r.connection.Get(key)
	if err == nil {
		r.read[key] = value
	}
	return value, err
}

// Scan implements [storage.Reader].
func (r *cachingReader) Scan(keys storage.Range) iter.Seq2[storage.Entry, error] {
	if keys.Limit <= 0 || keys.Limit > firstChunk {
		return r.connection.Scan(keys)
	}
	return func(yield func(storage.Entry, error) bool) {
		entries, ok := r.scans[keys]
		if !ok {
			var err error
			if entries, err = r.chunk(keys, keys.Limit); err != nil {
				yield(storage.Entry{}, err)
				return
			}
			r.scans[keys] = entries
		}
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Prefetch implements [storage.Prefetcher].
func (r *cachingReader) Prefetch(keys []string) error {
	var unread [][]byte
	for _, key := range keys {
		if _, ok := r.read[key]; !ok {
			unread = append(unread, []byte(key))
		}
	}
	if len(unread) == 0 {
		return nil
	}
	found, err := r.list(unread)
	if err != nil {
		return err
	}
	add(r.read, unread, found)
	return nil
}
