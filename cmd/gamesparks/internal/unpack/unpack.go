// Package unpack unpacks zip archives from untrusted servers.
package unpack

import (
	"archive/zip"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"
)

// Limits of an archive. They are far above what a game needs, and keep an archive from filling the disk.
const (
	MaxFiles = 10_000
	MaxBytes = 256 << 20
)

// NotEmptyError means that the directory to unpack to has files.
type NotEmptyError struct {
	// Dir is the directory.
	Dir string
}

// Error returns a message that names the directory.
func (e *NotEmptyError) Error() string { return fmt.Sprintf("directory %s is not empty", e.Dir) }

// CheckDir fails if dir exists and is not an empty directory. The error is a [*NotEmptyError] if it has files.
func CheckDir(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return &NotEmptyError{Dir: dir}
	}
	return nil
}

// Zip unpacks an archive of the given size to a directory, which is created if it does not exist. It returns the number of
// files. If the directory has files, Zip fails unless replace is true. In this case, it replaces the files with the names of
// those in the archive and keeps the others.
//
// Nothing is written unless the whole archive is valid: it contains only regular files and directories, all below the
// directory, and does not exceed the limits. Their names are distinct even if case is ignored, and have no character that is
// special on some system. Symbolic links in the directory are not followed out of it.
func Zip(archive io.ReaderAt, size int64, dir string, replace bool) (files int, err error) {
	if err := CheckDir(dir); err != nil && !(replace && isNotEmpty(err)) {
		return 0, err
	}
	r, err := zip.NewReader(archive, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // check reports the path
		return 0, err
	}
	if err := check(r.File); err != nil {
		return 0, err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if replace {
		parent = dir
	}
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return 0, err
	}
	root, err := os.OpenRoot(parent)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	// Unpack to a staging directory, so that no partial file appears under its name.
	staging := ".unpack-" + rand.Text()
	if err := root.Mkdir(staging, 0o777); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, root.RemoveAll(staging)) }()
	if err := write(root, staging, r.File); err != nil {
		return 0, err
	}
	if replace {
		return move(root, staging, r.File)
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty directory
		return 0, err
	}
	return count(r.File), root.Rename(staging, filepath.Base(filepath.Clean(dir)))
}

func isNotEmpty(err error) bool {
	_, ok := errors.AsType[*NotEmptyError](err)
	return ok
}

// check returns an error for the first file of an archive that is unsafe to unpack.
func check(files []*zip.File) error {
	if len(files) > MaxFiles {
		return fmt.Errorf("the archive has %d files, more than %d", len(files), MaxFiles)
	}
	var total uint64
	isDir := map[string]bool{} // by name in lower case, since some systems ignore case
	for _, f := range files {
		name := strings.TrimSuffix(f.Name, "/")
		if !isPortable(name) {
			return fmt.Errorf("the archive has a file %q, whose name is not a valid path below the directory", f.Name)
		}
		if mode := f.Mode(); !mode.IsRegular() && !mode.IsDir() {
			return fmt.Errorf("the archive has %q, which is not a regular file or directory", f.Name)
		}
		if total += f.UncompressedSize64; total > MaxBytes || f.UncompressedSize64 > MaxBytes {
			return fmt.Errorf("the archive has more than %d bytes of files", MaxBytes)
		}
		dir := f.Mode().IsDir()
		for parent := path.Dir(name); parent != "."; parent = path.Dir(parent) {
			if known, ok := isDir[strings.ToLower(parent)]; ok && !known {
				return fmt.Errorf("the archive has %q as a file and as a directory", parent)
			}
			isDir[strings.ToLower(parent)] = true
		}
		if known, ok := isDir[strings.ToLower(name)]; ok && !(known && dir) {
			return fmt.Errorf("the archive has %q twice", name)
		}
		isDir[strings.ToLower(name)] = dir
	}
	return nil
}

// isPortable reports whether a name is a relative path without "..", and without characters that are special on some
// systems.
func isPortable(name string) bool {
	if !fs.ValidPath(name) || name == "." || !filepath.IsLocal(filepath.FromSlash(name)) {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return strings.ContainsRune(`\:*?"<>|`, r) || !unicode.IsPrint(r) })
}

// write writes the files to a directory below the root.
func write(root *os.Root, dir string, files []*zip.File) error {
	for _, f := range files {
		name := path.Join(dir, f.Name)
		if f.Mode().IsDir() {
			if err := root.MkdirAll(name, 0o777); err != nil {
				return err
			}
			continue
		}
		if err := root.MkdirAll(path.Dir(name), 0o777); err != nil {
			return err
		}
		if err := writeFile(root, name, f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

// writeFile writes a file. Its reader fails if the content exceeds the size that check has counted.
func writeFile(root *os.Root, name string, f *zip.File) (err error) {
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, in)
	return err
}

// move moves the files from a directory below the root to the root, and replaces existing files.
func move(root *os.Root, from string, files []*zip.File) (moved int, err error) {
	for _, f := range files {
		if f.Mode().IsDir() {
			if err := root.MkdirAll(path.Clean(f.Name), 0o777); err != nil {
				return moved, err
			}
			continue
		}
		if err := root.MkdirAll(path.Dir(f.Name), 0o777); err != nil {
			return moved, err
		}
		if err := root.Rename(path.Join(from, f.Name), f.Name); err != nil {
			return moved, fmt.Errorf("%d files were replaced: %w", moved, err)
		}
		moved++
	}
	return moved, nil
}

// count returns the number of files without directories.
func count(files []*zip.File) (n int) {
	for _, f := range files {
		if !f.Mode().IsDir() {
			n++
		}
	}
	return n
}
