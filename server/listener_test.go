package server_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// TestHTTPErrors checks the responses to requests that net/http rejects before it calls the service.
func TestHTTPErrors(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	const malformed = "MalformedHttpRequestException"
	for name, tc := range map[string]struct {
		request string
		status  int
		code    string
		message string
	}{
		"bad escape in the path": {"GET /game/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, malformed, "escapes in its path"},
		"not HTTP":               {"hello\r\n\r\n", 400, malformed, "not valid HTTP"},
		"no host":                {"GET /game HTTP/1.1\r\n\r\n", 400, malformed, "missing required Host header"},
		"malformed host":         {"GET /game HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, malformed, "malformed Host header"},
		"malformed header":       {"GET /game HTTP/1.1\r\nHost: localhost\r\nA B: c\r\n\r\n", 400, malformed, "invalid header name"},
		"two lengths":            {"POST /game HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, malformed, "headers"},
		"transfer encoding":      {"POST /game HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501, malformed, "not valid HTTP"},
		"version":                {"GET /game HTTP/3.0\r\nHost: localhost\r\n\r\n", 505, malformed, "unsupported protocol version"},
		"large header": {"GET /game HTTP/1.1\r\nHost: localhost\r\nX-Large: " + strings.Repeat("x", http.DefaultMaxHeaderBytes+8192) + "\r\n\r\n",
			431, "RequestHeaderFieldsTooLargeException", "--max-header"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			c := &rawClient{Conn: conn, t: t, response: bufio.NewReader(conn)}
			_, _ = c.Write([]byte(tc.request)) // fails if the server responds before it has read the whole request
			got := c.receive()
			if got.status != tc.status || got.code != tc.code || !strings.Contains(got.body, tc.message) || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("got %d %v %s, want %d %s with a message that contains %q", got.status, got.header, got.body, tc.status, tc.code, tc.message)
			}
			if text := fmt.Sprint(c.response.ReadByte()); !strings.Contains(text, "EOF") && !strings.Contains(text, "reset") {
				t.Errorf("after the response: %s, want a closed connection", text)
			}
		})
	}
}

// TestTLSErrorListener checks that a client that does not complete its handshake does not delay others, and that requests
// are served with HTTP/1 and HTTP/2.
func TestTLSErrorListener(t *testing.T) {
	t.Parallel()
	service := newService(t)
	reference := httptest.NewTLSServer(service) // for its certificate
	t.Cleanup(reference.Close)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := server.TLSErrorListener(inner, &tls.Config{Certificates: reference.TLS.Certificates, NextProtos: []string{"h2", "http/1.1"}})
	httpServer := &http.Server{Handler: service}
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(listener) }()

	silent, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	transport, ok := reference.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("the client has no *http.Transport")
	}
	for _, http2 := range []bool{false, true} {
		transport := transport.Clone()
		transport.Protocols = new(http.Protocols)
		transport.Protocols.SetHTTP1(!http2)
		transport.Protocols.SetHTTP2(http2)
		client := &http.Client{Transport: transport}
		resp, err := client.Get("https://" + inner.Addr().String() + "/game")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		client.CloseIdleConnections()
		if resp.StatusCode != 403 || (resp.ProtoMajor == 2) != http2 {
			t.Errorf("got %s over %s, want status 403 over HTTP/2 = %t", resp.Status, resp.Proto, http2)
		}
	}
	if err := httpServer.Close(); err != nil {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("Serve returned %v, want %v", err, http.ErrServerClosed)
	}
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Close: error = %v, want %v", err, net.ErrClosed)
	}
}
