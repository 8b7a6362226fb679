package main

import (
	"net/http"
	"os"
	"runtime"
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
