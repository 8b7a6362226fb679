package socket

import "golang.org/x/sys/windows"

const (
	addressInUse      = windows.WSAEADDRINUSE
	connectionRefused = windows.WSAECONNREFUSED
)
