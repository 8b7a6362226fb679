// Package timing measures the rates and latencies of calls.
package timing

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Rate returns the number of calls per second of parallel clients within a time. The function call gets the number of its
// client and the number of the call, starting at 0.
func Rate(parallel int, window time.Duration, call func(client, n int) error) (float64, error) {
	var calls atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, parallel)
	start := time.Now()
	for client := range parallel {
		wg.Go(func() {
			for time.Since(start) < window && errs[client] == nil {
				errs[client] = call(client, int(calls.Add(1))-1)
			}
		})
	}
	wg.Wait()
	return float64(calls.Load()) / time.Since(start).Seconds(), errors.Join(errs...)
}

// Latencies returns the sorted latencies of the calls of parallel clients until done is closed.
func Latencies(parallel int, done <-chan struct{}, call func(client int) error) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var wg sync.WaitGroup
	errs := make([]error, parallel)
	for client := range parallel {
		wg.Go(func() {
			for errs[client] == nil {
				select {
				case <-done:
					return
				default:
				}
				start := time.Now()
				errs[client] = call(client)
				took := time.Since(start)
				mu.Lock()
				all = append(all, took)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	slices.Sort(all)
	return all, errors.Join(errs...)
}

// Percentile returns a percentile of sorted latencies in milliseconds.
func Percentile(sorted []time.Duration, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(int(p/100*float64(len(sorted))), len(sorted)-1)].Microseconds()) / 1000
}

// Median returns the median of values.
func Median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}

// Ratios lets two functions take turns, and returns the median of the ratios of their results in each round.
func Ratios(rounds int, a, b func() (float64, error)) (float64, error) {
	var all []float64
	for round := range rounds {
		first, second := a, b
		if round%2 == 1 {
			first, second = b, a
		}
		x, err := first()
		if err != nil {
			return 0, err
		}
		y, err := second()
		if err != nil {
			return 0, err
		}
		if round%2 == 1 {
			x, y = y, x
		}
		all = append(all, x/y)
	}
	return Median(all), nil
}

// Latency returns the median time of sequential calls in milliseconds.
func Latency(calls int, call func() error) (float64, error) {
	all := make([]time.Duration, calls)
	for i := range all {
		start := time.Now()
		if err := call(); err != nil {
			return 0, err
		}
		all[i] = time.Since(start)
	}
	slices.Sort(all)
	return Percentile(all, 50), nil
}
