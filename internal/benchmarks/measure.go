package main

import (
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

// rounds is how often the contestants of a case take turns, each round in another order. What disturbs a turn on these noisy
// machines only makes it longer, so the lower quartile of the turns is reported.
const rounds = 15

// result is the cost of one call.
type result struct {
	nanoseconds float64 // that the caller waits
	allocations float64
	bytes       float64
}

// compare runs the contestants in turn and returns the cost of each.
func compare(calls int, contestants ...func()) []result {
	return takeTurns(rounds, contestants, func(fn func()) result { return measure(calls, fn) })
}

// compareCold does the same, but each call begins without the memory that the calls before it have used. Only time is
// measured.
func compareCold(calls int, contestants ...func()) []result {
	return takeTurns(calls, contestants, func(fn func()) result {
		debug.FreeOSMemory()
		start := time.Now()
		fn()
		return result{nanoseconds: float64(time.Since(start).Nanoseconds())}
	})
}

func takeTurns(rounds int, contestants []func(), turn func(func()) result) []result {
	samples := make([][]result, len(contestants))
	for round := range rounds {
		for i := range contestants {
			i = (i + round) % len(contestants)
			samples[i] = append(samples[i], turn(contestants[i]))
		}
	}
	results := make([]result, len(contestants))
	for i, s := range samples {
		results[i] = result{
			nanoseconds: lowerQuartile(s, func(r result) float64 { return r.nanoseconds }),
			allocations: lowerQuartile(s, func(r result) float64 { return r.allocations }),
			bytes:       lowerQuartile(s, func(r result) float64 { return r.bytes }),
		}
	}
	return results
}

// measure makes a tenth of the calls before those that count: the contestant before it has left memory and caches as they
// suit that one.
func measure(calls int, fn func()) result {
	runtime.GC()
	for range calls / 10 {
		fn()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	for range calls {
		fn()
	}
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	n := float64(calls)
	return result{
		nanoseconds: float64(elapsed.Nanoseconds()) / n,
		allocations: float64(after.Mallocs-before.Mallocs) / n,
		bytes:       float64(after.TotalAlloc-before.TotalAlloc) / n,
	}
}

func lowerQuartile(s []result, of func(result) float64) float64 {
	values := make([]float64, len(s))
	for i, r := range s {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/4]
}
