package project

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf16"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/types"
)

// Modification is one modification of a call of UpdateGameConfiguration.
type Modification struct {
	// Section is the name of the section.
	Section string `json:"section"`

	// Operation is ADD, REPLACE or REMOVE.
	Operation types.Operation `json:"operation"`

	// Path is the JSON Pointer (RFC 6901) in the section.
	Path string `json:"path"`

	// Value is the new value, or nil for REMOVE.
	Value json.RawMessage `json:"value,omitempty"`
}

// maxModifications is the maximum number of modifications in a call of UpdateGameConfiguration.
const maxModifications = 100

// modifications returns the fewest modifications that turn the content before of a section into after, or false if
// modifications cannot do so. A nil before means that the section does not exist.
//
// A modification can replace any value in a section, but not its whole content. So one modification suffices for each
// top-level member that differs. It replaces the smallest value that contains all differences of the member, to include as
// few unchanged values as possible.
func (nb *numbering) modifications(section string, before, after *node) ([]Modification, bool) {
	m := modifier{numbering: nb, section: section}
	switch {
	case before == nil && (after.kind != '{' || len(after.members) == 0):
		return nil, false // ADD creates a section that does not exist as an object with a member
	case nb.equal(before, after):
	case (before == nil || before.kind == '{') && after.kind == '{':
		for pair := range memberPairs(before, after) {
			if !m.modifyMember("", pair) {
				return nil, false
			}
		}
	case before.kind == '[' && after.kind == '[':
		steps, _, ok := align(nb.items(before), nb.items(after), maxModifications)
		if !ok {
			return nil, false
		}
		// Iterate backward, so that a modification does not change the indexes in later ones.
		position := len(before.items)
		for _, s := range slices.Backward(steps) {
			if s.before >= 0 {
				position = s.before
			}
			if !m.modifyItem("", position, s, before, after) {
				return nil, false
			}
		}
	default:
		return nil, false
	}
	return m.list, true
}

type modifier struct {
	*numbering
	section string
	list    []Modification
}

// add appends a modification, or returns false if the path is not valid.
func (m *modifier) add(operation types.Operation, path string, value *node) bool {
	if !isPath(path) {
		return false
	}
	mod := Modification{Section: m.section, Operation: operation, Path: path}
	if value != nil {
		mod.Value = value.compact()
	}
	m.list = append(m.list, mod)
	return true
}

// modify appends a single modification that turns the value before at a path into after.
func (m *modifier) modify(path string, before, after *node) bool {
	return m.modifyInside(path, before, after) || m.add(types.OperationReplace, path, after)
}

// modifyInside is like modify, but does not replace the value itself. It returns false if more than one value in it differs,
// or if the path of that value is not valid.
func (m *modifier) modifyInside(path string, before, after *node) bool {
	switch {
	case before.kind == '{' && after.kind == '{':
		var differing *memberPair
		for pair := range memberPairs(before, after) {
			if m.equal(pair.before, pair.after) {
				continue
			}
			if differing != nil {
				return false
			}
			differing = &pair
		}
		return differing != nil && m.modifyMember(path, *differing)
	case before.kind == '[' && after.kind == '[':
		steps, differing, ok := align(m.items(before), m.items(after), 1)
		if !ok || differing != 1 {
			return false
		}
		for _, s := range steps {
			if s.before < 0 || s.after < 0 || !m.equal(before.items[s.before], after.items[s.after]) {
				position := s.before
				if position < 0 {
					position = s.after
				}
				return m.modifyItem(path, position, s, before, after)
			}
		}
	}
	return false
}

// modifyMember appends the modification for a member of the object at a path. It appends none for equal members.
func (m *modifier) modifyMember(path string, pair memberPair) bool {
	child := path + "/" + escapeToken(pair.name)
	switch {
	case m.equal(pair.before, pair.after):
		return true
	case !pair.isExact():
		return false
	case pair.before == nil:
		return m.add(types.OperationAdd, child, pair.after)
	case pair.after == nil:
		return m.add(types.OperationRemove, child, nil)
	}
	return m.modify(child, pair.before, pair.after)
}

// modifyItem appends the modification for a step of the alignment of the arrays at a path. The position is the index of the
// item at the time of the modification.
func (m *modifier) modifyItem(path string, position int, s step, before, after *node) bool {
	child := itemPath(path, position)
	switch {
	case s.before < 0:
		return m.add(types.OperationAdd, child, after.items[s.after])
	case s.after < 0:
		return m.add(types.OperationRemove, child, nil)
	case m.equal(before.items[s.before], after.items[s.after]):
		return true
	}
	return m.modify(child, before.items[s.before], after.items[s.after])
}

// isPath reports whether the model accepts a path. It is stricter than the model where services may interpret it
// differently: in the unit of the length, and in the line terminators that a dot does not match.
func isPath(path string) bool {
	length, ok := smithy.SchemaTrait[*schemas.Length](schemas.Path)
	return violation(schemas.Path, path) == "" && !strings.ContainsAny(path, "\n\r\u0085\u2028\u2029") &&
		(!ok || length.Check(len(utf16.Encode([]rune(path)))) == "")
}
