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

// maxDrain limits how much of a body is read so that its connection can be reused. Reading more costs more than opening
// a new connection.
const maxDrain = 256 << 10

// maxTrustedLength caps the buffer preallocated from Content-Length.
const maxTrustedLength = 4 << 20

// maxSnapshot limits how much of a body a DeserializationError contains.
const maxSnapshot = 1024

// readBody reads at most limit bytes of a response body.
func readBody(resp *smithyhttp.Response, limit int64) ([]byte, error) {
	// Fake HTTP clients often leave ContentLength at 0.
	if n := resp.ContentLength; n > 0 && n <= min(limit, maxTrustedLength) {
		body := make([]byte, n)
		n, err := io.ReadFull(resp.Body, body)
		return body[:n], err
	}
	return io.ReadAll(io.LimitReader(resp.Body, limit))
}

// limitBody replaces the response body with one that fails when it is read beyond the limit. The limit also applies to
// the message logger and middleware, which read the body first. The new body is stored in *body.
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

// limitedBody fails with a ResponseTooLargeError when more than limit bytes are read.
type limitedBody struct {
	io.ReadCloser
	limit, left int64
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 { // one more byte detects a body beyond the limit
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

// unloggedBody is the part of a response body that is hidden from the message logger: the read error, and the bytes
// that no step reads. Without this, the logger would fail with the error or read the remaining bytes.
type unloggedBody struct {
	body   io.ReadCloser // nil if nothing is hidden
	err    error         // the error at which reading stopped, nil if body has more bytes
	length int64         // ContentLength of the response
}

// hideBody reads the bytes of the body that a step would read, and leaves only those in the response. The logger closes
// the body that it reads. If bytes are hidden, closing that body is therefore a no-op, which keeps the connection open.
func (c *call) hideBody(resp *http.Response) {
	limit := int64(math.MaxInt64)
	if !isSuccess(resp.StatusCode) {
		limit = maxErrorBody
	}
	read, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if err == nil && int64(len(read)) < limit {
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

// restoreBody restores the body that hideBody replaced.
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

// failingReader is a reader whose Read returns err.
type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// closeBody drains the rest of a response body, up to maxDrain bytes, and closes it. A connection is reused only if the
// body was read to the end.
func (c *call) closeBody(ctx context.Context, resp *smithyhttp.Response) {
	_, err := resp.Body.Read(c.probe[:]) // almost always io.EOF
	if err == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxDrain))
	} else if errors.Is(err, io.EOF) {
		err = nil
	}
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		middleware.GetLogger(ctx).Logf(logging.Warn, "failed to drain and close the response body, so its connection may not be reused: %v", err)
	}
}

// bufferBody reads the request body of a stack into memory, so that net/http sends it together with the header.
// Otherwise the connection breaks if the service responds before it has read the body: the stack closes the body when
// the response arrives, and net/http cannot send the rest.
func bufferBody(req *http.Request) error {
	var body bytes.Buffer
	body.Grow(int(min(max(req.ContentLength, 0), maxTrustedLength)) + bytes.MinRead) // MinRead avoids a reallocation at the end of the body
	_, err := body.ReadFrom(req.Body)
	if err = errors.Join(err, req.Body.Close()); err != nil {
		return err
	}
	req.Body = io.NopCloser(bytes.NewReader(body.Bytes()))
	return nil
}
