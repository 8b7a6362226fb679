package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func BenchmarkGetGame(b *testing.B) {
	client := respond(http.StatusOK, []byte(game))
	b.Run("ours", func(b *testing.B) { bench(b, oursGetGame(ours(client))) })
	b.Run("v1", func(b *testing.B) { bench(b, v1GetGame(v1(client))) })
}

func BenchmarkNotFound(b *testing.B) {
	client := respond(http.StatusNotFound, []byte(notFound), "X-Amzn-ErrorType", "ResourceNotFoundException")
	b.Run("ours", func(b *testing.B) { bench(b, oursNotFound(ours(client))) })
	b.Run("v1", func(b *testing.B) { bench(b, v1NotFound(v1(client))) })
}

func BenchmarkListGames(b *testing.B) {
	client := respond(http.StatusOK, gamesPage())
	b.Run("ours", func(b *testing.B) { bench(b, oursListGames(ours(client))) })
	b.Run("v1", func(b *testing.B) { bench(b, v1ListGames(v1(client))) })
}

func BenchmarkGetSnapshot(b *testing.B) {
	client := respond(http.StatusOK, snapshot())
	b.Run("ours", func(b *testing.B) { bench(b, oursGetSnapshot(ours(client))) })
	b.Run("decoded", func(b *testing.B) { bench(b, oursDecodeSnapshot(ours(client))) })
	b.Run("v1", func(b *testing.B) { bench(b, v1GetSnapshot(v1(client))) })
}

func BenchmarkUpdate(b *testing.B) {
	client := respond(http.StatusOK, []byte(configuration))
	b.Run("ours", func(b *testing.B) { bench(b, oursUpdate(ours(client))) })
	b.Run("byhand", func(b *testing.B) { bench(b, byHandUpdate(client)) })
}

func BenchmarkImport(b *testing.B) {
	client, file := respond(http.StatusOK, []byte(configuration)), configurationFile()
	b.Run("ours", func(b *testing.B) { bench(b, oursImport(ours(client), file)) })
	b.Run("v1", func(b *testing.B) { bench(b, v1Import(v1(client), file)) })
}

func BenchmarkLoopback(b *testing.B) {
	l := startLoopback(nil)
	defer l.close()
	for i, name := range [...]string{"ours", "v1", "lambda", "floor"} {
		b.Run(name, func(b *testing.B) {
			timePerCall(1, 1, l.calls[i]) // connects
			bench(b, l.calls[i])
		})
	}
}

// TestFloorSendsTheSame shows that the bare request has the headers of this client's.
func TestFloorSendsTheSame(t *testing.T) {
	var sent []string
	l := startLoopback(func(r *http.Request) {
		var b strings.Builder
		fmt.Fprintln(&b, r.Method, r.URL, r.Host)
		for _, key := range slices.Sorted(maps.Keys(r.Header)) {
			fmt.Fprintln(&b, key, len(r.Header.Get(key)))
		}
		sent = append(sent, b.String())
	})
	defer l.close()
	sent = nil // the request that the floor takes its headers from
	l.calls[loopbackOurs]()
	l.calls[loopbackFloor]()
	if len(sent) != 2 || sent[0] != sent[1] {
		t.Errorf("requests differ:\n%s", strings.Join(sent, "\n"))
	}
}

// TestContestantsSendTheSame shows that the contestants of the cases with bodies do the same work.
func TestContestantsSendTheSame(t *testing.T) {
	sent := func(contestant func(*http.Client) func()) (method, url string, body any) {
		client := &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
			method, url = r.Method, r.URL.String()
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			return respond(http.StatusOK, []byte(configuration)).Transport.RoundTrip(r)
		})}
		contestant(client)()
		return method, url, body
	}
	file := configurationFile()
	for name, pair := range map[string][2]func(*http.Client) func(){
		"Update": {func(c *http.Client) func() { return oursUpdate(ours(c)) }, byHandUpdate},
		"Import": {
			func(c *http.Client) func() { return oursImport(ours(c), file) },
			func(c *http.Client) func() { return v1Import(v1(c), file) },
		},
	} {
		method, url, body := sent(pair[0])
		method2, url2, body2 := sent(pair[1])
		if method != method2 || url != url2 || body == nil || !reflect.DeepEqual(body, body2) {
			t.Errorf("%s: %s %s and %s %s, or their bodies, differ", name, method, url, method2, url2)
		}
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func bench(b *testing.B, fn func()) {
	b.ReportAllocs()
	for b.Loop() {
		fn()
	}
}

// TestMain gives the benchmarks the heap that main has, so that a profile of them shows what main measures.
func TestMain(m *testing.M) {
	os.Unsetenv("AWS_CA_BUNDLE")
	heap := make([]byte, ballast)
	code := m.Run()
	runtime.KeepAlive(heap)
	os.Exit(code)
}
