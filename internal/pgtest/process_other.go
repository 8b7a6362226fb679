//go:build !linux

package pgtest

import "os/exec"

func own(string) error  { return nil }
func asOwner(*exec.Cmd) {}

// Kill kills the server with SIGKILL, as a crash would, and waits for it.
func (s *Server) Kill() error {
	if err := s.cmd.Process.Kill(); err != nil {
		return err
	}
	<-s.exited
	return nil
}
