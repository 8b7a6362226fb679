package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// ErrDamaged means that the content of a data file is corrupt, or that its pages cannot be read.
var ErrDamaged = errors.New("storage: data file is damaged")

// FileOptions are the options of [OpenFile].
type FileOptions struct {
	// ReadOnly opens an existing file without write access. Other processes can open it in the same way. Updates fail with
	// [ErrReadOnly]. Optional.
	ReadOnly bool

	// OnDamage is called with an error that wraps [ErrDamaged] and names the file when a transaction finds damage in a page
	// of the open file, or when the operating system fails to read one. Every later transaction fails with that error.
	// Locks of the file may then be held forever, and Close does not close it. A server should therefore exit in OnDamage.
	// The function is called once, in the goroutine of the transaction. Optional.
	OnDamage func(error)

	// OnCommit is called after each commit, for example to record metrics. It delays the next commit. Optional.
	OnCommit func(CommitRecord)
}

// reportDamage makes all later transactions fail, and returns the error for the current one.
func (f *file) reportDamage(err error) error {
	err = fmt.Errorf("%s: %w", f.path, err)
	if f.damage.CompareAndSwap(nil, &err) && f.options.OnDamage != nil {
		f.options.OnDamage(err)
	}
	return *f.damage.Load()
}

// checkUsable returns the error of the transaction that found damage, if any.
func (f *file) checkUsable() error {
	if err := f.damage.Load(); err != nil {
		return *err
	}
	return nil
}

// view is [bbolt.DB.View], except that it returns damage as an error.
func (f *file) view(fn func(*bbolt.Tx) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = f.reportDamage(damageOrPanic(p))
		}
	}()
	if err := f.checkUsable(); err != nil {
		return err
	}
	return f.db.View(fn)
}

// transact is [bbolt.DB.Update], except that it returns damage as an error. After a panic, bbolt would read all pages in
// another goroutine, whose panics end the process, to reconstruct the list of free pages. transact leaves the transaction
// open instead.
func (f *file) transact(fn func(*bbolt.Tx) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	if err := f.checkUsable(); err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = f.reportDamage(damageOrPanic(p))
		}
	}()
	tx, err := f.db.Begin(true)
	if err != nil {
		return err
	}
	// bbolt would reserve maxReservedBytes in a small file as well, because its address space is large.
	f.db.AllocSize = int(min(max(tx.Size(), minReservedBytes), maxReservedBytes))
	if err := fn(tx); err != nil {
		if errors.Is(err, errPanicOfDamage) {
			return f.reportDamage(err)
		}
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// errPanicOfDamage means that reading a damaged page caused a panic.
var errPanicOfDamage = fmt.Errorf("%w: reading a page failed", ErrDamaged)

// damageOrPanic returns an error that wraps errPanicOfDamage if p is the recovered value of a panic in bbolt or of a fault
// in mapped memory. It panics with any other value.
func damageOrPanic(p any) error {
	if err := damageOf(p); err != nil {
		return err
	}
	panic(p)
}

// damageOf returns an error that wraps errPanicOfDamage if p is the recovered value of a panic in bbolt or of a fault in
// mapped memory, and nil otherwise. It must be called while the panic unwinds, because it inspects the stack.
func damageOf(p any) error {
	// The runtime adds the address if SetPanicOnFault is set and the address is not that of a nil pointer.
	if fault, ok := p.(interface{ Addr() uintptr }); ok {
		return fmt.Errorf("%w: memory fault at %#x", errPanicOfDamage, fault.Addr())
	}
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.gopanic":
			panicking = true
		case panicking && !strings.HasPrefix(frame.Function, "runtime."):
			if strings.HasPrefix(frame.Function, "go.etcd.io/bbolt") {
				return fmt.Errorf("%w: %v", errPanicOfDamage, p)
			}
			return nil
		}
		if !more {
			return nil
		}
	}
}

// checkFile checks the structure of an existing file, so that bbolt does not panic when it opens the file. It does
// nothing if the file does not exist.
func checkFile(path string, lockTimeout time.Duration, sample bool, onKey func([]byte)) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return nil // bbolt reports it
	case info.Size() == 0:
		return fmt.Errorf("%w: the file is empty: delete it to start without data", ErrDamaged)
	}
	// The shared lock keeps other processes from writing during the check. Without the list of free pages, bbolt reads the
	// meta pages only.
	db, err := bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if err == nil {
		defer db.Close()
	} else if errors.Is(err, bbolterrors.ErrTimeout) {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err = file.Stat()
	if err != nil {
		return err
	}
	return checkStructure(file, info.Size(), sample, onKey)
}

// maxSampledKeys is the maximum number of values in a sample.
const maxSampledKeys = 4096

// CheckFile checks the structure and the values of a data file that no server has open. If sample is set, it checks only
// part of the file, at a cost that is almost independent of the size of the file. It returns an error that wraps
// [ErrDamaged] if the file is damaged. It does not change the file.
//
// Run it in a separate process: it includes the check of bbolt, which may end the process if the file is damaged.
func CheckFile(ctx context.Context, path string, sample bool) error {
	var keys []string
	collect := func(key []byte) {
		if len(keys) < maxSampledKeys {
			keys = append(keys, string(key))
		}
	}
	if !sample {
		collect = nil
	}
	if err := checkFile(path, lockTimeout, sample, collect); err != nil {
		return openError(path, err)
	}
	db, err := bbolt.Open(path, 0, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if err != nil {
		return openError(path, err)
	}
	f := &file{db: db, path: path}
	defer f.Close()
	if !sample {
		if err := f.view(checkPages); err != nil {
			return fmt.Errorf("check %s: %w", path, err)
		}
	}
	if err := db.View(checkVersion); err != nil {
		return fmt.Errorf("check %s: %w", path, err)
	}
	err = f.View(ctx, func(r Reader) error {
		if sample {
			return readKeys(r, keys)
		}
		return readAll(r)
	})
	if err != nil {
		return fmt.Errorf("check %s: %w", path, err)
	}
	return nil
}

// checkPages runs the check of bbolt.
func checkPages(tx *bbolt.Tx) error {
	var first error
	for err := range tx.Check() { // the goroutine of the check ends when all errors are read
		if first == nil {
			first = damaged("%v", err)
		}
	}
	return first
}

func readKeys(r Reader, keys []string) error {
	for _, key := range keys {
		if _, err := r.Get(key); err != nil {
			return err
		}
	}
	return nil
}

func readAll(r Reader) error {
	for _, err := range r.Scan(Range{}) {
		if err != nil {
			return err
		}
	}
	return nil
}
