package project

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestAlign compares align with the textbook algorithm, and replays its steps.
func TestAlign(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 14)
		before, after := items.Draw(t, "before"), items.Draw(t, "after")
		limit := rapid.IntRange(1, 16).Draw(t, "limit")
		steps, differing, ok := align(before, after, limit)
		want := distance(before, after)
		if ok != (want <= limit) {
			t.Fatalf("align(%v, %v, %d) reports %v, the distance is %d", before, after, limit, ok, want)
		}
		if !ok {
			return
		}
		var got []int
		read, changed := 0, 0
		for _, s := range steps {
			if s.before >= 0 && s.before != read || s.after >= 0 && s.after != len(got) {
				t.Fatalf("the steps %v are not in order", steps)
			}
			if s.before >= 0 {
				read++
			}
			if s.after >= 0 {
				got = append(got, after[s.after])
			}
			if s.before < 0 || s.after < 0 || before[s.before] != after[s.after] {
				changed++
			}
		}
		if read != len(before) || !slices.Equal(got, after) || changed != want || differing != want {
			t.Fatalf("the steps %v for %v and %v differ in %d items (reported: %d), want %d", steps, before, after, changed, differing, want)
		}
	})
}

// distance returns the Levenshtein distance of two sequences.
func distance(a, b []int) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
