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

// unloggedBody is what the log of messages is not shown of a response's body: how it ends when that is an error, and what is
// not read in any case. The logger would fail with the error, and read all that there is.
type unloggedBody struct {
	body   io.ReadCloser // nil when nothing is held
	end    error         // of the body, nil when there is more of it
	length int64         // the ContentLength that the response had
}

// hideBody reads the body, as far as it is going to be read, and leaves in the response what has come. When that is not
// all, the logger, which closes what it has read, must not close the body.
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
	c.stack.unlogged = unloggedBody{body: resp.Body, end: err, length: resp.ContentLength}
	resp.Body = io.NopCloser(bytes.NewReader(read))
	resp.ContentLength = int64(len(read))
}

// readCloser is a body that is read from somewhere else than closed.
type readCloser struct {
	io.Reader
	io.Closer
}

// restoreBody gives the response back what was held.
func (c *call) restoreBody(resp *smithyhttp.Response) {
	if c.stack.unlogged.body == nil {
		return
	}
	rest := io.Reader(c.stack.unlogged.body)
	if c.stack.unlogged.end != nil {
		rest = failingReader{c.stack.unlogged.end}
	}
	resp.Body = readCloser{io.MultiReader(resp.Body, rest), c.stack.unlogged.body}
	resp.ContentLength = c.stack.unlogged.length
	c.stack.unlogged = unloggedBody{}
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

// bufferBody reads the body of a stack's request, so that net/http sees that it is in memory and sends it together with
// the head. Otherwise a service that answers by the head alone costs the connection: the stack closes the body when the
// response is there, and net/http misses the rest of it.
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
