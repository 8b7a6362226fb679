package controlplane

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

// step is a modification of a section, in the form that each implementation expects.
type step struct {
	own    types.SectionModification
	theirs jsonpatch.Operation
}

// newStep returns a modification. If operand is empty, the modification has no value.
func newStep(op types.Operation, path, operand string) step {
	raw := func(s string) *json.RawMessage { return new(json.RawMessage(s)) }
	s := step{
		own:    types.SectionModification{Operation: op, Path: &path},
		theirs: jsonpatch.Operation{"op": raw(fmt.Sprintf("%q", strings.ToLower(string(op)))), "path": raw(fmt.Sprintf("%q", path))},
	}
	if operand != "" {
		s.own.Value = document.NewLazyDocument(jsonText(operand))
		s.theirs["value"] = raw(operand)
	}
	return s
}

func applyOwn(text []byte, steps []step) ([]byte, error) {
	section := &value{text: text}
	for i := range steps {
		var err error
		if section, err = modify(section, &steps[i].own); err != nil {
			return nil, err
		}
	}
	return section.appendTo(nil), nil
}

// applyTheirs applies all steps in one call, which decodes and encodes the section once.
func applyTheirs(text []byte, steps []step) ([]byte, error) {
	patch := make(jsonpatch.Patch, len(steps))
	for i := range steps {
		patch[i] = steps[i].theirs
	}
	opts := jsonpatch.NewApplyOptions()
	opts.SupportNegativeIndices = false
	opts.EscapeHTML = false
	return patch.ApplyWithOptions(text, opts)
}

// benchmarkSection returns a section with the given number of entries, each about 1 KB in size.
func benchmarkSection(entries int) []byte {
	var b strings.Builder
	for i := range entries {
		fmt.Fprintf(&b, `,"Entry%d":{"Description":%q,"Enabled":true,"Tags":["a","b"],"Cost":{"Gold":%d,"Wood":2.50}}`, i, strings.Repeat("text ", 185), i)
	}
	return []byte("{" + b.String()[1:] + "}")
}

// benchmarkSteps returns modifications that cycle through replacing a value, appending to an array, adding a member and
// removing a member.
func benchmarkSteps(modifications, entries int) []step {
	var steps []step
	for i := range modifications {
		entry := fmt.Sprintf("/Entry%d", i*7%entries)
		steps = append(steps, []step{
			newStep(types.OperationReplace, entry+"/Cost/Gold", `12345678901234567890`),
			newStep(types.OperationAdd, entry+"/Tags/-", `"c"`),
			newStep(types.OperationAdd, fmt.Sprintf("/New%d", i), `{"Description":"new","Cost":{"Gold":1}}`),
			newStep(types.OperationRemove, fmt.Sprintf("/New%d", i-1), ""),
		}[i%4])
	}
	return steps
}

// BenchmarkModifications compares modify with github.com/evanphx/json-patch/v5. The results are in patch_doc.go.
func BenchmarkModifications(b *testing.B) {
	implementations := []struct {
		name  string
		apply func(text []byte, steps []step) ([]byte, error)
	}{{"own", applyOwn}, {"json-patch", applyTheirs}}
	sections := []struct {
		name  string
		text  []byte
		steps func(modifications int) []step
	}{
		{"1KB", benchmarkSection(1), func(n int) []step { return benchmarkSteps(n, 1) }},
		{"1MB", benchmarkSection(1_000), func(n int) []step { return benchmarkSteps(n, 1_000) }},
		{"list", []byte(`{"l":[` + strings.Repeat("1234,", 200_000) + `5]}`), func(n int) []step {
			return slices.Repeat([]step{newStep(types.OperationAdd, "/l/0", "1")}, n)
		}},
	}
	for _, section := range sections {
		for _, modifications := range []int{1, 10, 100} {
			steps := section.steps(modifications)
			for _, impl := range implementations {
				b.Run(fmt.Sprintf("section=%s/modifications=%d/impl=%s", section.name, modifications, impl.name), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						if _, err := impl.apply(section.text, steps); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// TestBenchmarkSteps checks that both implementations produce the same result for the benchmark.
func TestBenchmarkSteps(t *testing.T) {
	t.Parallel()
	text, steps := benchmarkSection(10), benchmarkSteps(100, 10)
	own, err := applyOwn(text, steps)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := applyTheirs(text, steps)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(own), string(theirs)); diff != "" {
		t.Errorf("sections (-modify +json-patch):\n%s", diff)
	}
}

// TestDeviationsOfJSONPatch documents the cases in which github.com/evanphx/json-patch/v5 deviates from modify. Because of
// these deviations, modify does not use the library. If a case fails after an upgrade, update patch_doc.go.
func TestDeviationsOfJSONPatch(t *testing.T) {
	t.Parallel()
	const fails = "fails"
	tests := map[string]struct {
		section     string
		step        step
		own, theirs string
	}{
		"index with a leading zero": {
			`{"l":[1,2]}`, newStep(types.OperationReplace, "/l/01", "3"), fails, `{"l":[1,3]}`,
		},
		"index with a sign": {
			`{"l":[1,2]}`, newStep(types.OperationRemove, "/l/+1", ""), fails, `{"l":[1]}`,
		},
		"negative zero": {
			`{"l":[1,2]}`, newStep(types.OperationRemove, "/l/-0", ""), fails, `{"l":[2]}`,
		},
		"empty name of the root": {
			`{"":{"a":1}}`, newStep(types.OperationReplace, "//a", "2"), `{"":{"a":2}}`, fails,
		},
		"empty name of the root that is missing": {
			`{"a":1}`, newStep(types.OperationReplace, "//a", "2"), fails, `{"a":1}`,
		},
		"empty name below the root": {
			`{"o":{"":{"a":1}}}`, newStep(types.OperationReplace, "/o//a", "2"), `{"o":{"":{"a":2}}}`, fails,
		},
		"duplicate name that is replaced": {
			`{"a":1,"b":2,"a":3}`, newStep(types.OperationReplace, "/b", "4"), `{"a":3,"b":4}`, `{"a":3,"b":4,"a":3}`,
		},
		"duplicate name that is removed": {
			`{"a":1,"b":2,"a":3}`, newStep(types.OperationRemove, "/a", ""), `{"b":2}`, `{"b":2,"a":null}`,
		},
		"escapes in another name": {
			`{"\u0061":1,"\ud800":2}`, newStep(types.OperationAdd, "/b", "4"), `{"\u0061":1,"\ud800":2,"b":4}`, "{\"a\":1,\"\ufffd\":2,\"b\":4}",
		},
		"line separator in another name": {
			"{\"\u2028\":1}", newStep(types.OperationAdd, "/b", "4"), "{\"\u2028\":1,\"b\":4}", `{"\u2028":1,"b":4}`,
		},
		"unknown escape in the path": {
			`{"~2":1}`, newStep(types.OperationReplace, "/~2", "3"), fails, `{"~2":3}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := func(apply func([]byte, []step) ([]byte, error)) string {
				got, err := apply([]byte(tt.section), []step{tt.step})
				if err != nil {
					return fails
				}
				return string(got)
			}
			if got := result(applyOwn); got != tt.own {
				t.Errorf("modify: got %s, want %s", got, tt.own)
			}
			if got := result(applyTheirs); got != tt.theirs {
				t.Errorf("json-patch: got %s, want %s", got, tt.theirs)
			}
		})
	}
}
