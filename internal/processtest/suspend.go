//go:build unix

package processtest

import (
	"fmt"
	"os"
	"syscall"
)

// Suspend stops a running child process with SIGSTOP, and returns when all of its threads have stopped. The kill system call
// returns earlier, while the process may still send a response or commit. SIGCONT continues the process.
func Suspend(p *os.Process) error {
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for {
		var status syscall.WaitStatus
		switch _, err := syscall.Wait4(p.Pid, &status, syscall.WUNTRACED, nil); {
		case err == syscall.EINTR:
		case err != nil:
			return fmt.Errorf("wait until process %d has stopped: %w", p.Pid, err)
		case status.Stopped():
			return nil
		default:
			return fmt.Errorf("process %d has ended instead of stopping: wait status %#x", p.Pid, int(status))
		}
	}
}
