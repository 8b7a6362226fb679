package server_test

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
)

// handlerClient is an HTTP client that calls a handler. It keeps the header of the last response.
type handlerClient struct {
	handler http.Handler
	header  http.Header
}

func (c *handlerClient) Do(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI, r.Host = r.URL.RequestURI(), r.URL.Host
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	c.header = w.Header()
	return w.Result(), nil
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, err := server.New(server.WithRateLimit(0.5, 3), server.WithAnonymousAccess(), server.WithCredentials(
			server.Credential{AccessKeyID: "a", SecretAccessKey: "1"}, server.Credential{AccessKeyID: "b", SecretAccessKey: "1"},
		))
		if err != nil {
			t.Fatal(err)
		}
		defer service.Close()
		transport := &handlerClient{handler: service}
		newClient := func(optFns ...func(*gamesparks.Options)) *gamesparks.Client {
			return gamesparks.New(gamesparks.Options{BaseEndpoint: new("http://localhost"), Region: "us-east-1", HTTPClient: transport}, optFns...)
		}
		call := func(client *gamesparks.Client) error {
			_, err := client.ListGames(t.Context(), nil)
			return err
		}
		a, b := newClient(as("a", "1")), newClient(as("b", "1"))

		// Requests with a wrong signature do not count.
		for range 5 {
			if err := call(newClient(as("a", "2"))); err == nil {
				t.Fatal("a wrong signature was accepted")
			}
		}
		for i := range 3 {
			if err := call(a); err != nil {
				t.Fatalf("request %d of the burst: %v", i, err)
			}
		}
		time.Sleep(500 * time.Millisecond) // fake time; 1.5 s remain
		for range 2 {                      // refused requests do not count either
			if err := call(a); !gamesparks.IsThrottled(err) || transport.header.Get("Retry-After") != "2" {
				t.Fatalf("request after the burst: error %v, Retry-After %q; want a ThrottlingException and 2", err, transport.header.Get("Retry-After"))
			}
		}
		for name, client := range map[string]*gamesparks.Client{
			"another key": b, "unsigned": newClient(anonymous, once),
		} {
			if err := call(client); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := service.SetCredentials(server.Credential{AccessKeyID: "a", SecretAccessKey: "1"}); err != nil {
			t.Fatal(err)
		}
		if err := call(a); !gamesparks.IsThrottled(err) {
			t.Errorf("after the access keys were replaced: error %v, want a ThrottlingException", err)
		}

		time.Sleep(2 * time.Second)
		if err := call(a); err != nil {
			t.Errorf("after Retry-After: %v", err)
		}

		// An access key that was removed starts again with a full burst.
		for _, id := range []string{"b", "a"} {
			if err := service.SetCredentials(server.Credential{AccessKeyID: id, SecretAccessKey: "1"}); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			if err := call(a); err != nil {
				t.Errorf("after the key was removed and added: %v", err)
			}
		}

		// A client of the SDK waits for Retry-After and succeeds.
		start := time.Now()
		retrying := newClient(as("a", "1"), func(o *gamesparks.Options) { o.Retryer = nil })
		if err := call(retrying); err != nil || time.Since(start) < 2*time.Second {
			t.Errorf("with retries: error %v after %v, want success after 2s or more", err, time.Since(start))
		}
	})
}

func TestRateLimitInvalid(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		perSecond float64
		burst     int
	}{{0, 1}, {-1, 1}, {math.NaN(), 1}, {math.Inf(1), 1}, {1, 0}, {1, -1}} {
		_, err := server.New(server.WithRateLimit(tc.perSecond, tc.burst))
		if invalid, ok := errors.AsType[*server.OptionError](err); !ok || invalid.Option != "WithRateLimit" {
			t.Errorf("WithRateLimit(%v, %d): error %v, want an OptionError", tc.perSecond, tc.burst, err)
		}
	}
}
