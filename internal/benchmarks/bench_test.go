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
	b.Run("sdk", func(b *testing.B) { bench(b, sdkGetGame(newSDK(client))) })
	b.Run("v1", func(b *testing.B) { bench(b, v1GetGame(newV1(client))) })
}

func BenchmarkNotFound(b *testing.B) {
	client := respond(http.StatusNotFound, []byte(notFound), "X-Amzn-ErrorType", "ResourceNotFoundException")
	b.Run("sdk", func(b *testing.B) { bench(b, sdkNotFound(newSDK(client))) })
	b.Run("v1", func(b *testing.B) { bench(b, v1NotFound(newV1(client))) })
}

func BenchmarkListGames(b *testing.B) {
	client := respond(http.StatusOK, gamesPage())
	b.Run("sdk", func(b *testing.B) { bench(b, sdkListGames(newSDK(client))) })
	b.Run("v1", func(b *testing.B) { bench(b, v1ListGames(newV1(client))) })
}

func BenchmarkGetSnapshot(b *testing.B) {
	client := respond(http.StatusOK, snapshot())
	b.Run("sdk", func(b *testing.B) { bench(b, sdkGetSnapshot(newSDK(client))) })
	b.Run("decoded", func(b *testing.B) { bench(b, sdkDecodeSnapshot(newSDK(client))) })
	b.Run("v1", func(b *testing.B) { bench(b, v1GetSnapshot(newV1(client))) })
}

func BenchmarkUpdate(b *testing.B) {
	client := respond(http.StatusOK, []byte(configuration))
	b.Run("sdk", func(b *testing.B) { bench(b, sdkUpdate(newSDK(client))) })
	b.Run("handwritten", func(b *testing.B) { bench(b, handwrittenUpdate(client)) })
}

func BenchmarkImport(b *testing.B) {
	client, file := respond(http.StatusOK, []byte(configuration)), configurationFile()
	b.Run("sdk", func(b *testing.B) { bench(b, sdkImport(newSDK(client), file)) })
	b.Run("v1", func(b *testing.B) { bench(b, v1Import(newV1(client), file)) })
}

func BenchmarkLoopback(b *testing.B) {
	l := startLoopback(nil)
	defer l.close()
	for i, name := range [...]string{"sdk", "v1", "lambda", "floor"} {
		b.Run(name, func(b *testing.B) {
			timePerCall(1, 1, l.calls[i]) // opens the connection
			bench(b, l.calls[i])
		})
	}
}

// TestFloorRequest checks that the bare request has the same headers as a request from this SDK.
func TestFloorRequest(t *testing.T) {
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
	sent = nil // drop the request that provides the headers of the floor
	l.calls[loopbackSDK]()
	l.calls[loopbackFloor]()
	if len(sent) != 2 || sent[0] != sent[1] {
		t.Errorf("requests differ:\n%s", strings.Join(sent, "\n"))
	}
}

// TestRequestBodies checks that the clients send equal requests in the benchmarks with a request body.
func TestRequestBodies(t *testing.T) {
	sent := func(newCall func(*http.Client) func()) (method, url string, body any) {
		client := &http.Client{Transport: roundTripFunc(func(r *http.Request) (*http.Response, error) {
			method, url = r.Method, r.URL.String()
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			return respond(http.StatusOK, []byte(configuration)).Transport.RoundTrip(r)
		})}
		newCall(client)()
		return method, url, body
	}
	file := configurationFile()
	for name, pair := range map[string][2]func(*http.Client) func(){
		"Update": {func(c *http.Client) func() { return sdkUpdate(newSDK(c)) }, handwrittenUpdate},
		"Import": {
			func(c *http.Client) func() { return sdkImport(newSDK(c), file) },
			func(c *http.Client) func() { return v1Import(newV1(c), file) },
		},
	} {
		method, url, body := sent(pair[0])
		method2, url2, body2 := sent(pair[1])
		if method != method2 || url != url2 || body == nil || !reflect.DeepEqual(body, body2) {
			t.Errorf("%s: %s %s and %s %s differ in method, URL or body", name, method, url, method2, url2)
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

// TestMain allocates the ballast, so that profiles of the benchmarks match the measurements that main takes.
func TestMain(m *testing.M) {
	os.Unsetenv("AWS_CA_BUNDLE")
	heap := make([]byte, ballast)
	code := m.Run()
	runtime.KeepAlive(heap)
	os.Exit(code)
}
