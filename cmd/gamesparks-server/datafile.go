package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Before the server opens a data file, a child process checks it. Damaged pages can crash bbolt in goroutines whose panics
// cannot be recovered. If the child crashes, the file is damaged.

const (
	// checkFileCommand is the first argument of the child process. It is not listed in the help.
	checkFileCommand = "internal-check-file"

	// checkTimeLimit bounds the check. Reading the largest file that is checked completely takes about a second.
	checkTimeLimit = 30 * time.Second

	// maxCompleteCheck is the size of the largest file that is checked completely. In a larger file, the child checks only
	// a sample.
	maxCompleteCheck = 64 << 20
)

// checkFile is the child process. The exit code is exitData if the file is damaged. Any other failure is reported when
// the server opens the file.
func checkFile(args []string, stdout io.Writer) int {
	if len(args) != 1 {
		return exitUsage
	}
	time.AfterFunc(2*checkTimeLimit, func() { os.Exit(exitFailure) }) // the server was killed during the check
	info, err := os.Stat(args[0])
	if err != nil {
		return exitFailure
	}
	err = storage.CheckFile(context.Background(), args[0], info.Size() > maxCompleteCheck)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, storage.ErrDamaged):
		fmt.Fprint(stdout, damageProblem(err))
		return exitData
	}
	return exitFailure
}

// damageProblem returns the part of an error that describes the damage.
func damageProblem(err error) string {
	_, problem, _ := strings.Cut(err.Error(), storage.ErrDamaged.Error()+": ")
	return problem
}

// checkData checks an existing data file in a child process. It returns an error that wraps [storage.ErrDamaged] if the
// file is damaged.
func checkData(path string, logger *slog.Logger) error {
	if _, err := os.Stat(path); err != nil {
		return nil // opening the file creates it or reports the error
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTimeLimit)
	defer cancel()
	executable, err := os.Executable()
	if err != nil {
		logger.Warn("cannot check the data file", "data", path, "error", err)
		return nil
	}
	child := exec.CommandContext(ctx, executable, checkFileCommand, path)
	var stdout, stderr bytes.Buffer
	child.Stdout, child.Stderr = &stdout, &stderr
	err = child.Run()
	switch code := child.ProcessState.ExitCode(); {
	case err == nil || code == exitFailure:
		return nil // opening the file reports other failures
	case ctx.Err() != nil:
		logger.Warn("the check of the data file did not finish", "data", path, "time_limit", checkTimeLimit)
		return nil
	case child.ProcessState == nil:
		logger.Warn("cannot check the data file", "data", path, "error", err)
		return nil
	case code == exitData:
		return fmt.Errorf("%w: %s", storage.ErrDamaged, &stdout)
	}
	reason, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
	return fmt.Errorf("%w: the check of the file crashed: %v: %s", storage.ErrDamaged, err, reason)
}

// warnReadable warns if other users can read the data file, which contains game keys and the secret of the service.
func warnReadable(path string, logger *slog.Logger) {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" {
		return
	}
	if mode := info.Mode().Perm(); mode&0o044 != 0 {
		logger.Warn("other users can read the data file, which contains game keys and the signing secret: run chmod 600 on it",
			"data", path, "mode", fmt.Sprintf("%#o", mode))
	}
}
