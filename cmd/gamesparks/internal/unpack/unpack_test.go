package unpack_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/cmd/gamesparks/internal/unpack"
)

// entry is a file of an archive.
type entry struct {
	name, content string
	mode          fs.FileMode
}

func newArchive(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.mode != 0 {
			header.SetMode(e.mode)
		}
		f, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

func readTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func unpackTo(dir string, archive []byte, replace bool) (int, error) {
	return unpack.Zip(bytes.NewReader(archive), int64(len(archive)), dir, replace)
}

func TestZip(t *testing.T) {
	t.Parallel()
	archive := newArchive(t, entry{name: "Messages.cs", content: "a"}, entry{name: "Types/"}, entry{name: "Types/Lamp.cs", content: "b"}, entry{name: "Empty/"})
	want := map[string]string{"Messages.cs": "a", "Types/Lamp.cs": "b"}
	for name, prepare := range map[string]func(dir string) error{
		"new directory":        func(string) error { return nil },
		"empty directory":      func(dir string) error { return os.Mkdir(dir, 0o777) },
		"new parent directory": func(dir string) error { return os.Remove(filepath.Dir(dir)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir := filepath.Join(top, "parent", "code")
			if err := errors.Join(os.Mkdir(filepath.Dir(dir), 0o777), prepare(dir)); err != nil {
				t.Fatal(err)
			}
			if n, err := unpackTo(dir, archive, false); err != nil || n != 2 {
				t.Fatalf("Zip = %d, %v", n, err)
			}
			if diff := cmp.Diff(want, readTree(t, dir)); diff != "" {
				t.Error(diff)
			}
			if entries, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(entries) != 1 {
				t.Errorf("the parent has %v, %v", entries, err)
			}
		})
	}
}

func TestZipReplacesFiles(t *testing.T) {
	t.Parallel()
	archive := newArchive(t, entry{name: "Messages.cs", content: "new"}, entry{name: "link/x.cs", content: "new"})
	dir, outside := t.TempDir(), t.TempDir()
	for name, content := range map[string]string{"Messages.cs": "old", "Mine.cs": "mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var notEmpty *unpack.NotEmptyError
	if _, err := unpackTo(dir, archive, false); !errors.As(err, &notEmpty) || notEmpty.Dir != dir {
		t.Errorf("error = %v", err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := unpackTo(dir, archive, true); err == nil {
		t.Error("a link out of the directory is followed")
	}
	if files := readTree(t, outside); len(files) != 0 {
		t.Errorf("files outside of the directory: %v", files)
	}
	if err := os.Remove(filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if n, err := unpackTo(dir, archive, true); err != nil || n != 2 {
		t.Fatalf("Zip = %d, %v", n, err)
	}
	want := map[string]string{"Messages.cs": "new", "Mine.cs": "mine", "link/x.cs": "new"}
	if diff := cmp.Diff(want, readTree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestZipRefuses checks that nothing is written for an archive that is not safe.
func TestZipRefuses(t *testing.T) {
	t.Parallel()
	many := make([]entry, unpack.MaxFiles+1)
	for i := range many {
		many[i].name = fmt.Sprint(i)
	}
	good := entry{name: "good.cs", content: "good"}
	damaged := newArchive(t, good, entry{name: "bad.cs", content: strings.Repeat("x", 100)})
	damaged[bytes.Index(damaged, []byte("bad.cs"))+len("bad.cs")] ^= 0x55
	tests := map[string]struct {
		archive []byte
		want    string
	}{
		"not an archive":           {[]byte("PK"), "not a valid zip file"},
		"damaged":                  {damaged, "bad.cs"},
		"parent":                   {newArchive(t, good, entry{name: "../x"}), `"../x"`},
		"inner parent":             {newArchive(t, good, entry{name: "a/../../x"}), `"a/../../x"`},
		"absolute":                 {newArchive(t, good, entry{name: "/etc/x"}), `"/etc/x"`},
		"backslash":                {newArchive(t, good, entry{name: `..\x`}), `"..\\x"`},
		"drive":                    {newArchive(t, good, entry{name: `C:x`}), `"C:x"`},
		"control character":        {newArchive(t, good, entry{name: "a\nb"}), `"a\nb"`},
		"empty name":               {newArchive(t, good, entry{name: ""}), `""`},
		"the directory itself":     {newArchive(t, good, entry{name: "./"}), `"./"`},
		"symbolic link":            {newArchive(t, good, entry{name: "link", content: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), "not a regular file"},
		"device":                   {newArchive(t, good, entry{name: "device", mode: fs.ModeDevice | 0o666}), "not a regular file"},
		"duplicate":                {newArchive(t, good, good), `"good.cs" twice`},
		"differ in case":           {newArchive(t, good, entry{name: "Good.cs"}), `"Good.cs" twice`},
		"differ in case, reversed": {newArchive(t, entry{name: "Upper.cs"}, entry{name: "upper.cs"}), `"upper.cs" twice`},
		"file and directory":       {newArchive(t, good, entry{name: "good.cs/x"}), `"good.cs" as a file and as a directory`},
		"directory and file":       {newArchive(t, entry{name: "a/x"}, entry{name: "a"}), `"a" twice`},
		"too many files":           {newArchive(t, many...), "more than 10000"},
		"too large":                {newArchive(t, good, entry{name: "large", content: strings.Repeat("\x00", unpack.MaxBytes)}), "more than 268435456 bytes"},
		"larger than declared":     {understate(t, newArchive(t, entry{name: "large", content: strings.Repeat("\x00", 1000)})), "large"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, replace := range []bool{false, true} {
				top := t.TempDir()
				dir := filepath.Join(top, "code")
				_, err := unpackTo(dir, tt.archive, replace)
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error = %v, want %q", err, tt.want)
				}
				if files := readTree(t, top); len(files) != 0 {
					t.Errorf("files were written: %v", files)
				}
			}
		})
	}
}

// understate changes the uncompressed size of the first file in the archive's directory to 1.
func understate(t *testing.T, archive []byte) []byte {
	t.Helper()
	const sizeOffset = 24 // in a header of the directory
	header := bytes.Index(archive, []byte("PK\x01\x02"))
	if header < 0 {
		t.Fatal("the archive has no directory")
	}
	binary.LittleEndian.PutUint32(archive[header+sizeOffset:], 1)
	return archive
}
