package main

import (
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

// rounds is the number of times each function is measured, in a different order in each round. Noise from other
// processes can only slow a measurement down, so the lower quartile is reported.
const rounds = 15

// result is the cost of one call.
type result struct {
	nanoseconds float64 // wall time
	allocations float64
	bytes       float64
}

// compare measures the functions in turn and returns the cost per call of each.
func compare(calls int, fns ...func()) []result {
	return takeTurns(rounds, fns, func(fn func()) result { return measure(calls, fn) })
}

// compareCold is like compare, but returns free memory to the operating system before each call. It measures only time.
func compareCold(calls int, fns ...func()) []result {
	return takeTurns(calls, fns, func(fn func()) result {
		debug.FreeOSMemory()
		start := time.Now()
		fn()
		return result{nanoseconds: float64(time.Since(start).Nanoseconds())}
	})
}

func takeTurns(rounds int, fns []func(), turn func(func()) result) []result {
	samples := make([][]result, len(fns))
	for round := range rounds {
		for i := range fns {
			i = (i + round) % len(fns)
			samples[i] = append(samples[i], turn(fns[i]))
		}
	}
	results := make([]result, len(fns))
	for i, s := range samples {
		results[i] = result{
			nanoseconds: lowerQuartile(s, func(r result) float64 { return r.nanoseconds }),
			allocations: lowerQuartile(s, func(r result) float64 { return r.allocations }),
			bytes:       lowerQuartile(s, func(r result) float64 { return r.bytes }),
		}
	}
	return results
}

// measure returns the cost per call. To warm up, it first makes a tenth of the calls, since the previous function left
// its own data in memory and caches.
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
