package gamesparks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// maxDrain limits what is read of a body to save a connection. More costs more than a new connection.
const maxDrain = 256 << 10

// maxTrustedLength is up to which length a response's Content-Length is believed, so that a lie costs little memory.
const maxTrustedLength = 4 << 20

// maxSnapshot limits the part of a body that an error shows.
const maxSnapshot = 1024

// readBody reads the body of a response, or the first most bytes of it.
func readBody(resp *smithyhttp.Response, most int64) ([]byte, error) {
	// A length of 0 is what the responses of fake HTTP clients have that leave it out.
	if n := resp.ContentLength; n > 0 && n <= min(most, maxTrustedLength) {
		body := make([]byte, n)
		n, err := io.ReadFull(resp.Body, body)
		return body[:n], err
	}
	return io.ReadAll(io.LimitReader(resp.Body, most))
}

// limitBody makes the response's body end with an error at the limit, whoever reads it: a log of messages or middleware
// may do so before the response is deserialized. The new body is put where body points to.
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
		body.left = 0 // there is no need to find out
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

// heldBody is what the log of messages is not shown of a response's body: how it ends when that is an error, and what is
// not read in any case. The logger would fail with the error, and read all that there is.
type heldBody struct {
	body   io.ReadCloser // nil when nothing is held
	end    error         // of the body, nil when there is more of it
	length int64         // the ContentLength that the response had
}

// holdBody reads the body, as far as it is going to be read, and leaves in the response what has come. When that is not
// all, the logger, which closes what it has read, must not close the body.
func (c *call) holdBody(resp *http.Response) {
	most := int64(math.MaxInt64)
	if !isSuccess(resp.StatusCode) {
		most = maxErrorBody
	}
	read, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err == nil && int64(len(read)) < most {
		c.held = heldBody{}
		resp.Body = bodyOf{bytes.NewReader(read), resp.Body}
		return
	}
	c.held = heldBody{body: resp.Body, end: err, length: resp.ContentLength}
	resp.Body = io.NopCloser(bytes.NewReader(read))
	resp.ContentLength = int64(len(read))
}

// bodyOf is a body that is read from somewhere else than closed.
type bodyOf struct {
	io.Reader
	io.Closer
}

// releaseBody gives the response back what was held.
func (c *call) releaseBody(resp *smithyhttp.Response) {
	if c.held.body == nil {
		return
	}
	rest := io.Reader(c.held.body)
	if c.held.end != nil {
		rest = failingReader{c.held.end}
	}
	resp.Body = bodyOf{io.MultiReader(resp.Body, rest), c.held.body}
	resp.ContentLength = c.held.length
	c.held = heldBody{}
}

// failingReader fails with an error.
type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// closeBody drains what is left of a response's body, up to a limit, and closes it. A body that is not read to its end
// costs the connection.
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

// interruptedError is the error for a successful response that breaks off. RetryableError tells the retryer whether to
// repeat the call. In other clients of the SDK that depends on how the connection ends, and not on the operation: a reset
// or a timeout is retried, a closed connection is not.
type interruptedError struct {
	err       error
	retryable bool
}

func (e *interruptedError) Error() string        { return fmt.Sprintf("read response body: %v", e.err) }
func (e *interruptedError) Unwrap() error        { return e.err }
func (e *interruptedError) RetryableError() bool { return e.retryable }

// bodyError returns the error for a successful response whose body cannot be read.
func (c *call) bodyError(err error) error {
	var tooLarge *ResponseTooLargeError
	switch {
	case c.values.Err() != nil:
		return &smithy.CanceledError{Err: c.values.Err()}
	case errors.As(err, &tooLarge):
		return fmt.Errorf("read response body: %w", err)
	}
	return &interruptedError{err: err, retryable: c.isRepeatable()}
}

// isRepeatable reports whether a call that has succeeded can be repeated without another effect and with the same result.
func (c *call) isRepeatable() bool {
	// The model marks UpdateGameConfiguration idempotent. But a section that was removed cannot be removed again, and an
	// element that was appended would be appended twice.
	return c.op.Method == http.MethodGet || c.op.Idempotent && c.op != schemas.UpdateGameConfiguration
}
