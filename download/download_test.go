package download_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	neturl "net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/download"
)

const kind = `"v1"`

func TestDownload(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 64 << 10, 300_000} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			t.Parallel()
			content := text(1, size)
			s := newStorage(t, object(content, kind))
			var progress []int64
			got, err := s.download(t, func(o *download.Options) {
				o.Progress = func(n, total int64) {
					if total != int64(size) {
						t.Errorf("total %d", total)
					}
					progress = append(progress, n)
				}
			})
			if err != nil || got != content {
				t.Fatalf("error %v, %d bytes", err, len(got))
			}
			if progress[0] != 0 || progress[len(progress)-1] != int64(size) || !slices.IsSorted(progress) {
				t.Errorf("progress %d", progress)
			}
			if s.count() != 1 || s.urls != 1 {
				t.Errorf("%d requests of %d URLs", s.count(), s.urls)
			}
		})
	}
}

func TestDownloadOfUnknownSize(t *testing.T) {
	t.Parallel()
	content := text(1, 100_000)
	s := newStorage(t, chunked(content))
	var totals []int64
	got, err := s.download(t, func(o *download.Options) {
		o.Progress = func(_, total int64) { totals = append(totals, total) }
	})
	if err != nil || got != content || slices.Max(totals) != -1 {
		t.Errorf("error %v, %d bytes, totals %d", err, len(got), totals)
	}
}

func TestDownloadSendsNoCredentials(t *testing.T) {
	t.Parallel()
	content := text(1, 1000)
	s := newStorage(t, cut(object(content, kind), 400), object(content, kind))
	if _, err := s.download(t); err != nil {
		t.Fatal(err)
	}
	allowed := []string{"Accept-Encoding", "If-Range", "Range", "User-Agent"}
	for _, r := range s.all() {
		for name := range r.Header {
			if !slices.Contains(allowed, name) {
				t.Errorf("header %s: %s", name, r.Header.Get(name))
			}
		}
		if want := "/snapshots/a%2Fb.json?X-Amz-Credential=AKID&n=1&X-Amz-Signature=" + secret; r.Method != "GET" || r.RequestURI != want {
			t.Errorf("%s %s, want GET %s", r.Method, r.RequestURI, want)
		}
	}
	for _, r := range s.all() {
		if diff := cmp.Diff("identity", r.Header.Get("Accept-Encoding")); diff != "" {
			t.Errorf("Accept-Encoding (-want +got):\n%s", diff)
		}
	}
	second := s.all()[1].Header
	if diff := cmp.Diff([]string{"bytes=400-", kind}, []string{second.Get("Range"), second.Get("If-Range")}); diff != "" {
		t.Errorf("headers of the second request (-want +got):\n%s", diff)
	}
}

// TestCutConnections breaks connections at random positions, with all kinds of servers, and checks that the whole object is
// written.
func TestCutConnections(t *testing.T) {
	t.Parallel()
	servers := map[string]func(content string) http.HandlerFunc{
		"ranges":                  func(content string) http.HandlerFunc { return object(content, kind) },
		"no ranges":               func(content string) http.HandlerFunc { return without(object(content, kind), "Range") },
		"no entity tag":           func(content string) http.HandlerFunc { return object(content, "") },
		"weak entity tag":         func(content string) http.HandlerFunc { return object(content, `W/"v1"`) },
		"no size":                 chunked,
		"no size but entity tags": chunkedObject,
	}
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(25) {
				r := rand.New(rand.NewPCG(seed, 1))
				content := text(seed, r.IntN(200_000))
				var answers []http.HandlerFunc
				for range r.IntN(8) {
					answers = append(answers, cut(server(content), r.IntN(len(content)+1)))
				}
				answers = append(answers, server(content))
				s := newStorage(t, answers...)
				got, err := s.download(t, func(o *download.Options) { o.MaxAttempts = 9 })
				if err != nil || got != content {
					t.Fatalf("seed %d: error %v, %d of %d bytes, requests %q", seed, err, len(got), len(content), s.ranges())
				}
				if resumed := slices.ContainsFunc(s.ranges(), func(r string) bool { return r != "" }); resumed && (name == "no entity tag" || name == "weak entity tag" || name == "no size") {
					t.Errorf("seed %d: a range was requested without a strong entity tag: %q", seed, s.ranges())
				}
			}
		})
	}
}

// chunkedObject is an object without a Content-Length whose server supports ranges.
func chunkedObject(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			object(content, kind)(w, r)
			return
		}
		w.Header().Set("ETag", kind)
		chunked(content)(w, r)
	}
}

func TestCutAtTheEndOfUnknownSize(t *testing.T) {
	t.Parallel()
	content := text(1, 1000)
	s := newStorage(t, func(w http.ResponseWriter, r *http.Request) {
		chunkedObject(content)(w, r)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}, object(content, kind))
	got, err := s.download(t)
	if err != nil || got != content {
		t.Errorf("error %v, %d bytes", err, len(got))
	}
	if diff := cmp.Diff([]string{"", "bytes=1000-"}, s.ranges()); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
}

// TestProgressResetsAttempts breaks more than MaxAttempts connections, each after a few bytes.
func TestProgressResetsAttempts(t *testing.T) {
	t.Parallel()
	content := text(1, 5000)
	s := newStorage(t, cut(object(content, kind), 100))
	got, err := s.download(t, func(o *download.Options) { o.MaxAttempts = 2 })
	if err != nil || got != content || s.count() != 50 {
		t.Errorf("error %v, %d bytes, %d requests", err, len(got), s.count())
	}
}

func TestShortParts(t *testing.T) {
	t.Parallel()
	content := text(1, 5000)
	s := newStorage(t, cut(object(content, kind), 1000), func(w http.ResponseWriter, r *http.Request) {
		// Each response has at most 1500 bytes.
		var first int
		fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &first)
		r = r.Clone(r.Context())
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", first, first+1499))
		object(content, kind)(w, r)
	})
	got, err := s.download(t)
	if err != nil || got != content {
		t.Errorf("error %v, %d bytes", err, len(got))
	}
	if diff := cmp.Diff([]string{"", "bytes=1000-", "bytes=2500-", "bytes=4000-"}, s.ranges()); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
}

func TestURLExpires(t *testing.T) {
	t.Parallel()
	content := text(1, 5000)
	ok := object(content, kind)
	tests := map[string]struct {
		answers []http.HandlerFunc
		urls    []string
	}{
		"in mid-download": {[]http.HandlerFunc{cut(ok, 1000), expired, cut(ok, 1000), expired, ok}, []string{"1", "1", "2", "2", "3"}},
		"at once":         {[]http.HandlerFunc{expired, ok}, []string{"1", "2"}},
		"with its token":  {[]http.HandlerFunc{cut(ok, 1000), status(400, "ExpiredToken", "The provided token has expired."), ok}, []string{"1", "1", "2"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStorage(t, tt.answers...)
			got, err := s.download(t)
			if err != nil || got != content {
				t.Errorf("error %v, %d bytes", err, len(got))
			}
			var urls []string
			for _, r := range s.all() {
				urls = append(urls, r.URL.Query().Get("n"))
			}
			if diff := cmp.Diff(tt.urls, urls); diff != "" {
				t.Errorf("URLs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestURLRefusedForGood(t *testing.T) {
	t.Parallel()
	s := newStorage(t, expired)
	_, err := s.download(t)
	var refused *download.StatusError
	if !errors.As(err, &refused) || s.count() != 5 || s.urls != 5 {
		t.Errorf("error %v after %d requests of %d URLs", err, s.count(), s.urls)
	}
	if diff := cmp.Diff(&download.StatusError{StatusCode: 403, Code: "AccessDenied", Message: "Request has expired"}, refused); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}

	// A source that returns the refused URL again ends the download.
	s = newStorage(t, expired)
	_, err = s.downloader().Download(t.Context(), io.Discard, func(context.Context) (string, error) { return s.URL + "/x?a=|", nil })
	if !errors.As(err, &refused) || s.count() != 1 {
		t.Errorf("error %v after %d requests", err, s.count())
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	content := text(1, 1000)
	tests := []struct {
		code    int
		retried bool
	}{
		{500, true}, {502, true}, {503, true}, {504, true}, {429, true}, {408, true},
		{204, false}, {206, false}, {307, false}, {400, false}, {401, false}, {404, false}, {410, false}, {416, false},
	}
	for _, tt := range tests {
		t.Run(strconv.Itoa(tt.code), func(t *testing.T) {
			t.Parallel()
			s := newStorage(t, status(tt.code, "", ""), status(tt.code, "SlowDown", "Reduce your rate"), object(content, kind))
			got, err := s.download(t)
			if tt.retried {
				if err != nil || got != content {
					t.Errorf("error %v, %d bytes", err, len(got))
				}
				return
			}
			var failed *download.StatusError
			if !errors.As(err, &failed) || failed.StatusCode != tt.code || s.count() != 1 || got != "" {
				t.Errorf("error %v after %d requests", err, s.count())
			}
		})
	}
}

func TestGivesUp(t *testing.T) {
	t.Parallel()
	content := text(1, 1000)
	s := newStorage(t, cut(object(content, kind), 300), status(503, "SlowDown", "Reduce\nyour <b>rate</b>"))
	var delays []int
	got, err := s.download(t, func(o *download.Options) {
		o.MaxAttempts = 4
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
			delays = append(delays, attempt)
			return 0, nil
		})
	})
	if got != content[:300] || s.count() != 4 {
		t.Errorf("%d bytes after %d requests", len(got), s.count())
	}
	if diff := cmp.Diff([]int{1, 2, 3}, delays); diff != "" {
		t.Errorf("attempts passed to Backoff (-want +got):\n%s", diff)
	}
	var e *download.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v", err)
	}
	want := &download.Error{URL: s.URL + "/snapshots/a%2Fb.json", Written: 300, Total: 1000, Attempts: 4, Err: e.Err}
	if e.URL != want.URL || e.Written != want.Written || e.Total != want.Total || e.Attempts != want.Attempts {
		t.Errorf("error %+v, want %+v", e, want)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	s := newStorage(t, status(404, "NoSuchKey", "There is\nno such key."))
	_, err := s.download(t)
	want := "download " + s.URL + `/snapshots/a%2Fb.json: 0 bytes in 1 attempt: status 404 Not Found: "NoSuchKey": "There is\nno such key."`
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	s = newStorage(t, status(404, strings.Repeat("x", 10_000), strings.Repeat("y", 100_000)))
	if _, err := s.download(t); len(err.Error()) > 2000 {
		t.Errorf("the error message has %d bytes", len(err.Error()))
	}

	// A long code and message are truncated.
	s = newStorage(t, status(404, strings.Repeat("x", 1000), strings.Repeat("y", 1000)))
	_, err = s.download(t)
	var failed *download.StatusError
	if !errors.As(err, &failed) || len(failed.Code) != 500 || len(failed.Message) != 500 {
		t.Errorf("error %v", err)
	}
	// A long body is not read to its end.
	s = newStorage(t, status(404, "NoSuchKey", "<!--"+strings.Repeat("x", 64<<10)+"-->"))
	if _, err = s.download(t); !errors.As(err, &failed) || failed.Code != "" {
		t.Errorf("error %v", err)
	}
}

func TestNothingSecretInErrors(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // connections to it are refused
	query := "/x?X-Amz-Signature=" + secret
	redirect := newStorage(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://"+listener.Addr().String()+query)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	badRedirect := newStorage(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "http://[::1"+query)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	urls := []string{
		"http://" + listener.Addr().String() + query,
		"https://" + redirect.Listener.Addr().String() + query, // no TLS there
		redirect.URL + query,
		badRedirect.URL + query,
		"http://user:" + secret + "@" + listener.Addr().String() + query,
		"http://[::1" + query,
		"http://a b" + query,
		"ftp://example.com" + query,
		"file:///etc/passwd?" + secret,
		"//example.com" + query,
		query,
		"http://\x7f" + query,
		"http://" + query,
	}
	for _, url := range urls {
		for _, client := range []*http.Client{nil, {}} {
			_, err := redirect.downloader(func(o *download.Options) {
				if client != nil {
					o.HTTPClient = client
				}
			}).Download(t.Context(), io.Discard, func(context.Context) (string, error) { return url, nil })
			var parsed *download.Error
			if errors.As(err, &parsed) && strings.HasPrefix(url, "ftp:") && parsed.Attempts != 0 {
				t.Errorf("%q: a request was sent", url)
			}
			if err == nil {
				t.Errorf("no error for %q", url)
			} else if strings.Contains(err.Error(), secret) {
				t.Errorf("the error contains the signature: %v", err)
			}
			var e *download.Error
			var withURL *neturl.Error
			if !errors.As(err, &e) || errors.As(err, &withURL) {
				t.Errorf("%q: error %v of type %T", url, err, err)
			}
		}
	}
}

func TestSourceFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	s := newStorage(t, cut(object(text(1, 100), kind), 50), expired)
	calls := 0
	n, err := s.downloader().Download(t.Context(), io.Discard, func(ctx context.Context) (string, error) {
		if calls++; calls == 2 {
			return "", broken
		}
		return s.source(ctx)
	})
	if !errors.Is(err, broken) || n != 50 || calls != 2 {
		t.Errorf("error %v, %d bytes, %d calls", err, n, calls)
	}
}

func TestWriterFails(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	s := newStorage(t, object(text(1, 100), kind))
	n, err := s.downloader().Download(t.Context(), iotest.TruncateWriter(io.Discard, 0), s.source)
	if err != nil || n != 100 {
		t.Errorf("error %v, %d bytes", err, n)
	}
	tests := map[error]func(p []byte) (int, error){
		full:             func(p []byte) (int, error) { return 10, full },
		io.ErrShortWrite: func(p []byte) (int, error) { return 10, nil },
	}
	for want, write := range tests {
		s := newStorage(t, object(text(1, 100), kind))
		n, err := s.downloader().Download(t.Context(), writeFunc(write), s.source)
		if !errors.Is(err, want) || n != 10 || s.count() != 1 {
			t.Errorf("error %v, %d bytes, %d requests, want %v", err, n, s.count(), want)
		}
	}
}

type writeFunc func([]byte) (int, error)

func (f writeFunc) Write(p []byte) (int, error) { return f(p) }

// TestWriterReportsImpossibleCounts uses writers that violate the contract of io.Writer.
func TestWriterReportsImpossibleCounts(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	tests := map[string]struct {
		n       int
		err     error
		written int64
		want    error
	}{
		"too many":             {1000, nil, 100, nil},
		"too many and failing": {1000, full, 100, full},
		"negative":             {-1, nil, 0, io.ErrShortWrite},
		"negative and failing": {-1, full, 0, full},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStorage(t, object(text(1, 100), kind))
			var last int64
			n, err := s.downloader(func(o *download.Options) {
				o.Progress = func(bytes, _ int64) { last = bytes }
			}).Download(t.Context(), writeFunc(func([]byte) (int, error) { return tt.n, tt.err }), s.source)
			if !errors.Is(err, tt.want) || n != tt.written {
				t.Errorf("error %v, %d bytes, want %v, %d", err, n, tt.want, tt.written)
			}
			// Progress is called only for successful writes.
			if tt.want != nil && last != 0 {
				t.Errorf("progress %d", last)
			}
		})
	}
}

func TestBreakBeforeFirstByte(t *testing.T) {
	t.Parallel()
	content := text(1, 1000)
	s := newStorage(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", kind)
		w.Header().Set("Content-Length", "1000")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}, object(content, kind))
	if got, err := s.download(t); err != nil || got != content {
		t.Errorf("error %v, %d bytes", err, len(got))
	}
	if diff := cmp.Diff([]string{"", ""}, s.ranges()); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
}

// TestDefaultClientReusesConnections checks that downloaders share connections.
func TestDefaultClientReusesConnections(t *testing.T) {
	t.Parallel()
	s := &storage{answers: []http.HandlerFunc{object("content", kind)}}
	s.Server = httptest.NewUnstartedServer(s)
	var connections atomic.Int64
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	for range 5 {
		if _, err := s.download(t); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestBackoffFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	s := newStorage(t, status(503, "", ""))
	_, err := s.download(t, func(o *download.Options) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, broken })
	})
	if !errors.Is(err, broken) || s.count() != 1 {
		t.Errorf("error %v after %d requests", err, s.count())
	}
}

func TestCancelledDownload(t *testing.T) {
	t.Parallel()
	content := text(1, 200_000)
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	tests := map[string]struct {
		answer http.HandlerFunc
		when   func(cancel func(), o *download.Options)
	}{
		"before": {object(content, kind), func(cancel func(), _ *download.Options) { cancel() }},
		"in the body": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "200000")
			w.(http.Flusher).Flush()
			hang(w, r)
		}, func(cancel func(), o *download.Options) { o.Progress = func(int64, int64) { cancel() } }},
		"before the next attempt": {status(503, "", ""), func(cancel func(), o *download.Options) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
				cancel()
				return time.Hour, nil
			})
		}},
		"in the back-off": {status(503, "", ""), func(cancel func(), o *download.Options) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
				time.AfterFunc(time.Millisecond, cancel)
				return time.Hour, nil
			})
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			s := newStorage(t, tt.answer)
			d := s.downloader(func(o *download.Options) { tt.when(cancel, o) })
			_, err := d.Download(ctx, io.Discard, s.source)
			var e *download.Error
			if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || s.count() > 1 || e.Attempts > 1 {
				t.Errorf("error %v after %d requests", err, s.count())
			}
		})
	}
}

// TestCancellationCause checks that the error of a canceled download matches both the context's error and its cause.
func TestCancellationCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("the game is over")
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	type test struct {
		answer http.HandlerFunc
		cancel func(cancel func(), o *download.Options)
		source func(cancel func()) download.Source
	}
	tests := map[string]test{
		"before the response": {answer: func(w http.ResponseWriter, r *http.Request) { hang(w, r) }, cancel: func(cancel func(), o *download.Options) {
			time.AfterFunc(time.Millisecond, cancel)
		}},
		"in the body": {answer: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "200000")
			w.(http.Flusher).Flush()
			hang(w, r)
		}, cancel: func(cancel func(), o *download.Options) { o.Progress = func(int64, int64) { cancel() } }},
		"in the back-off": {answer: status(503, "", ""), cancel: func(cancel func(), o *download.Options) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
				cancel()
				return time.Hour, nil
			})
		}},
		"in the source": {answer: hang, source: func(cancel func()) download.Source {
			return func(ctx context.Context) (string, error) {
				cancel()
				return "", fmt.Errorf("operation canceled: %w", ctx.Err())
			}
		}},
	}
	contexts := map[string]struct {
		new  func(context.Context) (context.Context, func())
		want []error
		text string
	}{
		"cause": {func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithCancelCause(ctx)
			return ctx, func() { cancel(cause) }
		}, []error{context.Canceled, cause}, ": context canceled: the game is over"},
		"a cause that wraps the context's error": {func(ctx context.Context) (context.Context, func()) {
			ctx, cancel := context.WithCancelCause(ctx)
			return ctx, func() { cancel(fmt.Errorf("%w: %w", cause, context.Canceled)) }
		}, []error{context.Canceled, cause}, ": the game is over: context canceled"},
		"no cause": {func(ctx context.Context) (context.Context, func()) {
			return context.WithCancel(ctx)
		}, []error{context.Canceled}, ": context canceled"},
	}
	for name, tt := range tests {
		for kind, c := range contexts {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := c.new(t.Context())
				defer cancel()
				s := newStorage(t, tt.answer)
				source := download.Source(s.source)
				if tt.source != nil {
					source = tt.source(cancel)
				}
				_, err := s.downloader(func(o *download.Options) {
					if tt.cancel != nil {
						tt.cancel(cancel, o)
					}
				}).Download(ctx, io.Discard, source)
				for _, want := range c.want {
					if !errors.Is(err, want) {
						t.Errorf("error %v, want %v", err, want)
					}
				}
				if tt.source == nil && !strings.HasSuffix(err.Error(), c.text) {
					t.Errorf("error %v, want the suffix %q", err, c.text)
				}
			})
		}
	}
}

// TestRedirectsSendNoReferer checks that clients that follow redirects do not send the URL, which contains the signature, to
// the next host in a Referer header.
func TestRedirectsSendNoReferer(t *testing.T) {
	t.Parallel()
	content := text(1, 5000)
	own := &http.Client{CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 2 {
			return errors.New("too many redirects for this client")
		}
		return nil
	}}
	tests := map[string]struct {
		client  gamesparks.HTTPClient
		referer string // of every redirected request
		limit   int    // of redirects, -1 for none
	}{
		"http.Client":                    {&http.Client{}, "", 9},
		"http.Client with CheckRedirect": {own, "", 2},
		"BuildableClient":                {awshttp.NewBuildableClient(), "about:blank", -1},
		"a wrapper":                      {struct{ gamesparks.HTTPClient }{&http.Client{}}, "about:blank", 9},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			target := newStorage(t, object(content, kind))
			redirect := func(to string) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Location", to+r.URL.String())
					w.WriteHeader(http.StatusTemporaryRedirect)
				}
			}
			middle := newStorage(t, redirect(target.URL))
			first := newStorage(t, redirect(middle.URL))
			client := func(o *download.Options) { o.HTTPClient = tt.client }
			got, err := first.download(t, client)
			if err != nil || got != content {
				t.Fatalf("error %v, %d bytes", err, len(got))
			}
			for _, r := range append(middle.all(), target.all()...) {
				if diff := cmp.Diff(tt.referer, r.Header.Get("Referer")); diff != "" {
					t.Errorf("Referer (-want +got):\n%s", diff)
				}
			}

			// The client's limit of redirects still applies.
			if tt.limit < 0 {
				return
			}
			loop := newStorage(t, func(w http.ResponseWriter, r *http.Request) { redirect("")(w, r) })
			_, err = loop.download(t, client, func(o *download.Options) { o.MaxAttempts = 1 })
			if n := loop.count() - 1; err == nil || n != tt.limit {
				t.Errorf("error %v after %d redirects, want %d", err, n, tt.limit)
			}
		})
	}
	if own.CheckRedirect(nil, nil) != nil {
		t.Error("the download modified the caller's client")
	}
}

// TestUntrustedCertificate checks that an untrusted certificate is not retried, since the next attempt would get the
// same one.
func TestUntrustedCertificate(t *testing.T) {
	t.Parallel()
	clients := map[string]gamesparks.HTTPClient{"default": nil, "http.Client": &http.Client{}}
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(object("content", kind))
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			var handshakes atomic.Int64
			server.TLS = &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
				handshakes.Add(1)
				return nil, nil
			}}
			server.StartTLS()
			t.Cleanup(server.Close)
			_, err := (&storage{}).downloader(func(o *download.Options) { o.HTTPClient = client }).Download(t.Context(), io.Discard,
				func(context.Context) (string, error) { return server.URL + "/x?X-Amz-Signature=" + secret, nil })
			var untrusted *tls.CertificateVerificationError
			var e *download.Error
			if !errors.As(err, &untrusted) || !errors.As(err, &e) || e.Attempts != 1 || handshakes.Load() != 1 {
				t.Errorf("error %v after %d handshakes, want one attempt", err, handshakes.Load())
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error contains the signature: %v", err)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	s := newStorage(t, status(503, "", ""))
	d := s.downloader(func(o *download.Options) { o.MaxAttempts = 3 })
	if _, err := d.Download(t.Context(), io.Discard, s.source); err == nil || s.count() != 3 {
		t.Errorf("error %v after %d requests", err, s.count())
	}
	if _, err := d.Download(t.Context(), io.Discard, s.source, func(o *download.Options) { o.MaxAttempts = 1 }); err == nil || s.count() != 4 {
		t.Errorf("error %v after %d requests", err, s.count())
	}
	// The options of a download do not modify the downloader.
	if _, err := d.Download(t.Context(), io.Discard, s.source); err == nil || s.count() != 7 {
		t.Errorf("error %v after %d requests", err, s.count())
	}
	_, err := d.Download(t.Context(), io.Discard, s.source, func(o *download.Options) { o.MaxAttempts = -1 })
	if err == nil || !strings.Contains(err.Error(), "MaxAttempts") || s.count() != 7 {
		t.Errorf("error %v after %d requests", err, s.count())
	}
	if _, err := d.DownloadFile(t.Context(), t.TempDir()+"/x", s.source, func(o *download.Options) { o.MaxAttempts = -1 }); err == nil {
		t.Error("no error")
	}
}

func TestConcurrentDownloads(t *testing.T) {
	t.Parallel()
	content := text(1, 50_000)
	s := newStorage(t, object(content, kind))
	d := s.downloader()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			var b bytes.Buffer
			if _, err := d.Download(t.Context(), &b, func(context.Context) (string, error) { return s.URL, nil }); err != nil || b.String() != content {
				t.Errorf("error %v, %d bytes", err, b.Len())
			}
		})
	}
	wg.Wait()
}
