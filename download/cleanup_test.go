package download_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/download"
)

// openFiles returns the files below dir that the process has open, on systems that list open files.
func openFiles(t *testing.T, dir string) []string {
	t.Helper()
	const descriptors = "/proc/self/fd"
	entries, err := os.ReadDir(descriptors)
	if errors.Is(err, os.ErrNotExist) {
		return []string{}
	} else if err != nil {
		t.Fatal(err)
	}
	open := []string{}
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join(descriptors, e.Name())); err == nil && strings.HasPrefix(target, dir) {
			open = append(open, target)
		}
	}
	return open
}

// bodyCounter is an HTTP client that counts the open response bodies.
type bodyCounter struct {
	client gamesparks.HTTPClient
	open   atomic.Int64
	ctx    context.Context // of the last request
}

func (c *bodyCounter) Do(r *http.Request) (*http.Response, error) {
	c.ctx = r.Context()
	resp, err := c.client.Do(r)
	if err == nil {
		c.open.Add(1)
		resp.Body = &countedBody{ReadCloser: resp.Body, open: &c.open}
	}
	return resp, err
}

type countedBody struct {
	io.ReadCloser
	open   *atomic.Int64
	closed bool
}

func (b *countedBody) Close() error {
	if !b.closed {
		b.closed = true
		b.open.Add(-1)
	}
	return b.ReadCloser.Close()
}

// TestCleanup checks that every download, however it ends, closes the file, its directory and the response, cancels the
// request's context, and leaves no partial file.
func TestCleanup(t *testing.T) {
	t.Parallel()
	content := text(1, 5000)
	ok := object(content, kind)
	exits := map[string]func(){
		"panics":       func() { panic("broken") },
		"calls Goexit": runtime.Goexit,
	}
	type test struct {
		answers []http.HandlerFunc
		options func(*download.Options)
		source  func(download.Source) download.Source
		want    []string
	}
	tests := map[string]test{
		"success":                 {answers: []http.HandlerFunc{ok}, want: []string{"chess.json"}},
		"success after a break":   {answers: []http.HandlerFunc{cut(ok, 1000), ok}, want: []string{"chess.json"}},
		"a new URL":               {answers: []http.HandlerFunc{expired, ok}, want: []string{"chess.json"}},
		"an unexpected status":    {answers: []http.HandlerFunc{status(404, "NoSuchKey", "")}},
		"a temporary failure":     {answers: []http.HandlerFunc{status(503, "SlowDown", "")}},
		"an object without a tag": {answers: []http.HandlerFunc{cut(object(content, ""), 1000)}},
	}
	for name, exit := range exits {
		tests["Progress "+name] = test{answers: []http.HandlerFunc{ok}, options: func(o *download.Options) {
			o.Progress = func(n, _ int64) {
				if n > 0 {
					exit()
				}
			}
		}}
		tests["the source "+name] = test{answers: []http.HandlerFunc{ok}, source: func(download.Source) download.Source {
			return func(context.Context) (string, error) {
				exit()
				return "", nil
			}
		}}
		tests["the source "+name+" in mid-download"] = test{answers: []http.HandlerFunc{cut(ok, 1000), expired}, source: func(s download.Source) download.Source {
			calls := 0
			return func(ctx context.Context) (string, error) {
				if calls++; calls == 2 {
					exit()
				}
				return s(ctx)
			}
		}}
		tests["the back-off "+name] = test{answers: []http.HandlerFunc{cut(ok, 1000)}, options: func(o *download.Options) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
				exit()
				return 0, nil
			})
		}}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := newStorage(t, tt.answers...)
			source := download.Source(s.source)
			if tt.source != nil {
				source = tt.source(source)
			}
			client := &bodyCounter{client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
			d := s.downloader(func(o *download.Options) {
				o.HTTPClient = client
				if tt.options != nil {
					tt.options(o)
				}
			})
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer func() { _ = recover() }()
				_, _ = d.DownloadFile(t.Context(), filepath.Join(dir, "chess.json"), source)
			}()
			<-done

			want := append([]string{}, tt.want...)
			if diff := cmp.Diff(want, names(t, dir)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{}, openFiles(t, dir)); diff != "" {
				t.Errorf("open files (-want +got):\n%s", diff)
			}
			if n := client.open.Load(); n != 0 {
				t.Errorf("%d response bodies are open", n)
			}
			if client.ctx != nil && client.ctx.Err() == nil {
				t.Error("the context of the last request is not canceled")
			}
		})
	}
}

// TestPanicReachesCaller checks that the cleanup does not recover a panic.
func TestPanicReachesCaller(t *testing.T) {
	t.Parallel()
	defer func() {
		if diff := cmp.Diff("broken", recover()); diff != "" {
			t.Errorf("recovered (-want +got):\n%s", diff)
		}
	}()
	_, _ = download.New().DownloadFile(t.Context(), filepath.Join(t.TempDir(), "chess.json"), func(context.Context) (string, error) {
		panic("broken")
	})
}
