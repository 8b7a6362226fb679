// Package faultproxy provides an HTTP proxy that injects faults into TCP connections. Its tests check how the client of
// the SDK handles them.
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

// Proxy forwards requests to a server and applies a [Fault] to some of them. It is safe for concurrent use.
type Proxy struct {
	// URL is the base URL of the proxy.
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
	accepted int           // number of accepted connections
	idle     chan struct{} // closed while no connection is open
}

// Request describes a request that the proxy received.
type Request struct {
	// Connection is the number of the connection. The proxy numbers connections from 1 in the order in which it accepts
	// them.
	Connection int

	// Header is the header of the request.
	Header http.Header
}

// Start starts a proxy for the server at target, which has the form host:port. The caller must close the proxy.
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

// Next queues faults. Each request consumes one fault; a nil fault forwards the request.
func (p *Proxy) Next(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, faults...)
}

// Reset clears the queued faults and the fault set by [Proxy.Always].
func (p *Proxy) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults, p.always = nil, nil
}

// Always sets the fault for requests that arrive while no faults from [Proxy.Next] are queued. A nil fault forwards
// these requests.
func (p *Proxy) Always(fault Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.always = fault
}

// Requests returns the requests received so far, in order of arrival.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// WaitIdle waits until the proxy has no open connections. The client must close its idle connections.
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

// Close closes the listener and all connections, and waits for the proxy's goroutines to exit.
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
			p.accepted++
			n := p.accepted
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
			x.Respond(x.Forward())
		}
		if x.done {
			return
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return
		}
	}
}

// next records a request and returns its fault, or nil to forward the request.
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
