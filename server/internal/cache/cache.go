// Package cache is an in-memory cache, limited by total size, of results that are expensive to build.
package cache

import (
	"container/list"
	"context"
	"sync"
)

// Cache maps keys to values. It removes the least recently used values to keep their total size within a limit. It is
// safe for concurrent use. [New] creates it.
type Cache[V any] struct {
	limit  int
	sizeOf func(V) int

	mu      sync.Mutex
	size    int
	recent  *list.List // of *entry[V], most recently used first
	entries map[string]*list.Element
	builds  map[string]chan struct{} // closed when the build of the key has finished
}

type entry[V any] struct {
	key   string
	value V
}

// New returns a cache for values of at most limit bytes in total. The function sizeOf returns the size of a value.
func New[V any](limit int, sizeOf func(V) int) *Cache[V] {
	return &Cache[V]{limit: limit, sizeOf: sizeOf, recent: list.New(), entries: map[string]*list.Element{}, builds: map[string]chan struct{}{}}
}

// Get returns the value of the key. If the cache does not have it, Get calls build and stores the result, unless it is
// larger than the limit. At most one build runs for each key; other callers wait for it or until their context is done.
// Errors are not stored. The caller must not modify the value.
func (c *Cache[V]) Get(ctx context.Context, key string, build func() (V, error)) (value V, err error) {
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
			return value, context.Cause(ctx)
		}
	}
}

// lookUp returns the value of the key if the cache has it. Otherwise, it returns the channel of a build in progress, or nil
// if the caller must build the value.
func (c *Cache[V]) lookUp(key string) (value V, ok bool, building <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.entries[key]; ok {
		c.recent.MoveToFront(element)
		return element.Value.(*entry[V]).value, true, nil
	}
	if building, ok := c.builds[key]; ok {
		return value, false, building
	}
	c.builds[key] = make(chan struct{})
	return value, false, nil
}

func (c *Cache[V]) build(key string, build func() (V, error)) (value V, err error) {
	built := false
	defer func() { // runs even if build panics
		c.mu.Lock()
		defer c.mu.Unlock()
		close(c.builds[key])
		delete(c.builds, key)
		if _, isStored := c.entries[key]; built && !isStored {
			c.add(key, value)
		}
	}()
	value, err = build()
	built = err == nil
	return value, err
}

// Put stores a value that is already built. Values of the same key must be equal.
func (c *Cache[V]) Put(key string, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.entries[key]; ok {
		c.recent.MoveToFront(element)
		return
	}
	c.add(key, value)
}

// Remove removes the value of a key that will probably not be used again. If the cache does not have it, Remove is a no-op.
func (c *Cache[V]) Remove(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if element, ok := c.entries[key]; ok {
		c.remove(element)
	}
}

func (c *Cache[V]) remove(element *list.Element) {
	e := c.recent.Remove(element).(*entry[V])
	delete(c.entries, e.key)
	c.size -= c.sizeOf(e.value)
}

func (c *Cache[V]) add(key string, value V) {
	if c.sizeOf(value) > c.limit {
		return
	}
	c.entries[key] = c.recent.PushFront(&entry[V]{key, value})
	c.size += c.sizeOf(value)
	for c.size > c.limit {
		c.remove(c.recent.Back())
	}
}
