package download_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/gamesparks-go/gamesparks/download"
)

// secret is the signature in the URLs. No error may contain it.
const secret = "0123456789abcdef"

// storage is a storage service. It handles request n, counted from 0, with answers[n], and further requests with the last
// answer.
type storage struct {
	*httptest.Server
	answers []http.HandlerFunc

	mu       sync.Mutex
	requests []*http.Request
	urls     int
}

func newStorage(t *testing.T, answers ...http.HandlerFunc) *storage {
	t.Helper()
	s := &storage{answers: answers}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *storage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, r)
	s.mu.Unlock()
	s.answers[min(n, len(s.answers)-1)](w, r)
}

// source returns a different URL for each call.
func (s *storage) source(context.Context) (string, error) {
	s.urls++
	return fmt.Sprintf("%s/snapshots/a%%2Fb.json?X-Amz-Credential=AKID&n=%d&X-Amz-Signature=%s", s.URL, s.urls, secret), nil
}

// downloader returns a downloader without back-off delays.
func (s *storage) downloader(optFns ...func(*download.Options)) *download.Downloader {
	return download.New(append([]func(*download.Options){func(o *download.Options) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	}}, optFns...)...)
}

// download downloads an object and returns the bytes written.
func (s *storage) download(t *testing.T, optFns ...func(*download.Options)) (string, error) {
	t.Helper()
	var b bytes.Buffer
	n, err := s.downloader(optFns...).Download(t.Context(), &b, s.source)
	if n != int64(b.Len()) {
		t.Errorf("Download returned %d bytes and wrote %d", n, b.Len())
	}
	if err != nil && strings.Contains(err.Error(), secret) {
		t.Errorf("the error contains the signature: %v", err)
	}
	return b.String(), err
}

// all returns all recorded requests.
func (s *storage) all() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *storage) count() int { return len(s.all()) }

// ranges returns the Range headers of the requests.
func (s *storage) ranges() []string {
	var ranges []string
	for _, r := range s.all() {
		ranges = append(ranges, r.Header.Get("Range"))
	}
	return ranges
}

// object serves the content as storage services do, with ranges and conditions.
func object(content, etag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if etag != "" {
			w.Header().Set("ETag", etag)
		}
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(content))
	}
}

// without removes headers from the requests before a handler receives them.
func without(h http.HandlerFunc, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		for _, name := range headers {
			r.Header.Del(name)
		}
		h(w, r)
	}
}

// chunked is an object without a Content-Length.
func chunked(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		fmt.Fprint(w, content)
	}
}

// cut breaks the connection after some bytes of the body.
func cut(h http.HandlerFunc, after int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { h(&cutWriter{w, after}, r) }
}

type cutWriter struct {
	http.ResponseWriter
	left int
}

func (w *cutWriter) Write(p []byte) (int, error) {
	if len(p) <= w.left {
		w.left -= len(p)
		return w.ResponseWriter.Write(p)
	}
	w.ResponseWriter.Write(p[:w.left])
	w.Flush()
	panic(http.ErrAbortHandler)
}

func (w *cutWriter) Flush() { w.ResponseWriter.(http.Flusher).Flush() }

// status responds with a status and an error body as storage services do.
func status(code int, name, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(code)
		if name != "" {
			fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message><RequestId>1</RequestId></Error>", name, message)
		}
	}
}

var expired = status(http.StatusForbidden, "AccessDenied", "Request has expired")

// raw sends arbitrary bytes and closes the connection.
func raw(format string, args ...any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, strings.ReplaceAll(format, "\n", "\r\n"), args...)
	}
}

// text returns random content of n bytes.
func text(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}

// memory is an in-memory network for tests with a fake clock, which stops while a goroutine waits for a real network.
type memory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemory() *memory { return &memory{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

func (m *memory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case m.conns <- server:
		return client, nil
	case <-m.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// newMemoryStorage returns a storage service on an in-memory network, and an option to reach it from a synctest bubble.
func newMemoryStorage(t *testing.T, answers ...http.HandlerFunc) (*storage, func(*download.Options)) {
	t.Helper()
	s := &storage{answers: answers}
	m := newMemory()
	s.Server = httptest.NewUnstartedServer(s)
	s.Listener.Close()
	s.Listener = m
	s.Start()
	client := &http.Client{Transport: &http.Transport{DialContext: m.dial}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		s.Close()
	})
	return s, func(o *download.Options) { o.HTTPClient = client }
}
