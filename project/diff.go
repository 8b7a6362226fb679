package project

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Action states how a part of a game differs.
type Action string

// The actions.
const (
	// ActionAdd means that only the state after the change has the part.
	ActionAdd Action = "add"
	// ActionChange means that both states have the part, with different contents.
	ActionChange Action = "change"
	// ActionRemove means that only the state before the change has the part.
	ActionRemove Action = "remove"
	// ActionKeep means that only the state before the change has the part, and that a plan without pruning keeps it.
	ActionKeep Action = "keep"
)

// SectionChange is a section that differs between two configurations.
type SectionChange struct {
	// Name is the name of the section.
	Name string `json:"name"`

	// Action states how the section differs.
	Action Action `json:"action"`

	// Before is the content before the change in the form of [Canonical], or nil if the section is added.
	Before json.RawMessage `json:"before,omitempty"`

	// After is the content after the change in the form of [Canonical], or nil if the section is removed or kept.
	After json.RawMessage `json:"after,omitempty"`

	// Changes are the values that differ, in the order of their paths. An added, removed or kept section has none.
	Changes []Change `json:"changes,omitempty"`

	// modifications are the fewest modifications that write the change, or nil if modifications cannot write it.
	modifications []Modification
}

// DiffSections compares two configurations. It returns the sections that differ, sorted by name. Contents need not be in
// the form of [Canonical]: the order of members, repeated names and escapes are not significant. The digits of numbers are.
func DiffSections(before, after map[string]json.RawMessage) ([]SectionChange, error) {
	names := map[string]json.RawMessage{}
	maps.Copy(names, before)
	maps.Copy(names, after)
	var sections []SectionChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if slices.Equal(before[name], after[name]) && (before[name] == nil) == (after[name] == nil) {
			continue
		}
		c, err := diffSection(newNumbering(), name, before[name], after[name])
		if err != nil {
			return nil, err
		}
		if c != nil {
			sections = append(sections, *c)
		}
	}
	return sections, nil
}

// diffSection compares the contents of a section. It returns nil if they are equal.
func diffSection(nb *numbering, name string, before, after json.RawMessage) (*SectionChange, error) {
	b, err := nb.parse(before)
	if err != nil {
		return nil, fmt.Errorf("section %s before the change: %w", name, err)
	}
	a, err := nb.parse(after)
	if err != nil {
		return nil, fmt.Errorf("section %s after the change: %w", name, err)
	}
	c := &SectionChange{Name: name, Action: ActionChange}
	switch {
	case nb.equal(b, a):
		return nil, nil
	case b == nil:
		c.Action = ActionAdd
	case a == nil:
		c.Action = ActionRemove
	default:
		c.Changes = nb.appendChanges(nil, "", b, a)
	}
	if b != nil {
		c.Before = b.compact()
	}
	if a != nil {
		c.After = a.compact()
		if list, ok := nb.modifications(name, b, a); ok {
			c.modifications = list
		}
	}
	return c, nil
}
