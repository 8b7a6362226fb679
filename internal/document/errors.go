package document

import (
	"errors"
	"strconv"
)

// pathError is an error at a path inside a document.
type pathError struct {
	path string
	err  error
}

func (e *pathError) Error() string { return e.path + ": " + e.err.Error() }
func (e *pathError) Unwrap() error { return e.err }

// maxPath limits the length of a path in an error, because a document can have 10,000 levels.
const maxPath = 256

// atName returns err with the name of a member prepended to its path.
func atName(name string, err error) error { return at(name, err) }

// atIndex returns err with the index of a list element prepended to its path.
func atIndex(i int, err error) error { return at("["+strconv.Itoa(i)+"]", err) }

func at(step string, err error) error {
	if errors.Is(err, errTooDeep) {
		return err // its path would have 10,000 steps
	}
	inner, ok := err.(*pathError)
	if !ok {
		return &pathError{step, err}
	}
	switch {
	case len(step)+len(inner.path) > maxPath:
	case inner.path[0] == '[':
		inner.path = step + inner.path
	default:
		inner.path = step + "." + inner.path
	}
	return inner
}
