package main

import (
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

// rounds is how often the contestants of a case take turns. Medians over rounds are what is reported: these machines
// are noisy, and what disturbs one round disturbs only that one.
const rounds = 15

// result is the cost of one call.
type result struct {
	nanoseconds float64 // that the caller waits
	allocations float64
	bytes       float64
}

// compare runs the contestants in turn and returns the median cost of each.
func compare(calls int, contestants ...func()) []result {
	samples := make([][]result, len(contestants))
	for range rounds {
		for i, fn := range contestants {
			samples[i] = append(samples[i], measure(calls, fn))
		}
	}
	var medians []result
	for _, s := range samples {
		medians = append(medians, result{
			nanoseconds: median(s, func(r result) float64 { return r.nanoseconds }),
			allocations: median(s, func(r result) float64 { return r.allocations }),
			bytes:       median(s, func(r result) float64 { return r.bytes }),
		})
	}
	return medians
}

// compareCold runs the contestants in turn as compare does, but each call begins without the memory that the calls before it
// have used.
func compareCold(calls int, contestants ...func()) []result {
	samples := make([][]result, len(contestants))
	for range calls {
		for i, fn := range contestants {
			debug.FreeOSMemory()
			start := time.Now()
			fn()
			samples[i] = append(samples[i], result{nanoseconds: float64(time.Since(start).Nanoseconds())})
		}
	}
	var medians []result
	for _, s := range samples {
		medians = append(medians, result{nanoseconds: median(s, func(r result) float64 { return r.nanoseconds })})
	}
	return medians
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

func median(s []result, of func(result) float64) float64 {
	values := make([]float64, len(s))
	for i, r := range s {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
