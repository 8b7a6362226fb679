package server_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/types"
)

func inject(t *testing.T, srv *server.Server, f server.Fault) (remove func()) {
	t.Helper()
	remove, err := srv.Inject(f)
	if err != nil {
		t.Fatal(err)
	}
	return remove
}

// once configures a client not to retry. patient configures a client to retry without delay.
func once(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} }

func patient(o *gamesparks.Options) {
	o.Retryer = retry.NewStandard(func(so *retry.StandardOptions) {
		so.MaxAttempts = 4
		so.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

func TestInjectedErrors(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	client := srv.Client(once)
	for _, test := range []struct {
		fault  server.Fault
		status int
	}{
		{server.Fault{Code: "ThrottlingException"}, 429},
		{server.Fault{Code: "InternalServerException"}, 500},
		{server.Fault{Code: "AccessDeniedException"}, 403},
		{server.Fault{Code: "ServiceUnavailable", Status: 503}, 503},
		{server.Fault{Code: "SomethingElse", Status: 500}, 500},
		{server.Fault{Code: "ThrottlingException", Status: 400}, 400},
	} {
		remove := inject(t, srv, test.fault)
		_, err := client.ListGames(t.Context(), nil)
		var api smithy.APIError
		var resp interface{ HTTPStatusCode() int }
		if !errors.As(err, &api) || !errors.As(err, &resp) || api.ErrorCode() != test.fault.Code || resp.HTTPStatusCode() != test.status {
			t.Errorf("%+v: got error %v, want status %d", test.fault, err, test.status)
		}
		remove()
		remove()
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Errorf("%+v: error after removing the fault: %v", test.fault, err)
		}
	}
}

func TestFaultsByOperationAndCount(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	client := srv.Client(once)
	removeFirst := inject(t, srv, server.Fault{Operation: "GetGame", Count: 2, Code: "ThrottlingException"})
	inject(t, srv, server.Fault{Operation: "GetGame", Count: 1, Code: "InternalServerException"})
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Errorf("the fault affects another operation: %v", err)
	}
	for i, want := range []func(error) bool{
		gamesparks.IsThrottled, gamesparks.IsThrottled,
		func(err error) bool { var e *types.InternalServerException; return errors.As(err, &e) },
		gamesparks.IsNotFound,
	} {
		if _, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("none")}); !want(err) {
			t.Errorf("request %d: unexpected error %v", i, err)
		}
	}
	removeFirst() // a no-op, since the fault has reached its count
}

func TestFaultsByProbability(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	client := srv.Client(once)
	inject(t, srv, server.Fault{Probability: 0.5, Code: "ThrottlingException"})
	const n = 200
	throttled := 0
	for range n {
		if _, err := client.ListGames(t.Context(), nil); gamesparks.IsThrottled(err) {
			throttled++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	// The count is outside these bounds with a probability of less than 10^-20.
	if throttled < n/6 || throttled > n-n/6 {
		t.Errorf("%d of %d requests were throttled", throttled, n)
	}
}

func TestBrokenResponses(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	client := srv.Client(once)
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: aws.String("chess")}); err != nil {
		t.Fatal(err)
	}
	var deserialization *smithy.DeserializationError
	for name, fault := range map[string]server.Fault{
		"connection dropped": {DropConnection: true},
		"response dropped":   {DropResponse: true},
		"truncated":          {Truncate: true},
		"malformed":          {Malformed: true},
	} {
		fault.Count = 1
		inject(t, srv, fault)
		_, err := client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: aws.String("chess")})
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if (name == "malformed" || name == "truncated") != errors.As(err, &deserialization) {
			t.Errorf("%s: unexpected type of error: %v", name, err)
		}
		if _, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("chess")}); err != nil {
			t.Errorf("error after fault %s: %v", name, err)
		}
	}
}

// TestBrokenErrors checks that faults that corrupt responses also affect error responses.
func TestBrokenErrors(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	unsigned := send(t, srv, "GET", "/game", "").body
	for name, test := range map[string]struct {
		fault server.Fault
		body  string // the received part of the body
		err   error  // the error from reading the body
	}{
		"none":      {server.Fault{}, unsigned, nil},
		"malformed": {server.Fault{Malformed: true}, "<malformed>" + unsigned, nil},
		"truncated": {server.Fault{Truncate: true}, unsigned[:len(unsigned)/2], io.ErrUnexpectedEOF},
		"injected":  {server.Fault{Code: "ThrottlingException", Malformed: true}, `<malformed>{"Message":"This error was injected."}`, nil},
	} {
		test.fault.Count = 1
		inject(t, srv, test.fault)
		resp, err := http.Get(srv.URL + "/game")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode/100 != 4 || resp.Header.Get("X-Amzn-ErrorType") == "" || string(body) != test.body || !errors.Is(err, test.err) {
			t.Errorf("%s: got status %s, body %s, error %v; want body %s, error %v",
				name, resp.Status, body, err, test.body, test.err)
		}
	}
	inject(t, srv, server.Fault{DropResponse: true})
	resp, err := http.Post(srv.URL+"/game", "application/json", nil)
	if err == nil {
		_ = resp.Body.Close()
		t.Errorf("dropped response: the client received %s", resp.Status)
	}
}

// TestLostResponse checks that a write takes effect if its response is dropped, but not if its request is dropped. In
// both cases, a client that retries with the same token succeeds.
func TestLostResponse(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	exists := func(name string) bool {
		t.Helper()
		_, err := srv.Client().GetGame(t.Context(), &gamesparks.GetGameInput{GameName: &name})
		if err != nil && !gamesparks.IsNotFound(err) {
			t.Fatal(err)
		}
		return err == nil
	}
	for name, fault := range map[string]server.Fault{"response-dropped": {DropResponse: true}, "connection-dropped": {DropConnection: true}} {
		fault.Operation, fault.Count = "CreateGame", 1
		inject(t, srv, fault)
		if _, err := srv.Client(once).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &name}); err == nil {
			t.Errorf("%s: no error", name)
		}
		if exists(name) != fault.DropResponse {
			t.Errorf("%s: game exists = %v", name, exists(name))
		}
		fault.Count = 3
		inject(t, srv, fault)
		again := name + "-patient"
		if _, err := srv.Client(patient).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &again}); err != nil {
			t.Errorf("%s: call failed despite retries: %v", name, err)
		}
	}
}

// TestLatency checks that Latency delays a request. The client gives up before the delay ends.
func TestLatency(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	remove := inject(t, srv, server.Fault{Latency: time.Hour, Operation: "CreateGame"})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := srv.Client(once).CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess")})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
	}
	remove()
	inject(t, srv, server.Fault{Latency: time.Millisecond})
	if _, err := srv.Client(once).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: aws.String("chess")}); err != nil {
		t.Error(err)
	}
}

func TestBadFaults(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	for want, fault := range map[string]server.Fault{
		"operation":   {Operation: "MakeGame"},
		"probability": {Probability: 1.5},
		"count":       {Count: -1},
		"latency":     {Latency: -1},
		"status":      {Code: "X", Status: 200},
		"set Code":    {Status: http.StatusTeapot},
		`code "Thrtle" is unknown: set Status, or use one of AccessDeniedException, ConflictException, InternalServerException, PreconditionFailedException, ResourceNotFoundException, ` +
			"ServiceQuotaExceededException, ThrottlingException, ValidationException": {Code: "Thrtle"},
	} {
		if _, err := srv.Inject(fault); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got error %v, want one that contains %q", fault, err, want)
		}
	}
}

// get requests a URL without retries. It uses a new transport, because http.Transport retries a GET if a reused
// connection is dropped.
func get(t *testing.T, url string) (status int, header http.Header, body string, err error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(content), err
}

func TestFaultsOnDownloads(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	url := *ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{
		GameName: aws.String("chess"), SnapshotId: e.createSnapshot("chess").Id,
	})).S3Url
	const file = `{"Document":{"Type":"Game","Sections":{}}}`
	for name, test := range map[string]struct {
		fault  server.Fault
		status int // 0 if there is no response
		body   string
		err    error
	}{
		"another operation":  {server.Fault{Operation: "CreateGame", DropConnection: true}, 200, file, nil},
		"dropped connection": {server.Fault{Operation: "Download", DropConnection: true}, 0, "", io.EOF},
		"dropped response":   {server.Fault{DropResponse: true}, 0, "", io.EOF},
		"truncated":          {server.Fault{Operation: "Download", Truncate: true}, 200, file[:len(file)/2], io.ErrUnexpectedEOF},
		"malformed":          {server.Fault{Malformed: true}, 200, "<malformed>" + file, nil},
		"error": {server.Fault{Operation: "Download", Code: "SlowDown", Status: 503}, 503, `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SlowDown</Code><Message>This error was injected.</Message></Error>`, nil},
		"latency": {server.Fault{Operation: "Download", Latency: time.Millisecond}, 200, file, nil},
	} {
		remove := inject(t, e.srv, test.fault)
		status, header, body, err := get(t, url)
		remove()
		if status != test.status || body != test.body || !errors.Is(err, test.err) {
			t.Errorf("%s: got status %d, body %s, error %v; want %d, %s, %v",
				name, status, body, err, test.status, test.body, test.err)
		}
		if want := "application/json"; status == 200 && header.Get("Content-Type") != want {
			t.Errorf("%s: got content type %s, want %s", name, header.Get("Content-Type"), want)
		}
	}
}

func TestFaultsOnPlayerConnections(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	stage := e.deployed("dev")
	for name, test := range map[string]struct {
		fault  server.Fault
		status int // status of the error response, 0 if there is no response
		code   string
	}{
		"dropped connection": {server.Fault{Operation: "Connect", DropConnection: true}, 0, ""},
		"dropped response":   {server.Fault{Operation: "Connect", DropResponse: true}, 0, ""},
		"error":              {server.Fault{Operation: "Connect", Code: "ThrottlingException"}, 429, "ThrottlingException"},
		"all operations":     {server.Fault{Code: "InternalServerException"}, 500, "InternalServerException"},
	} {
		remove := inject(t, e.srv, test.fault)
		conn, resp, err := e.dial("chess", "dev", "ann", *stage.GameKey)
		remove()
		if err == nil {
			t.Errorf("%s: the player could connect", name)
			_ = conn.CloseNow()
			continue
		}
		status, code := 0, ""
		if resp != nil {
			status, code = resp.StatusCode, resp.Header.Get("X-Amzn-ErrorType")
		}
		if status != test.status || code != test.code {
			t.Errorf("%s: got status %d %s, error %v; want %d %s", name, status, code, err, test.status, test.code)
		}
		// After a dropped response, the server removes the connection when it finds that the client has disconnected.
		await(t, func() bool { return len(e.connections("dev", "ann")) == 0 })
	}
	rejectedURL := e.srv.URL + "/runtime/game/chess/stage/dev/connect?playerId=ann&gameKey=wrong"
	remove := inject(t, e.srv, server.Fault{Operation: "Connect", Malformed: true})
	if status, _, body, err := get(t, rejectedURL); status != 403 || !strings.HasPrefix(body, "<malformed>{") || err != nil {
		t.Errorf("malformed error response: got status %d, body %s, error %v", status, body, err)
	}
	remove()
	// Truncate and Malformed do not affect an accepted connection, because the response has no body.
	for _, fault := range []server.Fault{{Truncate: true}, {Malformed: true}, {Latency: time.Millisecond}, {Operation: "Download", DropConnection: true}} {
		remove := inject(t, e.srv, fault)
		conn, _, err := e.dial("chess", "dev", "bob", *stage.GameKey)
		remove()
		if err != nil {
			t.Errorf("%+v: %v", fault, err)
			continue
		}
		_ = conn.CloseNow()
	}
}

func TestClearFaults(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	remove := inject(t, srv, server.Fault{Operation: "ListGames", Code: "ThrottlingException"})
	inject(t, srv, server.Fault{DropConnection: true})
	srv.ClearFaults()
	if _, err := srv.Client(once).ListGames(t.Context(), nil); err != nil {
		t.Errorf("error after ClearFaults: %v", err)
	}
	remove() // a no-op
	inject(t, srv, server.Fault{Code: "ThrottlingException"})
	if _, err := srv.Client(once).ListGames(t.Context(), nil); !gamesparks.IsThrottled(err) {
		t.Errorf("fault injected after ClearFaults: got error %v, want a ThrottlingException", err)
	}
	srv.ClearFaults()
	srv.ClearFaults()
	if _, err := srv.Client(once).ListGames(t.Context(), nil); err != nil {
		t.Errorf("error after the second ClearFaults: %v", err)
	}
}
