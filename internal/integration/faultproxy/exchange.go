package faultproxy

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Exchange is a request and the connection that carries it. If a fault leaves the connection open, the proxy reads the
// next request from it.
type Exchange struct {
	// Request is the received request, with an unread body.
	Request *http.Request

	// Conn is the connection to the client.
	Conn *net.TCPConn

	proxy  *Proxy
	reader *bufio.Reader
	done   bool // the connection carries no further request
}

// Response is a response from the server.
type Response struct {
	// Status is the HTTP status code.
	Status int

	// Header is sent to the client unchanged, including Content-Length.
	Header http.Header

	// Body is the response body.
	Body []byte
}

// header returns the status line, the header fields and the empty line before the body.
func (r *Response) header() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", r.Status, http.StatusText(r.Status))
	_ = r.Header.Write(&b)
	b.WriteString("\r\n")
	return b.Bytes()
}

// Forward sends the request to the server and returns the response. It returns nil on failure.
func (x *Exchange) Forward() *Response {
	out := x.Request.Clone(x.Request.Context())
	out.RequestURI = ""
	out.URL.Scheme, out.URL.Host = "http", x.proxy.target // out.Host does not change, since it is signed.
	if out.Body != http.NoBody {
		// The transport may still read the body after the server has responded, when others read from the connection.
		body, err := io.ReadAll(out.Body)
		if err != nil {
			return nil
		}
		out.Body = io.NopCloser(bytes.NewReader(body))
	}
	in, err := x.proxy.transport.RoundTrip(out)
	if err != nil {
		return nil
	}
	defer in.Body.Close()
	body, err := io.ReadAll(in.Body)
	if err != nil {
		return nil
	}
	in.Header.Set("Content-Length", strconv.Itoa(len(body)))
	in.Header.Del("Connection")
	return &Response{in.StatusCode, in.Header, body}
}

// Respond sends r to the client. If r is nil, it resets the connection.
func (x *Exchange) Respond(r *Response) {
	if r == nil {
		x.Reset()
		return
	}
	x.Write(r.header())
	x.Write(r.Body)
}

// Write writes p to the connection.
func (x *Exchange) Write(p []byte) {
	if _, err := x.Conn.Write(p); err != nil {
		x.done = true
	}
}

// trickle writes p to the connection, one byte per millisecond.
func (x *Exchange) trickle(p []byte) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for i := range p {
		if x.done {
			return
		}
		select {
		case <-ticker.C:
			x.Write(p[i : i+1])
		case <-x.proxy.closed:
			x.done = true
		}
	}
}

// Reset closes the connection with a TCP reset.
func (x *Exchange) Reset() {
	_ = x.Conn.SetLinger(0)
	_ = x.Conn.Close()
	x.done = true
}

// Close closes the connection gracefully, without a TCP reset.
func (x *Exchange) Close() {
	// Closing a connection with unread data resets it.
	_, _ = io.Copy(io.Discard, x.Request.Body)
	_ = x.Conn.Close()
	x.done = true
}

// Wait waits until the client closes the connection.
func (x *Exchange) Wait() {
	_, _ = io.Copy(io.Discard, x.reader)
	x.done = true
}
