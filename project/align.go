package project

import "slices"

// step is a step of the alignment of two arrays. The index before is -1 for an inserted item, after is -1 for a removed
// one. Otherwise the item at before is kept, if both are equal, or replaced.
type step struct{ before, after int }

// align returns an alignment of two arrays with the fewest inserted, removed and replaced items, or false if that
// requires more than limit of them. Equal items have equal numbers.
//
// It computes the Levenshtein distance by the furthest points on each diagonal, as described by Ukkonen. Memory is
// proportional to the square of the distance, and time also to the lengths of the arrays. If items repeat, time is at worst
// proportional to the length times the distance.
func align(before, after []int, limit int) (steps []step, distance int, ok bool) {
	a := &alignment{before: before, after: after}
	last := len(after) - len(before) // the diagonal of the end
	for distance = 0; distance <= limit; distance++ {
		a.extend()
		if a.furthest(distance, last) == len(before) {
			return a.steps(distance, last), distance, true
		}
	}
	return nil, 0, false
}

// alignment holds the furthest points that scripts with a number of differing items reach. A point is the number of items
// of the array before that are consumed; its diagonal is the difference to the number of items of the array after.
type alignment struct {
	before, after []int
	points        [][]int // by number of differing items, and by diagonal from -number to number
}

const unreachable = -1

// furthest returns the furthest point on a diagonal.
func (a *alignment) furthest(distance, diagonal int) int {
	if diagonal < -distance || diagonal > distance {
		return unreachable
	}
	return a.points[distance][diagonal+distance]
}

// extend computes the furthest points with one more differing item.
func (a *alignment) extend() {
	distance := len(a.points)
	points := make([]int, 2*distance+1)
	a.points = append(a.points, points)
	for i := range points {
		diagonal := i - distance
		point, _ := a.start(distance, diagonal)
		if point != unreachable {
			for point < len(a.before) && point+diagonal < len(a.after) && a.before[point] == a.after[point+diagonal] {
				point++
			}
		}
		points[i] = point
	}
}

// start returns the point on a diagonal at which the last differing item ends, and the diagonal before that item. Equal
// items follow.
func (a *alignment) start(distance, diagonal int) (point, from int) {
	if distance == 0 {
		return 0, 0
	}
	point = unreachable
	for _, move := range []struct{ from, consumed int }{
		{diagonal + 1, 1}, // remove an item
		{diagonal - 1, 0}, // insert an item
		{diagonal, 1},     // replace an item
	} {
		previous := a.furthest(distance-1, move.from)
		next := previous + move.consumed
		if previous != unreachable && next <= len(a.before) && next+diagonal <= len(a.after) && next > point {
			point, from = next, move.from
		}
	}
	return point, from
}

// steps returns the steps that lead to the end of both arrays.
func (a *alignment) steps(distance, diagonal int) []step {
	var steps []step
	for point := len(a.before); ; distance-- {
		start, from := a.start(distance, diagonal)
		for ; point > start; point-- {
			steps = append(steps, step{point - 1, point - 1 + diagonal})
		}
		switch {
		case distance == 0:
			slices.Reverse(steps)
			return steps
		case from > diagonal:
			point--
			steps = append(steps, step{point, -1})
		case from < diagonal:
			steps = append(steps, step{-1, point - 1 + diagonal})
		default:
			point--
			steps = append(steps, step{point, point + diagonal})
		}
		diagonal = from
	}
}
