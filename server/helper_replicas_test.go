package server_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
)

// newReplicas is like newEnv, with three servers on one database. The client sends each request to the next server.
func newReplicas(t *testing.T, opts ...server.Option) *env {
	t.Helper()
	e := &env{T: t, ctx: t.Context(), clock: &clock{now: time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC)}}
	schema := newSchema()
	for range 3 {
		e.replicas = append(e.replicas, e.start(append([]server.Option{server.WithStore(openSchema(t, schema))}, opts...)...))
	}
	e.srv = e.replicas[0]
	e.Client = e.srv.Client(e.strict, func(o *gamesparks.Options) { o.HTTPClient = roundRobin(e.replicas) })
	return e
}

// roundRobin returns a client that sends each request to the next server. The host of the request remains that of its URL,
// as behind a load balancer.
func roundRobin(servers []*server.Server) *http.Client {
	var next atomic.Uint64
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, // each request has a connection of its own
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			srv := servers[next.Add(1)%uint64(len(servers))]
			return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(srv.URL, "http://"))
		},
	}}
}
