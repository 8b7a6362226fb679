package project

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// maxFile limits the size of a file. The service limits a configuration to about 1 MB, which indentation multiplies by at
// most 2*maxIndent.
const maxFile = 64 << 20

// directory is the directory of a game. Its methods reject paths outside it.
type directory struct{ root *os.Root }

// openDirectory opens an existing directory.
func openDirectory(dir string) (*directory, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &directory{root}, nil
}

// createDirectory opens a directory, and creates it if it does not exist.
func createDirectory(dir string) (*directory, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	return openDirectory(dir)
}

func (d *directory) close() { _ = d.root.Close() } // a directory handle has no buffered data

// check returns an error unless the path names a file or directory of the given type, without symbolic links.
func (d *directory) check(name string, want fs.FileMode) error {
	for parent := path.Dir(name); parent != "."; parent = path.Dir(parent) {
		if err := d.checkType(parent, fs.ModeDir); err != nil {
			return err
		}
	}
	return d.checkType(name, want)
}

func (d *directory) checkType(name string, want fs.FileMode) error {
	info, err := d.root.Lstat(name)
	switch {
	case err != nil:
		return err
	case info.Mode().Type() == want:
		return nil
	case info.Mode().Type() == fs.ModeSymlink:
		return &typeError{name, "is a symbolic link: replace it with a copy of its target"}
	case want == fs.ModeDir:
		return &typeError{name, "is not a directory"}
	}
	return &typeError{name, "is not a regular file"}
}

// typeError is the error for a path whose type is not the expected one.
type typeError struct{ path, problem string }

func (e *typeError) Error() string { return e.path + " " + e.problem }

// read returns the content of a file.
func (d *directory) read(name string) ([]byte, error) {
	if err := d.check(name, 0); err != nil {
		return nil, err
	}
	info, err := d.root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, &typeError{name, fmt.Sprintf("has %d bytes, but the limit is %d", info.Size(), maxFile)}
	}
	return d.root.ReadFile(name)
}

// list returns the entries of a subdirectory, sorted by name, without the ignored ones. A subdirectory that does not exist
// is empty.
func (d *directory) list(name string) ([]fs.DirEntry, error) {
	if err := d.check(name, fs.ModeDir); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	entries, err := fs.ReadDir(d.root.FS(), name)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return isIgnored(e.Name()) }), err
}

// files returns the files of the directory that describe a game, by path.
func (d *directory) files() (map[string][]byte, error) {
	files := map[string][]byte{}
	add := func(name string) error {
		content, err := d.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		files[name] = content
		return err
	}
	if err := add(gameFile); err != nil {
		return nil, err
	}
	for _, dir := range append([]string{""}, scriptSections...) {
		suffix := scriptSuffix
		if dir == "" {
			suffix = sectionSuffix
		}
		dir = path.Join(sectionsDir, dir)
		entries, err := d.list(dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), suffix) && !e.IsDir() {
				if err := add(path.Join(dir, e.Name())); err != nil {
					return nil, err
				}
			}
		}
	}
	return files, nil
}

// isIgnored reports whether a file belongs to an editor or to the operating system. The names of sections can begin with
// a dot.
func isIgnored(name string) bool {
	return strings.HasSuffix(name, "~") || strings.HasPrefix(name, "._") ||
		strings.HasPrefix(name, ".") && !strings.HasSuffix(name, sectionSuffix)
}

// write writes files and removes others. It replaces each file atomically: the file has either its old or its new content,
// even if the process or the machine stops.
func (d *directory) write(files map[string][]byte, removed []string) error {
	if err := d.checkWrite(files, removed); err != nil {
		return err
	}
	if err := d.prepareState(); err != nil {
		return err
	}
	// Remove first: on a case-insensitive file system, removing a file would delete a written file whose name differs only
	// in case.
	for _, name := range removed {
		if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		_ = d.root.Remove(path.Dir(name)) // fails unless the directory is empty
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := d.writeFile(name, files[name]); err != nil {
			return err
		}
	}
	return nil
}

// checkWrite returns an error if write would replace or remove anything but a regular file.
func (d *directory) checkWrite(files map[string][]byte, removed []string) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := d.check(name, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, name := range removed {
		if err := d.check(name, 0); err != nil {
			return err
		}
	}
	return nil
}

// prepareState creates the directory for state, which also holds temporary files. Git ignores it.
func (d *directory) prepareState() error {
	if err := d.root.MkdirAll(stateDir, 0o777); err != nil {
		return err
	}
	if err := d.checkType(stateDir, fs.ModeDir); err != nil {
		return err
	}
	d.removeAbandoned()
	ignore := path.Join(stateDir, ".gitignore")
	if _, err := d.root.Lstat(ignore); errors.Is(err, fs.ErrNotExist) {
		return d.writeFile(ignore, []byte("*\n"))
	}
	return nil
}

// abandonedAfter is the age at which a temporary file counts as left by a stopped process.
const abandonedAfter = time.Hour

// removeAbandoned removes the temporary files of stopped processes. Errors are ignored: the files have no effect.
func (d *directory) removeAbandoned() {
	entries, _ := fs.ReadDir(d.root.FS(), stateDir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), temporaryPrefix) && time.Since(info.ModTime()) > abandonedAfter {
			_ = d.root.Remove(path.Join(stateDir, e.Name()))
		}
	}
}

const temporaryPrefix = "tmp-"

// writeFile replaces a file atomically. The temporary file is outside the directories of sections and scripts, so it is
// never read as one.
func (d *directory) writeFile(name string, content []byte) (err error) {
	if err := d.root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	temporary := path.Join(stateDir, temporaryPrefix+rand.Text())
	f, err := d.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = d.root.Remove(temporary)
			err = fmt.Errorf("write %s: %w", name, err)
		}
	}()
	if err := writeAndClose(f, content); err != nil {
		return err
	}
	return d.root.Rename(temporary, name)
}

// writeAndClose writes a file and makes its content durable. It closes the file in any case.
func writeAndClose(f *os.File, content []byte) error {
	_, err := f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
