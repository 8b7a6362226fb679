//go:build !windows

package socket

import "syscall"

const (
	addressInUse      = syscall.EADDRINUSE
	connectionRefused = syscall.ECONNREFUSED
)
