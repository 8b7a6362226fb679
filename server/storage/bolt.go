package storage

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"go.etcd.io/bbolt"
)

// minMappedBytes is the least address space for a file. It takes no memory.
const minMappedBytes = 64 << 30

// openBolt opens the database in a file and locks it.
func openBolt(path string, readOnly bool) (*bbolt.DB, error) {
	var opened *os.File
	options := &bbolt.Options{
		OpenFile: func(name string, flag int, mode fs.FileMode) (_ *os.File, err error) {
			opened, err = os.OpenFile(name, flag, mode)
			return opened, err
		},
		Timeout:         lockTimeout,
		ReadOnly:        readOnly,
		InitialMmapSize: mappedBytes(path),
		// Not storing the free list makes commits smaller. OpenFile scans the pages to rebuild the list.
		NoFreelistSync: true,
		FreelistType:   bbolt.FreelistMapType,
	}
	db, err := bbolt.Open(path, 0o600, options)
	if errors.Is(err, syscall.ENOMEM) { // the address space of the process is limited
		options.InitialMmapSize = 0
		db, err = bbolt.Open(path, 0o600, options)
	}
	if err != nil {
		return nil, err
	}
	db.AllocSize = minReservedBytes
	if err := checkSameFile(path, opened); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// mappedBytes returns the size of the address space for the file. When a file outgrows its address space, bbolt waits for all
// transactions to map it again, so that a long View would delay all others. On 32-bit systems the address space is too small,
// and on Windows bbolt would extend the file.
func mappedBytes(path string) int {
	if strconv.IntSize < 64 || runtime.GOOS == "windows" {
		return 0
	}
	var size int64
	if info, err := os.Stat(path); err == nil {
		size = 2 * info.Size()
	}
	return int(max(size, minMappedBytes))
}

// minReservedBytes and maxReservedBytes bound the space by which a commit extends the file beyond the pages in use.
const (
	minReservedBytes = 32 << 10
	maxReservedBytes = 16 << 20
)

// checkSameFile returns ErrLocked if another file has replaced the file at path between opening and locking it, as when the
// process that held the lock restored a backup. Updates of the file without a name would be lost.
func checkSameFile(path string, opened *os.File) error {
	named, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrLocked
	}
	if err != nil {
		return err
	}
	info, err := opened.Stat()
	if err == nil && !os.SameFile(info, named) {
		err = ErrLocked
	}
	return err
}
