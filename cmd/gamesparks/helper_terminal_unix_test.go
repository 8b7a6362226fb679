//go:build unix

package main

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// controlTerminal makes tty the controlling terminal of the command. It also disables the flush of the output by Ctrl-C.
func controlTerminal(cmd *exec.Cmd, tty *os.File) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	settings, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
	if err != nil {
		return err
	}
	settings.Lflag |= unix.NOFLSH
	return unix.IoctlSetTermios(int(tty.Fd()), setTermios, settings)
}
