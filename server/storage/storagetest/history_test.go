package storagetest_test

import (
	"fmt"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

// operation is an operation of a history. Those of a test run one after the other.
type operation struct {
	append  string // the value; empty for a read
	exact   bool   // whether the list must be before
	before  string
	list    string // the result
	outcome storagetest.Outcome
}

// TestHistory checks histories with operations whose outcome is unknown: each may take effect at any time after its call, or
// never.
func TestHistory(t *testing.T) {
	t.Parallel()
	const unknown = storagetest.Unknown
	many := []operation{}
	for i := range 40 { // an order of all of them cannot be found by trying
		many = append(many, operation{append: fmt.Sprintf("u%d", i), outcome: unknown}, operation{append: fmt.Sprint(i)})
	}
	list := ""
	for i := range many {
		if many[i].outcome != unknown {
			if list != "" {
				list += " "
			}
			list += many[i].append
			many[i].list = list
		}
	}
	tests := map[string]struct {
		operations   []operation
		linearizable bool
	}{
		"empty":                          {nil, true},
		"no effect":                      {[]operation{{append: "a", outcome: unknown}, {append: "b", list: "b"}, {list: "b"}}, true},
		"an effect at once":              {[]operation{{append: "a", outcome: unknown}, {list: "a"}, {append: "b", list: "a b"}}, true},
		"a late effect":                  {[]operation{{append: "a", outcome: unknown}, {list: ""}, {append: "b", list: "b"}, {list: "b a"}}, true},
		"an effect in another operation": {[]operation{{append: "a", outcome: unknown}, {append: "b", list: "a b"}}, true},
		"two effects":                    {[]operation{{append: "a", outcome: unknown}, {list: "a a"}}, false},
		"a lost effect":                  {[]operation{{append: "a", outcome: unknown}, {list: "a"}, {list: ""}}, false},
		"an effect before the call":      {[]operation{{list: "a"}, {append: "a", outcome: unknown}, {list: "a"}}, false},
		"an effect on another list":      {[]operation{{append: "a", outcome: unknown, exact: true, before: "b"}, {list: "a"}}, false},
		"an effect on the list": {
			[]operation{{append: "b", list: "b"}, {append: "a", outcome: unknown, exact: true, before: "b"}, {list: "b a"}}, true,
		},
		"many without effect":                    {many, true},
		"many without effect, and a lost effect": {append(many[:len(many):len(many)], operation{list: ""}), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := storagetest.NewHistory()
			for _, op := range test.operations {
				run := func() (string, storagetest.Outcome) { return op.list, op.outcome }
				switch {
				case op.exact:
					h.Replace(0, "list", op.before, op.append, run)
				case op.append != "":
					h.Append(0, "list", op.append, run)
				default:
					h.Read(0, "list", run)
				}
			}
			if err := h.Check(); (err == nil) != test.linearizable {
				t.Errorf("got error %v, want linearizable %v", err, test.linearizable)
			}
		})
	}
}
