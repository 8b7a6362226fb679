package main

import (
	cryptorand "crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// partialSuffix follows the name of a file in the name that it has until it is complete.
const partialSuffix = ".partial-"

// newFile is a file that a command creates. It has a temporary name in the same directory until it is complete.
type newFile struct {
	flag, name string // of the value that names the file

	// hasForce is set if the command has the flag --force.
	hasForce bool

	// replace is set if the file exists and the command may replace it.
	replace bool

	partial string
}

// prepareFile returns a new file, of which nothing exists yet. The value of the flag --force, which is nil if the command does not
// have it, permits replacing an existing file. prepareFile warns about incomplete files of commands that were killed.
func prepareFile(flag, name string, force *bool, stderr io.Writer) (*newFile, error) {
	f := &newFile{flag: flag, name: name, hasForce: force != nil}
	_, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, f.wrap(err)
	case force == nil || !*force:
		return nil, f.wrap(fs.ErrExist)
	default:
		f.replace = true
		if f.name, err = filepath.EvalSymlinks(name); err != nil { // replace the file, not the link
			return nil, f.wrap(err)
		}
		if info, err := os.Stat(f.name); err != nil {
			return nil, f.wrap(err)
		} else if !info.Mode().IsRegular() {
			return nil, f.wrap(errors.New("it exists and is not a regular file: choose another name"))
		}
	}
	f.partial = f.name + partialSuffix + cryptorand.Text()[:8]
	f.warnPartial(stderr)
	return f, nil
}

// warnPartial names the incomplete files of other commands.
func (f *newFile) warnPartial(stderr io.Writer) {
	for _, name := range partialFiles(f.name) {
		fmt.Fprintf(stderr, "%s: %s belongs to a command that was killed or still runs: delete it if no command runs\n", f.flag, name)
	}
}

// partialFiles returns the names of the incomplete files that belong to a file.
func partialFiles(name string) (names []string) {
	directory := filepath.Dir(name)
	entries, _ := os.ReadDir(directory) // creating the file reports the error
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(name)+partialSuffix) {
			names = append(names, filepath.Join(directory, e.Name()))
		}
	}
	return names
}

// errPartialFile means that the data file does not exist and that there is an incomplete one.
var errPartialFile = errors.New("the file does not exist")

// checkNoPartialFile returns an error if --data does not exist and its directory has an incomplete file of copy or restore. A
// server that created an empty file would hide that the data is missing.
func (c *config) checkNoPartialFile() error {
	if _, err := os.Lstat(c.Data); err == nil {
		return nil
	}
	for _, name := range partialFiles(c.Data) {
		return fmt.Errorf("%w, and %s belongs to a command that was killed or still runs: wait, or run copy or restore again; to begin without data, delete %[2]s",
			errPartialFile, name)
	}
	return nil
}

// wrap adds the flag and the name to an error and, where possible, the next step.
func (f *newFile) wrap(err error) error {
	switch {
	case errors.Is(err, fs.ErrExist) && f.hasForce:
		err = errors.New("the file exists: set --force to replace it, or choose another name")
	case errors.Is(err, fs.ErrExist):
		err = errors.New("the file exists: delete it or choose another name")
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("directory %s does not exist", filepath.Dir(f.name))
	}
	return fmt.Errorf("%s %s: %w", f.flag, f.name, withoutPath(err))
}

// publish gives the complete file its name.
func (f *newFile) publish() error {
	if f.replace {
		if err := replaceFile(f.name, f.partial); err != nil {
			return f.wrap(err)
		}
		return nil
	}
	err := os.Link(f.partial, f.name)               // fails if the name exists
	if err != nil && !errors.Is(err, fs.ErrExist) { // the file system may not support links
		if _, statErr := os.Lstat(f.name); errors.Is(statErr, fs.ErrNotExist) {
			err = os.Rename(f.partial, f.name)
		}
	}
	if err == nil {
		err = syncDirectory(filepath.Dir(f.name))
	}
	if err != nil {
		return f.wrap(err)
	}
	return nil
}

// replaceFile gives a complete file in the same directory the name and the owner of the file that it replaces.
func replaceFile(name, complete string) error {
	if err := keepOwner(name, complete); err != nil {
		return err
	}
	if err := os.Rename(complete, name); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(name))
}

// discard deletes the file if it is not complete.
func (f *newFile) discard() { _ = os.Remove(f.partial) }
