package download_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/download"
)

// names returns what is in a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestDownloadFile(t *testing.T) {
	t.Parallel()
	content := text(1, 100_000)
	s := newStorage(t, cut(object(content, kind), 40_000), object(content, kind))
	dir := t.TempDir()
	file := filepath.Join(dir, "chess.json")
	n, err := s.downloader(func(o *download.Options) {
		o.Progress = func(int64, int64) {
			// The file is in the same directory, under another name.
			if got := names(t, dir); len(got) != 1 || got[0] == "chess.json" || !strings.HasPrefix(got[0], ".") {
				t.Errorf("in the middle of the download there is %q", got)
			}
		}
	}).DownloadFile(t.Context(), file, s.source)
	got, readErr := os.ReadFile(file)
	if err != nil || readErr != nil || n != int64(len(content)) || string(got) != content {
		t.Errorf("error %v, %v, size %d, %d bytes", err, readErr, n, len(got))
	}
	if diff := cmp.Diff([]string{"chess.json"}, names(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}

	ordinary, err := os.Create(filepath.Join(dir, "ordinary"))
	if err != nil {
		t.Fatal(err)
	}
	defer ordinary.Close()
	want, _ := ordinary.Stat()
	if info, err := os.Stat(file); err != nil || info.Mode() != want.Mode() {
		t.Errorf("mode %v, want that of any new file, %v", info.Mode(), want.Mode())
	}
}

func TestFailedDownloadLeavesFileAlone(t *testing.T) {
	t.Parallel()
	content := text(1, 5000)
	tests := map[string]func(cancel context.CancelFunc) http.HandlerFunc{
		"status": func(context.CancelFunc) http.HandlerFunc { return status(404, "NoSuchKey", "") },
		"cut": func(context.CancelFunc) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) { cut(object(content, ""), 10)(w, r) }
		},
		"cancelled": func(cancel context.CancelFunc) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				cancel()
				// An answer could overtake the cancellation.
				<-r.Context().Done()
			}
		},
	}
	for name, answer := range tests {
		for _, exists := range []bool{true, false} {
			ctx, cancel := context.WithCancel(t.Context())
			s := newStorage(t, answer(cancel))
			dir := t.TempDir()
			file := filepath.Join(dir, "chess.json")
			want := []string{}
			if exists {
				want = []string{"chess.json"}
				if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			n, err := s.downloader().DownloadFile(ctx, file, s.source)
			cancel()
			var e *download.Error
			if !errors.As(err, &e) || n != 0 {
				t.Errorf("%s: error %v, size %d", name, err, n)
			}
			if diff := cmp.Diff(want, names(t, dir)); diff != "" {
				t.Errorf("%s: files (-want +got):\n%s", name, diff)
			}
			if got, err := os.ReadFile(file); exists && (err != nil || string(got) != "old") {
				t.Errorf("%s: the file has become %q, error %v", name, got, err)
			}
		}
	}
}

func TestDownloadToBadName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newStorage(t, object("content", kind))
	for _, name := range []string{"", dir, dir + "/", filepath.Join(dir, "missing", "chess.json"), dir + "/missing/", os.DevNull} {
		if n, err := s.downloader().DownloadFile(t.Context(), name, s.source); err == nil || n != 0 {
			t.Errorf("size %d, error %v for %q", n, err, name)
		}
	}
	missing := filepath.Join(dir, "missing", "chess.json")
	if _, err := s.downloader().DownloadFile(t.Context(), missing, s.source); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("error %v without the name %q", err, missing)
	}
	if s.count() != 0 || len(names(t, dir)) != 0 {
		t.Errorf("%d requests, files %q", s.count(), names(t, dir))
	}
}

// TestFileInTheWay has the name taken by a directory while the download runs, so that the last step fails.
func TestFileInTheWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "chess.json")
	s := newStorage(t, func(w http.ResponseWriter, r *http.Request) {
		os.Mkdir(file, 0o700)
		object("content", kind)(w, r)
	})
	if n, err := s.downloader().DownloadFile(t.Context(), file, s.source); err == nil || n != 0 {
		t.Errorf("size %d, error %v", n, err)
	}
	if diff := cmp.Diff([]string{"chess.json"}, names(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
