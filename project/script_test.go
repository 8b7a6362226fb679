package project

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestParseTime checks the error for a script that takes longer than parseTime to parse.
func TestParseTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		parse := func(d time.Duration) error {
			return withinParseTime(func() error { time.Sleep(d); return nil })
		}
		if err := parse(parseTime - 1); err != nil {
			t.Errorf("just below the limit: %v", err)
		}
		var slow *scriptError
		if err := parse(parseTime + 1); !errors.As(err, &slow) || slow.message != "the script cannot be parsed in 10s: nest fewer arrow functions in parameters" {
			t.Errorf("just above the limit: %v", err)
		}
		synctest.Wait()
		time.Sleep(time.Nanosecond) // so that the background goroutine ends
	})
}
