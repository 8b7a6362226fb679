package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// TestShutdownIncompleteBodies checks that incomplete bodies do not delay the exit until --shutdown-timeout, on paths that
// do not need a body. Otherwise, the server reports the timeout and exits with code 1.
func TestShutdownIncompleteBodies(t *testing.T) {
	t.Parallel()
	paths := []string{"/", "/ui", "/ui/", "/ui/style.css", "/metrics", "/healthz", "/readyz", "/nowhere"}
	s := newTestServer(t, storage.NewMemory())
	s.config.ShutdownTimeout = 30 * time.Second
	begun := make(chan struct{}, len(paths))
	httpServer := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		s.handler.ServeHTTP(w, r)
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- httpServer.Serve(listener) }()
	statuses := make(chan string, len(paths))
	for _, path := range paths {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n123", path); err != nil {
			t.Fatal(err)
		}
		go func() {
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				statuses <- fmt.Sprintf("%s: %v", path, err)
				return
			}
			_ = response.Body.Close()
			statuses <- fmt.Sprintf("%s: %d", path, response.StatusCode)
		}()
	}
	for range paths {
		<-begun
	}
	if err := shutdown(httpServer, s.service, s.config); err != nil {
		t.Errorf("shutdown: %v", err)
	}
	want := map[string]bool{"/: 302": true, "/ui: 301": true, "/ui/: 200": true, "/ui/style.css: 200": true, "/metrics: 200": true,
		"/healthz: 200": true, "/readyz: 200": true, "/nowhere: 404": true}
	for range paths {
		if got := <-statuses; !want[got] {
			t.Errorf("got %s", got)
		}
	}
	<-served
}
