package postgres_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
)

// cut is the point at which a proxy cuts a connection that commits.
type cut int

const (
	never   cut = iota
	before      // the server does not receive the commit
	during      // the server receives the commit, and the client is cut off at once
	after       // the server has committed, and the client does not receive the response
	refusal     // like after, and new connections are refused
)

// proxy is a proxy for connections to PostgreSQL that cuts connections when they commit.
type proxy struct {
	listener net.Listener
	server   string // socket

	mu    sync.Mutex
	next  func() cut // for each commit
	cuts  map[cut]int
	close bool // whether new connections are refused
}

func newProxy(t testing.TB, server *pgtest.Server) *proxy {
	t.Helper()
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, server: server.Socket(), cuts: map[cut]int{}, next: func() cut { return never }}
	go p.serve()
	t.Cleanup(func() { listener.Close() })
	return p
}

func (p *proxy) url() string {
	return "postgres://postgres@/postgres?host=" + filepath.Dir(p.listener.Addr().String())
}

// set sets the function that decides about the next commits, and accepts connections again.
func (p *proxy) set(next func() cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next, p.close = next, false
}

// once returns a function that cuts one commit.
func once(c cut) func() cut {
	return func() cut {
		result := c
		c = never
		return result
	}
}

func (p *proxy) decide() cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.next()
	p.cuts[c]++
	p.close = p.close || c == refusal
	return c
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse := p.close
		p.mu.Unlock()
		if refuse {
			client.Close()
			continue
		}
		go p.relay(client)
	}
}

// commitName is the name of the prepared statement of a commit.
var commitName = func() []byte {
	digest := sha256.Sum256([]byte("commit"))
	return []byte("stmtcache_" + hex.EncodeToString(digest[:24]) + "\x00")
}()

// relay relays a connection.
func (p *proxy) relay(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	var (
		mu    sync.Mutex
		muted bool
	)
	ready := make(chan struct{}, 1) // the server has completed a request while the client is muted
	go func() {
		defer client.Close()
		for {
			message, err := readMessage(server, true)
			if err != nil {
				return
			}
			mu.Lock()
			silent := muted
			mu.Unlock()
			if silent {
				if message[0] == 'Z' { // ReadyForQuery
					select {
					case ready <- struct{}{}:
					default:
					}
				}
				continue
			}
			if _, err := client.Write(message); err != nil {
				return
			}
		}
	}()
	startup, err := readMessage(client, false)
	if err != nil {
		return
	}
	_, _ = server.Write(startup)
	cutting := never
	for {
		message, err := readMessage(client, true)
		if err != nil {
			return
		}
		if message[0] == 'B' && bytes.Contains(message[:min(len(message), 100)], commitName) { // Bind
			if cutting = p.decide(); cutting == before {
				return
			}
			if cutting == after || cutting == refusal {
				mu.Lock()
				muted = true
				mu.Unlock()
			}
		}
		if _, err := server.Write(message); err != nil {
			return
		}
		if message[0] == 'S' && cutting != never { // Sync
			if cutting != during {
				<-ready
			}
			return
		}
	}
}

// readMessage reads a message of the protocol. Only the first message of a client has no type.
func readMessage(r io.Reader, typed bool) ([]byte, error) {
	header := make([]byte, 5)
	if !typed {
		header = header[:4]
	}
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint32(header[len(header)-4:])) - 4
	if size < 0 || size > 1<<30 {
		return nil, fmt.Errorf("message of %d bytes", size)
	}
	message := append(header, make([]byte, size)...)
	_, err := io.ReadFull(r, message[len(header):])
	return message, err
}

// TestLostConnection cuts the connection before, during and after a commit. The update must take effect exactly once.
func TestLostConnection(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	for name, c := range map[string]cut{"before": before, "during": during, "after": after} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t, server)
			s := open(t, p.url(), inSchema(newSchema()))
			defer s.Close()
			for i := range 10 {
				p.set(once(c))
				key := fmt.Sprintf("key-%d", i)
				err := s.Update(t.Context(), func(w storage.Writer) error {
					got, err := w.Get(key)
					return errors.Join(err, w.Put(key, append(got, 'x')))
				})
				if err != nil {
					t.Errorf("update %d: %v", i, err)
				}
				if got := get(t, s, key); got != "x" {
					t.Errorf("update %d took effect %d times, want once", i, len(got))
				}
			}
			if p.cuts[c] != 10 {
				t.Errorf("the proxy has cut %d connections, want 10", p.cuts[c])
			}
		})
	}
}

// TestUnknownOutcome makes the database unreachable after a commit whose response is lost.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	p := newProxy(t, pgtest.Shared(t))
	var commits []storage.CommitRecord
	s := open(t, p.url(), inSchema(newSchema()), func(o *postgres.Options) {
		o.ResolveTimeout = 300 * time.Millisecond
		o.OnCommit = func(r storage.CommitRecord) { commits = append(commits, r) }
	})
	defer s.Close()
	p.set(once(refusal))
	if err := put(t.Context(), s, "a", "1"); !errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("got error %v, want %v", err, storage.ErrUnknownOutcome)
	}
	if err := put(t.Context(), s, "b", "1"); !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrUnknownOutcome) {
		t.Errorf("while the database is unreachable: update: got error %v, want only %v", err, storage.ErrUnavailable)
	}
	if err := s.View(t.Context(), func(storage.Reader) error { return nil }); !errors.Is(err, storage.ErrUnavailable) {
		t.Errorf("while the database is unreachable: view: got error %v, want %v", err, storage.ErrUnavailable)
	}
	p.set(once(never))
	if got := get(t, s, "a") + get(t, s, "b"); got != "1" {
		t.Errorf("got %q, want the committed value of a and none of b", got)
	}
	if err := put(t.Context(), s, "c", "1"); err != nil {
		t.Errorf("after the database is reachable again: %v", err)
	}
	if len(commits) != 3 || commits[0].Err == nil || commits[1].Err == nil || commits[2].Err != nil {
		t.Errorf("got commit records %+v, want two failures and a success", commits)
	}
}

// TestRestart restarts and kills the database server between transactions.
func TestRestart(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s := open(t, server.URL("postgres"))
	defer s.Close()
	for i, stop := range []func() error{server.Stop, server.Kill, server.Stop, server.Kill} {
		key := fmt.Sprint(i)
		if err := put(t.Context(), s, key, "1"); err != nil {
			t.Fatal(err)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if err := put(t.Context(), s, "stopped", "1"); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("update without a server: got error %v, want %v", err, storage.ErrUnavailable)
		}
		server.Restart(t)
		if got := get(t, s, key); got != "1" {
			t.Errorf("got %q, want 1", got)
		}
	}
	if got := get(t, s, "stopped"); got != "" {
		t.Errorf("a failed update has written %q", got)
	}
}
