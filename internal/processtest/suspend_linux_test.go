package processtest_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/gamesparks-go/gamesparks/internal/processtest"
)

// TestSuspend suspends and continues a busy process several times. It must have stopped whenever Suspend returns.
func TestSuspend(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "while :; do :; done")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // reports the kill
	}()
	for range 200 {
		if err := processtest.Suspend(cmd.Process); err != nil {
			t.Fatal(err)
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", cmd.Process.Pid))
		if err != nil {
			t.Fatal(err)
		}
		if _, state, _ := strings.Cut(string(stat), ") "); !strings.HasPrefix(state, "T") {
			t.Fatalf("the state of the process is %.1q, want T", state)
		}
		if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSuspendEndedProcess calls Suspend for processes that have ended. It must return an error instead of waiting forever.
func TestSuspendEndedProcess(t *testing.T) {
	t.Parallel()
	for _, waited := range []bool{false, true} {
		t.Run(fmt.Sprintf("waited=%t", waited), func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "true")
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(stdout); err != nil { // returns when the process ends
				t.Fatal(err)
			}
			if waited {
				if err := cmd.Wait(); err != nil {
					t.Fatal(err)
				}
			}
			if err := processtest.Suspend(cmd.Process); err == nil {
				t.Error("Suspend returned no error")
			}
			if !waited {
				_ = cmd.Wait() // fails if Suspend has received the status of the process
			}
		})
	}
}
