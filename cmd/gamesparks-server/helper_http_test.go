package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/cmd/internal/buildinfo"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	resp, body := fetch(t, http.DefaultClient, url)
	return resp.StatusCode, body
}

// waitFor repeats a request until it has the expected response: the server shares the result of a write for a second.
func waitFor(t *testing.T, server *process, path string, wantStatus int, wantBody string) {
	t.Helper()
	tick := time.Tick(10 * time.Millisecond)
	for start := time.Now(); ; <-tick {
		status, body := get(t, server.endpoint+path)
		if status == wantStatus && body == wantBody {
			return
		}
		if time.Since(start) > time.Minute {
			t.Fatalf("%s: status %d, body %q; want %d and %q", path, status, body, wantStatus, wantBody)
		}
	}
}

// readMetrics returns the metrics without labels.
func readMetrics(t *testing.T, server *process) map[string]float64 {
	t.Helper()
	_, body := get(t, server.endpoint+"/metrics")
	metrics := map[string]float64{}
	for line := range strings.Lines(body) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		if value, err := strconv.ParseFloat(text, 64); err == nil {
			metrics[name] = value
		}
	}
	for name := range metrics {
		if !strings.HasPrefix(name, "gamesparks_commit_") && name != "gamesparks_data_bytes" || strings.Contains(name, "{") {
			delete(metrics, name)
		}
	}
	return metrics
}

// testServer is the handler of a server in the process of the test, with the default access key.
type testServer struct {
	config  *config
	service *server.Service
	handler http.Handler
}

func newTestServer(t *testing.T, store storage.Store) *testServer {
	t.Helper()
	service, err := server.New(server.WithStore(store))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &config{Addr: "127.0.0.1:0", Region: "us-east-1", Account: "123456789012", AccessKey: defaultKey, SecretKey: defaultKey}
	keys, err := newAccessKeys(c)
	if err != nil {
		t.Fatal(err)
	}
	return &testServer{c, service, newHandler(c, keys, service, store, newMetrics(buildinfo.Info{}))}
}
