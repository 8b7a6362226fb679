// Package socket classifies errors of network connections on every operating system. On Windows, the constants of package
// syscall with the names of POSIX have values that the system never reports.
package socket

import "errors"

// IsAddressInUse reports whether err is the error of a listener for an address that another socket uses.
func IsAddressInUse(err error) bool { return errors.Is(err, addressInUse) }

// IsConnectionRefused reports whether err is the error of a connection to an address without a listener.
func IsConnectionRefused(err error) bool { return errors.Is(err, connectionRefused) }
