package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
)

// ErrorListener returns a listener for an [http.Server] that serves a [Service]. Its responses to requests that are not
// valid HTTP, and to requests with too many headers, have the error type, the request id and the JSON body of the API's
// errors. Without the listener, they are plain text, because the http.Server writes them without calling the service. If
// the server uses TLS, use [TLSErrorListener] instead.
func ErrorListener(l net.Listener) net.Listener { return errorListener{l} }

type errorListener struct{ net.Listener }

// Accept implements net.Listener.
func (l errorListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &errorConn{conn}, nil
}

// errorConn replaces the plain-text error responses of net/http, each of which is a single write.
type errorConn struct{ net.Conn }

// Write implements net.Conn.
func (c *errorConn) Write(p []byte) (int, error) {
	status, reason, ok := parsePlainError(p)
	if !ok {
		return c.Conn.Write(p)
	}
	if _, err := c.Conn.Write(formatError(status, reason)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// CloseWrite lets net/http shut down the writing side, so that the client receives the response.
func (c *errorConn) CloseWrite() error {
	if tcp, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return tcp.CloseWrite()
	}
	return nil
}

const (
	plainErrorHeaders = "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"

	// plainHTTPError is the response to a request without TLS on a TLS listener.
	plainHTTPError = "HTTP/1.0 400 Bad Request\r\n\r\n"
)

// parsePlainError returns the status of a plain-text error response of net/http, and the reason if there is a specific one.
func parsePlainError(p []byte) (status int, reason string, ok bool) {
	if text, found := bytes.CutPrefix(p, []byte(plainHTTPError)); found {
		return http.StatusBadRequest, strings.TrimSpace(string(text)), true
	}
	rest, found := bytes.CutPrefix(p, []byte("HTTP/1.1 "))
	head, _, complete := bytes.Cut(rest, []byte(plainErrorHeaders))
	if !found || !complete || bytes.Contains(head, []byte("\r\n")) || len(head) < 3 {
		return 0, "", false
	}
	status, err := strconv.Atoi(string(head[:3]))
	_, reason, _ = strings.Cut(string(head), ": ")
	return status, reason, err == nil
}

// formatError returns an error response for a request that net/http has rejected.
func formatError(status int, reason string) []byte {
	code, message := "MalformedHttpRequestException", "The request is not valid HTTP. Check its headers and the escapes in its path."
	switch {
	case status == http.StatusRequestHeaderFieldsTooLarge:
		code = "RequestHeaderFieldsTooLargeException"
		message = "The request headers are too large. Send fewer or shorter headers, or raise the limit with --max-header (MaxHeaderBytes of http.Server)."
	case reason != "":
		message = fmt.Sprintf("The request is not valid HTTP: %s.", strings.TrimSuffix(reason, "."))
	}
	body, _ := json.Marshal(errorBody{message}) // encoding a string never fails
	var response bytes.Buffer
	_, _ = fmt.Fprintf(&response, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	_ = http.Header{
		"Connection":       {"close"},
		"Content-Length":   {strconv.Itoa(len(body))},
		"Content-Type":     {"application/json"},
		"X-Amzn-Errortype": {code},
		"X-Amzn-Requestid": {records.NewID()},
	}.Write(&response)
	_, _ = io.WriteString(&response, "\r\n"+string(body))
	return response.Bytes()
}
