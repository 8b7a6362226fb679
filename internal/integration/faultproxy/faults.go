package faultproxy

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
)

// Fault handles a request in place of the proxy.
type Fault func(*Exchange)

// ResetBefore resets the connection without forwarding the request.
func ResetBefore(x *Exchange) { x.Reset() }

// LoseResponse forwards the request, and then resets the connection instead of sending the response.
func LoseResponse(x *Exchange) {
	x.Forward()
	x.Reset()
}

// ResetInHeader resets the connection in the middle of the response header.
func ResetInHeader(x *Exchange) {
	x.Write(firstHalf(x.response().header()))
	x.Reset()
}

// ResetInBody resets the connection in the middle of the response body.
func ResetInBody(x *Exchange) {
	x.respondPartially()
	x.Reset()
}

// ResetAfterBody responds, and then resets the connection once done is closed.
func ResetAfterBody(done <-chan struct{}) Fault {
	return func(x *Exchange) {
		x.Respond(x.Forward())
		select {
		case <-done:
		case <-x.proxy.closed:
		}
		x.Reset()
	}
}

// Stall neither forwards the request nor responds. It waits until the client closes the connection.
func Stall(x *Exchange) { x.Wait() }

// StallInBody stops in the middle of the response body and waits until the client closes the connection.
func StallInBody(x *Exchange) {
	x.respondPartially()
	x.Wait()
}

// Trickle sends the response one byte per millisecond.
func Trickle(x *Exchange) {
	r := x.response()
	x.trickle(r.header())
	x.trickle(r.Body)
}

// TrickleForever sends an endless body, one byte per millisecond.
func TrickleForever(x *Exchange) {
	r := x.response()
	r.Header.Del("Content-Length")
	x.Write(r.header())
	for !x.done {
		x.trickle([]byte{' '})
	}
}

// HalfClose forwards the request, closes the connection for writing instead of responding, and keeps reading.
func HalfClose(x *Exchange) {
	x.Forward()
	_ = x.Conn.CloseWrite()
	x.Wait()
}

// HalfCloseInBody closes the connection for writing in the middle of the response body, and keeps reading.
func HalfCloseInBody(x *Exchange) {
	x.respondPartially()
	_ = x.Conn.CloseWrite()
	x.Wait()
}

// Truncate closes the connection in the middle of the response body.
func Truncate(x *Exchange) {
	x.respondPartially()
	x.Close()
}

// WrongLength responds with a Content-Length that is n greater than the length of the body. If n is positive, it then
// closes the connection, since the client would wait for the missing bytes.
func WrongLength(n int) Fault {
	return func(x *Exchange) {
		r := x.response()
		r.Header.Set("Content-Length", strconv.Itoa(len(r.Body)+n))
		x.Respond(r)
		if n > 0 {
			x.Close()
		}
	}
}

// Gzip compresses the response, even if the request does not accept compression.
func Gzip(x *Exchange) {
	r := x.response()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(r.Body)
	_ = w.Close()
	r.Body = b.Bytes()
	r.Header.Set("Content-Encoding", "gzip")
	r.Header.Set("Content-Length", strconv.Itoa(len(r.Body)))
	x.Respond(r)
}

// Respond responds in place of the server, as a gateway does. The header arguments alternate between names and values.
func Respond(status int, body string, header ...string) Fault {
	return func(x *Exchange) {
		r := &Response{status, http.Header{"Content-Length": {strconv.Itoa(len(body))}}, []byte(body)}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		x.Respond(r)
	}
}

// response forwards the request and returns the response. If forwarding fails, it returns a response with status 502
// and no body.
func (x *Exchange) response() *Response {
	if r := x.Forward(); r != nil {
		return r
	}
	return &Response{http.StatusBadGateway, http.Header{"Content-Length": {"0"}}, nil}
}

// respondPartially sends the response header and the first half of the body.
func (x *Exchange) respondPartially() {
	r := x.response()
	x.Write(r.header())
	x.Write(firstHalf(r.Body))
}

func firstHalf(p []byte) []byte { return p[:len(p)/2] }
