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

// Exchange is a request with the connection that it came on. A fault that does not end the connection leaves it to
// further requests.
type Exchange struct {
	// Request is the request. Its body is still to be read.
	Request *http.Request

	// Conn is the connection to the client.
	Conn *net.TCPConn

	proxy  *Proxy
	reader *bufio.Reader
	ended  bool
}

// Response is what the server has answered.
type Response struct {
	// Status is the HTTP status.
	Status int

	// Header goes to the client as it is, Content-Length included.
	Header http.Header

	// Body is the body.
	Body []byte
}

// head returns the response as far as the empty line before the body.
func (r *Response) head() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", r.Status, http.StatusText(r.Status))
	_ = r.Header.Write(&b)
	b.WriteString("\r\n")
	return b.Bytes()
}

// Forward passes the request on and returns the response, nil if there is none.
func (x *Exchange) Forward() *Response {
	out := x.Request.Clone(x.Request.Context())
	out.RequestURI = ""
	out.URL.Scheme, out.URL.Host = "http", x.proxy.target // Host, which is signed, stays
	if out.Body != http.NoBody {
		out.Body = io.NopCloser(out.Body) // serve reads what is left of it
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

// Answer answers with the response. Nil ends the connection.
func (x *Exchange) Answer(r *Response) {
	if r == nil {
		x.Reset()
		return
	}
	x.Write(r.head())
	x.Write(r.Body)
}

// Write writes to the client.
func (x *Exchange) Write(p []byte) {
	if _, err := x.Conn.Write(p); err != nil {
		x.ended = true
	}
}

// trickle writes a byte each millisecond.
func (x *Exchange) trickle(p []byte) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for i := range p {
		if x.ended {
			return
		}
		select {
		case <-ticker.C:
			x.Write(p[i : i+1])
		case <-x.proxy.closed:
			x.ended = true
		}
	}
}

// Reset ends the connection with a reset, without the goodbye of TCP.
func (x *Exchange) Reset() {
	_ = x.Conn.SetLinger(0)
	_ = x.Conn.Close()
	x.ended = true
}

// Close ends the connection with the goodbye of TCP.
func (x *Exchange) Close() {
	// What is not read would make a reset of it.
	_, _ = io.Copy(io.Discard, x.Request.Body)
	_ = x.Conn.Close()
	x.ended = true
}

// Wait waits until the client ends the connection.
func (x *Exchange) Wait() {
	_, _ = io.Copy(io.Discard, x.reader)
	x.ended = true
}
