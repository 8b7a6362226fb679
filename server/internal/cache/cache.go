// Package cache keeps results that are expensive to build in memory, up to a total size.
package cache

import (
	"container/list"
	"context"
	"sync"
)

// Cache maps keys to byte slices. It removes the least recently used values to keep their total size within a limit. It is
// safe for concurrent use. [New] creates it.
type Cache struct {
	limit int

	mu      sync.Mutex
	size    int
	recent  *list.List // of *entry, most recently used first
	entries map[string]*list.Element
	builds  map[string]chan struct{} // closed when the build of the key has finished
}

type entry struct {
	key   string
	value []byte
}

// New returns a cache for values of at most limit bytes in total.
func New(limit int) *Cache {
	return &Cache{limit: limit, recent: list.New(), entries: map[string]*list.Element{}, builds: map[string]chan struct{}{}}
}

// Get returns the value of the key. If the cache does not have it, Get calls build and stores the result, unless it is
// larger than the limit. At most one build runs for each key; other callers wait for it or until their context is done. Errors
// are not stored. The caller must not modify the value.
func (c *Cache) Get(ctx context.Context, key string, build func() ([]byte, error)) ([]byte, error) {
	for {
		value, ok, building := c.lookUp(key)
		if ok {
			return value, nil
		}
		if building == nil {
			return c.build(key, build)
		}
		select {
		case <-building:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// lookUp returns the value of the key if the cache has it. Otherwise, it returns the channel of a build in progress, or nil
// if the caller must build the value.
func (c *Cache) lookUp(key string) (value []byte, ok bool, building <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.entries[key]; ok {
		c.recent.MoveToFront(element)
		return element.Value.(*entry).value, true, nil
	}
	if building, ok := c.builds[key]; ok {
		return nil, false, building
	}
	c.builds[key] = make(chan struct{})
	return nil, false, nil
}

func (c *Cache) build(key string, build func() ([]byte, error)) (value []byte, err error) {
	built := false
	defer func() { // also if build panics
		c.mu.Lock()
		defer c.mu.Unlock()
		close(c.builds[key])
		delete(c.builds, key)
		if built {
			c.add(key, value)
		}
	}()
	value, err = build()
	built = err == nil
	return value, err
}

func (c *Cache) add(key string, value []byte) {
	if len(value) > c.limit {
		return
	}
	c.entries[key] = c.recent.PushFront(&entry{key, value})
	c.size += len(value)
	for c.size > c.limit {
		oldest := c.recent.Remove(c.recent.Back()).(*entry)
		delete(c.entries, oldest.key)
		c.size -= len(oldest.value)
	}
}
