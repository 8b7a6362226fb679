// Command httpclient sends requests through a proxy, with an HTTP client that has its own limits.
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
	ctx := context.Background()
	srv, err := server.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()

	// A forward proxy that counts: a request to it has the whole URL of its target.
	var proxied atomic.Int64
	forward := &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) { proxied.Add(1) }}
	proxy := httptest.NewServer(forward)
	defer proxy.Close()
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		log.Fatal(err)
	}

	// This client of aws-sdk-go-v2 is the default, here with other settings. Any type with a Do method will do, an
	// *http.Client as well. TLS settings belong to the transport, too.
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
			log.Fatal(err)
		}
	}
	fmt.Println("requests through the proxy:", proxied.Load())

	// For a single call, a functional option is enough.
	if _, err := client.ListGames(ctx, nil, func(o *gamesparks.Options) { o.HTTPClient = http.DefaultClient }); err != nil {
		log.Fatal(err)
	}
	fmt.Println("and past it:", proxied.Load())
}
