package project

import "slices"

// step is a step of the alignment of two arrays. The index before is -1 for an inserted item, after is -1 for a removed
// one. Otherwise the item at before is kept, if both are equal, or replaced.
type step struct{ before, after int }

// align returns an alignment of two arrays with the fewest inserted, removed and replaced items, or false if it takes more
// than limit of them. The ids identify equal items.
//
// Memory and time are proportional to the length of the arrays times the number of differing items.
func align(before, after []int, limit int) (steps []step, differing int, ok bool) {
	prefix := 0
	for prefix < min(len(before), len(after)) && before[prefix] == after[prefix] {
		prefix++
	}
	suffix := 0
	for suffix < min(len(before), len(after))-prefix && before[len(before)-1-suffix] == after[len(after)-1-suffix] {
		suffix++
	}
	middle := editScript{before: before[prefix : len(before)-suffix], after: after[prefix : len(after)-suffix]}
	for band := 1; ; band = min(2*band, limit) {
		if differing, ok = middle.compute(band); ok {
			break
		}
		if band == limit {
			return nil, 0, false
		}
	}
	for i := range prefix {
		steps = append(steps, step{i, i})
	}
	for _, s := range middle.steps() {
		if s.before >= 0 {
			s.before += prefix
		}
		if s.after >= 0 {
			s.after += prefix
		}
		steps = append(steps, s)
	}
	for i := range suffix {
		steps = append(steps, step{len(before) - suffix + i, len(after) - suffix + i})
	}
	return steps, differing, true
}

// editScript computes the Levenshtein distance of two sequences within a band around the diagonal, as described by
// Ukkonen: a script with d steps never leaves the diagonals from -d to d.
type editScript struct {
	before, after []int
	band          int
	moves         [][]move // for each row, the moves that lead to the cells of the band
}

type move byte

const (
	unreachable move = iota
	keepOrReplace
	removeItem
	insertItem
)

// The costs of the moves. A script has fewer than moveCost moves, so replaceCost decides only between scripts with equally
// many moves: the one that keeps more items is easier to read.
const (
	moveCost    = 1 << 16
	replaceCost = moveCost + 1
)

// compute reports the number of differing items if it is at most band.
func (e *editScript) compute(band int) (distance int, ok bool) {
	e.band = band
	n, m := len(e.before), len(e.after)
	if max(n-m, m-n) > band {
		return 0, false
	}
	width := 2*band + 1
	const far = 1 << 40
	previous, current := slices.Repeat([]int{far}, width), make([]int, width)
	e.moves = make([][]move, n+1)
	for i := range n + 1 {
		moves := make([]move, width)
		for d := range width {
			j := i + d - band
			current[d] = far
			if j < 0 || j > m {
				continue
			}
			best, by := far, unreachable
			if i == 0 && j == 0 {
				best = 0
			}
			if i > 0 && j > 0 {
				cost := previous[d]
				if e.before[i-1] != e.after[j-1] {
					cost += replaceCost
				}
				if cost < best {
					best, by = cost, keepOrReplace
				}
			}
			if i > 0 && d+1 < width && previous[d+1]+moveCost < best {
				best, by = previous[d+1]+moveCost, removeItem
			}
			if j > 0 && d > 0 && current[d-1]+moveCost < best {
				best, by = current[d-1]+moveCost, insertItem
			}
			current[d], moves[d] = best, by
		}
		e.moves[i] = moves
		previous, current = current, previous
	}
	distance = previous[m-n+band] / moveCost
	return distance, distance <= band
}

// steps returns the script that compute found.
func (e *editScript) steps() []step {
	var steps []step
	for i, j := len(e.before), len(e.after); i > 0 || j > 0; {
		switch e.moves[i][j-i+e.band] {
		case removeItem:
			i--
			steps = append(steps, step{i, -1})
		case insertItem:
			j--
			steps = append(steps, step{-1, j})
		default:
			i, j = i-1, j-1
			steps = append(steps, step{i, j})
		}
	}
	slices.Reverse(steps)
	return steps
}
