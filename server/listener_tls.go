package server

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync"
)

// TLSErrorListener is [ErrorListener] for a server that uses TLS. It replaces [tls.NewListener].
//
// It changes only the errors of HTTP/1 connections. For HTTP/2, net/http responds to too many headers in its own format.
func TLSErrorListener(l net.Listener, config *tls.Config) net.Listener {
	return &tlsListener{
		Listener: tls.NewListener(ErrorListener(l), config),
		accepted: make(chan acceptedConn), closed: make(chan struct{}),
	}
}

// tlsListener performs the handshake before it returns a connection, because net/http requires a *tls.Conn for HTTP/2,
// and only connections for HTTP/1 can be wrapped.
type tlsListener struct {
	net.Listener
	start    sync.Once
	accepted chan acceptedConn

	close  sync.Once
	closed chan struct{}
}

type acceptedConn struct {
	net.Conn
	err error
}

// Accept implements net.Listener.
func (l *tlsListener) Accept() (net.Conn, error) {
	l.start.Do(func() { go l.acceptAll() })
	select {
	case next := <-l.accepted:
		return next.Conn, next.err
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. It also closes connections that Accept has not returned.
func (l *tlsListener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

func (l *tlsListener) acceptAll() {
	for {
		conn, err := l.Listener.Accept()
		switch secure, ok := conn.(*tls.Conn); {
		case errors.Is(err, net.ErrClosed):
			return
		case ok:
			go l.handshake(secure)
		default:
			l.deliver(acceptedConn{conn, err})
		}
	}
}

func (l *tlsListener) handshake(conn *tls.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), readHeaderTimeout)
	defer cancel()
	// net/http repeats a failed handshake, which fails with the same error, and logs the error.
	if err := conn.HandshakeContext(ctx); err == nil && conn.ConnectionState().NegotiatedProtocol != "h2" {
		l.deliver(acceptedConn{&tlsErrorConn{errorConn{conn}, conn}, nil})
		return
	}
	l.deliver(acceptedConn{conn, nil})
}

func (l *tlsListener) deliver(next acceptedConn) {
	select {
	case l.accepted <- next:
	case <-l.closed:
		if next.Conn != nil {
			_ = next.Close()
		}
	}
}

// tlsErrorConn is an errorConn on a TLS connection.
type tlsErrorConn struct {
	errorConn
	tls *tls.Conn
}

// ConnectionState lets net/http set the TLS field of requests.
func (c *tlsErrorConn) ConnectionState() tls.ConnectionState { return c.tls.ConnectionState() }
