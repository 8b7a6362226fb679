package gamesparks

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"runtime"
	"sync"
	"time"
	"weak"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// defaultReadTimeout is for how long a connection may be silent while something is to come, unless the HTTP client has a
// read timeout of its own. It is what the SDK's clients are going to have.
const defaultReadTimeout = 5 * time.Minute

// sender sends the requests of a call.
type sender struct{ *call }

// Do sends a request. The body of the response is limited.
func (s sender) Do(req *http.Request) (*http.Response, error) {
	var client HTTPClient
	if s.options == s.client.options {
		client = s.client.transport()
	} else {
		client = s.options.transport()
	}
	if !s.direct && req.Body != nil {
		if err := intoMemory(req); err != nil {
			return nil, err
		}
	}
	resp, err := client.Do(req)
	if resp != nil {
		s.options.limitBody(resp)
	}
	return resp, err
}

// intoMemory reads the body of a stack's request, so that net/http sees that it is in memory and sends it together with
// the head. Otherwise a service that answers by the head alone costs the connection: the stack closes the body when the
// response is there, and net/http misses the rest of it.
func intoMemory(req *http.Request) error {
	body, err := io.ReadAll(req.Body)
	if err = errors.Join(err, req.Body.Close()); err != nil {
		return err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// transport returns what sends requests: the HTTP client, kept from following redirects. The API has none, and with a
// redirect go the credentials: http.Client hands its headers on, the session token to any host and the signature to
// every port of the first one.
func (o *Options) transport() HTTPClient {
	switch client := o.HTTPClient.(type) {
	case *http.Client:
		return withoutRedirects(client)
	case *awshttp.BuildableClient:
		return frozen(client)
	}
	return o.HTTPClient
}

func withoutRedirects(client *http.Client) *http.Client {
	to := *client
	to.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &to
}

// frozenClients has what was made of each *awshttp.BuildableClient, for as long as that is in use: what sends its
// requests has its connections, so there must be one only.
var frozenClients sync.Map // weak.Pointer[awshttp.BuildableClient] -> *http.Client

func frozen(client *awshttp.BuildableClient) HTTPClient {
	key := weak.Make(client)
	if known, ok := frozenClients.Load(key); ok {
		return known.(*http.Client)
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
	return known.(*http.Client)
}
