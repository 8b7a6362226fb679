package faultproxy

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
)

// Fault answers a request, or fails to.
type Fault func(*Exchange)

// ResetBefore resets the connection before the request goes to the server.
func ResetBefore(x *Exchange) { x.Reset() }

// LoseResponse resets the connection after the server has answered.
func LoseResponse(x *Exchange) {
	x.Forward()
	x.Reset()
}

// ResetInHead resets the connection in the middle of the response's head.
func ResetInHead(x *Exchange) {
	x.Write(half(x.response().head()))
	x.Reset()
}

// ResetInBody resets the connection in the middle of the response's body.
func ResetInBody(x *Exchange) {
	x.beginBody()
	x.Reset()
}

// ResetAfterBody answers, and resets the connection when done is closed.
func ResetAfterBody(done <-chan struct{}) Fault {
	return func(x *Exchange) {
		x.Answer(x.Forward())
		select {
		case <-done:
		case <-x.proxy.closed:
		}
		x.Reset()
	}
}

// Stall does not even read the request's body, and says nothing.
func Stall(x *Exchange) { x.Wait() }

// StallInBody says nothing more after half of the response's body.
func StallInBody(x *Exchange) {
	x.beginBody()
	x.Wait()
}

// Trickle writes the response a byte at a time.
func Trickle(x *Exchange) {
	r := x.response()
	x.trickle(r.head())
	x.trickle(r.Body)
}

// TrickleForever writes a response without an end, a byte at a time.
func TrickleForever(x *Exchange) {
	r := x.response()
	r.Header.Del("Content-Length")
	x.Write(r.head())
	for !x.ended {
		x.trickle([]byte{' '})
	}
}

// HalfClose ends its direction of the connection before it answers, and keeps reading.
func HalfClose(x *Exchange) {
	x.Forward()
	_ = x.Conn.CloseWrite()
	x.Wait()
}

// HalfCloseInBody ends its direction of the connection in the middle of the response's body, and keeps reading.
func HalfCloseInBody(x *Exchange) {
	x.beginBody()
	_ = x.Conn.CloseWrite()
	x.Wait()
}

// Truncate ends the connection in the middle of the response's body.
func Truncate(x *Exchange) {
	x.beginBody()
	x.Close()
}

// WrongLength answers with a Content-Length that is off by n, and then, when the client waits for more, ends the
// connection.
func WrongLength(n int) Fault {
	return func(x *Exchange) {
		r := x.response()
		r.Header.Set("Content-Length", strconv.Itoa(len(r.Body)+n))
		x.Answer(r)
		if n > 0 {
			x.Close()
		}
	}
}

// Gzip compresses the response, whether the request asks for it or not.
func Gzip(x *Exchange) {
	r := x.response()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(r.Body)
	_ = w.Close()
	r.Body = b.Bytes()
	r.Header.Set("Content-Encoding", "gzip")
	r.Header.Set("Content-Length", strconv.Itoa(len(r.Body)))
	x.Answer(r)
}

// Respond answers in the server's place, as a gateway does. Header holds pairs of a name and a value.
func Respond(status int, body string, header ...string) Fault {
	return func(x *Exchange) {
		r := &Response{status, http.Header{"Content-Length": {strconv.Itoa(len(body))}}, []byte(body)}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		x.Answer(r)
	}
}

// response is that of the server, or an empty one.
func (x *Exchange) response() *Response {
	if r := x.Forward(); r != nil {
		return r
	}
	return &Response{http.StatusBadGateway, http.Header{"Content-Length": {"0"}}, nil}
}

func (x *Exchange) beginBody() {
	r := x.response()
	x.Write(r.head())
	x.Write(half(r.Body))
}

func half(p []byte) []byte { return p[:len(p)/2] }
