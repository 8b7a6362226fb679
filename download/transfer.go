package download

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	smithytime "github.com/aws/smithy-go/time"
)

const bufferSize = 64 << 10

// sink is the destination of a transfer.
type sink interface {
	io.Writer
	// restart discards the bytes written so far. It returns false if the sink does not support this.
	restart() (bool, error)
}

// stream is a sink that cannot restart.
type stream struct{ io.Writer }

func (stream) restart() (bool, error) { return false, nil }

// transfer is one download.
type transfer struct {
	options *Options
	source  Source
	sink    sink

	attempts int
	url      *url.URL // nil if the next attempt needs a new one
	lastURL  *url.URL // of the last request
	refused  error    // why lastURL was refused; nil once the source returns another URL

	// The object, as described by the last response with status 200.
	total  int64  // -1 if unknown
	etag   string // empty if there is no strong one
	ranges bool   // whether range requests work

	offset   int64     // number of bytes written
	furthest int64     // greatest offset so far
	written  hash.Hash // of the bytes written
}

func newTransfer(options *Options, source Source, to sink) *transfer {
	return &transfer{options: options, source: source, sink: to, total: -1, ranges: true, written: sha256.New()}
}

func (t *transfer) run(ctx context.Context) error {
	for failures := 0; ; {
		again, err := t.attempt(ctx)
		if err == nil {
			return nil
		}
		if t.offset > t.furthest {
			t.furthest, failures = t.offset, 0
		}
		if failures++; !again || failures >= t.options.MaxAttempts || ctx.Err() != nil {
			return t.failed(ctx, err)
		}
		delay, delayErr := t.options.Backoff.BackoffDelay(failures, err)
		if delayErr != nil {
			return t.failed(ctx, fmt.Errorf("back-off: %w", delayErr))
		}
		if err := smithytime.SleepWithContext(ctx, delay); err != nil {
			return t.failed(ctx, err)
		}
	}
}

// failed returns the *Error for a download that failed with err.
func (t *transfer) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = withCause(ctx, err)
	}
	return &Error{URL: withoutSecrets(t.lastURL), Written: t.offset, Total: t.total, Attempts: t.attempts, Err: err}
}

// withCause returns an error that matches both the error and the cause of ctx, which is done.
func withCause(ctx context.Context, err error) error {
	ctxErr, cause := ctx.Err(), context.Cause(ctx)
	if !errors.Is(err, ctxErr) {
		err = ctxErr // err is the cause alone, or a consequence of the cancellation
	}
	switch {
	case errors.Is(err, cause):
		return err
	case err == ctxErr && errors.Is(cause, ctxErr):
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// attempt requests the missing bytes and writes them. If it fails, it reports whether another attempt can succeed.
func (t *transfer) attempt(ctx context.Context) (again bool, err error) {
	if t.url == nil {
		if err := t.getURL(ctx); err != nil {
			return false, err
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := newWatchdog(t.options.StallTimeout, func() { cancel(ErrStalled) })

	req := t.request(ctx)
	t.attempts++
	watchdog.start()
	resp, err := t.options.HTTPClient.Do(req)
	watchdog.stop()
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return true, cause
		}
		var untrusted *tls.CertificateVerificationError
		return !errors.As(err, &untrusted), newTransportError(err)
	}
	if resp == nil { // a mock
		return false, errors.New("the HTTP client returned neither a response nor an error")
	}
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	defer resp.Body.Close()
	return t.receive(resp, &watchedBody{resp.Body, watchdog, ctx}, req.Header.Get("Range") != "")
}

// getURL sets t.url to a URL from the source.
func (t *transfer) getURL(ctx context.Context) error {
	if t.source == nil {
		return errors.New("source is nil: use Snapshot, GeneratedCode or a function that returns a URL")
	}
	text, err := t.source(ctx)
	if err != nil {
		return fmt.Errorf("get the URL: %w", err)
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		// The error of url.Parse contains the URL.
		return errors.New("get the URL: the source returned no absolute HTTP URL")
	}
	if t.refused != nil && u.String() == t.lastURL.String() {
		return t.refused
	}
	t.url, t.lastURL, t.refused = u, u, nil
	return nil
}

func (t *transfer) request(ctx context.Context) *http.Request {
	req := &http.Request{Method: http.MethodGet, URL: t.url, Host: t.url.Host, Header: http.Header{
		"Accept-Encoding": {"identity"}, // compression would change sizes and ranges
	}}
	if t.offset > 0 && t.etag != "" && t.ranges {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", t.offset))
		req.Header.Set("If-Range", t.etag)
	}
	switch t.options.HTTPClient.(type) {
	case transport, *http.Client: // send no Referer, see resolve
	default:
		// The client may wrap an http.Client, which sends the URL as the Referer of a redirected request unless the header
		// is set. RFC 9110, section 10.1.3 defines this value for requests without a referrer.
		req.Header.Set("Referer", "about:blank")
	}
	return req.WithContext(ctx)
}

// receive writes the missing bytes of the response.
func (t *transfer) receive(resp *http.Response, body *watchedBody, ranged bool) (again bool, err error) {
	switch {
	case resp.StatusCode == http.StatusOK:
		return t.receiveWhole(resp, body)
	case resp.StatusCode == http.StatusPartialContent && ranged:
		return t.receiveRest(resp, body)
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && ranged:
		// If-Range matched, since a server ignores the range otherwise.
		r, ok := parseContentRange(resp.Header.Get("Content-Range"))
		if ok && r.total == t.offset && t.total < 0 {
			t.total = t.offset
			t.options.Progress(t.offset, t.total)
			return false, nil
		}
		return t.invalidRange("status 416 for bytes from %d", t.offset)
	}
	// The timeout covers the whole body of an error response. The body is short, so a server that trickles it is stalled.
	body.start()
	status := newStatusError(resp.StatusCode, body.Reader)
	body.stop()
	if status.refused() {
		t.url, t.refused = nil, status
		return true, status
	}
	return status.temporary(), status
}

// receiveWhole receives a response with the whole object. It skips the bytes already written if they are unchanged.
func (t *transfer) receiveWhole(resp *http.Response, body io.Reader) (again bool, err error) {
	begin := sha256.New()
	if n, err := io.CopyN(begin, body, t.offset); err == io.EOF {
		return t.changed("it ends at byte %d", n)
	} else if err != nil {
		return true, readError(err)
	}
	if !bytes.Equal(begin.Sum(nil), t.written.Sum(nil)) {
		return t.changed("its first %d bytes differ", t.offset)
	}
	etag := strongETag(resp.Header)
	if resp.ContentLength >= 0 || etag == "" || etag != t.etag { // otherwise the known size still holds
		t.total = resp.ContentLength
	}
	t.etag = etag
	return t.copy(body, t.total)
}

// receiveRest receives a response with a range that starts at the offset.
func (t *transfer) receiveRest(resp *http.Response, body io.Reader) (again bool, err error) {
	header := resp.Header.Get("Content-Range")
	r, ok := parseContentRange(header)
	if !ok || r.first != t.offset {
		return t.invalidRange("Content-Range %q for bytes from %d", header, t.offset)
	}
	switch etag := strongETag(resp.Header); {
	case etag == "":
		return t.invalidRange("status 206 without an entity tag")
	case etag != t.etag:
		return t.changed("its entity tag was %s and is %s", t.etag, etag)
	case t.total >= 0 && r.total >= 0 && r.total != t.total:
		return t.changed("its size was %d and is %d", t.total, r.total)
	case t.total >= 0 && r.last >= t.total:
		return t.invalidRange("Content-Range %q of %d bytes", header, t.total)
	case t.total < 0:
		t.total = r.total
	}
	return t.copy(body, r.last+1)
}

// invalidRange returns an error and disables range requests, since a request for the whole object may still succeed.
func (t *transfer) invalidRange(format string, args ...any) (again bool, err error) {
	t.ranges = false
	return true, &InvalidResponseError{fmt.Sprintf(format, args...)}
}

// copy writes the body. The body must end at the offset end; if end is negative, it can end anywhere.
func (t *transfer) copy(body io.Reader, end int64) (again bool, err error) {
	t.options.Progress(t.offset, t.total)
	buffer := make([]byte, bufferSize)
	for {
		n, readErr := body.Read(buffer)
		if end >= 0 && int64(n) > end-t.offset {
			return t.invalidRange("the body continues past byte %d", end)
		}
		if n > 0 {
			if err := t.write(buffer[:n]); err != nil {
				return false, fmt.Errorf("write: %w", err)
			}
		}
		switch {
		case readErr == nil:
		case t.offset == t.total:
			return false, nil
		case readErr == io.EOF && end < 0:
			return false, nil
		case readErr == io.EOF:
			return true, io.ErrUnexpectedEOF // truncated, or the server sent a shorter range
		default:
			return true, readError(readErr)
		}
	}
}

func (t *transfer) write(p []byte) error {
	n, err := t.sink.Write(p)
	n = max(0, min(n, len(p)))
	t.written.Write(p[:n])
	t.offset += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err == nil {
		t.options.Progress(t.offset, t.total)
	}
	return err
}

// changed restarts the download if the sink supports it, and returns a ChangedError.
func (t *transfer) changed(format string, args ...any) (again bool, err error) {
	changed := &ChangedError{fmt.Sprintf(format, args...)}
	restarted, err := t.sink.restart()
	if err != nil {
		return false, fmt.Errorf("%w; restart: %w", changed, err)
	}
	if !restarted {
		return false, changed
	}
	t.offset, t.total, t.etag, t.ranges = 0, -1, "", true
	t.written.Reset()
	return true, changed
}

// strongETag returns the entity tag if it is strong. A weak one does not guarantee equal bytes.
func strongETag(h http.Header) string {
	etag := h.Get("ETag")
	if strings.HasPrefix(etag, `"`) {
		return etag
	}
	return ""
}

func readError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, ErrStalled) {
		return err
	}
	return newTransportError(err)
}

// watchdog calls a function when its timeout expires, unless the watchdog is stopped first.
type watchdog struct {
	timer   *time.Timer // nil for no limit
	timeout time.Duration
}

func newWatchdog(timeout time.Duration, stalled func()) *watchdog {
	w := &watchdog{timeout: timeout}
	if timeout > 0 {
		w.timer = time.AfterFunc(timeout, stalled)
		w.timer.Stop()
	}
	return w
}

func (w *watchdog) start() {
	if w.timer != nil {
		w.timer.Reset(w.timeout)
	}
}

func (w *watchdog) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// watchedBody runs the watchdog during reads only, since a slow writer is not a stall.
type watchedBody struct {
	io.Reader
	*watchdog
	ctx context.Context
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.start()
	n, err := b.Reader.Read(p)
	b.stop()
	if err != nil && err != io.EOF {
		if cause := context.Cause(b.ctx); cause != nil {
			err = cause
		}
	}
	return n, err
}
