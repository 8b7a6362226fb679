package project

import (
	"bytes"
	"cmp"
	"encoding/json"
	"iter"
	"strconv"
	"strings"
)

// Change is a value that differs in a section, or an attribute that differs in a game or stage.
type Change struct {
	// Path is the JSON Pointer (RFC 6901) of the value that differs. It is "" for the whole section. An index in it counts
	// the items of the array before the change, or after it for an added item.
	Path string `json:"path"`

	// Before is the value before the change, or nil if the value is added.
	Before json.RawMessage `json:"before,omitempty"`

	// After is the value after the change, or nil if the value is removed.
	After json.RawMessage `json:"after,omitempty"`
}

// maxListed is the number of items that can differ in an array before the array is reported as a whole. It bounds the
// cost of the alignment.
const maxListed = 100

// appendChanges appends the smallest values that differ between before and after, in the order of their paths. Items of
// arrays are in the order of the array.
func (nb *numbering) appendChanges(changes []Change, path string, before, after *node) []Change {
	switch {
	case nb.equal(before, after):
		return changes
	case before.kind == '{' && after.kind == '{':
		for pair := range memberPairs(before, after) {
			child := path + "/" + escapeToken(pair.name)
			switch {
			case pair.before == nil:
				changes = append(changes, Change{Path: child, After: pair.after.compact()})
			case pair.after == nil:
				changes = append(changes, Change{Path: child, Before: pair.before.compact()})
			default:
				changes = nb.appendChanges(changes, child, pair.before, pair.after)
			}
		}
		return changes
	case before.kind == '[' && after.kind == '[':
		steps, _, ok := align(nb.items(before), nb.items(after), maxListed)
		if !ok {
			break
		}
		for _, s := range steps {
			switch {
			case s.before < 0:
				changes = append(changes, Change{Path: itemPath(path, s.after), After: after.items[s.after].compact()})
			case s.after < 0:
				changes = append(changes, Change{Path: itemPath(path, s.before), Before: before.items[s.before].compact()})
			default:
				changes = nb.appendChanges(changes, itemPath(path, s.before), before.items[s.before], after.items[s.after])
			}
		}
		return changes
	}
	return append(changes, Change{Path: path, Before: before.compact(), After: after.compact()})
}

func itemPath(path string, index int) string { return path + "/" + strconv.Itoa(index) }

var tokenEscaper = strings.NewReplacer("~", "~0", "/", "~1")

var tokenUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// escapeToken returns a name as a token of a JSON Pointer.
func escapeToken(name string) string { return tokenEscaper.Replace(name) }

func unescapeToken(token string) string { return tokenUnescaper.Replace(token) }

// memberPair is a member of one or both of two objects.
type memberPair struct {
	member              // from after, or from before if after lacks the member
	before, after *node // nil if the object lacks the member
}

// memberPairs returns the members of two objects in the order of their names. A nil object has no members.
func memberPairs(before, after *node) iter.Seq[memberPair] {
	return func(yield func(memberPair) bool) {
		var a, b []member
		if before != nil {
			b = before.members
		}
		if after != nil {
			a = after.members
		}
		for len(b) > 0 || len(a) > 0 {
			var order int
			switch {
			case len(b) == 0:
				order = 1
			case len(a) == 0:
				order = -1
			default:
				order = cmp.Or(strings.Compare(b[0].name, a[0].name), bytes.Compare(b[0].quoted, a[0].quoted))
			}
			var pair memberPair
			if order <= 0 {
				pair.member, pair.before = b[0], b[0].value
				b = b[1:]
			}
			if order >= 0 {
				pair.member, pair.after = a[0], a[0].value
				a = a[1:]
			}
			if !yield(pair) {
				return
			}
		}
	}
}
