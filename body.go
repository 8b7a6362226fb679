package gamesparks

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"

	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxDrain limits how much of a body is read to reuse its connection. Reading more costs more than a new connection.
const maxDrain = 256 << 10

// maxTrustedLength caps the buffer preallocated from Content-Length.
const maxTrustedLength = 4 << 20

// maxSnapshot limits the part of a body that an error shows.
const maxSnapshot = 1024

// readBody reads the body of a response, or the first most bytes of it.
func readBody(resp *smithyhttp.Response, most int64) ([]byte, error) {
	// Fake HTTP clients often leave ContentLength at 0.
	if n := resp.ContentLength; n > 0 && n <= min(most, maxTrustedLength) {
		body := make([]byte, n)
		n, err := io.ReadFull(resp.Body, body)
		return body[:n], err
	}
	return io.ReadAll(io.LimitReader(resp.Body, most))
}

// limitBody makes the response's body end with an error at the limit, also when the message log or middleware reads it
// before it is deserialized. Body is the memory for the new body.
func (o *Options) limitBody(resp *http.Response, body *limitedBody) {
	if resp.Body == nil {
		resp.Body = http.NoBody
		return
	}
	limit := o.MaxResponseBytes
	if limit <= 0 {
		limit = DefaultMaxResponseBytes
	}
	*body = limitedBody{ReadCloser: resp.Body, limit: limit, left: limit}
	if resp.ContentLength > limit {
		body.left = 0 // fail on the first read
	}
	resp.Body = body
}

type limitedBody struct {
	io.ReadCloser
	limit, left int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 { // one more tells whether the body ends at the limit
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n = int(b.left)
		err = &ResponseTooLargeError{Limit: b.limit}
	}
	b.left -= int64(n)
	return n, err
}

// unloggedBody is the part of a response's body that is hidden from the message logger: its error, and what no step reads.
// The logger would fail with the error, and would read the rest.
type unloggedBody struct {
	body   io.ReadCloser // nil if nothing is hidden
	err    error         // that ends the body, nil if there is more of it
	length int64         // of the response
}

// hideBody reads the body as far as a step would, and leaves only that part in the response. If there is more, the logger,
// which closes the body that it reads, must not close the connection.
func (c *call) hideBody(resp *http.Response) {
	most := int64(math.MaxInt64)
	if !isSuccess(resp.StatusCode) {
		most = maxErrorBody
	}
	read, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err == nil && int64(len(read)) < most {
		c.stack.unlogged = unloggedBody{}
		resp.Body = readCloser{bytes.NewReader(read), resp.Body}
		return
	}
	c.stack.unlogged = unloggedBody{body: resp.Body, err: err, length: resp.ContentLength}
	resp.Body = io.NopCloser(bytes.NewReader(read))
	resp.ContentLength = int64(len(read))
}

// readCloser combines a reader and a closer.
type readCloser struct {
	io.Reader
	io.Closer
}

// restoreBody restores what hideBody has hidden.
func (c *call) restoreBody(resp *smithyhttp.Response) {
	if c.stack.unlogged.body == nil {
		return
	}
	rest := io.Reader(c.stack.unlogged.body)
	if c.stack.unlogged.err != nil {
		rest = failingReader{c.stack.unlogged.err}
	}
	resp.Body = readCloser{io.MultiReader(resp.Body, rest), c.stack.unlogged.body}
	resp.ContentLength = c.stack.unlogged.length
	c.stack.unlogged = unloggedBody{}
}

// failingReader fails with an error.
type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// closeBody drains the rest of a response's body, up to a limit, and closes it. A body that is not read to its end costs the
// connection.
func (c *call) closeBody(ctx context.Context, resp *smithyhttp.Response) {
	_, err := resp.Body.Read(c.probe[:]) // nearly always the end
	if err == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxDrain))
	} else if errors.Is(err, io.EOF) {
		err = nil
	}
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		middleware.GetLogger(ctx).Logf(logging.Warn, "failed to drain and close the response's body, its connection may not be reused: %v", err)
	}
}

// bufferBody reads the body of a stack's request into memory, so that net/http sends it together with the header. Otherwise
// a service that responds to the header alone costs the connection: the stack closes the body when the response arrives,
// and net/http cannot send the rest.
func bufferBody(req *http.Request) error {
	var body bytes.Buffer
	body.Grow(int(min(max(req.ContentLength, 0), maxTrustedLength)) + bytes.MinRead) // without which it grows to several times the body
	_, err := body.ReadFrom(req.Body)
	if err = errors.Join(err, req.Body.Close()); err != nil {
		return err
	}
	req.Body = io.NopCloser(bytes.NewReader(body.Bytes()))
	return nil
}
