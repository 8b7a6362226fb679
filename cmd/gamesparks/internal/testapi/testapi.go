// Package testapi calls the test API of gamesparks-server, which is not part of the GameSparks API.
package testapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/testapi"
	"github.com/gamesparks-go/gamesparks/types"
)

// Client calls the test API with the endpoint, the region and the credentials of a client of the GameSparks API. It does not retry.
type Client struct{ options gamesparks.Options }

// New returns a client of the test API.
func New(client *gamesparks.Client) *Client { return &Client{client.Options()} }

// Fault is the JSON form of a fault.
type Fault = testapi.Fault

// Limits of the server.
const (
	MaxLatency     = testapi.MaxLatency     // MaxLatency limits the latency of a fault.
	MaxClockOffset = testapi.MaxClockOffset // MaxClockOffset limits the sum of all moves of the clock.
)

// Clock is the time of the server.
type Clock struct {
	// Time is the time of the server.
	Time time.Time

	// OffsetSeconds is the sum of all moves.
	OffsetSeconds float64
}

// ListFaults returns the faults of the account.
func (c *Client) ListFaults(ctx context.Context) ([]Fault, error) {
	var out struct{ Faults []Fault }
	err := c.call(ctx, "TestListFaults", http.MethodGet, nil, &out, "faults")
	return out.Faults, err
}

// AddFault adds a fault to the account.
func (c *Client) AddFault(ctx context.Context, f Fault) (Fault, error) {
	var out struct{ Fault Fault }
	err := c.call(ctx, "TestAddFault", http.MethodPost, f, &out, "faults")
	return out.Fault, err
}

// RemoveFault removes a fault of the account.
func (c *Client) RemoveFault(ctx context.Context, id string) error {
	return c.call(ctx, "TestRemoveFault", http.MethodDelete, nil, nil, "faults", url.PathEscape(id))
}

// RemoveFaults removes all faults of the account.
func (c *Client) RemoveFaults(ctx context.Context) error {
	return c.call(ctx, "TestRemoveFaults", http.MethodDelete, nil, nil, "faults")
}

// Reset deletes everything in the account.
func (c *Client) Reset(ctx context.Context) error {
	return c.call(ctx, "TestReset", http.MethodPost, nil, nil, "reset")
}

// GetClock returns the time of the server.
func (c *Client) GetClock(ctx context.Context) (out Clock, err error) {
	err = c.call(ctx, "TestGetClock", http.MethodGet, nil, &out, "clock")
	return out, err
}

// AdvanceClock moves the clock of the server forward.
func (c *Client) AdvanceClock(ctx context.Context, d time.Duration) (out Clock, err error) {
	in := struct{ AdvanceSeconds float64 }{d.Seconds()}
	err = c.call(ctx, "TestAdvanceClock", http.MethodPost, in, &out, "clock")
	return out, err
}

// call sends a request with the JSON form of in, and decodes the response to out. Both are optional. An error is a
// [*smithy.OperationError], as those of the SDK are.
func (c *Client) call(ctx context.Context, operation, method string, in, out any, path ...string) error {
	if err := c.send(ctx, method, in, out, path); err != nil {
		return &smithy.OperationError{ServiceID: gamesparks.ServiceID, OperationName: operation, Err: err}
	}
	return nil
}

// maxResponse limits the size of a response. The largest one has the maximum of 100 faults.
const maxResponse = 1 << 20

func (c *Client) send(ctx context.Context, method string, in, out any, path []string) error {
	request, err := c.newRequest(ctx, method, in, path)
	if err != nil {
		return err
	}
	response, err := c.options.HTTPClient.Do(request)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponse))
	if err != nil {
		return fmt.Errorf("read the response: %w", err)
	}
	if response.StatusCode == http.StatusOK && (out == nil || json.Unmarshal(body, out) == nil) {
		return nil
	}
	return &awshttp.ResponseError{
		RequestID:     response.Header.Get("X-Amzn-Requestid"),
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: response}, Err: newAPIError(response, body)},
	}
}

// newRequest returns a signed request.
func (c *Client) newRequest(ctx context.Context, method string, in any, path []string) (*http.Request, error) {
	endpoint, err := url.Parse(aws.ToString(c.options.BaseEndpoint))
	if err != nil {
		return nil, err
	}
	var body []byte
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, endpoint.JoinPath(append([]string{"test"}, path...)...).String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.options.Credentials == nil || aws.IsCredentialsProvider(c.options.Credentials, aws.AnonymousCredentials{}) {
		return request, nil
	}
	credentials, err := c.options.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	request.Header.Set("X-Amz-Content-Sha256", hash)
	return request, v4.NewSigner().SignHTTP(ctx, credentials, request, hash, "gamesparks", c.options.Region, time.Now())
}

// newAPIError returns the error of a response.
func newAPIError(response *http.Response, body []byte) error {
	code := response.Header.Get("X-Amzn-Errortype")
	var text struct{ Message string }
	if json.Unmarshal(body, &text) != nil || code == "" {
		return &smithy.GenericAPIError{Code: "UnknownError", Message: "unexpected response with status " + strings.ToLower(response.Status)}
	}
	switch code { // the types that gamesparks.IsThrottled and other predicates match
	case (&types.AccessDeniedException{}).ErrorCode():
		return &types.AccessDeniedException{Message: &text.Message}
	case (&types.ThrottlingException{}).ErrorCode():
		return &types.ThrottlingException{Message: &text.Message}
	case (&types.ValidationException{}).ErrorCode():
		return &types.ValidationException{Message: &text.Message}
	}
	return &smithy.GenericAPIError{Code: code, Message: text.Message}
}
