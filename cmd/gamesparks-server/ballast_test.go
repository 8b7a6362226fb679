package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestGarbageCollections checks that a server with few live objects seldom collects garbage.
func TestGarbageCollections(t *testing.T) {
	t.Parallel()
	server := startWithEnv(t, []string{"GODEBUG=gctrace=1"}, "--anonymous", "--log-level=error")
	collections := func() int { return strings.Count(server.stderr.String(), "\ngc ") }
	before := collections()
	for range 6000 {
		if resp, _ := fetch(t, http.DefaultClient, server.endpoint+"/game"); resp.StatusCode != http.StatusOK {
			t.Fatal(resp.Status)
		}
	}
	n := collections() - before
	t.Logf("%d collections", n)
	if n > 4 {
		t.Errorf("6,000 requests caused %d garbage collections, want at most 4", n)
	}
}
