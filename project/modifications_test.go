package project

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/types"
)

// TestSectionDiff checks the listed changes and the modifications of pairs of sections. Modifications that are nil mean that
// only an import can write the section.
func TestSectionDiff(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 499)
	for _, test := range []struct {
		name, before, after string
		changes             []string
		modifications       []string
	}{
		{"equal", `{"a":[1,{"b":null}]}`, `{"a": [1, {"b": null}]}`, nil, []string{}},
		{"order of members", `{"a":1,"b":2}`, `{"b":2,"a":1}`, nil, []string{}},
		{"escapes", `{"a":"A\/"}`, `{"\u0061":"\u0041/"}`, nil, []string{}},
		{"repeated name", `{"a":1,"a":2}`, `{"a":2}`, nil, []string{}},
		{"digits", `{"a":1}`, `{"a":1.0}`, []string{`~ /a 1 -> 1.0`}, []string{`REPLACE /a 1.0`}},
		{"20 digits", `{"a":12345678901234567890}`, `{"a":12345678901234567891}`,
			[]string{`~ /a 12345678901234567890 -> 12345678901234567891`}, []string{`REPLACE /a 12345678901234567891`}},
		{"null", `{"a":null}`, `{"a":false,"b":null}`,
			[]string{`~ /a null -> false`, `+ /b null`}, []string{`REPLACE /a false`, `ADD /b null`}},
		{"one value below a member", `{"a":{"b":{"c":1,"d":2}}}`, `{"a":{"b":{"c":3,"d":2}}}`,
			[]string{`~ /a/b/c 1 -> 3`}, []string{`REPLACE /a/b/c 3`}},
		{"two values below a member", `{"a":{"b":{"c":1,"d":2},"e":1}}`, `{"a":{"b":{"c":3,"d":4},"e":1}}`,
			[]string{`~ /a/b/c 1 -> 3`, `~ /a/b/d 2 -> 4`}, []string{`REPLACE /a/b {"c":3,"d":4}`}},
		{"removed", `{"a":{"b":1,"c":2},"d":{}}`, `{"a":{"b":1}}`,
			[]string{`- /a/c 2`, `- /d {}`}, []string{`REMOVE /a/c`, `REMOVE /d`}},
		{"all members", `{"a":1}`, `{"b":1}`, []string{`- /a 1`, `+ /b 1`}, []string{`REMOVE /a`, `ADD /b 1`}},
		{"special names", `{"a/b":{"~":1,"-":1,"01":[]}}`, `{"a/b":{"~":2,"-":1,"01":[]}}`,
			[]string{`~ /a~1b/~0 1 -> 2`}, []string{`REPLACE /a~1b/~0 2`}},
		{"item inserted", `{"a":[1,2,3]}`, `{"a":[0,1,2,3]}`, []string{`+ /a/0 0`}, []string{`ADD /a/0 0`}},
		{"item appended", `{"a":[1]}`, `{"a":[1,2]}`, []string{`+ /a/1 2`}, []string{`ADD /a/1 2`}},
		{"item removed", `{"a":[1,2,3]}`, `{"a":[1,3]}`, []string{`- /a/1 2`}, []string{`REMOVE /a/1`}},
		{"below an item", `{"a":[{"b":1,"c":2},2]}`, `{"a":[{"b":1,"c":3},2]}`, []string{`~ /a/0/c 2 -> 3`}, []string{`REPLACE /a/0/c 3`}},
		{"two items", `{"a":[1,2,3],"b":1}`, `{"a":[0,1,2],"b":1}`, []string{`+ /a/0 0`, `- /a/2 3`}, []string{`REPLACE /a [0,1,2]`}},
		{"root array", `[1,2,3,4,{"a":1}]`, `[0,1,3,5,4,{"a":2}]`,
			[]string{`+ /0 0`, `- /1 2`, `+ /3 5`, `~ /4/a 1 -> 2`},
			[]string{`REPLACE /4/a 2`, `ADD /3 5`, `REMOVE /1`, `ADD /0 0`}},
		{"kind of the root", `[1]`, `{"a":1}`, []string{`~  [1] -> {"a":1}`}, nil},
		{"scalar root", `1`, `2`, []string{`~  1 -> 2`}, nil},
		{"null root", `null`, `{}`, []string{`~  null -> {}`}, nil},
		{"empty last name", `{"a":{"":1,"b":1}}`, `{"a":{"":2,"b":1}}`, []string{`~ /a/ 1 -> 2`}, []string{`REPLACE /a {"":2,"b":1}`}},
		{"empty name inside", `{"":{"a":1}}`, `{"":{"a":2}}`, []string{`~ //a 1 -> 2`}, []string{`REPLACE //a 2`}},
		{"empty name of the root", `{"":1}`, `{"":2}`, []string{`~ / 1 -> 2`}, nil},
		{"line break in a name", `{"a":{"b\nc":1}}`, `{"a":{"b\nc":2}}`, []string{"~ /a/b\nc 1 -> 2"}, []string{`REPLACE /a {"b\nc":2}`}},
		{"path of 500 characters", `{"` + long + `":{"a":1}}`, `{"` + long + `":{"a":2}}`,
			[]string{`~ /` + long + `/a 1 -> 2`}, []string{`REPLACE /` + long + ` {"a":2}`}},
		{"path of 501 characters", `{"n` + long + `":1}`, `{"n` + long + `":2}`, []string{`~ /n` + long + ` 1 -> 2`}, nil},
		{"unpaired surrogates", `{"a":"\ud800"}`, `{"a":"\ud801"}`, []string{`~ /a "\ud800" -> "\ud801"`}, []string{`REPLACE /a "\ud801"`}},
		{"unpaired surrogate in a name", `{"a":{"\ud800":1}}`, `{"a":{"\ud800":2}}`,
			[]string{"~ /a/\ufffd 1 -> 2"}, []string{`REPLACE /a {"\ud800":2}`}},
		{"added", ``, `{"b":{"c":1},"a":[]}`, []string{`+ {"a":[],"b":{"c":1}}`}, []string{`ADD /a []`, `ADD /b {"c":1}`}},
		{"added empty", ``, `{}`, []string{`+ {}`}, nil},
		{"added null", ``, `null`, []string{`+ null`}, nil},
		{"added array", ``, `[1]`, []string{`+ [1]`}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := newSectionDiff(t, test.before, test.after)
			if diff := cmp.Diff(test.changes, d.changes); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.modifications, d.modifications); diff != "" {
				t.Errorf("modifications (-want +got):\n%s", diff)
			}
		})
	}
}

// TestManyItems checks arrays with more differing items than are listed or can be modified.
func TestManyItems(t *testing.T) {
	t.Parallel()
	var before, after []string
	for i := range maxModifications + 1 {
		before, after = append(before, fmt.Sprint(i)), append(after, fmt.Sprint(-i-1))
	}
	array := func(items []string) string { return "[" + strings.Join(items, ",") + "]" }
	d := newSectionDiff(t, array(before), array(after))
	if d.modifications != nil || len(d.changes) != 1 {
		t.Errorf("%d modifications and %d changes for %d items, want nil and 1", len(d.modifications), len(d.changes), len(before))
	}
	d = newSectionDiff(t, array(before[1:]), array(after[1:]))
	if len(d.modifications) != maxModifications || len(d.changes) != maxListed {
		t.Errorf("%d modifications and %d changes for %d items", len(d.modifications), len(d.changes), len(before)-1)
	}
}

// sectionDiff is the difference between two sections as lines of text.
type sectionDiff struct{ changes, modifications []string }

func newSectionDiff(t *testing.T, before, after string) sectionDiff {
	t.Helper()
	var texts [2]json.RawMessage
	for i, text := range []string{before, after} {
		if text == "" {
			continue
		}
		var err error
		if texts[i], err = Canonical([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	c, err := diffSection(newNumbering(), "Test", texts[0], texts[1])
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		return sectionDiff{modifications: []string{}}
	}
	var d sectionDiff
	switch c.Action {
	case ActionAdd:
		d.changes = append(d.changes, fmt.Sprintf("+ %s", c.After))
	case ActionRemove:
		d.changes = append(d.changes, fmt.Sprintf("- %s", c.Before))
	}
	for _, change := range c.Changes {
		switch {
		case change.Before == nil:
			d.changes = append(d.changes, fmt.Sprintf("+ %s %s", change.Path, change.After))
		case change.After == nil:
			d.changes = append(d.changes, fmt.Sprintf("- %s %s", change.Path, change.Before))
		default:
			d.changes = append(d.changes, fmt.Sprintf("~ %s %s -> %s", change.Path, change.Before, change.After))
		}
	}
	if c.modifications != nil {
		d.modifications = []string{}
	}
	for _, m := range c.modifications {
		text := fmt.Sprintf("%s %s", m.Operation, m.Path)
		if m.Operation != types.OperationRemove {
			text += " " + string(m.Value)
		}
		d.modifications = append(d.modifications, text)
	}
	return d
}
