package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// checkCommand holds the flags of the command check.
type checkCommand struct {
	Data        string `required:"" xor:"data" placeholder:"FILE" help:"Data file to check. No server may have it open."`
	Store       string `required:"" xor:"data" placeholder:"URL" help:"PostgreSQL database to check instead of a data file. Servers may use it."`
	StoreSchema string `default:"gamesparks" placeholder:"NAME" help:"Schema of the database."`

	StorePasswordFile string `placeholder:"FILE" type:"existingfile" help:"File with the password for the database. It is not used with --data."`
}

// checkDataCommand is the first argument of the child process of the command check. It is not listed in the help.
const checkDataCommand = "internal-check-data"

// Run checks the data file in a child process and prints the report. If the child crashes, the file is damaged.
func (c *checkCommand) Run(s *streams) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if c.Store != "" {
		return c.checkDatabase(ctx, s.stdout)
	}
	executable, err := os.Executable()
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, executable, checkDataCommand, c.Data)
	var stderr bytes.Buffer
	child.Stdout, child.Stderr = s.stdout, &stderr
	err = child.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errors.New("check: interrupted")
	case child.ProcessState == nil:
		return fmt.Errorf("check: %w", err)
	}
	reason := strings.TrimSpace(stderr.String())
	if code := child.ProcessState.ExitCode(); code != exitData && code != exitFailure {
		reason, _, _ = strings.Cut(reason, "\n")
		return &exitError{exitData, fmt.Errorf("--data %s: the file is damaged: the check crashed: %v: %s", c.Data, err, reason)}
	}
	return &exitError{child.ProcessState.ExitCode(), errors.New(reason)}
}

// checkDataFile is the child process of the command check. It prints the report to stdout, and an error without the name
// of the program to stderr.
func checkDataFile(args []string, stdout, stderr io.Writer) int {
	if len(args) != 1 {
		return exitUsage
	}
	problems, err := reportData(args[0], stdout)
	switch {
	case err != nil:
		fmt.Fprintf(stderr, "%v\n", dataFileError("--data", args[0], err))
		return exitData
	case problems > 0:
		fmt.Fprintf(stderr, "--data %s: the data has problems: restore a backup\n", args[0])
		return exitData
	}
	return 0
}

// reportData checks a data file, prints the report and returns the number of problems.
func reportData(path string, w io.Writer) (problems int, err error) {
	ctx := context.Background()
	if _, err := os.Stat(path); err != nil {
		return 0, err
	}
	// Wrong checksums do not prevent reading the rest of the file. The report lists all of them.
	if err := storage.CheckFile(ctx, path, false); err != nil && !errors.Is(err, storage.ErrChecksum) {
		return 0, err
	}
	store, err := storage.OpenFile(path, func(o *storage.FileOptions) { o.ReadOnly = true })
	if err != nil {
		return 0, err
	}
	defer store.Close()
	return reportStore(ctx, store, w)
}

// reportStore checks the data of a store, prints the report and returns the number of problems.
func reportStore(ctx context.Context, store storage.Store, w io.Writer) (problems int, err error) {
	report, err := maintenance.Check(ctx, store)
	if err != nil {
		return 0, err
	}
	for _, problem := range report.Problems {
		fmt.Fprintln(w, problem)
	}
	printReport(w, report)
	return len(report.Problems), nil
}

// printReport prints the numbers of resources and problems.
func printReport(w io.Writer, r *maintenance.Report) {
	fmt.Fprintf(w, "%d entries of %d accounts and regions: %d games, %d stages, %d snapshots, %d deployments, %d jobs, %d contents of sections with %d bytes\n",
		r.Entries, r.Owners, r.Games, r.Stages, r.Snapshots, r.Deployments, r.Jobs, r.Contents, r.ContentBytes)
	fmt.Fprintf(w, "%d problems\n", len(r.Problems))
}

// dataFileError adds the flag that names a data file, and where possible the next step, to an error about the file.
func dataFileError(flag, path string, err error) error {
	pathError, _ := errors.AsType[*fs.PathError](err)
	switch {
	case pathError != nil && errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s %s: %w: check the path", flag, path, pathError.Err)
	case pathError != nil:
		return fmt.Errorf("%s %s: %w", flag, path, pathError.Err)
	case errors.Is(err, storage.ErrLocked):
		return fmt.Errorf("%s %s: the file is in use by another process: stop that process", flag, path)
	case errors.Is(err, storage.ErrFormat):
		return fmt.Errorf("%s %s: not a gamesparks-server data file", flag, path)
	case errors.Is(err, storage.ErrOldVersion):
		return fmt.Errorf("%s %s: an older version wrote the file: convert it with gamesparks-server copy --from %s --to NEW", flag, path, path)
	}
	if problem := damageProblem(err); errors.Is(err, storage.ErrDamaged) && problem != "" {
		return fmt.Errorf("%s %s: the file is damaged: %s", flag, path, problem)
	}
	return fmt.Errorf("%s: %w", flag, err)
}
