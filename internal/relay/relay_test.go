package relay_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/relay"
)

var errBroken = errors.New("broken")

func raiseBroken() { panic(errBroken) }

// end runs fn in a new goroutine. It returns the panic value and whether fn returned.
func end(fn func()) (value any, returned bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { value = recover() }()
		fn()
		returned = true
	}()
	<-done
	return value, returned
}

func TestGroup(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fn       func()
		returned bool
		panics   bool
	}{
		"return": {fn: func() {}, returned: true},
		"panic":  {fn: raiseBroken, panics: true},
		"nil":    {fn: func() { panic(any(nil)) }, panics: true},
		"Goexit": {fn: runtime.Goexit},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			aborts := 0
			others := make(chan struct{}, 2)
			value, returned := end(func() {
				g := relay.Group{OnAbort: func() { aborts++ }}
				g.Go(func() { others <- struct{}{} })
				g.Go(tt.fn)
				g.Go(func() { others <- struct{}{} })
				g.Wait()
			})
			if returned != tt.returned || (value != nil) != tt.panics || (aborts == 0) != tt.returned {
				t.Errorf("Wait returned = %t, panic value = %v, calls of OnAbort = %d", returned, value, aborts)
			}
			if len(others) != 2 {
				t.Errorf("Wait returned before %d goroutines ended", 2-len(others))
			}
		})
	}
}

func TestPanicValue(t *testing.T) {
	t.Parallel()
	value, _ := end(func() {
		var g relay.Group
		g.Go(raiseBroken)
		g.Wait()
	})
	err, ok := value.(error)
	if !ok || !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "raiseBroken") {
		t.Errorf("panic value = %v, want an error that wraps the original value and contains the stack trace", value)
	}
}
