package server_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// TestUnverifiedMemory sends 200 requests that hold back the last byte of a 4 MiB body. The service must not keep more
// than 64 MiB of them. It does not run in parallel with other tests, because it measures the memory of the process.
func TestUnverifiedMemory(t *testing.T) {
	const (
		requests = 200
		size     = 4 << 20
		maxHeap  = 100 << 20
	)
	body := strings.Repeat(" ", size)
	sent := []byte(body[:size-1])
	for _, tc := range []struct {
		name  string
		admit int // requests whose body the service reads
		sign  func(*http.Request)
		early int // status of the other requests
		late  int // status of a request whose body the service has read
	}{
		{"unsigned", 0, func(*http.Request) {}, 403, 0},
		{"wrong signature with a signed hash", 0, func(r *http.Request) {
			r.Header.Set("X-Amz-Content-Sha256", hashOf(body))
			sign(t, r, impostor, hashOf(body))
		}, 403, 0},
		{"wrong signature", 16, func(r *http.Request) { sign(t, r, impostor, hashOf(body)) }, 503, 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := servertest.Start(t)
			r := newPost(t, srv, size)
			tc.sign(r)
			responses := make(chan response)
			clients := make([]*rawClient, requests)
			var sending sync.WaitGroup
			for i := range clients {
				c := sendHead(t, srv, r)
				clients[i] = c
				sending.Go(func() { _, _ = c.Write(sent) }) // fails if the service closes the connection
				go func() {
					got, err := c.tryReceive()
					if err != nil {
						t.Error(err)
					}
					responses <- got
				}()
			}
			for range requests - tc.admit {
				if got := <-responses; got.status != tc.early {
					t.Errorf("got %d %s, want status %d", got.status, got.body, tc.early)
				}
			}
			sending.Wait()
			var memory runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&memory)
			t.Logf("heap: %d MiB", memory.HeapAlloc>>20)
			if memory.HeapAlloc > maxHeap {
				t.Errorf("the heap has %d MiB, want at most %d MiB", memory.HeapAlloc>>20, maxHeap>>20)
			}
			for _, c := range clients {
				_, _ = c.Write([]byte(" ")) // the last byte
			}
			for range tc.admit {
				if got := <-responses; got.status != tc.late {
					t.Errorf("got %d %s, want status %d", got.status, got.body, tc.late)
				}
			}
		})
	}
}

// TestRefusedByHeaders checks that the service responds to these requests before it receives a byte of the body.
func TestRefusedByHeaders(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithMaxBodyBytes(1000))
	unknown := aws.Credentials{AccessKeyID: "unknown", SecretAccessKey: "local"}
	signFor := func(service, region string, at time.Time) func(*http.Request) {
		return func(r *http.Request) {
			if err := v4.NewSigner().SignHTTP(t.Context(), local, r, hashOf(""), service, region, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, tc := range map[string]struct {
		length  int
		change  func(*http.Request)
		status  int
		code    string
		message string
	}{
		"not signed": {10, func(*http.Request) {}, 403, "MissingAuthenticationTokenException",
			"curl --aws-sigv4 aws:amz:us-east-1:gamesparks"},
		"malformed signature": {10, func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 x") }, 400,
			"IncompleteSignatureException", "Credential"},
		"other scheme":  {10, func(r *http.Request) { r.SetBasicAuth("local", "local") }, 400, "IncompleteSignatureException", "AWS4-HMAC-SHA256"},
		"unknown key":   {10, func(r *http.Request) { sign(t, r, unknown, hashOf("")) }, 403, "UnrecognizedClientException", "--access-key"},
		"other region":  {10, signFor("gamesparks", "eu-west-1", time.Now()), 403, "InvalidSignatureException", "us-east-1"},
		"other service": {10, signFor("s3", "us-east-1", time.Now()), 403, "InvalidSignatureException", "gamesparks"},
		"old":           {10, signFor("gamesparks", "us-east-1", time.Now().Add(-time.Hour)), 403, "InvalidSignatureException", "expired"},
		"early":         {10, signFor("gamesparks", "us-east-1", time.Now().Add(time.Hour)), 403, "InvalidSignatureException", "not yet current"},
		"expired presigned query": {10, func(r *http.Request) {
			r.URL.RawQuery = "X-Amz-Expires=60"
			uri, _, err := v4.NewSigner().PresignHTTP(t.Context(), local, r, hashOf(""), "gamesparks", "us-east-1", time.Now().Add(-2*time.Minute))
			if err == nil {
				r.URL, err = r.URL.Parse(uri)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, 403, "InvalidSignatureException", "expired"},
		"wrong signature and signed hash": {10, func(r *http.Request) {
			r.Header.Set("X-Amz-Content-Sha256", hashOf("{}"))
			sign(t, r, impostor, hashOf("{}"))
		}, 403, "InvalidSignatureException", "secret access key"},
		"large body":         {1001, func(r *http.Request) { sign(t, r, local, hashOf("")) }, 413, "RequestEntityTooLargeException", "1000 bytes"},
		"unsigned in chunks": {-1, func(*http.Request) {}, 403, "MissingAuthenticationTokenException", "not signed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newPost(t, srv, tc.length)
			tc.change(r)
			got := sendHead(t, srv, r).receive()
			if got.status != tc.status || got.code != tc.code || !strings.Contains(got.body, tc.message) {
				t.Errorf("got %d %s %s, want %d %s with a message that contains %q", got.status, got.code, got.body, tc.status, tc.code, tc.message)
			}
		})
	}
}

// TestEarlyResponse checks that a client that sends a large body before it reads the response receives the response.
func TestEarlyResponse(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithMaxBodyBytes(32<<20))
	const size = 16 << 20 // more than the socket buffers
	for _, length := range []int{10, size} {
		c := sendHead(t, srv, newPost(t, srv, length))
		c.write(strings.Repeat(" ", length))
		if got := c.receive(); got.status != 403 {
			t.Errorf("length %d: got %d %s, want status 403", length, got.status, got.body)
		}
		if b, err := c.response.ReadByte(); err != io.EOF { // net/http must not reuse the connection
			t.Errorf("length %d: after the response: byte %q, error %v; want %v", length, b, err, io.EOF)
		}
	}
}

// game returns the body of a request that creates a game, padded to a length.
func game(name string, length int) string {
	text := fmt.Sprintf(`{"GameName":%q}`, name)
	return text + strings.Repeat(" ", length-len(text))
}

// TestBodyBudget checks which bodies share the budget, and that the service refuses a body beyond it.
func TestBodyBudget(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		options []server.Option
		first   func(t *testing.T, r *http.Request, body string)
		status  int // of the first request, which holds the budget
	}{
		"wrong signature": {nil, func(t *testing.T, r *http.Request, body string) { sign(t, r, impostor, hashOf(body)) }, 403},
		"valid signature": {nil, func(t *testing.T, r *http.Request, body string) { sign(t, r, local, hashOf(body)) }, 200},
		"anonymous":       {[]server.Option{server.WithAnonymousAccess()}, func(*testing.T, *http.Request, string) {}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const size = 1000
			srv := servertest.Start(t, append(tc.options, server.WithMaxBodyBytes(size), server.WithBodyBudget(2*size))...)
			half := sendHead(t, srv, sign(t, newPost(t, srv, size), impostor, hashOf("")))
			body := game("first", size)
			r := newPost(t, srv, size)
			tc.first(t, r, body)
			first := sendHead(t, srv, r)
			first.write(body[:size-1])
			await(t, func() bool { return srv.Load().BodyBytes == 2*size })

			second := game("second", 30)
			for chunked, length := range map[bool]int{false: len(second), true: -1} {
				r := sign(t, newPost(t, srv, length), local, hashOf(second))
				c := sendHead(t, srv, r)
				if chunked {
					c.write(fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(second), second))
				} else {
					c.write(second)
				}
				got := c.receive()
				if got.status != 503 || got.code != "ServiceUnavailableException" || got.header.Get("Retry-After") != "1" || !strings.Contains(got.body, "budget of 2000 bytes") {
					t.Errorf("beyond the budget, chunked = %t: got %d %v %s, want 503 ServiceUnavailableException", chunked, got.status, got.header, got.body)
				}
			}
			// A body whose hash is signed does not count.
			r = newPost(t, srv, len(second))
			r.Header.Set("X-Amz-Content-Sha256", hashOf(second))
			c := sendHead(t, srv, sign(t, r, local, hashOf(second)))
			c.write(second)
			if got := c.receive(); got.status != 200 {
				t.Errorf("signed hash: got %d %s, want status 200", got.status, got.body)
			}

			first.write(body[size-1:])
			if got := first.receive(); got.status != tc.status {
				t.Errorf("first request: got %d %s, want status %d", got.status, got.body, tc.status)
			}
			half.write(body)
			if got := half.receive(); got.status != 403 {
				t.Errorf("request with a wrong signature: got %d %s, want status 403", got.status, got.body)
			}
			third := game("third", size)
			c = sendHead(t, srv, sign(t, newPost(t, srv, size), local, hashOf(third)))
			c.write(third)
			if got := c.receive(); got.status != 200 {
				t.Errorf("after the first request: got %d %s, want status 200", got.status, got.body)
			}
			await(t, func() bool { return srv.Load().Requests == 0 })
			if diff := cmp.Diff(server.Load{RefusedBodies: 2}, srv.Load()); diff != "" {
				t.Errorf("load (-want +got):\n%s", diff)
			}
		})
	}
}

// TestChunkedBody checks that chunked bodies reserve memory while they grow, and release it.
func TestChunkedBody(t *testing.T) {
	t.Parallel()
	const size = 100_000
	srv := servertest.Start(t, server.WithMaxBodyBytes(size), server.WithBodyBudget(2*size))
	chunked := func(body string) response {
		t.Helper()
		c := sendHead(t, srv, sign(t, newPost(t, srv, -1), local, hashOf(body)))
		c.write(fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body))
		return c.receive()
	}
	// The last growth of a body takes memory for the old and the new part.
	if got := chunked(game("alone", size)); got.status != 200 {
		t.Errorf("alone: got %d %s, want status 200", got.status, got.body)
	}
	if got := chunked(game("large", size+1)); got.status != 413 {
		t.Errorf("over the limit: got %d %s, want status 413", got.status, got.body)
	}
	await(t, func() bool { return srv.Load().BodyBytes == 0 })

	held := sendHead(t, srv, sign(t, newPost(t, srv, size), impostor, hashOf("")))
	await(t, func() bool { return srv.Load().BodyBytes == size })
	if got := chunked(game("small", size/4)); got.status != 200 {
		t.Errorf("small body, half of the budget left: got %d %s, want status 200", got.status, got.body)
	}
	if got := chunked(game("large", size)); got.status != 503 {
		t.Errorf("large body, half of the budget left: got %d %s, want status 503", got.status, got.body)
	}
	held.write(strings.Repeat(" ", size))
	if got := held.receive(); got.status != 403 {
		t.Errorf("got %d %s, want status 403", got.status, got.body)
	}
	await(t, func() bool { return srv.Load().BodyBytes == 0 })
}

// TestReadTimeout checks that a slow body fails at the deadline, and then releases its part of the budget.
func TestReadTimeout(t *testing.T) {
	t.Parallel()
	const size = 1000
	for _, length := range []int{size, -1} {
		srv := servertest.Start(t, server.WithReadTimeout(100*time.Millisecond), server.WithMaxBodyBytes(size), server.WithMaxRequests(1))
		c := sendHead(t, srv, sign(t, newPost(t, srv, length), local, hashOf("")))
		got := c.receive()
		if got.status != 408 || got.code != "RequestTimeoutException" || !strings.Contains(got.body, "100ms") {
			t.Errorf("length %d: got %d %s %s, want 408 RequestTimeoutException", length, got.status, got.code, got.body)
		}
		if n, err := c.response.ReadByte(); err == nil {
			t.Errorf("length %d: got byte %q after the response, want a closed connection", length, n)
		}
		await(t, func() bool { return srv.Load() == server.Load{} })
		if _, err := srv.Client(once).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")}); err != nil {
			t.Errorf("length %d: a request after the timeout: %v", length, err)
		}
	}
}

// TestMaxRequests checks that the service refuses a request over the limit, and that downloads and player connections do
// not count.
func TestMaxRequests(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithMaxRequests(1))
	e.createGame("chess")
	stage := e.deployed("dev")
	export := ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{
		GameName: aws.String("chess"), SnapshotId: e.createSnapshot("chess").Id,
	}))

	body := game("first", 100)
	first := sendHead(t, e.srv, sign(t, newPost(t, e.srv, len(body)), local, hashOf(body)))
	await(t, func() bool { return e.srv.Load().Requests == 1 })
	got := sendHead(t, e.srv, sign(t, newPost(t, e.srv, len(body)), local, hashOf(body))).receive()
	if got.status != 503 || got.code != "ServiceUnavailableException" || got.header.Get("Retry-After") != "1" || !strings.Contains(got.body, "maximum of 1 requests") {
		t.Errorf("second request: got %d %v %s, want 503 ServiceUnavailableException", got.status, got.header, got.body)
	}
	if status, _, _ := download(t, *export.S3Url); status != 200 {
		t.Errorf("download: got status %d, want 200", status)
	}
	connect := "/runtime/game/chess/stage/dev/connect?playerId=ann&gameKey=" + *stage.GameKey
	if got := send(t, e.srv, "GET", connect, ""); got.status != 426 { // not a WebSocket handshake
		t.Errorf("player connection: got %d %s, want status 426", got.status, got.body)
	}
	first.write(body)
	if got := first.receive(); got.status != 200 {
		t.Errorf("first request: got %d %s, want status 200", got.status, got.body)
	}
	await(t, func() bool { return e.srv.Load().Requests == 0 })
	if diff := cmp.Diff(server.Load{RefusedRequests: 1}, e.srv.Load()); diff != "" {
		t.Errorf("load (-want +got):\n%s", diff)
	}
}
