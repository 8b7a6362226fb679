package download_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gamesparks-go/gamesparks/download"
)

// stall pauses after some bytes of the body.
func stall(content string, after int, pause time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		h := object(content, kind)
		h(&stallWriter{w, after, pause, r.Context()}, r)
	}
}

type stallWriter struct {
	http.ResponseWriter
	left  int
	pause time.Duration
	ctx   context.Context
}

func (w *stallWriter) Write(p []byte) (int, error) {
	if len(p) <= w.left {
		w.left -= len(p)
		return w.ResponseWriter.Write(p)
	}
	w.ResponseWriter.Write(p[:w.left])
	w.ResponseWriter.(http.Flusher).Flush()
	select {
	case <-time.After(w.pause):
	case <-w.ctx.Done():
		panic(http.ErrAbortHandler)
	}
	n, err := w.ResponseWriter.Write(p[w.left:])
	n += w.left
	w.left = 1 << 30
	return n, err
}

func TestStall(t *testing.T) {
	t.Parallel()
	content := text(1, 5000)
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	tests := map[string]struct {
		answers  []http.HandlerFunc
		timeout  time.Duration
		min, max time.Duration // of the download
		requests int
		want     error
	}{
		"in the body":                 {[]http.HandlerFunc{stall(content, 1000, time.Hour), object(content, kind)}, 0, 30 * time.Second, 31 * time.Second, 2, nil},
		"before the response":         {[]http.HandlerFunc{silent, object(content, kind)}, 0, 30 * time.Second, 31 * time.Second, 2, nil},
		"for ever":                    {[]http.HandlerFunc{silent}, 0, 150 * time.Second, 165 * time.Second, 5, download.ErrStalled},
		"for ever in the body":        {[]http.HandlerFunc{stall(content, 1000, time.Hour), silent}, 0, 150 * time.Second, 165 * time.Second, 5, download.ErrStalled},
		"shorter than the timeout":    {[]http.HandlerFunc{stall(content, 1000, 29*time.Second)}, 0, 29 * time.Second, 29 * time.Second, 1, nil},
		"longer than another timeout": {[]http.HandlerFunc{stall(content, 1000, 29*time.Second), object(content, kind)}, 5 * time.Second, 5 * time.Second, 6 * time.Second, 2, nil},
		"without limit":               {[]http.HandlerFunc{stall(content, 1000, time.Hour)}, -1, time.Hour, time.Hour, 1, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, inMemory := newMemoryStorage(t, tt.answers...)
				d := download.New(inMemory, func(o *download.Options) { o.StallTimeout = tt.timeout })
				start := time.Now()
				n, err := d.Download(t.Context(), io.Discard, s.source)
				if !errors.Is(err, tt.want) || tt.want == nil && n != int64(len(content)) {
					t.Errorf("error %v, %d bytes", err, n)
				}
				if took := time.Since(start); took < tt.min || took > tt.max || s.count() != tt.requests {
					t.Errorf("took %v and %d requests", took, s.count())
				}
			})
		})
	}
}

// TestSlowConsumerDoesNotStall checks that the stall timeout does not apply to the writer and the callback.
func TestSlowConsumerDoesNotStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, inMemory := newMemoryStorage(t, object(text(1, 300_000), kind))
		d := download.New(inMemory, func(o *download.Options) {
			o.Progress = func(int64, int64) { time.Sleep(time.Hour) } // on the fake clock
		})
		n, err := d.Download(t.Context(), writeFunc(func(p []byte) (int, error) {
			time.Sleep(time.Hour)
			return len(p), nil
		}), s.source)
		if err != nil || n != 300_000 || s.count() != 1 {
			t.Errorf("error %v, %d bytes, %d requests", err, n, s.count())
		}
	})
}

func TestDefaultBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var longest time.Duration
		for range 50 {
			s, inMemory := newMemoryStorage(t, status(503, "", ""))
			start := time.Now()
			if _, err := download.New(inMemory).Download(t.Context(), io.Discard, s.source); err == nil || s.count() != 5 {
				t.Errorf("error %v after %d requests", err, s.count())
			}
			longest = max(longest, time.Since(start))
		}
		if longest > 15*time.Second || longest < 5*time.Second {
			t.Errorf("the longest of many downloads backed off for %v, want less than 1+2+4+8 seconds", longest)
		}
	})
}

func TestDeadlineOfDownload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, inMemory := newMemoryStorage(t, stall(text(1, 5000), 1000, time.Hour))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		n, err := download.New(inMemory).Download(ctx, io.Discard, s.source)
		if !errors.Is(err, context.DeadlineExceeded) || n != 1000 || time.Since(start) != 10*time.Second {
			t.Errorf("error %v, %d bytes after %v", err, n, time.Since(start))
		}
	})
}

// TestTricklingErrorBody checks that the stall timeout limits the whole body of an error response, even if each byte arrives
// within the timeout.
func TestTricklingErrorBody(t *testing.T) {
	t.Parallel()
	trickle := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			for r.Context().Err() == nil {
				io.WriteString(w, " ")
				w.(http.Flusher).Flush()
				select {
				case <-time.After(20 * time.Second):
				case <-r.Context().Done():
				}
			}
		}
	}
	content := text(1, 5000)
	tests := map[string]struct {
		answers  []http.HandlerFunc
		requests int
		want     int // the status of the error, 0 for success
	}{
		"not retried": {[]http.HandlerFunc{trickle(404)}, 1, 404},
		"retried":     {[]http.HandlerFunc{trickle(503), object(content, kind)}, 2, 0},
		"refused":     {[]http.HandlerFunc{trickle(403), object(content, kind)}, 2, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, inMemory := newMemoryStorage(t, tt.answers...)
				start := time.Now()
				_, err := download.New(inMemory).Download(t.Context(), io.Discard, s.source)
				var failed *download.StatusError
				if tt.want == 0 && err != nil || tt.want != 0 && (!errors.As(err, &failed) || failed.StatusCode != tt.want) {
					t.Errorf("error %v", err)
				}
				if took := time.Since(start); took < 30*time.Second || took > 31*time.Second || s.count() != tt.requests {
					t.Errorf("took %v and %d requests, want 30 seconds and %d requests", took, s.count(), tt.requests)
				}
			})
		})
	}
}
