package cache_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server/internal/cache"
)

// TestEviction checks that the least recently used values are removed, and that a value over the limit is not stored.
func TestEviction(t *testing.T) {
	t.Parallel()
	c := cache.New(10, length)
	var builds []string
	for _, get := range []struct {
		key  string
		size int
	}{{"a", 4}, {"b", 4}, {"a", 4}, {"c", 4}, {"a", 4}, {"b", 4}, {"large", 11}, {"large", 11}, {"b", 4}, {"full", 10}, {"full", 10}, {"b", 4}} {
		value, err := c.Get(t.Context(), get.key, func() ([]byte, error) {
			builds = append(builds, get.key)
			return []byte(strings.Repeat(get.key[:1], get.size)), nil
		})
		if err != nil || string(value) != strings.Repeat(get.key[:1], get.size) {
			t.Errorf("%s: got %q, error %v", get.key, value, err)
		}
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "b", "large", "large", "full", "b"}, builds); diff != "" {
		t.Errorf("builds (-want +got):\n%s", diff)
	}
}

// TestRemove checks that a removed value is built again, and that its size no longer counts.
func TestRemove(t *testing.T) {
	t.Parallel()
	c := cache.New(10, length)
	var builds []string
	get := func(key string, size int) {
		t.Helper()
		if _, err := c.Get(t.Context(), key, func() ([]byte, error) {
			builds = append(builds, key)
			return make([]byte, size), nil
		}); err != nil {
			t.Error(err)
		}
	}
	c.Put("a", make([]byte, 6))
	get("b", 4)
	c.Remove("a")
	c.Remove("a")
	c.Remove("missing")
	get("c", 6) // fits next to b
	get("b", 4)
	get("a", 6)
	if diff := cmp.Diff([]string{"b", "c", "a"}, builds); diff != "" {
		t.Errorf("builds (-want +got):\n%s", diff)
	}
}

// TestOneBuild checks that concurrent callers share a build.
func TestOneBuild(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(100, length)
		var builds atomic.Int64
		finish := make(chan struct{})
		get := func(ctx context.Context) ([]byte, error) {
			return c.Get(ctx, "a", func() ([]byte, error) {
				builds.Add(1)
				<-finish
				return []byte("value"), nil
			})
		}
		var callers sync.WaitGroup
		for range 10 {
			callers.Go(func() {
				if value, err := get(t.Context()); err != nil || string(value) != "value" {
					t.Errorf("got %q, error %v", value, err)
				}
			})
		}
		synctest.Wait()
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := get(canceled); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled caller: got error %v", err)
		}
		close(finish)
		callers.Wait()
		if n := builds.Load(); n != 1 {
			t.Errorf("%d builds, want 1", n)
		}
	})
}

// TestFailedBuilds checks that errors and panics are not stored, and that waiting callers then build the value.
func TestFailedBuilds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := cache.New(100, length)
		fail := errors.New("failed")
		begun, finish := make(chan struct{}), make(chan struct{})
		first := make(chan error)
		go func() {
			_, err := c.Get(t.Context(), "a", func() ([]byte, error) {
				close(begun)
				<-finish
				return []byte("partial"), fail
			})
			first <- err
		}()
		<-begun
		second := make(chan string)
		go func() {
			value, err := c.Get(t.Context(), "a", func() ([]byte, error) { return []byte("value"), nil })
			second <- fmt.Sprint(string(value), err)
		}()
		synctest.Wait()
		close(finish)
		if err := <-first; err != fail {
			t.Errorf("got error %v, want %v", err, fail)
		}
		if got := <-second; got != "value<nil>" {
			t.Errorf("the waiting caller got %s", got)
		}
		func() {
			defer func() { _ = recover() }()
			_, _ = c.Get(t.Context(), "b", func() ([]byte, error) { panic("bug") })
		}()
		value, err := c.Get(t.Context(), "b", func() ([]byte, error) { return []byte("value"), nil })
		if err != nil || string(value) != "value" {
			t.Errorf("after a panic: got %q, error %v", value, err)
		}
	})
}

func length(value []byte) int { return len(value) }

func TestPut(t *testing.T) {
	t.Parallel()
	c := cache.New(10, length)
	c.Put("a", []byte("12345"))
	c.Put("b", []byte("12345"))
	c.Put("a", []byte("12345")) // now the most recently used
	c.Put("c", []byte("12345"))
	for key, want := range map[string]bool{"a": true, "b": false, "c": true} {
		cached := true
		_, err := c.Get(t.Context(), key, func() ([]byte, error) {
			cached = false
			return []byte("a value that is larger than the limit"), nil
		})
		if err != nil || cached != want {
			t.Errorf("key %s: cached = %v, error %v; want %v", key, cached, err, want)
		}
	}
}
