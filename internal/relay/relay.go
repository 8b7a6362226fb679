// Package relay propagates a panic or runtime.Goexit of a goroutine to the goroutine that waits for it. Otherwise, a
// panic in a caller's hook would end the process, and the waiting goroutine would not notice a call to runtime.Goexit,
// for example by testing.T.FailNow.
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
	raise func() // repeats the panic or Goexit of the first goroutine that aborted
}

// Go calls fn in a new goroutine of the group.
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

// abort records that a goroutine panicked with the value. A nil value means runtime.Goexit, because even panic(nil)
// results in a non-nil value.
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

// Wait returns when all goroutines have ended. If one panicked, Wait panics with an error whose message contains the
// panic value and the stack trace. If the panic value is an error, it is wrapped. If a goroutine called runtime.Goexit,
// Wait calls it, too. If several goroutines aborted, Wait repeats the first panic or Goexit.
func (g *Group) Wait() {
	g.wait.Wait()
	if g.raise != nil {
		g.raise()
	}
}

// panicError is the value of a propagated panic.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string {
	return fmt.Sprintf("%v\n\nstack of the panic:\n%s", e.value, e.stack)
}

func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}
