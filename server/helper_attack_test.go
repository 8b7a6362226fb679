package server_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/gamesparks-go/gamesparks/server"
)

// local is the default access key, and impostor has its id with a wrong secret.
var (
	local    = aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
	impostor = aws.Credentials{AccessKeyID: "local", SecretAccessKey: "wrong"}
)

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// newPost returns an unsigned POST /game with a body of the given length, which the caller must send.
func newPost(t testing.TB, srv *server.Server, length int) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, srv.URL+"/game", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = int64(length)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// sign signs a request as a client does.
func sign(t testing.TB, r *http.Request, credentials aws.Credentials, hash string) *http.Request {
	t.Helper()
	if err := v4.NewSigner().SignHTTP(context.Background(), credentials, r, hash, "gamesparks", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	return r
}

// rawClient is a connection to a server on which a test sends parts of a request.
type rawClient struct {
	net.Conn
	t        testing.TB
	response *bufio.Reader
}

// sendHead connects to the server and sends the request line and the headers of a request. A negative length means that
// the body is chunked.
func sendHead(t testing.TB, srv *server.Server, r *http.Request) *rawClient {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	var head strings.Builder
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, r.URL.RequestURI(), host)
	if r.ContentLength < 0 {
		head.WriteString("Transfer-Encoding: chunked\r\n")
	} else {
		fmt.Fprintf(&head, "Content-Length: %d\r\n", r.ContentLength)
	}
	if err := r.Header.Write(&head); err != nil {
		t.Fatal(err)
	}
	c := &rawClient{Conn: conn, t: t, response: bufio.NewReader(conn)}
	c.write(head.String() + "\r\n")
	return c
}

func (c *rawClient) write(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

// receive waits for the response. It fails the test if the response has no request id or its body is not JSON.
func (c *rawClient) receive() response {
	c.t.Helper()
	got, err := c.tryReceive()
	if err != nil {
		c.t.Fatal(err)
	}
	return got
}

// tryReceive is receive for other goroutines than that of the test.
func (c *rawClient) tryReceive() (response, error) {
	_ = c.SetReadDeadline(time.Now().Add(time.Minute))
	resp, err := http.ReadResponse(c.response, nil)
	if err != nil {
		return response{}, fmt.Errorf("read response: %w", err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return response{}, fmt.Errorf("read response: %w", err)
	}
	if !requestID.MatchString(resp.Header.Get("X-Amzn-RequestId")) || !json.Valid(body) {
		return response{}, fmt.Errorf("response without request id or JSON body: %v %s", resp.Header, body)
	}
	return response{resp.StatusCode, resp.Header.Get("X-Amzn-ErrorType"), string(body), resp.Header}, nil
}

// await waits until the condition holds.
func await(t testing.TB, condition func() bool) {
	t.Helper()
	timeout, tick := time.After(time.Minute), time.Tick(time.Millisecond)
	for !condition() {
		select {
		case <-tick:
		case <-timeout:
			t.Fatal("timed out")
		}
	}
}
