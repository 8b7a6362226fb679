package download_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/download"
)

// TestObjectChanges replaces the object during its download. A stream must fail without mixing bytes of both objects, and a
// file must contain the new object.
func TestObjectChanges(t *testing.T) {
	t.Parallel()
	before, after := text(1, 5000), text(2, 5000)
	longer, shorter := text(1, 5100), text(1, 4000)
	const other = `"v2"`
	// ignoreCondition sends the range of the new object although the If-Range condition fails.
	ignoreCondition := func(content, etag string) http.HandlerFunc { return without(object(content, etag), "If-Range") }
	tests := map[string]struct {
		before, after http.HandlerFunc
		content       string
		continues     bool // the new object starts with the bytes already written
	}{
		"another entity tag":                         {object(before, kind), object(after, other), after, false},
		"another entity tag, without ranges":         {object(before, kind), without(object(after, other), "Range"), after, false},
		"another entity tag, the condition ignored":  {object(before, kind), ignoreCondition(after, other), after, false},
		"no entity tag any more":                     {object(before, kind), object(after, ""), after, false},
		"no entity tags, the condition ignored":      {object(before, kind), ignoreCondition(after, ""), after, false},
		"no entity tags ever":                        {object(before, ""), object(after, ""), after, false},
		"weak entity tags":                           {object(before, `W/"v"`), object(after, `W/"v"`), after, false},
		"longer, under the same tag":                 {object(before, kind), object(longer, kind), longer, false},
		"shorter, under the same tag":                {object(before, kind), object(shorter, kind), shorter, false},
		"longer, without tags":                       {object(before, ""), object(longer, ""), longer, true},
		"shorter, without tags":                      {object(before, ""), object(shorter, ""), shorter, true},
		"shorter than what is written":               {object(before, kind), ignoreCondition(before[:500], other), before[:500], false},
		"shorter than what is written, without tags": {object(before, ""), object(before[:500], ""), before[:500], false},
		"shorter, without sizes":                     {chunked(before), chunked(before[:500]), before[:500], false},
		"other, without sizes":                       {chunked(before), chunked(after), after, false},
		"the same tag, but other bytes":              {object(before, kind), without(object(after, kind), "Range"), after, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStorage(t, cut(tt.before, 1000), tt.after)
			got, err := s.download(t)
			var changed *download.ChangedError
			if tt.continues && (err != nil || got != tt.content) || !tt.continues && (!errors.As(err, &changed) || got != before[:1000]) {
				t.Errorf("stream: error %v, %d bytes", err, len(got))
			}

			s = newStorage(t, cut(tt.before, 1000), tt.after)
			file := filepath.Join(t.TempDir(), "chess.json")
			n, err := s.downloader().DownloadFile(t.Context(), file, s.source)
			content, readErr := os.ReadFile(file)
			if err != nil || readErr != nil || string(content) != tt.content || n != int64(len(content)) {
				t.Errorf("file: error %v, %v, %d bytes, reported size %d", err, readErr, len(content), n)
			}
		})
	}
}

// TestObjectChangesAndBreaksAgain checks that the download of the new object is resumed as well.
func TestObjectChangesAndBreaksAgain(t *testing.T) {
	t.Parallel()
	before, after := text(1, 5000), text(2, 5000)
	for _, etags := range [][2]string{{kind, `"v2"`}, {"", ""}} {
		changed := object(after, etags[1])
		s := newStorage(t, cut(object(before, etags[0]), 1000), changed, cut(changed, 2000), changed)
		file := filepath.Join(t.TempDir(), "chess.json")
		_, err := s.downloader().DownloadFile(t.Context(), file, s.source)
		if content, readErr := os.ReadFile(file); err != nil || readErr != nil || string(content) != after {
			t.Errorf("error %v, %v, %d bytes", err, readErr, len(content))
		}
		if s.count() != 4 {
			t.Errorf("%d requests, want 4: %q", s.count(), s.ranges())
		}
	}
}

// TestObjectChangesAndDisappears checks that the error does not report the size of the old object.
func TestObjectChangesAndDisappears(t *testing.T) {
	t.Parallel()
	s := newStorage(t, cut(object(text(1, 5000), kind), 1000), object(text(2, 4000), `"v2"`), status(404, "NoSuchKey", ""))
	_, err := s.downloader().DownloadFile(t.Context(), filepath.Join(t.TempDir(), "chess.json"), s.source)
	var e *download.Error
	if !errors.As(err, &e) || e.Written != 0 || e.Total != -1 || e.Attempts != 3 {
		t.Errorf("error %+v, want 0 bytes of an unknown total after 3 attempts", e)
	}
}

func TestObjectChangesForEver(t *testing.T) {
	t.Parallel()
	var versions atomic.Uint64
	s := newStorage(t, func(w http.ResponseWriter, r *http.Request) {
		n := versions.Add(1)
		cut(object(text(n, 5000), fmt.Sprintf(`"v%d"`, n)), 1000)(w, r)
	})
	_, err := s.downloader().DownloadFile(t.Context(), filepath.Join(t.TempDir(), "chess.json"), s.source)
	if err == nil || s.count() > 10 {
		t.Errorf("error %v after %d requests", err, s.count())
	}
}

// TestInvalidPartialResponses resumes from servers whose response contradicts the requested range or its own headers.
func TestInvalidPartialResponses(t *testing.T) {
	t.Parallel()
	content := text(1, 3000)
	const begin = "HTTP/1.1 206 Partial Content\nETag: \"v1\"\nConnection: close\n"
	rest := content[1000:]
	tests := map[string]string{
		"no Content-Range":           begin + "Content-Length: 2000\n\n" + rest,
		"another unit":               begin + "Content-Range: lines 1000-2999/3000\nContent-Length: 2000\n\n" + rest,
		"another begin":              begin + "Content-Range: bytes 999-2998/3000\nContent-Length: 2000\n\n" + content[999:2999],
		"from the beginning":         begin + "Content-Range: bytes 0-2999/3000\nContent-Length: 3000\n\n" + content,
		"an end before the begin":    begin + "Content-Range: bytes 1000-999/3000\nContent-Length: 2000\n\n" + rest,
		"an end behind the object":   begin + "Content-Range: bytes 1000-3000/3000\nContent-Length: 2001\n\n" + rest + "x",
		"beyond, of unknown size":    begin + "Content-Range: bytes 1000-3000/*\nContent-Length: 2001\n\n" + rest + "x",
		"no numbers":                 begin + "Content-Range: bytes x-y/z\nContent-Length: 2000\n\n" + rest,
		"signs":                      begin + "Content-Range: bytes +1000-+2999/+3000\nContent-Length: 2000\n\n" + rest,
		"too large numbers":          begin + "Content-Range: bytes 1000-9223372036854775807/9223372036854775807\nContent-Length: 2000\n\n" + rest,
		"a range without size":       begin + "Content-Range: bytes */3000\nContent-Length: 2000\n\n" + rest,
		"a length above the range":   begin + "Content-Range: bytes 1000-2999/3000\nContent-Length: 2500\n\n" + rest + text(3, 500),
		"a length below the range":   begin + "Content-Range: bytes 1000-2999/3000\nContent-Length: 1500\n\n" + rest,
		"more bytes than the range":  begin + "Content-Range: bytes 1000-2999/3000\n\n" + rest + "x",
		"fewer bytes than the range": begin + "Content-Range: bytes 1000-2999/3000\n\n" + rest[:1500],
		"several ranges": begin + "Content-Type: multipart/byteranges; boundary=b\n\n--b\nContent-Range: bytes 1000-2999/3000\n\n" +
			rest + "\n--b--\n",
		"no entity tag":       "HTTP/1.1 206 Partial Content\nContent-Range: bytes 1000-2999/3000\nContent-Length: 2000\nConnection: close\n\n" + rest,
		"416 of a good range": "HTTP/1.1 416 Nope\nContent-Range: bytes */3000\nContent-Length: 0\nConnection: close\n\n",
		"416 of a size below": "HTTP/1.1 416 Nope\nContent-Range: bytes */1000\nContent-Length: 0\nConnection: close\n\n",
		"416 without a size":  "HTTP/1.1 416 Nope\nContent-Length: 0\nConnection: close\n\n",
		"no HTTP":             "SSH-2.0-OpenSSH_9.2\n",
		"nothing":             "",
		"an endless header":   "HTTP/1.1 206 Partial Content\nX: " + strings.Repeat("x", 11<<20),
		"a short whole":       "HTTP/1.1 200 OK\nETag: \"v1\"\nContent-Length: 3000\nConnection: close\n\n" + content[:500],
	}
	for name, answer := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStorage(t, cut(object(content, kind), 1000), raw("%s", answer), object(content, kind))
			got, err := s.download(t)
			if err != nil || got != content {
				t.Errorf("error %v, %d bytes", err, len(got))
			}
			// If all responses are invalid, the download fails without writing wrong bytes.
			s = newStorage(t, cut(object(content, kind), 1000), raw("%s", answer))
			got, err = s.download(t)
			if err == nil || !strings.HasPrefix(content, got) {
				t.Errorf("error %v, %d bytes", err, len(got))
			}
			if s.count() > 12 {
				t.Errorf("%d requests", s.count())
			}
		})
	}
}

// TestWrongSizes downloads from a server whose Content-Length differs from the size of its body.
func TestWrongSizes(t *testing.T) {
	t.Parallel()
	content := text(1, 3000)
	s := newStorage(t, raw("HTTP/1.1 200 OK\nContent-Length: 5000\nConnection: close\n\n%s", content))
	got, err := s.download(t)
	if !errors.Is(err, io.ErrUnexpectedEOF) || got != content {
		t.Errorf("size too large: error %v, %d bytes", err, len(got))
	}

	file := filepath.Join(t.TempDir(), "chess.json")
	if _, err := s.downloader().DownloadFile(t.Context(), file, s.source); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a partial file remains: %v", err)
	}

	// Bytes beyond the size are not part of the object.
	s = newStorage(t, raw("HTTP/1.1 200 OK\nContent-Length: 2000\nConnection: close\n\n%s", content))
	if got, err := s.download(t); err != nil || got != content[:2000] {
		t.Errorf("size too small: error %v, %d bytes", err, len(got))
	}

	// The second response continues past the size of the object.
	s = newStorage(t, cut(object(content, kind), 1000), func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", kind)
		chunked(content+"x")(w, r)
	})
	got, err = s.download(t)
	var invalid *download.InvalidResponseError
	if !errors.As(err, &invalid) || !strings.HasPrefix(content, got) {
		t.Errorf("body beyond the size: error %v, %d bytes", err, len(got))
	}
	if diff := cmp.Diff("invalid response: the body continues past byte 3000", invalid.Error()); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
}

// tagged adds an entity tag to the responses of a handler.
func tagged(h http.HandlerFunc, etag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		h(w, r)
	}
}

// TestSizeOfResumedObject resumes from servers that no longer send the size of the whole object. The known size remains
// valid while the entity tag is the same.
func TestSizeOfResumedObject(t *testing.T) {
	t.Parallel()
	content := text(1, 3000)
	t.Run("same tag, truncated", func(t *testing.T) {
		t.Parallel()
		s := newStorage(t, cut(object(content, kind), 1000), without(tagged(chunked(content[:2000]), kind), "Range"))
		got, err := s.download(t)
		if !errors.Is(err, io.ErrUnexpectedEOF) || got != content[:2000] {
			t.Errorf("error %v, %d bytes", err, len(got))
		}
	})
	t.Run("another tag, longer", func(t *testing.T) {
		t.Parallel()
		longer := content + text(2, 100)
		s := newStorage(t, cut(object(content, kind), 1000), tagged(chunked(longer), `"v2"`))
		got, err := s.download(t)
		if err != nil || got != longer {
			t.Errorf("error %v, %d bytes", err, len(got))
		}
	})
	t.Run("same tag, but another object", func(t *testing.T) {
		t.Parallel()
		other := text(2, 2000)
		s := newStorage(t, cut(object(content, kind), 1000), tagged(chunked(other), kind))
		file := filepath.Join(t.TempDir(), "chess.json")
		_, err := s.downloader().DownloadFile(t.Context(), file, s.source)
		if got, readErr := os.ReadFile(file); err != nil || readErr != nil || string(got) != other {
			t.Errorf("error %v, %v, %d bytes", err, readErr, len(got))
		}
	})
	t.Run("the size comes with the range", func(t *testing.T) {
		t.Parallel()
		s := newStorage(t, cut(chunkedObject(content), 1000), object(content, kind))
		var totals []int64
		got, err := s.download(t, func(o *download.Options) {
			o.Progress = func(_, total int64) { totals = append(totals, total) }
		})
		if err != nil || got != content || s.count() != 2 {
			t.Errorf("error %v, %d bytes after %d requests", err, len(got), s.count())
		}
		if first, last := totals[0], totals[len(totals)-1]; first != -1 || last != 3000 {
			t.Errorf("totals %d", totals)
		}
	})
	t.Run("416 at the end", func(t *testing.T) {
		t.Parallel()
		s := newStorage(t, func(w http.ResponseWriter, r *http.Request) {
			chunkedObject(content)(w, r)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, object(content, kind))
		var last [2]int64
		got, err := s.download(t, func(o *download.Options) {
			o.Progress = func(n, total int64) { last = [2]int64{n, total} }
		})
		if err != nil || got != content {
			t.Errorf("error %v, %d bytes", err, len(got))
		}
		if diff := cmp.Diff([2]int64{3000, 3000}, last); diff != "" {
			t.Errorf("last progress (-want +got):\n%s", diff)
		}
	})
}

// TestRestartedObjectUsesRanges checks that invalid ranges of the old object do not disable range requests for the new one.
func TestRestartedObjectUsesRanges(t *testing.T) {
	t.Parallel()
	before, after := text(1, 3000), text(2, 3000)
	changed := object(after, `"v2"`)
	s := newStorage(t, cut(object(before, kind), 1000),
		raw("HTTP/1.1 206 Partial Content\nETag: \"v1\"\nContent-Length: 0\nConnection: close\n\n"),
		changed, cut(changed, 2000), changed)
	file := filepath.Join(t.TempDir(), "chess.json")
	_, err := s.downloader().DownloadFile(t.Context(), file, s.source)
	if got, readErr := os.ReadFile(file); err != nil || readErr != nil || string(got) != after {
		t.Errorf("error %v, %v, %d bytes", err, readErr, len(got))
	}
	if diff := cmp.Diff([]string{"", "bytes=1000-", "", "", "bytes=2000-"}, s.ranges()); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
}

func TestUnitOfContentRangeIgnoresCase(t *testing.T) {
	t.Parallel()
	content := text(1, 3000)
	s := newStorage(t, cut(object(content, kind), 1000),
		raw("HTTP/1.1 206 Partial Content\nETag: \"v1\"\nContent-Range: Bytes 1000-2999/3000\nContent-Length: 2000\nConnection: close\n\n%s", content[1000:]))
	if got, err := s.download(t); err != nil || got != content || s.count() != 2 {
		t.Errorf("error %v, %d bytes after %d requests", err, len(got), s.count())
	}
}
