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

// answer is what the transport returns for every attempt.
type answer func() (*http.Response, error)

// dnsFailure fails as net/http does when it cannot resolve the host.
func dnsFailure(e net.DNSError) answer {
	e.Name = "gamesparks.us-east-1.amazonaws.com"
	return func() (*http.Response, error) { return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &e} }
}

// truncated responds with a body that is read as far as part and then fails with err. errorType is the error type in the
// header of the response; empty means that the header has none.
func truncated(status int, errorType, part string, err error) answer {
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

// timeoutError is the error of a read deadline.
type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// TestAttempts compares the number of attempts with that of a current client, which is the same for all of its operations.
func TestAttempts(t *testing.T) {
	t.Parallel()
	const notFound = "ResourceNotFoundException"
	eof := io.ErrUnexpectedEOF // the connection is closed before the end of the body
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	timeout := &net.OpError{Op: "read", Net: "tcp", Err: timeoutError{}}

	// attempts are those of this client by operation: a read, a write that can be repeated, and writes that cannot.
	type attempts struct{ read, repeatable, create, modify int }
	all := func(n int) attempts { return attempts{n, n, n, n} }
	tests := map[string]struct {
		answer answer
		peer   int
		want   attempts
		reason string // why the number differs from the peer's
	}{
		"DNS: no such host":  {dnsFailure(net.DNSError{Err: "no such host", IsNotFound: true}), 1, all(1), ""},
		"DNS: server fails":  {dnsFailure(net.DNSError{Err: "server misbehaving", IsTemporary: true}), 3, all(3), ""},
		"DNS: timeout":       {dnsFailure(net.DNSError{Err: "i/o timeout", IsTimeout: true}), 3, all(3), ""},
		"DNS: other failure": {dnsFailure(net.DNSError{Err: "no answer"}), 3, all(3), ""},

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

		"200: closed":              {truncated(200, "", `{"Ga`, eof), 1, attempts{3, 3, 1, 1}, repeatsWhatIsRepeatable},
		"200 without body: closed": {truncated(200, "", ``, eof), 1, attempts{3, 3, 1, 1}, repeatsWhatIsRepeatable},
		"200: reset":               {truncated(200, "", `{"Ga`, reset), 3, attempts{3, 3, 1, 1}, repeatsWhatIsRepeatable},
		"200: timeout":             {truncated(200, "", `{"Ga`, timeout), 3, attempts{3, 3, 1, 1}, repeatsWhatIsRepeatable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if differs := test.want != all(test.peer); differs != (test.reason != "") {
				t.Errorf("reason is %q, want one if and only if the numbers differ", test.reason)
			}
			for op, do := range peerOperations {
				if n := countAttempts(t, test.answer, func(c *http.Client) error { return do(lambda.NewFromConfig(config(c))) }); n != test.peer {
					t.Errorf("%s: %d attempts, want %d", op, n, test.peer)
				}
			}
			for path, newClient := range map[string]func(*http.Client) *gamesparks.Client{"direct": ours, "stack": withMiddleware} {
				for op, operation := range map[string]struct {
					do   func(*gamesparks.Client) error
					want int
				}{
					"GetGame":                 {getGame, test.want.read},
					"UpdateGame":              {updateGame, test.want.repeatable},
					"CreateGame":              {createGame, test.want.repeatable}, // its ClientToken makes it so
					"CreateSnapshot":          {createSnapshot, test.want.create},
					"UpdateGameConfiguration": {updateGameConfiguration, test.want.modify},
				} {
					n := countAttempts(t, test.answer, func(c *http.Client) error { return operation.do(newClient(c)) })
					if n != operation.want {
						t.Errorf("%s, %s: %d attempts, want %d (%s)", op, path, n, operation.want, test.reason)
					}
				}
			}
		})
	}
}

const (
	errorTypeKnown          = "the error type has arrived, and a retry would not change it"
	repeatsWhatIsRepeatable = "the call has succeeded; only what can be repeated without another effect is retried, however the connection ends"
)

// countAttempts returns the number of requests that a failing call sends. Delays pass in fake time.
func countAttempts(t *testing.T, a answer, call func(*http.Client) error) (n int) {
	synctest.Test(t, func(t *testing.T) {
		err := call(&http.Client{Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
			n++
			return a()
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
		{Operation: types.OperationRemove, Path: aws.String("/a"), Section: aws.String("S")},
	}})
	return err
}

// peerOperations are a read and two writes of the peer.
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
