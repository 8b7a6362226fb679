package maintenance_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/damagetest"
	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// backup returns a backup of a store.
func backup(t *testing.T, store storage.Store) ([]byte, *maintenance.BackupInfo) {
	t.Helper()
	var content bytes.Buffer
	info, err := maintenance.Backup(t.Context(), store, &content)
	if err != nil {
		t.Fatal(err)
	}
	return content.Bytes(), info
}

// TestBackup restores a backup and compares what clients read.
func TestBackup(t *testing.T) {
	t.Parallel()
	c := newClock()
	from := filepath.Join(t.TempDir(), "from")
	populate(t, c, func() storage.Store { return openFile(t, from) })
	source := openFile(t, from, func(o *storage.FileOptions) { o.ReadOnly = true })
	content, info := backup(t, source)
	if info.Bytes != int64(len(content)) || info.SHA256 != sha256.Sum256(content) || info.Entries < 100 || time.Since(info.Time) > time.Minute {
		t.Errorf("the backup has %d bytes and the digest %x, but its description is %+v", len(content), sha256.Sum256(content), info)
	}
	verified, err := maintenance.VerifyBackup(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(info, verified); diff != "" {
		t.Errorf("VerifyBackup (-want +got):\n%s", diff)
	}

	to := filepath.Join(t.TempDir(), "to")
	target := openFile(t, to)
	restored, report, err := maintenance.Restore(t.Context(), iotest.OneByteReader(bytes.NewReader(content)), target)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(info, restored); diff != "" {
		t.Errorf("Restore (-want +got):\n%s", diff)
	}
	if report.Games < 12 || len(report.Problems) > 0 || report.Entries != info.Entries {
		t.Errorf("report %+v", report)
	}
	if _, _, err := maintenance.Restore(t.Context(), bytes.NewReader(content), target); !errors.Is(err, maintenance.ErrNotEmpty) {
		t.Errorf("restore to a store with data: got error %v, want %v", err, maintenance.ErrNotEmpty)
	}
	if err := errors.Join(source.Close(), target.Close()); err != nil {
		t.Fatal(err)
	}
	compareDumps(t, c, from, to)
}

// TestEmptyBackup backs up a store without entries.
func TestEmptyBackup(t *testing.T) {
	t.Parallel()
	content, info := backup(t, storage.NewMemory())
	if _, _, err := maintenance.Restore(t.Context(), bytes.NewReader(content), storage.NewMemory()); err != nil || info.Entries != 0 {
		t.Errorf("error %v, backup %+v", err, info)
	}
}

// numbers returns a store with n entries that do not belong to a service.
func numbers(t *testing.T, n int) storage.Store {
	t.Helper()
	store := storage.NewMemory()
	err := store.Update(t.Context(), func(w storage.Writer) error {
		for i := range n {
			if err := w.Put("key-"+strconv.Itoa(i), bytes.Repeat([]byte{byte(i)}, i%300)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// TestDamagedBackup changes each bit of a small backup, truncates it at each length, and applies random damage.
func TestDamagedBackup(t *testing.T) {
	t.Parallel()
	content, _ := backup(t, numbers(t, 40))
	refuse := func(description string, changed []byte) {
		t.Helper()
		if bytes.Equal(changed, content) {
			return
		}
		_, err := maintenance.VerifyBackup(bytes.NewReader(changed))
		for _, want := range []error{maintenance.ErrDamagedBackup, maintenance.ErrNotBackup, maintenance.ErrBackupVersion} {
			if errors.Is(err, want) {
				return
			}
		}
		t.Errorf("%s: got error %v", description, err)
	}
	for i := range content {
		refuse("truncated to "+strconv.Itoa(i), content[:i])
		for bit := range 8 {
			changed := bytes.Clone(content)
			changed[i] ^= 1 << bit
			refuse("bit "+strconv.Itoa(bit)+" of byte "+strconv.Itoa(i), changed)
		}
	}
	refuse("one more byte", append(bytes.Clone(content), 0))
	refuse("two backups", append(bytes.Clone(content), content...))
	for seed := range uint64(500) {
		changed, description := damagetest.ChangeBytes(content, rand.New(rand.NewPCG(seed, 0)))
		refuse("seed "+strconv.FormatUint(seed, 10)+": "+description, changed)
	}
}

func TestUnusableBackups(t *testing.T) {
	t.Parallel()
	content, _ := backup(t, numbers(t, 3))
	newer := bytes.Replace(content, []byte("backup 1 "), []byte("backup 2 "), 1)
	longKey := append([]byte("gamesparks-server backup 1 2026-11-27T21:30:00Z\n"), binary.AppendUvarint(nil, 1<<40)...)
	broken := errors.New("broken")
	for _, tc := range []struct {
		name string
		r    io.Reader
		want error
		says string
	}{
		{"nothing", strings.NewReader(""), maintenance.ErrNotBackup, "not a backup of gamesparks-server"},
		{"text", strings.NewReader("hello\n"), maintenance.ErrNotBackup, ""},
		{"a long line", strings.NewReader(strings.Repeat("gamesparks-server backup ", 1000)), maintenance.ErrNotBackup, ""},
		{"zeros", bytes.NewReader(make([]byte, 10_000)), maintenance.ErrNotBackup, ""},
		{"a newer format", bytes.NewReader(newer), maintenance.ErrBackupVersion, "its format is 2, but this program supports only formats up to 1: upgrade the program"},
		{"format 0", strings.NewReader("gamesparks-server backup 0 2026-11-27T21:30:00Z\n"), maintenance.ErrDamagedBackup, `the format is "0"`},
		{"no time", strings.NewReader("gamesparks-server backup 1\n"), maintenance.ErrDamagedBackup, `the time is ""`},
		{"a key of a terabyte", bytes.NewReader(longKey), maintenance.ErrDamagedBackup, "the length of the key at offset 48 is too large"},
		{"a read error", io.MultiReader(bytes.NewReader(content[:100]), iotest.ErrReader(broken)), broken, ""},
		{"a read error at the end", io.MultiReader(bytes.NewReader(content), iotest.ErrReader(broken)), broken, ""},
		{"records with problems", bytes.NewReader(content), maintenance.ErrUnsound, ""},
	} {
		_, _, err := maintenance.Restore(t.Context(), tc.r, storage.NewMemory())
		if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: got error %v, want %v and %q", tc.name, err, tc.want, tc.says)
		}
	}
}

// TestBackupErrors checks that Backup reports errors of the writer and the store, and leaves no valid backup.
func TestBackupErrors(t *testing.T) {
	t.Parallel()
	store := numbers(t, 1000)
	content, _ := backup(t, store)
	full := errors.New("the disk is full")
	for _, size := range []int{0, 1, 100, 70_000, len(content) - 33, len(content) - 32, len(content) - 1} {
		w := &limitedWriter{limit: size, err: full}
		if _, err := maintenance.Backup(t.Context(), store, w); !errors.Is(err, full) {
			t.Errorf("limit %d: got error %v, want %v", size, err, full)
		}
		if _, err := maintenance.VerifyBackup(&w.written); err == nil {
			t.Errorf("limit %d: the partial backup is valid", size)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := maintenance.Backup(t.Context(), store, io.Discard); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("closed store: got error %v, want %v", err, storage.ErrClosed)
	}
}

// TestBackupIsConsistent changes a store while it is backed up. The backup has the values from before.
func TestBackupIsConsistent(t *testing.T) {
	t.Parallel()
	store := openFile(t, filepath.Join(t.TempDir(), "data"))
	defer store.Close()
	keys := []string{"a", "m", "z"}
	set := func(value string, size int) {
		t.Helper()
		err := store.Update(t.Context(), func(w storage.Writer) error {
			for _, key := range keys {
				if err := w.Put(key, []byte(value+strings.Repeat(" ", size))); err != nil {
					return err
				}
			}
			return w.Put("new"+value, nil)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set("0", 1<<20)
	var content bytes.Buffer
	writes := 0
	_, err := maintenance.Backup(t.Context(), store, writerFunc(func(p []byte) (int, error) {
		writes++
		set(strconv.Itoa(writes), 0)
		return content.Write(p)
	}))
	if err != nil || writes < 2 {
		t.Fatalf("error %v, %d writes", err, writes)
	}
	restored := storage.NewMemory()
	if _, _, err := maintenance.Restore(t.Context(), &content, restored); !errors.Is(err, maintenance.ErrUnsound) { // not the records of a service
		t.Fatal(err)
	}
	got := map[string]string{}
	err = restored.View(t.Context(), func(r storage.Reader) error {
		for e, err := range r.Scan(storage.Range{}) {
			if err != nil {
				return err
			}
			got[e.Key] = strings.TrimSpace(string(e.Value))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": "0", "m": "0", "z": "0", "new0": ""}, got); diff != "" {
		t.Errorf("the backup (-want +got):\n%s", diff)
	}
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

// limitedWriter fails after limit bytes.
type limitedWriter struct {
	limit   int
	err     error
	written bytes.Buffer
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	if room := w.limit - w.written.Len(); len(p) > room {
		n, _ := w.written.Write(p[:room])
		return n, w.err
	}
	return w.written.Write(p)
}

// FuzzVerifyBackup checks that no input makes VerifyBackup panic, and that it accepts only backups of its own format.
func FuzzVerifyBackup(f *testing.F) {
	var content bytes.Buffer
	store := storage.NewMemory()
	if err := store.Update(f.Context(), func(w storage.Writer) error { return w.Put("key", []byte("value")) }); err != nil {
		f.Fatal(err)
	}
	if _, err := maintenance.Backup(f.Context(), store, &content); err != nil {
		f.Fatal(err)
	}
	f.Add(content.Bytes())
	f.Add(content.Bytes()[:content.Len()-1])
	f.Add([]byte("gamesparks-server backup 1 2026-11-27T21:30:00Z\n\xff\xff\xff\xff\x07"))
	f.Fuzz(func(t *testing.T, input []byte) {
		info, err := maintenance.VerifyBackup(bytes.NewReader(input))
		if err == nil && (info.SHA256 != sha256.Sum256(input) || info.Bytes != int64(len(input))) {
			t.Errorf("%d bytes with the digest %x: got %+v", len(input), sha256.Sum256(input), info)
		}
	})
}
