package download

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// DownloadFile writes an object to the file of that name, and returns its size. The file is there, or replaced, when
// all of it is written, checked and on the disk; until then the bytes are in a temporary file in the same directory,
// which is removed when the download fails. The directory has to exist. The file's mode is that of a new file, 0666
// less the umask, also when it replaces another. A symbolic link of that name is replaced, not what it points at.
//
// The error is an *[Error], or one about the file or an option, and the size is 0 then. An object that changes in the
// middle of its download is begun anew.
func (d *Downloader) DownloadFile(ctx context.Context, name string, source Source, optFns ...func(*Options)) (size int64, err error) {
	options, err := d.resolve(optFns)
	if err != nil {
		return 0, err
	}
	if _, base := filepath.Split(name); base == "" {
		return 0, fmt.Errorf("download to %q: it is not the name of a file", name)
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return 0, fmt.Errorf("download to %q: it is there and not a regular file", name)
	}
	f, err := createTemporary(name)
	if err != nil {
		return 0, fmt.Errorf("download to %q: %w", name, err)
	}
	defer func() {
		if err == nil {
			return
		}
		size = 0
		if left := f.discard(); left != nil {
			err = errors.Join(err, left)
		}
	}()

	t := newTransfer(options, source, f)
	if err := t.run(ctx); err != nil {
		return 0, err
	}
	return t.offset, f.commit(name)
}

// temporary is a sink that is a file under a name of its own.
type temporary struct{ *os.File }

// createTemporary creates a file beside that of the name, so that it can be renamed to it. Its permissions are those of
// a new file, as os.CreateTemp's are not.
func createTemporary(name string) (temporary, error) {
	f, err := os.OpenFile(filepath.Join(filepath.Dir(name), ".download-"+rand.Text()+".part"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	return temporary{f}, err
}

func (f temporary) restart() (bool, error) {
	if err := f.Truncate(0); err != nil {
		return false, err
	}
	_, err := f.Seek(0, 0)
	return err == nil, err
}

// commit gives the file its final name.
func (f temporary) commit(name string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	// The new name is on the disk when the directory is. Not all systems can do that, and the file is whole anyway.
	if dir, err := os.Open(filepath.Dir(name)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}

// discard removes the file.
func (f temporary) discard() error {
	if err := f.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Remove(f.Name())
}
