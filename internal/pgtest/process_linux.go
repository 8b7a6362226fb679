package pgtest

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/gamesparks-go/gamesparks/internal/processtest"
)

// owner is the user that runs PostgreSQL if the tests run as root: the user of the package.
func owner() (uid, gid int, ok bool) {
	if os.Getuid() != 0 {
		return 0, 0, false
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return 0, 0, false
	}
	uid, _ = strconv.Atoi(u.Uid) // decimal on Unix
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid, true
}

// own gives a directory to the user that runs PostgreSQL.
func own(dir string) error {
	if uid, gid, ok := owner(); ok {
		return os.Chown(dir, uid, gid)
	}
	return nil
}

// asOwner makes a command run as the user that runs PostgreSQL, and end with the tests.
func asOwner(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if uid, gid, ok := owner(); ok {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
}

// Kill kills the server and its backends with SIGKILL, as a crash of the machine would, and waits for the server.
func (s *Server) Kill() error {
	postmaster := s.cmd.Process
	// A running postmaster would start new backends between the list of its children and its own end.
	if err := processtest.Suspend(postmaster); err != nil {
		return err
	}
	for _, pid := range children(postmaster.Pid) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
	if err := postmaster.Kill(); err != nil {
		return err
	}
	<-s.exited
	return nil
}

// children returns the child processes of a process.
func children(parent int) (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		data, err := os.ReadFile(name)
		if err != nil {
			continue // the process has ended
		}
		_, rest, _ := strings.Cut(string(data), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
