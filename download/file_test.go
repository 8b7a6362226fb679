package download_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/download"
)

// names returns the names of the files in a directory.
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
			// The partial file is in the same directory under another name.
			if got := names(t, dir); len(got) != 1 || got[0] == "chess.json" || !strings.HasPrefix(got[0], ".") {
				t.Errorf("files during the download: %q", got)
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
		t.Errorf("mode %v, want %v, as for any new file", info.Mode(), want.Mode())
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
				// A response could arrive before the cancellation.
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
				t.Errorf("%s: the file contains %q, error %v", name, got, err)
			}
		}
	}
}

func TestDownloadToBadName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	regular := filepath.Join(dir, "regular")
	if err := os.WriteFile(regular, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(dir, "missing")
	tests := map[string]struct {
		name string
		want string // %q stands for the name
		is   error  // the cause, or nil
	}{
		"empty":               {"", "download to %q: the file name is empty: append one to the path", nil},
		"a directory":         {dir, "download to %q: is a directory", syscall.EISDIR},
		"a directory's slash": {dir + "/", "download to %q: is a directory", syscall.EISDIR},
		"a missing directory": {missing + "/chess.json", "download to %q: create the directory first: open " + missing + "/: no such file or directory", os.ErrNotExist},
		"no file name":        {missing + "/", "download to %q: the file name is empty: append one to the path", nil},
		"a file as directory": {regular + "/chess.json", "download to %q: open " + regular + "/: not a directory", syscall.ENOTDIR},
		"a device":            {os.DevNull, "download to %q: the file exists and is not a regular file: choose another name", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" && strings.Contains(tt.want, "open ") {
				t.Skip("Windows has other errors for this name")
			}
			s := newStorage(t, object("content", kind))
			n, err := s.downloader().DownloadFile(t.Context(), tt.name, s.source)
			if err == nil || n != 0 || s.count() != 0 || tt.is != nil && !errors.Is(err, tt.is) {
				t.Fatalf("size %d, error %v after %d requests", n, err, s.count())
			}
			if diff := cmp.Diff(fmt.Sprintf(tt.want, tt.name), err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
	t.Cleanup(func() {
		if diff := cmp.Diff([]string{"regular"}, names(t, dir)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
	})
}

// TestDownloadToDirectoryWithoutFiles uses a kernel directory in which no files can be created.
func TestDownloadToDirectoryWithoutFiles(t *testing.T) {
	t.Parallel()
	dir := fmt.Sprintf("/proc/%d/attr", os.Getpid())
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Skip("no such directory on this system")
	}
	_, err := download.New().DownloadFile(t.Context(), filepath.Join(dir, "chess.json"), nil)
	if want := "create a file in the directory: "; err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), ".part") {
		t.Errorf("error %v, want %q and no hidden name", err, want)
	}
	if diff := cmp.Diff([]string{}, openFiles(t, dir)); diff != "" {
		t.Errorf("open files (-want +got):\n%s", diff)
	}
}

// TestRelativeName changes the working directory during a download. It is not parallel, since the process has one
// working directory.
func TestRelativeName(t *testing.T) {
	content := text(1, 5000)
	for _, tt := range []struct{ name, path string }{
		{"a file name", "chess.json"},
		{"a directory", filepath.Join("sub", "chess.json")},
		{"a parent", filepath.Join("..", "chess.json")},
		{"a parent behind a symbolic link", "link/../chess.json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(tt.path, "link") {
				t.Skip("Windows removes the name before .. without reading the link")
			}
			base, elsewhere := t.TempDir(), t.TempDir()
			for _, dir := range []string{"wd/sub", "target/sub"} {
				if err := os.MkdirAll(filepath.Join(base, dir), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(filepath.Join(base, "target/sub"), filepath.Join(base, "wd/link")); err != nil {
				t.Skip(err)
			}
			want := map[string]string{
				"a file name":                     "wd/chess.json",
				"a directory":                     "wd/sub/chess.json",
				"a parent":                        "chess.json",
				"a parent behind a symbolic link": "target/chess.json",
			}[tt.name]
			t.Chdir(filepath.Join(base, "wd"))
			s := newStorage(t, cut(object(content, kind), 1000), object(content, kind))
			_, err := s.downloader(func(o *download.Options) {
				o.Progress = func(int64, int64) {
					if err := os.Chdir(elsewhere); err != nil {
						t.Error(err)
					}
				}
			}).DownloadFile(t.Context(), tt.path, s.source)
			if got, readErr := os.ReadFile(filepath.Join(base, want)); err != nil || readErr != nil || string(got) != content {
				t.Errorf("error %v, %v, %d bytes", err, readErr, len(got))
			}
			if diff := cmp.Diff([]string{}, names(t, elsewhere)); diff != "" {
				t.Errorf("files in the new working directory (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSymbolicLinkIsReplaced(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "old.json")
	if err := os.WriteFile(outside, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "chess.json")
	if err := os.Symlink(outside, file); err != nil {
		t.Skip(err)
	}
	s := newStorage(t, object("new", kind))
	if _, err := s.downloader().DownloadFile(t.Context(), file, s.source); err != nil {
		t.Fatal(err)
	}
	got, _ := os.ReadFile(file)
	kept, _ := os.ReadFile(outside)
	if diff := cmp.Diff([]string{"new", "old"}, []string{string(got), string(kept)}); diff != "" {
		t.Errorf("file and the link's target (-want +got):\n%s", diff)
	}
}

// TestDirectoryRemoved removes the directory during the download.
func TestDirectoryRemoved(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not remove a directory that is open")
	}
	dir := filepath.Join(t.TempDir(), "sub")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := newStorage(t, object("content", kind))
	file := filepath.Join(dir, "chess.json")
	_, err := s.downloader(func(o *download.Options) {
		o.Progress = func(int64, int64) { os.RemoveAll(dir) }
	}).DownloadFile(t.Context(), file, s.source)
	if !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("error %v", err)
	}
	if diff := cmp.Diff(fmt.Sprintf("download to %q: rename the partial file: no such file or directory", file), err.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

// TestTargetBecomesDirectory creates a directory with the name of the file during the download, so that the rename fails.
func TestTargetBecomesDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "chess.json")
	s := newStorage(t, func(w http.ResponseWriter, r *http.Request) {
		os.Mkdir(file, 0o700)
		object("content", kind)(w, r)
	})
	if n, err := s.downloader().DownloadFile(t.Context(), file, s.source); err == nil || n != 0 || strings.Contains(err.Error(), ".part") {
		t.Errorf("size %d, error %v", n, err)
	}
	if diff := cmp.Diff([]string{"chess.json"}, names(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
