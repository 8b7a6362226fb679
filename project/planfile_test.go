package project

import (
	"bytes"
	"strings"
	"testing"
)

// FuzzReadPlan checks that ReadPlan does not panic, and that every plan that it accepts can be shown, written and read
// again.
func FuzzReadPlan(f *testing.F) {
	before := &serverState{exists: true, ServerGame: ServerGame{ARN: "arn:aws:gamesparks:us-east-1:1:game/g", Game: Game{
		Name: "g", Description: "a", Tags: map[string]string{"a": "b"}, Stages: map[string]Stage{"live": {Role: "r"}, "old": {Role: "r"}},
		Sections: rawSections(map[string]string{"A": `{"a":[1,2,{"b":null}]}`, "B": `null`, "C": `"x\ny"`, "D": `[1]`}),
	}}}
	after := &Game{
		Name: "g", Tags: map[string]string{"a/b": ""}, Stages: map[string]Stage{"live": {Role: "s"}, "new": {Role: "r", Description: "d"}},
		Sections: rawSections(map[string]string{"A": `{"a":[2,{"b":[]}]}`, "C": `"x\nz"`, "D": `[1,2]`, "E": `{"<&>":"\ud800"}`}),
	}
	for _, state := range []*serverState{before, {}} {
		for _, options := range []PlanOptions{{}, {Prune: true, PruneStages: true}} {
			p, err := newPlan(state, after, options)
			if err != nil {
				f.Fatal(err)
			}
			text, err := p.encode()
			if err != nil {
				f.Fatal(err)
			}
			if _, err := ReadPlan(text); err != nil {
				f.Fatalf("%v\n%s", err, text)
			}
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ReadPlan(text)
		if err != nil {
			return
		}
		var shown strings.Builder
		if err := p.WriteText(&shown, Style{Color: true, Width: 20}); err != nil {
			t.Fatal(err)
		}
		written, err := p.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadPlan(written)
		if err != nil {
			t.Fatalf("the plan cannot be read again: %v\n%s", err, written)
		}
		rewritten, err := again.encode()
		if err != nil || !bytes.Equal(written, rewritten) {
			t.Errorf("reading and writing the plan changes it: %v\n%s\n%s", err, written, rewritten)
		}
		if _, conflicts := p.pending(before); conflicts != nil && conflicts[0].String() == "" {
			t.Error("a conflict has no text")
		}
	})
}
