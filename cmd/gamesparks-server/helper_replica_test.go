//go:build unix

package main

import (
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/internal/presencetest"
	"github.com/gamesparks-go/gamesparks/internal/processtest"
)

// replica is a server that the test kills, suspends, and separates from the database.
type replica struct {
	name     string
	flags    []string
	proxy    *pgtest.Proxy // between the replica and the database
	recorder *presencetest.Recorder

	mu      sync.Mutex
	starts  int
	process *process
	current target
}

// target returns the present process. It waits while the replica restarts.
func (r *replica) target() target {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.current
}

// start starts a process. The database must be reachable.
func (r *replica) start(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.startLocked(t)
}

func (r *replica) startLocked(t *testing.T) {
	t.Helper()
	p, exit := tryStart(t, r.flags...)
	for ; p == nil && strings.Contains(exit.stderr, "cannot use the database"); p, exit = tryStart(t, r.flags...) {
	}
	if p == nil {
		t.Fatalf("exit code %d: %s", exit.code, exit.stderr)
	}
	r.starts++
	r.process, r.current = p, target{fmt.Sprintf("%s.%d", r.name, r.starts), p.endpoint, newClient(p.endpoint)}
}

// restart kills the process, calls beforeStart unless it is nil, and starts another process.
func (r *replica) restart(t *testing.T, beforeStart func()) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.recorder.Outage(presencetest.Unreachable, r.current.name) // it does not end
	r.process.kill(t)
	if beforeStart != nil {
		beforeStart()
	}
	r.startLocked(t)
}

// suspend suspends the process until the function returns.
func (r *replica) suspend(t *testing.T, until func()) {
	t.Helper()
	r.mu.Lock()
	p, name := r.process.cmd.Process, r.current.name
	r.mu.Unlock()
	end := r.recorder.Outage(presencetest.Suspended, name)
	if err := processtest.Suspend(p); err != nil {
		t.Error(err)
	}
	until()
	if err := p.Signal(syscall.SIGCONT); err != nil {
		t.Error(err)
	}
	end()
}

// partition separates the replica from the database until the function returns.
func (r *replica) partition(until func()) {
	end := r.recorder.Outage(presencetest.Unreachable, r.target().name)
	r.proxy.Partition(true)
	until()
	r.proxy.Partition(false)
	end()
}
