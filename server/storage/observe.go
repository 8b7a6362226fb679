package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// ErrFull means that an update was not written because the disk is full, or a quota or the size limit of a file is
// reached. Updates succeed again when space is available.
var ErrFull = errors.New("storage: no space left for data")

// CommitRecord describes a commit of one or several updates. See FileOptions.OnCommit.
type CommitRecord struct {
	// Updates is the number of updates, including those that failed on their own and wrote nothing.
	Updates int

	// Duration is the time for running and committing the updates.
	Duration time.Duration

	// Err is the error of the commit. It is nil if the updates that did not fail on their own are durable.
	Err error
}

// Sizer is an optional interface of stores that report the size of their data.
type Sizer interface {
	// Size returns the size of the stored data in bytes, including free space that the store reserves.
	Size(ctx context.Context) (int64, error)
}

// Size returns the size of the file.
func (f *file) Size(context.Context) (int64, error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// full wraps an error in ErrFull if it means that no space is left.
func full(err error) error {
	for _, reason := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		// bbolt does not wrap the error if it cannot grow the file.
		if errors.Is(err, reason) || strings.HasSuffix(err.Error(), reason.Error()) {
			return fmt.Errorf("%w (%w)", ErrFull, err)
		}
	}
	return err
}
