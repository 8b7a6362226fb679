package project

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Conflict is a value on the server that differs from the one that a plan was computed from.
type Conflict struct {
	// Part names the game, stage or section, for example "section Lighthouse.Lamps".
	Part string

	// Path is the JSON Pointer (RFC 6901) of the value in the part. It is "" for the whole part.
	Path string

	// Planned is the value that the plan expects, or nil if it expects none.
	Planned json.RawMessage

	// Present is the value on the server, or nil if there is none.
	Present json.RawMessage
}

// String returns the part, the path and both values. It shortens long values to the place where they differ. For a text with
// several lines, it returns the lines that differ.
func (c Conflict) String() string {
	name := strings.TrimSpace(c.Part + " " + printable(c.Path))
	hunks := scriptDiff(Change{Before: c.Planned, After: c.Present})
	if hunks == nil {
		expected, found := shortValues(c.Planned, c.Present)
		return fmt.Sprintf("%s: expected %s, found %s", name, expected, found)
	}
	const limit = 20
	var b strings.Builder
	b.WriteString(name + ": expected (-), found (+):")
	for i, text := range hunks {
		if i == limit {
			fmt.Fprintf(&b, "\n%sand %s", valueIndent, plural(len(hunks)-i, "more line"))
			break
		}
		b.WriteString("\n" + valueIndent + printable(text))
	}
	return b.String()
}

// shortValues returns two values in one line each. It omits the beginning that they share if one of them is long.
func shortValues(a, b json.RawMessage) (string, string) {
	const limit, context = 80, 20
	x, y := []rune(printable(string(a))), []rune(printable(string(b)))
	equal := 0
	for equal < min(len(x), len(y)) && x[equal] == y[equal] {
		equal++
	}
	start := 0
	if max(len(x), len(y)) > limit && equal > context {
		start = equal - context
	}
	short := func(value json.RawMessage, text []rune) string {
		if value == nil {
			return "nothing"
		}
		text = text[start:]
		if start > 0 {
			text = append([]rune("…"), text...)
		}
		if len(text) > limit {
			text = append(text[:limit-1:limit-1], '…')
		}
		return string(text)
	}
	return short(a, x), short(b, y)
}

// StaleError means that a game differs from the state that a plan was computed from, or that another program changed the
// game at the same time. Create another plan.
type StaleError struct {
	// Game is the name of the game.
	Game string

	// Conflicts are the values that differ, with at least one element.
	Conflicts []Conflict

	// Written reports whether Apply wrote the configuration before it noticed the difference.
	Written bool
}

// Error returns a message with all conflicts.
func (e *StaleError) Error() string {
	var b strings.Builder
	if e.Written {
		fmt.Fprintf(&b, "the configuration of %s was written, but another program changed it at the same time:", e.Game)
	} else {
		fmt.Fprintf(&b, "%s has changed since the plan, and the configuration was not written:", e.Game)
	}
	for i, c := range e.Conflicts {
		if i == maxListed {
			fmt.Fprintf(&b, "\n  and %d more", len(e.Conflicts)-i)
			break
		}
		b.WriteString("\n  " + c.String())
	}
	b.WriteString("\nAnother program has changed the game. Fetch it and review the changes before you plan and apply again.")
	return b.String()
}

// pendingChanges are the changes of a plan that a game still lacks.
type pendingChanges struct {
	createGame bool
	game       []Change
	sections   []SectionChange
	stages     []StageChange
}

// pending compares a plan with the present state of the game. A part that already has the planned value needs no change, so
// a plan can be applied again after a failure. A part with neither the old nor the planned value is a conflict.
func (p *Plan) pending(present *serverState) (*pendingChanges, []Conflict) {
	c := &comparison{pending: &pendingChanges{}}
	c.game(p, present)
	for _, s := range p.Sections {
		if s.Action != ActionKeep {
			c.section(s, present.Sections[s.Name])
		}
	}
	for _, s := range p.Stages {
		if s.Action != ActionKeep {
			stage, exists := present.Stages[s.Name]
			c.stage(s, stageAttributes(stage), exists)
		}
	}
	return c.pending, c.conflicts
}

type comparison struct {
	pending   *pendingChanges
	conflicts []Conflict
}

func (c *comparison) conflict(part, path string, planned, present json.RawMessage) {
	c.conflicts = append(c.conflicts, Conflict{part, path, planned, present})
}

func (c *comparison) game(p *Plan, present *serverState) {
	part := "game " + p.Game
	switch {
	case p.GameAction == ActionAdd && !present.exists:
		c.pending.createGame = true
	case p.GameAction == ActionAdd: // created since, possibly by an earlier run of this plan
		c.equal(part, planned(p.GameChanges, false), gameAttributes(&present.Game))
	case p.ARN != present.ARN:
		var found json.RawMessage // nil if the game has been deleted
		if present.exists {
			found = stringNode(present.ARN).scalar
		}
		c.conflict(part, "", stringNode(p.ARN).scalar, found)
	default:
		c.pending.game = c.changes(part, p.GameChanges, gameAttributes(&present.Game))
	}
}

func (c *comparison) section(s SectionChange, present json.RawMessage) {
	switch {
	case bytes.Equal(present, s.After) && (present == nil) == (s.After == nil):
		return
	case bytes.Equal(present, s.Before) && (present == nil) == (s.Before == nil):
		c.pending.sections = append(c.pending.sections, s)
		return
	}
	conflicts, err := diffConflicts(map[string]json.RawMessage{s.Name: s.Before}, map[string]json.RawMessage{s.Name: present})
	if err != nil || conflicts == nil {
		c.conflict("section "+s.Name, "", s.Before, present)
		return
	}
	c.conflicts = append(c.conflicts, conflicts...)
}

func (c *comparison) stage(s StageChange, present attributeMap, exists bool) {
	part := "stage " + s.Name
	switch {
	case s.Action == ActionAdd && exists:
		c.equal(part, planned(s.Changes, false), present)
		return
	case s.Action == ActionRemove && exists:
		c.equal(part, planned(s.Changes, true), present)
	case s.Action == ActionRemove: // deleted since
		return
	case s.Action == ActionChange && !exists:
		c.conflict(part, "", planned(s.Changes, true).object(), nil)
		return
	case s.Action == ActionChange:
		if s.Changes = c.changes(part, s.Changes, present); s.Changes == nil {
			return
		}
	}
	c.pending.stages = append(c.pending.stages, s)
}

// equal adds a conflict for each attribute that differs.
func (c *comparison) equal(part string, planned, present attributeMap) {
	for _, change := range diffAttributes(planned, present) {
		c.conflict(part, change.Path, change.Before, change.After)
	}
}

// changes returns the changes that the attributes lack.
func (c *comparison) changes(part string, changes []Change, present attributeMap) []Change {
	var pending []Change
	for _, change := range changes {
		switch value := present.value(change.Path); {
		case bytes.Equal(value, change.After):
		case bytes.Equal(value, change.Before):
			pending = append(pending, change)
		default:
			c.conflict(part, change.Path, change.Before, value)
		}
	}
	return pending
}

// planned returns the attributes before or after changes.
func planned(changes []Change, before bool) attributeMap {
	a := attributeMap{}
	for _, c := range changes {
		value := c.After
		if before {
			value = c.Before
		}
		if text, ok := unquote(value); ok {
			a[c.Path] = text
		}
	}
	return a
}

// object returns the attributes as a JSON object.
func (a attributeMap) object() json.RawMessage { return canonicalJSON(a) }

// diffConflicts returns the values in which two configurations differ.
func diffConflicts(planned, present map[string]json.RawMessage) ([]Conflict, error) {
	sections, err := DiffSections(planned, present)
	if err != nil {
		return nil, err
	}
	var conflicts []Conflict
	for _, s := range sections {
		part := "section " + s.Name
		if s.Changes == nil {
			conflicts = append(conflicts, Conflict{part, "", s.Before, s.After})
		}
		for _, change := range s.Changes {
			conflicts = append(conflicts, Conflict{part, change.Path, change.Before, change.After})
		}
	}
	return conflicts, nil
}
