// Command httpclient sends requests through a proxy, with an HTTP client that has its own timeouts and limits.
//
// Look for the number of requests that the proxy receives: three, and still three after a call with another HTTP client.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	srv, err := server.Start()
	if err != nil {
		return err
	}
	defer srv.Close()

	// A forward proxy that counts requests. It needs no target, since requests to a forward proxy have absolute URLs.
	var proxied atomic.Int64
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) { proxied.Add(1) }})
	defer proxy.Close()
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		return err
	}

	// The default HTTP client is a BuildableClient, so this one differs only in the settings below. TLS settings belong
	// in the transport options too. Any type with the method Do works, *http.Client for example.
	httpClient := awshttp.NewBuildableClient().
		WithTimeout(10 * time.Second).
		WithTransportOptions(func(t *http.Transport) {
			t.Proxy = http.ProxyURL(proxyURL)
			t.MaxIdleConnsPerHost = 4
			t.ResponseHeaderTimeout = 5 * time.Second
		})

	client := srv.Client(func(o *gamesparks.Options) {
		o.HTTPClient = httpClient
	})
	for range 3 {
		if _, err := client.ListGames(ctx, &gamesparks.ListGamesInput{}); err != nil {
			return err
		}
	}
	fmt.Println("three calls through the proxy; requests at the proxy:", proxied.Load())

	// A functional option replaces the HTTP client for one call.
	if _, err := client.ListGames(ctx, nil, func(o *gamesparks.Options) { o.HTTPClient = http.DefaultClient }); err != nil {
		return err
	}
	fmt.Println("one call without the proxy; requests at the proxy:", proxied.Load())
	return nil
}
