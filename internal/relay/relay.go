// Package relay raises a panic or runtime.Goexit of a goroutine again in the goroutine that waits for it. Without it, a
// panic in a caller's hook ends the process, and runtime.Goexit, which testing.T.FailNow calls, is lost.
package relay

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// Group is a set of goroutines. The zero value is ready to use.
type Group struct {
	// OnAbort is called by each goroutine that panics or calls runtime.Goexit, before Wait returns. Optional.
	OnAbort func()

	wait  sync.WaitGroup
	mu    sync.Mutex
	raise func() // what the first goroutine to abort did
}

// Go calls fn in a new goroutine.
func (g *Group) Go(fn func()) {
	g.wait.Go(func() {
		returned := false
		defer func() {
			if !returned {
				g.abort(recover())
			}
		}()
		fn()
		returned = true
	})
}

// abort records the end of a goroutine. A nil value means runtime.Goexit, since panic(nil) has a value.
func (g *Group) abort(value any) {
	raise := runtime.Goexit
	if value != nil {
		err := &panicError{value, debug.Stack()}
		raise = func() { panic(err) }
	}
	g.mu.Lock()
	if g.raise == nil {
		g.raise = raise
	}
	g.mu.Unlock()
	if g.OnAbort != nil {
		g.OnAbort()
	}
}

// Wait returns when all goroutines have ended. If one panicked, Wait panics with an error that has the value and the
// stack of that panic and wraps a value that is an error. If one called runtime.Goexit, Wait calls it. The goroutine
// that aborted first decides.
func (g *Group) Wait() {
	g.wait.Wait()
	if g.raise != nil {
		g.raise()
	}
}

// panicError is the value of a panic that was raised again.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("%v\n\nThe panic was raised in this goroutine:\n%s", e.value, e.stack)
}

func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}
