package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/internal/pipetest"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// stopping is a service behind an HTTP server, in a bubble with a fake clock.
type stopping struct {
	*testing.T
	*server.Service
	listener *pipetest.Listener
	start    time.Time
}

func shutdownTest(t *testing.T, test func(*stopping), opts ...server.Option) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service, err := server.New(append([]server.Option{server.WithAnonymousAccess()}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		s := &stopping{t, service, pipetest.NewListener(), time.Now()}
		httpServer := &http.Server{Handler: service}
		served := make(chan error)
		go func() { served <- httpServer.Serve(s.listener) }()
		test(s)
		if err := errors.Join(httpServer.Close(), service.Close()); err != nil {
			t.Error(err)
		}
		<-served
	})
}

// send sends a request for CreateGame, but only the first n bytes of its body. The result receives the status, the error
// code and the time of the response.
func (s *stopping) send(n int) (conn net.Conn, rest string, result chan string) {
	s.Helper()
	conn, err := s.listener.Dial(s.Context(), "", "")
	if err != nil {
		s.Fatal(err)
	}
	const body = `{"GameName":"slow"}`
	if _, err := fmt.Fprintf(conn, "POST /game HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:n]); err != nil {
		s.Fatal(err)
	}
	result = make(chan string, 1)
	go func() {
		defer conn.Close()
		response, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
		if err != nil {
			result <- err.Error()
			return
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || !strings.HasPrefix(string(text), "{") {
			s.Errorf("got body %q, error %v", text, err)
		}
		result <- fmt.Sprint(response.StatusCode, " ", response.Header.Get("X-Amzn-Errortype"), " after ", time.Since(s.start))
	}()
	synctest.Wait()
	return conn, body[n:], result
}

// shutdown calls Shutdown with a time limit. It returns the error and the time that the call took.
func (s *stopping) shutdown(limit time.Duration) string {
	ctx, cancel := context.WithTimeout(s.Context(), limit)
	defer cancel()
	start := time.Now()
	err := s.Service.Shutdown(ctx)
	return fmt.Sprint(err, " after ", time.Since(start))
}

func (s *stopping) expect(what, got, want string) {
	s.Helper()
	if got != want {
		s.Errorf("%s: got %s, want %s", what, got, want)
	}
}

func TestShutdownIdle(t *testing.T) {
	shutdownTest(t, func(s *stopping) {
		s.expect("Shutdown", s.shutdown(time.Minute), "<nil> after 0s")
		s.expect("a second Shutdown", s.shutdown(time.Minute), "<nil> after 0s")
	})
}

// TestShutdownBodies checks that requests whose body is complete in time succeed, and that others are refused.
func TestShutdownBodies(t *testing.T) {
	shutdownTest(t, func(s *stopping) {
		_, _, late := s.send(5)
		conn, rest, inTime := s.send(5)
		stopped := make(chan string)
		go func() { stopped <- s.shutdown(time.Minute) }()
		synctest.Wait()
		<-time.After(time.Second)
		_, _, later := s.send(7) // it begins after Shutdown
		if _, err := io.WriteString(conn, rest); err != nil {
			t.Error(err)
		}
		s.expect("complete after a second", <-inTime, "200  after 1s")
		s.expect("incomplete", <-late, "503 ServiceUnavailableException after 2s")
		s.expect("begun during the shutdown", <-later, "503 ServiceUnavailableException after 2s")
		s.expect("Shutdown", <-stopped, "<nil> after 2s")
	})
}

// TestShutdownTimeout checks that requests still active at the time limit fail with a response.
func TestShutdownTimeout(t *testing.T) {
	shutdownTest(t, func(s *stopping) {
		if _, err := s.Inject(server.Fault{Operation: "CreateGame", Latency: time.Hour}); err != nil {
			t.Fatal(err)
		}
		_, _, slow := s.send(19)
		s.expect("Shutdown", s.shutdown(15*time.Second), "context deadline exceeded after 15s")
		s.expect("slow request", <-slow, "503 ServiceUnavailableException after 15s")
		s.ClearFaults()
		_, _, later := s.send(19)
		s.expect("request after Shutdown", <-later, "503 ServiceUnavailableException after 15s")
		_, _, incomplete := s.send(5)
		s.expect("incomplete request after Shutdown", <-incomplete, "503 ServiceUnavailableException after 15s")
	})
}

// TestShutdownShortTimeout checks that a time limit shorter than the grace for bodies applies to them.
func TestShutdownShortTimeout(t *testing.T) {
	shutdownTest(t, func(s *stopping) {
		_, _, late := s.send(5)
		s.expect("Shutdown", s.shutdown(time.Second), "context deadline exceeded after 1s")
		s.expect("incomplete", <-late, "503 ServiceUnavailableException after 1s")
	})
}

// stuckStore is a store whose updates wait for a channel, and ignore the context.
type stuckStore struct {
	storage.Store
	stuck chan struct{}
}

func (s *stuckStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	if s.stuck != nil {
		<-s.stuck
	}
	return s.Store.Update(context.WithoutCancel(ctx), fn)
}

// TestShutdownStuckRequest checks that Shutdown does not wait forever for a request that cannot be ended, and that a request
// that completes nevertheless reports its success.
func TestShutdownStuckRequest(t *testing.T) {
	store := &stuckStore{Store: storage.NewMemory()}
	shutdownTest(t, func(s *stopping) {
		store.stuck = make(chan struct{})
		_, _, result := s.send(19)
		s.expect("Shutdown", s.shutdown(15*time.Second), "context deadline exceeded after 16s")
		close(store.stuck)
		s.expect("stuck request", <-result, "200  after 16s")
	}, server.WithStore(store))
}

// slowStore is a store whose updates take time, unless their context is done.
type slowStore struct {
	storage.Store
	delay time.Duration
}

func (s *slowStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	select {
	case <-time.After(s.delay):
		return s.Store.Update(ctx, fn)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestShutdownSlowRequest checks that the deadline for bodies does not affect a request whose body was in time.
func TestShutdownSlowRequest(t *testing.T) {
	store := &slowStore{Store: storage.NewMemory()}
	shutdownTest(t, func(s *stopping) {
		store.delay = 10 * time.Second
		conn, rest, result := s.send(5)
		stopped := make(chan string)
		go func() { stopped <- s.shutdown(time.Minute) }()
		<-time.After(time.Second)
		if _, err := io.WriteString(conn, rest); err != nil {
			t.Error(err)
		}
		s.expect("slow request", <-result, "200  after 11s")
		s.expect("Shutdown", <-stopped, "<nil> after 11s")
	}, server.WithStore(store))
}

// TestShutdownCompleteBody checks that the grace for bodies does not limit the time for handling a request.
func TestShutdownCompleteBody(t *testing.T) {
	shutdownTest(t, func(s *stopping) {
		if _, err := s.Inject(server.Fault{Operation: "CreateGame", Latency: 10 * time.Second}); err != nil {
			t.Fatal(err)
		}
		_, _, slow := s.send(19)
		s.expect("Shutdown", s.shutdown(time.Minute), "<nil> after 10s")
		s.expect("slow request", <-slow, "200  after 10s")
	})
}

// TestShutdownUnreadBodies checks that the incomplete body of a request whose handler does not read it delays neither the
// response nor the shutdown for more than two seconds.
func TestShutdownUnreadBodies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		head func(*env) string
		want string
	}{
		"other handler":       {func(*env) string { return "GET /other HTTP/1.1" }, "200 after 2s"},
		"other handler, long": {func(*env) string { return "GET /other?size=100000 HTTP/1.1" }, "200 after 2s"},
		"refused host":        {func(*env) string { return "GET /other HTTP/1.1\r\nHost: evil.example" }, "403 after 2s"},
		"download":            {downloadHead, "200 after 2s"},
		"continue":            {func(*env) string { return "PUT /game HTTP/1.1\r\nExpect: 100-continue" }, "405 after 0s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A store with connections or goroutines must not serve both this test and its bubble.
			e := newEnv(t, server.WithStore(storage.NewMemory()))
			head := test.head(e)
			if !strings.Contains(head, "Host:") {
				head += "\r\nHost: localhost"
			}
			synctest.Test(t, func(t *testing.T) {
				listener := pipetest.NewListener()
				other := e.srv.HostCheck(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					size, _ := strconv.Atoi(r.URL.Query().Get("size"))
					_, _ = io.WriteString(w, strings.Repeat("x", size))
				}))
				httpServer := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/other" {
						other.ServeHTTP(w, r)
					} else {
						e.srv.Service.ServeHTTP(w, r)
					}
				})}
				served := make(chan error)
				go func() { served <- httpServer.Serve(listener) }()
				conn, err := listener.Dial(t.Context(), "", "")
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				start := time.Now()
				if _, err := io.WriteString(conn, head+"\r\nContent-Length: 10\r\n\r\n123"); err != nil {
					t.Fatal(err)
				}
				responded := make(chan string, 1)
				go func() {
					response, err := http.ReadResponse(bufio.NewReader(conn), nil)
					if err != nil {
						responded <- err.Error()
						return
					}
					result := fmt.Sprint(response.StatusCode, " after ", time.Since(start))
					_, err = io.Copy(io.Discard, response.Body)
					if err := errors.Join(err, response.Body.Close()); err != nil {
						result += ": " + err.Error()
					}
					responded <- result
				}()
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := errors.Join(e.srv.Service.Shutdown(ctx), httpServer.Shutdown(ctx)); err != nil {
					t.Errorf("Shutdown: %v", err)
				}
				if took := time.Since(start); took > 3*time.Second { // httpServer polls the connections
					t.Errorf("Shutdown took %v, want two seconds", took)
				}
				if err := httpServer.Close(); err != nil {
					t.Error(err)
				}
				if got := <-responded; got != test.want {
					t.Errorf("response: got %s, want %s", got, test.want)
				}
				<-served
			})
		})
	}
}

// downloadHead returns the request line and the Host header of a request for an exported snapshot.
func downloadHead(e *env) string {
	e.Helper()
	e.createGame("chess")
	snapshot := ok[*gamesparks.CreateSnapshotOutput](e)(e.CreateSnapshot(e.ctx, &gamesparks.CreateSnapshotInput{GameName: aws.String("chess")}))
	export := ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{
		GameName: aws.String("chess"), SnapshotId: snapshot.Snapshot.Id,
	}))
	u, err := url.Parse(*export.S3Url)
	if err != nil {
		e.Fatal(err)
	}
	return fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s", u.RequestURI(), u.Host)
}

// TestShutdownPlayers checks that Shutdown and Close disconnect players with status 1001.
func TestShutdownPlayers(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*server.Server) error{
		"Shutdown": func(s *server.Server) error { return s.Shutdown(context.Background()) },
		"Close":    (*server.Server).Close,
	} {
		e := newEnv(t)
		e.createGame("chess")
		stage := e.deployed("dev")
		_, ended := e.join(stage, "ann")
		if err := stop(e.srv); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var closed websocket.CloseError
		if err := <-ended; !errors.As(err, &closed) {
			t.Errorf("%s: the connection ended with %v", name, err)
		} else if diff := cmp.Diff(websocket.CloseError{Code: websocket.StatusGoingAway, Reason: "The server is shutting down."}, closed); diff != "" {
			t.Errorf("%s: close frame (-want +got):\n%s", name, diff)
		}
	}
}

// waitingStore is a store whose updates report that they have begun, and then wait until their context is done.
type waitingStore struct {
	storage.Store
	begun chan struct{}
}

func (s *waitingStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	if s.begun == nil {
		return s.Store.Update(ctx, fn)
	}
	s.begun <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}

// TestCloseEndsRequests checks that a request in flight gets a response when the server is closed.
func TestCloseEndsRequests(t *testing.T) {
	t.Parallel()
	store := &waitingStore{Store: storage.NewMemory()}
	e := newEnv(t, server.WithStore(store))
	store.begun = make(chan struct{})
	client := e.srv.Client(once)
	result := make(chan error)
	go func() {
		_, err := client.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess")})
		result <- err
	}()
	<-store.begun
	if err := e.srv.Close(); err != nil {
		t.Error(err)
	}
	if err := <-result; err == nil || !strings.Contains(err.Error(), "StatusCode: 503") || !strings.Contains(err.Error(), "ServiceUnavailableException: The service is shutting down.") {
		t.Errorf("got error %v, want a ServiceUnavailableException", err)
	}
}
