package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks/server"
)

// testRequest sends a signed request to the test API.
func testRequest(t testing.TB, srv *server.Server, key aws.Credentials, method, path, body string) response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(sign(t, r, key, hashOf(body)))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !requestID.MatchString(resp.Header.Get("X-Amzn-RequestId")) {
		t.Errorf("%s %s: response without request ID: %v", method, path, resp.Header)
	}
	return response{resp.StatusCode, resp.Header.Get("X-Amzn-ErrorType"), string(text), resp.Header}
}

// mustTest sends a request to the test API with the default access key, and decodes the response.
func mustTest[Out any](t testing.TB, srv *server.Server, method, path, body string) (out Out) {
	t.Helper()
	resp := testRequest(t, srv, local, method, path, body)
	if resp.status != http.StatusOK {
		t.Fatalf("%s %s: status %d, body %s", method, path, resp.status, resp.body)
	}
	if err := json.Unmarshal([]byte(resp.body), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// object is a JSON object.
type object = map[string]any
