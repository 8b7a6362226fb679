// Package process builds gamesparks-server, runs it as a process, and measures the process.
package process

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Build builds the server of the repository that contains dir. It returns the path of the binary.
func Build(binaries, name, dir string) (string, error) {
	root, err := exec.Command("git", "-C", dir, "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	binary := filepath.Join(binaries, name)
	cmd := exec.Command("go", "build", "-o", binary, "./gamesparks-server")
	cmd.Dir = filepath.Join(strings.TrimSpace(string(root)), "cmd")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", cmd.Dir, err, out)
	}
	return binary, nil
}

// BuildCommit builds the server of a commit in a temporary worktree. It returns the path of the binary.
func BuildCommit(binaries, name, commit string) (binary string, err error) {
	tree := filepath.Join(binaries, "tree-"+name)
	if out, err := exec.Command("git", "worktree", "add", "--detach", tree, commit).CombinedOutput(); err != nil {
		return "", fmt.Errorf("check out %s: %w\n%s", commit, err, out)
	}
	defer func() {
		err = errors.Join(err, exec.Command("git", "worktree", "remove", "--force", tree).Run())
	}()
	return Build(binaries, name, tree)
}

// Server is a running server process. [Start] returns it.
type Server struct {
	// URL is the endpoint of the server.
	URL string

	cmd *exec.Cmd
}

// Start starts a server that accepts unsigned requests on a free port of the loopback interface, and waits until it is
// ready. The caller must stop it.
func Start(binary string, args ...string) (*Server, error) {
	cmd := exec.Command(binary, append([]string{"--addr=127.0.0.1:0", "--anonymous", "--log-level=error"}, args...)...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{cmd: cmd}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && s.URL == "" {
		if url, ok := strings.CutPrefix(lines.Text(), "# GameSparks API endpoint: "); ok {
			s.URL = url
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	if s.URL == "" {
		return nil, fmt.Errorf("the server %s did not start: %w", binary, cmd.Wait())
	}
	return s, nil
}

// Stop stops the server.
func (s *Server) Stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// Number returns a number from a file of /proc about the process. The number follows the name and a colon.
func (s *Server) Number(file, name string) (float64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.cmd.Process.Pid, file))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			return strconv.ParseFloat(strings.Fields(rest)[0], 64)
		}
	}
	return 0, fmt.Errorf("/proc/PID/%s has no %s", file, name)
}

// CPU returns the processor time that the process has used.
func (s *Server) CPU() (time.Duration, error) {
	const tick = 10 * time.Millisecond // Linux counts in this unit on all platforms that Go supports
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The name of the program, in parentheses, is followed by the state and numbers. The 12th and 13th of all these are the
	// ticks in user and kernel mode.
	_, rest, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("/proc/PID/stat has an unknown format: %q", data)
	}
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	kernel, err := strconv.Atoi(fields[12])
	return time.Duration(user+kernel) * tick, err
}
