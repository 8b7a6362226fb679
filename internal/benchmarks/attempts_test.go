package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// responder returns the transport's response or error for each attempt.
type responder func() (*http.Response, error)

// dnsFailure returns a responder with the error that net/http returns for a host that cannot be resolved.
func dnsFailure(e net.DNSError) responder {
	e.Name = "gamesparks.us-east-1.amazonaws.com"
	return func() (*http.Response, error) { return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &e} }
}

// truncated returns a responder whose response body fails with err after part. If errorType is not empty, the response
// has it in a header.
func truncated(status int, errorType, part string, err error) responder {
	return func() (*http.Response, error) {
		header := http.Header{"Content-Type": {"application/json"}}
		if errorType != "" {
			header.Set("X-Amzn-Errortype", errorType)
		}
		body := io.MultiReader(strings.NewReader(part), failingReader{err})
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(body), ContentLength: -1}, nil
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// timeoutError is the error of a read whose deadline expired.
type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// TestAttempts compares the number of attempts with that of a current aws-sdk-go-v2 client, the peer. The peer makes
// the same number of attempts for all its operations.
func TestAttempts(t *testing.T) {
	t.Parallel()
	const notFound = "ResourceNotFoundException"
	eof := io.ErrUnexpectedEOF // the connection is closed before the end of the body
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	timeout := &net.OpError{Op: "read", Net: "tcp", Err: timeoutError{}}

	// attempts has the number of attempts that this SDK makes for a read, an idempotent write, and two writes that are
	// not idempotent.
	type attempts struct{ read, idempotent, create, modify int }
	all := func(n int) attempts { return attempts{n, n, n, n} }
	tests := map[string]struct {
		respond responder
		peer    int
		want    attempts
		reason  string // why the number differs from the peer's
	}{
		"DNS: no such host":  {dnsFailure(net.DNSError{Err: "no such host", IsNotFound: true}), 1, all(1), ""},
		"DNS: server fails":  {dnsFailure(net.DNSError{Err: "server misbehaving", IsTemporary: true}), 3, all(3), ""},
		"DNS: timeout":       {dnsFailure(net.DNSError{Err: "i/o timeout", IsTimeout: true}), 3, all(3), ""},
		"DNS: other failure": {dnsFailure(net.DNSError{Err: "no response"}), 3, all(3), ""},

		"404: closed":                    {truncated(404, notFound, `{"mess`, eof), 1, all(1), ""},
		"404 without type: closed":       {truncated(404, "", `{"mess`, eof), 1, all(1), ""},
		"404 without type: reset":        {truncated(404, "", `{"mess`, reset), 3, all(3), ""},
		"404 without type: timeout":      {truncated(404, "", `{"mess`, timeout), 3, all(3), ""},
		"404 without body: reset":        {truncated(404, "", "", reset), 3, all(3), ""},
		"404: reset":                     {truncated(404, notFound, `{"mess`, reset), 3, all(1), errorTypeKnown},
		"404: timeout":                   {truncated(404, notFound, `{"mess`, timeout), 3, all(1), errorTypeKnown},
		"404 with type in body: reset":   {truncated(404, "", `{"__type":"ResourceNotFoundException","mess`, reset), 3, all(1), errorTypeKnown},
		"400 ThrottlingException: reset": {truncated(400, "ThrottlingException", `{"mess`, reset), 3, all(3), ""},
		"500: closed":                    {truncated(500, "InternalServerException", `{"mess`, eof), 3, all(3), ""},
		"500: reset":                     {truncated(500, "InternalServerException", `{"mess`, reset), 3, all(3), ""},

		"200: closed":              {truncated(200, "", `{"Ga`, eof), 1, attempts{3, 3, 1, 1}, retriesIdempotentOnly},
		"200 without body: closed": {truncated(200, "", ``, eof), 1, attempts{3, 3, 1, 1}, retriesIdempotentOnly},
		"200: reset":               {truncated(200, "", `{"Ga`, reset), 3, attempts{3, 3, 1, 1}, retriesIdempotentOnly},
		"200: timeout":             {truncated(200, "", `{"Ga`, timeout), 3, attempts{3, 3, 1, 1}, retriesIdempotentOnly},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if differs := test.want != all(test.peer); differs != (test.reason != "") {
				t.Errorf("reason = %q, want a reason if and only if the number of attempts differs from the peer's", test.reason)
			}
			for op, do := range peerOperations {
				if n := countAttempts(t, test.respond, func(c *http.Client) error { return do(lambda.NewFromConfig(config(c))) }); n != test.peer {
					t.Errorf("%s: %d attempts, want %d", op, n, test.peer)
				}
			}
			for path, newClient := range map[string]func(*http.Client) *gamesparks.Client{"direct": newSDK, "stack": withMiddleware} {
				for op, operation := range map[string]struct {
					do   func(*gamesparks.Client) error
					want int
				}{
					"GetGame":                 {getGame, test.want.read},
					"UpdateGame":              {updateGame, test.want.idempotent},
					"CreateGame":              {createGame, test.want.idempotent}, // idempotent because of its ClientToken
					"CreateSnapshot":          {createSnapshot, test.want.create},
					"UpdateGameConfiguration": {updateGameConfiguration, test.want.modify},
				} {
					n := countAttempts(t, test.respond, func(c *http.Client) error { return operation.do(newClient(c)) })
					if n != operation.want {
						t.Errorf("%s, %s: %d attempts, want %d (%s)", op, path, n, operation.want, test.reason)
					}
				}
			}
		})
	}
}

const (
	errorTypeKnown        = "the response has the error type, and a retry would not change the error"
	retriesIdempotentOnly = "the call has succeeded, so only idempotent operations are retried, whatever closed the connection"
)

// countAttempts returns the number of requests that a failing call sends. It runs in a synctest bubble, so backoff
// takes no real time.
func countAttempts(t *testing.T, respond responder, call func(*http.Client) error) (n int) {
	synctest.Test(t, func(t *testing.T) {
		err := call(&http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
			n++
			return respond()
		})})
		if err == nil {
			t.Error("the call succeeded, want an error")
		}
	})
	return n
}

func config(client *http.Client) aws.Config {
	return aws.Config{Region: "us-east-1", Credentials: provider, HTTPClient: client}
}

func getGame(c *gamesparks.Client) error {
	_, err := c.GetGame(ctx, &gamesparks.GetGameInput{GameName: name})
	return err
}

func updateGame(c *gamesparks.Client) error {
	_, err := c.UpdateGame(ctx, &gamesparks.UpdateGameInput{GameName: name, Description: name})
	return err
}

func createGame(c *gamesparks.Client) error {
	_, err := c.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: name})
	return err
}

func createSnapshot(c *gamesparks.Client) error {
	_, err := c.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: name})
	return err
}

func updateGameConfiguration(c *gamesparks.Client) error {
	_, err := c.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{GameName: name, Modifications: []types.SectionModification{
		{Operation: types.OperationRemove, Path: new("/a"), Section: new("S")},
	}})
	return err
}

// peerOperations has a read and two writes of the peer client.
var peerOperations = map[string]func(*lambda.Client) error{
	"GetFunction": func(c *lambda.Client) error {
		_, err := c.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: name})
		return err
	},
	"UpdateFunctionConfiguration": func(c *lambda.Client) error {
		_, err := c.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{FunctionName: name})
		return err
	},
	"CreateFunction": func(c *lambda.Client) error {
		_, err := c.CreateFunction(context.Background(), &lambda.CreateFunctionInput{FunctionName: name, Role: name, Code: &lambdatypes.FunctionCode{}})
		return err
	},
}
