package download

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// DownloadFile writes an object to the named file and returns its size. The file appears, or is replaced, only after
// the whole object has been written, verified and synced to disk. Until then the bytes are in a partial file in the
// same directory, with a hidden name that ends in ".part". DownloadFile removes the partial file if the download fails,
// and also if a callback panics or calls runtime.Goexit. A later call never resumes from a partial file.
//
// The directory must exist. DownloadFile opens it first, so a relative name is resolved once: a later change of the
// working directory has no effect. The file's mode is that of a new file, 0666 before umask, even if it replaces an
// existing file. A symbolic link is replaced, not followed. If the name refers to a directory or another file that is
// not regular, DownloadFile returns an error.
//
// If DownloadFile fails, the size is 0, and the error is an *[Error] or describes a problem with the file or an option.
// If the object changes during the download, it is downloaded again from the start.
func (d *Downloader) DownloadFile(ctx context.Context, name string, source Source, optFns ...func(*Options)) (size int64, err error) {
	options, err := d.resolve(optFns)
	if err != nil {
		return 0, err
	}
	f, err := createPartialFile(name)
	if err != nil {
		return 0, fmt.Errorf("download to %q: %w", name, err)
	}
	defer func() {
		if closeErr := f.release(); closeErr != nil {
			size, err = 0, errors.Join(err, fmt.Errorf("download to %q: %w", name, closeErr))
		}
	}()

	t := newTransfer(options, source, f)
	if err := t.run(ctx); err != nil {
		return 0, err
	}
	if err := f.commit(); err != nil {
		return 0, fmt.Errorf("download to %q: %w", name, err)
	}
	return t.offset, nil
}

// partialFile is a sink that becomes the target file when it is committed.
type partialFile struct {
	*os.File
	// dir is the directory of the partial file and the target. It is an os.Root because a path would depend on the working
	// directory, and because filepath.Abs and filepath.Dir resolve ".." lexically, ignoring symbolic links.
	dir       *os.Root
	name      string
	target    string
	committed bool
}

// createPartialFile checks the name of the target and creates a partial file in its directory.
func createPartialFile(name string) (*partialFile, error) {
	dirName, target := filepath.Split(name)
	switch info, err := os.Stat(name); {
	case err == nil && info.IsDir():
		return nil, syscall.EISDIR
	case err == nil && !info.Mode().IsRegular():
		return nil, errors.New("the file exists and is not a regular file: choose another name")
	case target == "":
		return nil, errors.New("the file name is empty: append one to the path")
	}
	if dirName == "" {
		dirName = "."
	}
	dir, err := os.OpenRoot(dirName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("create the directory first: %w", err)
	} else if err != nil {
		return nil, err
	}
	f := &partialFile{dir: dir, name: ".download-" + rand.Text() + ".part", target: target}
	// Not os.CreateTemp, which ignores the umask.
	if f.File, err = dir.OpenFile(f.name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil {
		_ = dir.Close()
		return nil, fmt.Errorf("create a file in the directory: %w", withoutName(err))
	}
	return f, nil
}

func (f *partialFile) restart() (bool, error) {
	if err := f.Truncate(0); err != nil {
		return false, err
	}
	_, err := f.Seek(0, 0)
	return err == nil, err
}

// commit renames the file to its target.
func (f *partialFile) commit() error {
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync: %w", withoutName(err))
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("close: %w", withoutName(err))
	}
	if err := f.dir.Rename(f.name, f.target); err != nil {
		return fmt.Errorf("rename the partial file: %w", withoutName(err))
	}
	f.committed = true
	// Best effort: syncing the directory makes the rename durable, but not every system supports it.
	if dir, err := f.dir.Open("."); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}

// release closes the directory, and closes and removes the file unless it is committed.
func (f *partialFile) release() error {
	defer f.dir.Close()
	if f.committed {
		return nil
	}
	_ = f.Close() // it may be closed, and its content is discarded
	if err := f.dir.Remove(f.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the partial file %s: %w", f.name, withoutName(err))
	}
	return nil
}

// withoutName returns the cause of a file error without the name of the partial file, which the caller does not know.
func withoutName(err error) error {
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.As(err, &pathErr):
		return pathErr.Err
	case errors.As(err, &linkErr):
		return linkErr.Err
	}
	return err
}
