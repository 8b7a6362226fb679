package main

import (
	"runtime"
	"slices"
	"syscall"
	"time"
)

// rounds is how often the contestants of a case take turns. Medians over rounds are what is reported: these machines
// are noisy, and what disturbs one round disturbs only that one.
const rounds = 15

// result is the cost of one call.
type result struct {
	nanoseconds float64
	allocations float64
	bytes       float64
}

// compare runs the contestants in turn and returns the median cost of each.
func compare(calls int, contestants ...func()) []result {
	samples := make([][]result, len(contestants))
	for _, fn := range contestants {
		fn() // caches fill up outside of what is measured
	}
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

func measure(calls int, fn func()) result {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpuTime()
	for range calls {
		fn()
	}
	elapsed := cpuTime() - start
	runtime.ReadMemStats(&after)
	n := float64(calls)
	return result{
		nanoseconds: float64(elapsed.Nanoseconds()) / n,
		allocations: float64(after.Mallocs-before.Mallocs) / n,
		bytes:       float64(after.TotalAlloc-before.TotalAlloc) / n,
	}
}

// cpuTime is the time that the process has had on all cores. Unlike the time on the wall, it leaves out what other
// processes take.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func median(s []result, of func(result) float64) float64 {
	values := make([]float64, len(s))
	for i, r := range s {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
