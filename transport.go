package gamesparks

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"time"
	"weak"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// defaultReadTimeout limits each wait for data from a connection, unless the HTTP client has its own read timeout.
const defaultReadTimeout = 5 * time.Minute

// send sends a request. It stores the limited response body in *body.
func (c *call) send(req *http.Request, body *limitedBody) (*http.Response, error) {
	var client HTTPClient
	if c.options == c.client.options {
		client = c.client.transport()
	} else {
		client = c.options.transport()
	}
	c.outcome.beginAttempt()
	resp, err := client.Do(req)
	if err != nil && isUnreachable(err) {
		c.outcome.rejected()
		if c.regionalHost != "" && req.URL.Host == c.regionalHost {
			err = &serviceClosedError{err}
		}
	}
	if resp != nil {
		c.options.limitBody(resp, body)
	}
	return resp, err
}

// deserialize decodes the response into an output or an error.
func (c *call) deserialize(resp *smithyhttp.Response) error {
	if !isSuccess(resp.StatusCode) {
		return c.responseError(resp)
	}
	out := c.output.New()
	if !c.op.HasOutput() {
		// The call succeeded. An unexpected body, for example from a proxy, must not turn it into an error.
		c.out = out
		return nil
	}
	body, err := readBody(resp, math.MaxInt64)
	if err != nil {
		err = c.bodyError(err)
	} else {
		err = restjson.Decode(body, &serde.Shape{Schema: c.op.Output, Type: c.output, Value: out})
	}
	if err != nil {
		return &smithy.DeserializationError{Err: err, Snapshot: redact(body[:min(len(body), maxSnapshot)])}
	}
	c.out = out
	return nil
}

func isSuccess(status int) bool { return status >= 200 && status <= 299 }

// recordClockOffset stores the clock offset measured by the attempt, for the signature of the next attempt.
func (c *call) recordClockOffset(metadata middleware.Metadata) {
	if offset, ok := awsmiddleware.GetAttemptSkew(metadata); ok {
		c.clockOffset, c.hasClockOffset = offset, true
	}
}

// isUnreachable reports whether err means that no connection to the host could be opened.
func isUnreachable(err error) bool {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// serviceClosedError is the error for a regional endpoint that cannot be reached. Since the hosted service is closed, the
// likely cause is a missing endpoint, not the network.
type serviceClosedError struct{ err error }

func (e *serviceClosedError) Error() string {
	return fmt.Sprintf("%v: the hosted service was closed in October 2023: set BaseEndpoint or AWS_ENDPOINT_URL_GAMESPARKS, which config.LoadDefaultConfig reads", e.err)
}

func (e *serviceClosedError) Unwrap() error { return e.err }

// transport returns the HTTP client without redirects. The API does not redirect, and following a redirect would leak
// credentials: http.Client forwards the session token to every host, and the signature to every port of the first host.
func (o *Options) transport() HTTPClient {
	switch client := o.HTTPClient.(type) {
	case *http.Client:
		return withoutRedirects(client)
	case *awshttp.BuildableClient:
		return frozen(client)
	}
	return o.HTTPClient
}

func withoutRedirects(client *http.Client) HTTPClient {
	to := *client
	to.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if to.Jar == nil && to.Timeout == 0 {
		return transportClient{&to}
	}
	return &to
}

// transportClient sends requests through the transport of its http.Client. Without redirects, cookies and a timeout,
// http.Client only adds a copy of each header. Errors have the form of http.Client's errors, since callers match them.
type transportClient struct{ *http.Client }

func (c transportClient) Do(req *http.Request) (*http.Response, error) {
	if req.URL.User != nil { // http.Client converts it to a header
		return c.Client.Do(req)
	}
	transport := c.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	resp, err := transport.RoundTrip(req)
	if err == nil && resp == nil {
		err = fmt.Errorf("http: RoundTripper implementation (%T) returned a nil *Response with a nil error", transport)
	}
	if err != nil {
		// Not errors.As: a wrapped RecordHeaderError comes from a proxy.
		if record, ok := err.(tls.RecordHeaderError); ok && string(record.RecordHeader[:]) == "HTTP/" {
			err = http.ErrSchemeMismatch
		}
		method := cmp.Or(req.Method, http.MethodGet)
		return nil, &url.Error{Op: method[:1] + strings.ToLower(method[1:]), URL: req.URL.String(), Err: err}
	}
	return resp, nil
}

// frozenClients maps each *awshttp.BuildableClient in use to the HTTP client built from it. Each has only one HTTP
// client, because that client owns the connections.
var frozenClients sync.Map // weak.Pointer[awshttp.BuildableClient] -> HTTPClient

func frozen(client *awshttp.BuildableClient) HTTPClient {
	key := weak.Make(client)
	if known, ok := frozenClients.Load(key); ok {
		return known.(HTTPClient)
	}
	from := client
	if _, ok := client.GetReadTimeout(); !ok {
		from = client.WithReadTimeout(defaultReadTimeout)
	}
	httpClient, ok := from.Freeze().(*http.Client)
	if !ok {
		return client
	}
	known, loaded := frozenClients.LoadOrStore(key, withoutRedirects(httpClient))
	if !loaded {
		runtime.AddCleanup(client, func(key weak.Pointer[awshttp.BuildableClient]) { frozenClients.Delete(key) }, key)
	}
	return known.(HTTPClient)
}
