package pgtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// Cut is the point at which a proxy cuts a connection that commits.
type Cut int

const (
	Never   Cut = iota // the connection is not cut
	Before             // the server does not receive the commit
	During             // the server receives the commit, and the client is cut off at once
	After              // the server has committed, and the client does not receive the response
	Refusal            // like After, and the proxy closes all connections and refuses new ones until the next call of Set
	Suspend            // the server does not receive the request with the commit, and the connection stays open until the client closes it
)

// Proxy is a proxy for connections to PostgreSQL that cuts connections when they commit.
type Proxy struct {
	listener net.Listener
	server   string // socket

	mu    sync.Mutex
	next  func() Cut // for each commit
	all   bool       // whether next is for each request
	cuts  map[Cut]int
	close bool // whether new connections are refused
	open  map[net.Conn]bool

	network sync.Mutex
	healed  chan struct{} // closed at the end of the partition; nil without a partition; guarded by network

	largest atomic.Int64
}

// NewProxy starts a proxy for a server. The test's cleanup stops it.
func NewProxy(t testing.TB, server *Server) *Proxy {
	t.Helper()
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, server: server.Socket(), cuts: map[Cut]int{}, open: map[net.Conn]bool{}, next: func() Cut { return Never }}
	go p.serve()
	t.Cleanup(func() {
		listener.Close()
		p.Partition(false)
	})
	return p
}

// URL returns the connection string of the database postgres.
func (p *Proxy) URL() string {
	return "postgres://postgres@/postgres?host=" + filepath.Dir(p.listener.Addr().String())
}

// Set sets the function that decides about the next commits, and accepts connections again.
func (p *Proxy) Set(next func() Cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next, p.all, p.close = next, false, false
}

// SetAll is like Set for all requests, such as statements that commit on their own, until the next call of Set.
func (p *Proxy) SetAll(next func() Cut) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next, p.all, p.close = next, true, false
}

// Partition starts or ends a partition of the network between clients and server. In a partition, connections stay open but
// transmit nothing, not even their end. After it, they transmit what both sides have sent.
func (p *Proxy) Partition(on bool) {
	p.network.Lock()
	defer p.network.Unlock()
	switch {
	case on && p.healed == nil:
		p.healed = make(chan struct{})
	case !on && p.healed != nil:
		close(p.healed)
		p.healed = nil
	}
}

// awaitNetwork waits until there is no partition.
func (p *Proxy) awaitNetwork() {
	for {
		p.network.Lock()
		healed := p.healed
		p.network.Unlock()
		if healed == nil {
			return
		}
		<-healed
	}
}

// Once returns a function that cuts one commit.
func Once(c Cut) func() Cut {
	return func() Cut {
		result := c
		c = Never
		return result
	}
}

// Sometimes returns a function that cuts one of n commits on average, before, during or after it.
func Sometimes(random *rand.Rand, n int) func() Cut {
	return func() Cut {
		if random.IntN(n) > 0 {
			return Never
		}
		return []Cut{Before, During, After}[random.IntN(3)]
	}
}

// SuspendAfter suspends each connection at its next request of more than n bytes, of which the server receives n. 0 ends this.
func (p *Proxy) SuspendAfter(n int64) { p.largest.Store(n) }

// Cuts returns how many commits the proxy has cut in this way.
func (p *Proxy) Cuts(c Cut) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cuts[c]
}

// decide returns how to cut the connection at a request.
func (p *Proxy) decide(commits bool) Cut {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !commits && !p.all {
		return Never
	}
	c := p.next()
	p.cuts[c]++
	p.close = p.close || c == Refusal
	return c
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse := p.close
		if !refuse {
			p.open[client] = true
		}
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

// closeAll closes all connections of clients.
func (p *Proxy) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for client := range p.open {
		client.Close()
	}
}

// relay relays a connection.
func (p *Proxy) relay(client net.Conn) {
	defer func() {
		client.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.open, client)
	}()
	p.awaitNetwork()
	server, err := net.Dial("unix", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	defer p.awaitNetwork()
	var (
		mu    sync.Mutex
		muted bool
	)
	ready := make(chan struct{}, 1) // the server has completed a request while the client is muted
	go func() {
		defer client.Close()
		for {
			message, err := readMessage(server, true)
			p.awaitNetwork()
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
	for {
		request, commits, err := readRequest(client)
		if err != nil {
			return
		}
		p.awaitNetwork()
		cut := p.decide(commits)
		switch cut {
		case Before:
			return
		case After, Refusal:
			mu.Lock()
			muted = true
			mu.Unlock()
		case Suspend:
			request = nil
		case Never:
			if limit := p.largest.Load(); limit > 0 && int64(len(request)) > limit {
				request, cut = request[:limit], Suspend
			}
		}
		if _, err := server.Write(request); err != nil {
			return
		}
		switch cut {
		case Never:
			continue
		case After, Refusal:
			<-ready
		case Suspend:
			_, _ = io.Copy(io.Discard, client)
		}
		if cut == Refusal {
			p.closeAll()
		}
		return
	}
}

// readRequest reads the messages of a client up to one that the server answers, and reports whether they commit.
func readRequest(client io.Reader) (request []byte, commits bool, err error) {
	for {
		message, err := readMessage(client, true)
		if err != nil {
			return nil, false, err
		}
		request = append(request, message...)
		switch message[0] {
		case 'B': // Bind
			commits = commits || bytes.Contains(message[:min(len(message), 100)], commitName)
		case 'P', 'D', 'E', 'C': // Parse, Describe, Execute and Close, which the server answers after Sync
		default:
			return request, commits, nil
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
