// Package faultproxy is an HTTP proxy that misbehaves on its TCP connections, for tests of what a client makes of that.
// The tests of this package are those of the SDK's client.
package faultproxy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
)

// Proxy stands in front of a server and passes requests on to it, except for those that suffer a [Fault]. It is made by
// [Start] and safe for concurrent use.
type Proxy struct {
	// URL is where the proxy listens.
	URL string

	target    string
	listener  net.Listener
	transport *http.Transport
	handlers  sync.WaitGroup
	closed    chan struct{}

	mu       sync.Mutex
	faults   []Fault
	always   Fault
	requests []Request
	conns    map[net.Conn]bool
	opened   int
	idle     chan struct{} // closed when there are no connections
}

// Request is a request that has come to a proxy.
type Request struct {
	// Connection is the number of the connection on which it came, counted from 1.
	Connection int

	// Header is that of the request.
	Header http.Header
}

// Start returns a proxy for the server at target, a host with a port. The caller has to close it.
func Start(target string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		URL:       "http://" + listener.Addr().String(),
		target:    target,
		listener:  listener,
		transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		closed:    make(chan struct{}),
		conns:     map[net.Conn]bool{},
		idle:      make(chan struct{}),
	}
	close(p.idle)
	p.handlers.Go(p.accept)
	return p, nil
}

// Next makes the next requests suffer the faults, one each.
func (p *Proxy) Next(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, faults...)
}

// Reset forgets the faults that are still to come.
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.always = nil, nil
}

// Always makes all requests suffer the fault that have none from [Proxy.Next]. Nil lets them pass again.
func (p *Proxy) Always(fault Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.always = fault
}

// Requests returns the requests so far.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// WaitIdle waits until no connection is open. A connection that the proxy does not end is over when the client ends it.
func (p *Proxy) WaitIdle(ctx context.Context) error {
	p.mu.Lock()
	idle := p.idle
	p.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		p.mu.Lock()
		defer p.mu.Unlock()
		return fmt.Errorf("%d connections are still open: %w", len(p.conns), ctx.Err())
	}
}

// Close ends all connections and waits until that is done.
func (p *Proxy) Close() error {
	close(p.closed)
	err := p.listener.Close()
	p.mu.Lock()
	for conn := range p.conns {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.handlers.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		select {
		case <-p.closed:
			_ = conn.Close()
		default:
			if len(p.conns) == 0 {
				p.idle = make(chan struct{})
			}
			p.conns[conn] = true
			p.opened++
			n := p.opened
			p.handlers.Go(func() { p.serve(conn, n) })
		}
		p.mu.Unlock()
	}
}

func (p *Proxy) serve(conn net.Conn, n int) {
	defer func() {
		_ = conn.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		if delete(p.conns, conn); len(p.conns) == 0 {
			close(p.idle)
		}
	}()
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	reader := bufio.NewReader(conn)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		x := &Exchange{Request: request, Conn: tcp, proxy: p, reader: reader}
		if fault := p.next(n, request.Header); fault != nil {
			fault(x)
		} else {
			x.Answer(x.Forward())
		}
		if x.ended {
			return
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return
		}
	}
}

// next records a request and returns its fault.
func (p *Proxy) next(connection int, header http.Header) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, Request{connection, header})
	if len(p.faults) == 0 {
		return p.always
	}
	fault := p.faults[0]
	p.faults = p.faults[1:]
	return fault
}
