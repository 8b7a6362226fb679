package controlplane

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestModificationsMatchJSONPatch applies random modifications to random sections and compares the results with those
// of an independent implementation of RFC 6902. The other implementation accepts "01" and "+1" as indices and does not
// find members with an empty name, so this test uses neither such indices nor empty names.
func TestModificationsMatchJSONPatch(t *testing.T) {
	t.Parallel()
	theirs := jsonpatch.NewApplyOptions()
	theirs.SupportNegativeIndices = false
	count := map[string]int{}
	for seed := range uint64(1500) {
		r := rand.New(rand.NewPCG(seed, 6902))
		text, err := json.Marshal(randomObject(r, 4))
		if err != nil {
			t.Fatal(err)
		}
		section := &value{text: text}
		for range 6 {
			op := types.Operation("").Values()[r.IntN(3)]
			path := randomPointer(r)
			operand, err := json.Marshal(randomValue(r, 2))
			if err != nil {
				t.Fatal(err)
			}
			step := fmt.Sprintf(`[{"op":%q,"path":%q,"value":%s}]`, strings.ToLower(string(op)), path, operand)
			patch, err := jsonpatch.DecodePatch([]byte(step))
			if err != nil {
				t.Fatal(err)
			}
			before := section.appendTo(nil)
			want, theirErr := patch.ApplyWithOptions(before, theirs)
			changed, ourErr := modify(section, &types.SectionModification{
				Operation: op, Path: &path, Value: document.NewLazyDocument(jsonText(operand)),
			})
			if (ourErr == nil) != (theirErr == nil) {
				t.Fatalf("seed %d, %s in %s: modify returned error %v, json-patch returned %v",
					seed, step, before, ourErr, theirErr)
			}
			outcome := " fails"
			if ourErr == nil {
				outcome, section = " succeeds", changed
			} else {
				want = before
			}
			count[string(op)+outcome]++
			if diff := cmp.Diff(decoded(t, want), decoded(t, section.appendTo(nil))); diff != "" {
				t.Fatalf("seed %d, %s in %s (-want +got):\n%s", seed, step, before, diff)
			}
		}
	}
	for _, op := range types.Operation("").Values() {
		for _, outcome := range []string{" fails", " succeeds"} {
			if n := count[string(op)+outcome]; n < 100 {
				t.Errorf("operation %s%s only %d times, want at least 100", op, outcome, n)
			}
		}
	}
}

func decoded(t *testing.T, text []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

var names = []string{"a", "b", "a/b", "m~n", "0", "2", "-", "é"}

func randomValue(r *rand.Rand, depth int) any {
	if depth > 0 {
		switch r.IntN(3) {
		case 0:
			return randomObject(r, depth)
		case 1:
			list := make([]any, r.IntN(4))
			for i := range list {
				list[i] = randomValue(r, depth-1)
			}
			return list
		}
	}
	return []any{nil, true, 1.5, "text"}[r.IntN(4)]
}

func randomObject(r *rand.Rand, depth int) map[string]any {
	object := map[string]any{}
	for range 1 + r.IntN(4) {
		object[names[r.IntN(len(names))]] = randomValue(r, depth-1)
	}
	return object
}

func randomPointer(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(3) {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(names[r.IntN(len(names))]))
	}
	return b.String()
}
