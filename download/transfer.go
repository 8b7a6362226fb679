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

// sink is where the bytes go.
type sink interface {
	io.Writer
	// restart takes back what was written, and reports whether that is possible.
	restart() (bool, error)
}

// stream is a sink that cannot take anything back.
type stream struct{ io.Writer }

func (stream) restart() (bool, error) { return false, nil }

// transfer is one download.
type transfer struct {
	options *Options
	source  Source
	sink    sink

	attempts int
	url      *url.URL // nil when a new one is to be asked for
	asked    *url.URL // by the last request
	refused  error    // of asked, until another URL is answered

	// Of the object, as the last response with all of it describes it.
	total  int64
	etag   string // empty when there is no strong one
	ranges bool   // whether asking for the rest is of use

	offset   int64     // bytes that are written
	furthest int64     // offset that was reached ever
	written  hash.Hash // of what is written
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

func (t *transfer) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		err = ctx.Err()
	}
	return &Error{URL: withoutSecrets(t.asked), Written: t.offset, Total: t.total, Attempts: t.attempts, Err: err}
}

// attempt makes a request for what is missing, and writes what comes. It reports whether another attempt makes sense
// when it fails.
func (t *transfer) attempt(ctx context.Context) (again bool, err error) {
	if t.url == nil {
		if err := t.askForURL(ctx); err != nil {
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
	defer resp.Body.Close()
	resp.Body = &watchedBody{resp.Body, watchdog, ctx}
	return t.receive(resp, req.Header.Get("Range") != "")
}

// askForURL gets a URL from the source.
func (t *transfer) askForURL(ctx context.Context) error {
	text, err := t.source(ctx)
	if err != nil {
		return fmt.Errorf("get the URL: %w", err)
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("get the URL: it is not an HTTP URL") // an error of url.Parse would show it
	}
	if t.refused != nil && u.String() == t.asked.String() {
		return t.refused // and the new one is the same
	}
	t.url, t.asked, t.refused = u, u, nil
	return nil
}

func (t *transfer) request(ctx context.Context) *http.Request {
	req := &http.Request{Method: http.MethodGet, URL: t.url, Host: t.url.Host, Header: http.Header{
		"Accept-Encoding": {"identity"}, // sizes and ranges are those of the object
	}}
	if t.offset > 0 && t.etag != "" && t.ranges {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", t.offset))
		req.Header.Set("If-Range", t.etag)
	}
	return req.WithContext(ctx)
}

// receive writes what is missing of the object, and of which the response has a part.
func (t *transfer) receive(resp *http.Response, ranged bool) (again bool, err error) {
	switch {
	case resp.StatusCode == http.StatusOK:
		return t.receiveWhole(resp)
	case resp.StatusCode == http.StatusPartialContent && ranged:
		return t.receiveRest(resp)
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && ranged:
		// The condition of If-Range is met, or the range would have been ignored.
		r, ok := parseContentRange(resp.Header.Get("Content-Range"))
		if ok && r.total == t.offset && t.total < 0 {
			t.total = t.offset
			t.options.Progress(t.offset, t.total)
			return false, nil
		}
		return t.invalidRange("status 416 for bytes from %d", t.offset)
	}
	status := newStatusError(resp)
	if status.refused() {
		t.url, t.refused = nil, status
		return true, status
	}
	return status.temporary(), status
}

// receiveWhole takes a response with the whole object, as it is now.
func (t *transfer) receiveWhole(resp *http.Response) (again bool, err error) {
	begin := sha256.New()
	if n, err := io.CopyN(begin, resp.Body, t.offset); err == io.EOF {
		return t.changed("it ends at byte %d", n)
	} else if err != nil {
		return true, readError(err)
	}
	if !bytes.Equal(begin.Sum(nil), t.written.Sum(nil)) {
		return t.changed("its first %d bytes are others", t.offset)
	}
	etag := strongETag(resp.Header)
	if resp.ContentLength >= 0 || etag == "" || etag != t.etag { // otherwise the size is known already
		t.total = resp.ContentLength
	}
	t.etag = etag
	return t.copy(resp.Body, t.total)
}

// receiveRest takes a response with a part that begins where what is written ends.
func (t *transfer) receiveRest(resp *http.Response) (again bool, err error) {
	header := resp.Header.Get("Content-Range")
	r, ok := parseContentRange(header)
	if !ok || r.first != t.offset {
		return t.invalidRange("Content-Range %q for bytes from %d", header, t.offset)
	}
	switch etag := strongETag(resp.Header); {
	case etag == "":
		return t.invalidRange("a part without an entity tag")
	case etag != t.etag:
		return t.changed("its entity tag was %s and is %s", t.etag, etag)
	case t.total >= 0 && r.total >= 0 && r.total != t.total:
		return t.changed("its size was %d and is %d", t.total, r.total)
	case t.total >= 0 && r.last >= t.total:
		return t.invalidRange("Content-Range %q of %d bytes", header, t.total)
	case t.total < 0:
		t.total = r.total
	}
	return t.copy(resp.Body, r.last+1)
}

// invalidRange has the next attempt ask for the whole object, which is possible all the same.
func (t *transfer) invalidRange(format string, args ...any) (again bool, err error) {
	t.ranges = false
	return true, &InvalidResponseError{fmt.Sprintf(format, args...)}
}

// copy writes the body, which ends at the offset end, or somewhere when that is negative.
func (t *transfer) copy(body io.Reader, end int64) (again bool, err error) {
	t.options.Progress(t.offset, t.total)
	buffer := make([]byte, bufferSize)
	for {
		n, readErr := body.Read(buffer)
		if end >= 0 && int64(n) > end-t.offset {
			return t.invalidRange("it goes on behind byte %d", end)
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
			t.total = t.offset
			return false, nil
		case readErr == io.EOF:
			return true, io.ErrUnexpectedEOF // or there is more behind the end of a part
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

// changed begins the object anew, if the sink can do that.
func (t *transfer) changed(format string, args ...any) (again bool, err error) {
	changed := &ChangedError{fmt.Sprintf(format, args...)}
	possible, err := t.sink.restart()
	if err != nil {
		return false, fmt.Errorf("%w, and what is written cannot be taken back: %w", changed, err)
	}
	if !possible {
		return false, changed
	}
	t.offset, t.total, t.etag, t.ranges = 0, -1, "", true
	t.written.Reset()
	return true, changed
}

// strongETag returns the entity tag, by which two responses can be told to have the same bytes.
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

// watchdog calls a function when nothing has come for too long.
type watchdog struct {
	timer   *time.Timer // nil without limit
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

// watchedBody lets the watchdog watch reads only: a writer may take its time.
type watchedBody struct {
	io.ReadCloser
	*watchdog
	ctx context.Context
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.start()
	n, err := b.ReadCloser.Read(p)
	b.stop()
	if err != nil && err != io.EOF {
		if cause := context.Cause(b.ctx); cause != nil {
			err = cause
		}
	}
	return n, err
}
