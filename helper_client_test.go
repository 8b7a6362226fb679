package gamesparks_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

const (
	testRegion       = "us-west-2"
	testAccessKey    = "AKIDEXAMPLE"
	testSecretKey    = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	testSessionToken = "IQoJb3JpZ2luX2VjEXAMPLE/session+token=="
	testEndpoint     = "https://gamesparks.us-west-2.amazonaws.com"
)

var testCredentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: testAccessKey, SecretAccessKey: testSecretKey, SessionToken: testSessionToken}, nil
})

// noBackoff returns a retryer without delays.
func noBackoff() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// newClient returns a client that sends its requests to h.
func newClient(h gamesparks.HTTPClient, optFns ...func(*gamesparks.Options)) *gamesparks.Client {
	return gamesparks.New(gamesparks.Options{
		Region:      testRegion,
		Credentials: testCredentials,
		HTTPClient:  h,
		Retryer:     noBackoff(),
	}, optFns...)
}

// paths maps each path to the option that selects it: direct calls or a middleware stack. Both paths must behave alike.
var paths = map[string]func(*gamesparks.Options){
	"direct": func(*gamesparks.Options) {},
	"stack":  gamesparks.WithAPIOptions(func(*middleware.Stack) error { return nil }),
}

// onBothPaths runs a test once on each path. The test passes the option via to its clients.
func onBothPaths(t *testing.T, name string, test func(t *testing.T, via func(*gamesparks.Options))) {
	t.Helper()
	for path, via := range paths {
		t.Run(strings.TrimSpace(name+" "+path), func(t *testing.T) {
			t.Parallel()
			test(t, via)
		})
	}
}

// with returns a copy of optFns with option prepended.
func with(option func(*gamesparks.Options), optFns []func(*gamesparks.Options)) []func(*gamesparks.Options) {
	return append([]func(*gamesparks.Options){option}, optFns...)
}

// recorder is an HTTP client that records requests. It responds to request n, counted from 0, with answers[n], and to
// further requests with the last answer. If answers is empty, it responds with an empty JSON object.
type recorder struct {
	answers []answer

	mu       sync.Mutex
	requests []*recordedRequest
}

// recordedRequest is a request together with its body.
type recordedRequest struct {
	*http.Request
	body string
}

// answer is a response, or an error if err is set.
type answer struct {
	status int
	header http.Header
	body   string
	reader func() io.Reader // replaces body, if set
	err    error
}

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	recorded := &recordedRequest{Request: req.Clone(context.WithoutCancel(req.Context()))}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		recorded.body = string(body)
	}
	r.mu.Lock()
	n := len(r.requests)
	r.requests = append(r.requests, recorded)
	r.mu.Unlock()

	a := answer{body: "{}"}
	if len(r.answers) > 0 {
		a = r.answers[min(n, len(r.answers)-1)]
	}
	return a.response(req)
}

func (a answer) response(req *http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	body := io.Reader(strings.NewReader(a.body))
	if a.reader != nil {
		body = a.reader()
	}
	return &http.Response{
		StatusCode:    a.status,
		Status:        fmt.Sprint(a.status, " ", http.StatusText(a.status)),
		Header:        a.header.Clone(),
		Body:          io.NopCloser(body),
		ContentLength: -1,
		Request:       req,
	}, nil
}

// all returns all recorded requests.
func (r *recorder) all() []*recordedRequest {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*recordedRequest(nil), r.requests...)
}

// last returns the latest request.
func (r *recorder) last(t *testing.T) *recordedRequest {
	t.Helper()
	all := r.all()
	if len(all) == 0 {
		t.Fatal("no request was sent")
	}
	return all[len(all)-1]
}

// method describes the client method for an operation.
type method struct {
	*schemas.APIOperation
	input, output reflect.Type
	index         int
}

// methods returns the client methods, keyed by operation name.
func methods() map[string]method {
	var (
		found   = map[string]method{}
		client  = reflect.TypeFor[*gamesparks.Client]()
		options = reflect.TypeFor[[]func(*gamesparks.Options)]()
		ctx     = reflect.TypeFor[context.Context]()
		err     = reflect.TypeFor[error]()
	)
	for i := range client.NumMethod() {
		m := client.Method(i)
		if m.Type.NumIn() != 4 || m.Type.In(1) != ctx || m.Type.In(3) != options || m.Type.NumOut() != 2 || m.Type.Out(1) != err {
			continue
		}
		found[m.Name] = method{schemas.FindOperation(m.Name), m.Type.In(2).Elem(), m.Type.Out(0).Elem(), m.Index}
	}
	return found
}

// call calls the operation. It takes a pointer to the input and returns a pointer to the output.
func (m method) call(ctx context.Context, c *gamesparks.Client, input any, optFns ...func(*gamesparks.Options)) (any, error) {
	out := reflect.ValueOf(c).Method(m.index).CallSlice([]reflect.Value{
		reflect.ValueOf(ctx), reflect.ValueOf(input), reflect.ValueOf(optFns),
	})
	err, _ := out[1].Interface().(error)
	return out[0].Interface(), err
}

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

func ptr[T any](v T) *T { return &v }
