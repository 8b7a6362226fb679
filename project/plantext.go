package project

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteText writes the plan in human-readable form.
func (p *Plan) WriteText(w io.Writer, style Style) error {
	r := renderer{style: style}
	switch isAdded := p.GameAction == ActionAdd; {
	case isAdded && p.wasRead:
		r.line(markNone, p.Game+" did not exist when it was planned")
	case isAdded:
		r.line(markNone, p.Game+" does not exist yet")
	case p.wasRead:
		r.line(markNone, p.Game+", planned at "+shortDigest(p.Server.ConfigurationDigest))
	default:
		r.line(markNone, p.Game+" at "+shortDigest(p.Server.ConfigurationDigest))
	}
	if p.GameAction != "" {
		r.attributes("game "+p.Game, p.GameAction, p.GameChanges)
	}
	for _, s := range p.Sections {
		r.section(s)
	}
	for _, s := range p.Stages {
		r.attributes("stage "+s.Name, s.Action, s.Changes)
	}
	r.flush()
	r.line(markNone, p.summaryText())
	_, err := io.WriteString(w, r.text.String())
	return err
}

// shortDigest returns the beginning of a digest, which is enough to compare two of them by eye.
func shortDigest(digest string) string {
	const length = len("sha256:") + 12
	if len(digest) <= length {
		return digest
	}
	return digest[:length] + "…"
}

func (p *Plan) summaryText() string {
	if !p.HasChanges() {
		return "Plan: no changes."
	}
	var parts []string
	switch p.GameAction {
	case ActionAdd:
		parts = append(parts, "1 game added")
	case ActionChange:
		parts = append(parts, "1 game changed")
	}
	s := p.Summary
	parts = append(parts,
		countText("section", true, s.SectionsAdded, s.SectionsChanged, s.SectionsRemoved),
		countText("stage", false, s.StagesAdded, s.StagesChanged, s.StagesRemoved))
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	text := "Plan: " + strings.Join(parts, "; ") + "."
	switch {
	case p.Write == nil:
	case p.Write.Reason != "":
		text += " The configuration is imported in 1 call, because " + p.Write.Reason + "."
	default:
		text += fmt.Sprintf(" %s in 1 call.", plural(len(p.Write.Modifications), "modification"))
	}
	return text
}

// countText returns counts of changed parts, or "" if all are zero. Zeros are listed only if zeros is true.
func countText(noun string, zeros bool, added, changed, removed int) string {
	if added+changed+removed == 0 {
		return ""
	}
	var counts []string
	for _, c := range []struct {
		n    int
		verb string
	}{{added, "added"}, {changed, "changed"}, {removed, "removed"}} {
		switch {
		case c.n == 0 && !zeros:
		case len(counts) == 0:
			counts = append(counts, plural(c.n, noun)+" "+c.verb)
		default:
			counts = append(counts, fmt.Sprintf("%d %s", c.n, c.verb))
		}
	}
	return strings.Join(counts, ", ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
