package socket_test

import (
	"net"
	"testing"

	"github.com/gamesparks-go/gamesparks/cmd/internal/socket"
)

func TestErrors(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, inUse := net.Listen("tcp", listener.Addr().String())
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	// The connection occupies its local port, so no other process can listen there.
	_, refused := net.Dial("tcp", connection.LocalAddr().String())
	for _, tc := range []struct {
		name           string
		err            error
		inUse, refused bool
	}{
		{"address in use", inUse, true, false},
		{"connection refused", refused, false, true},
		{"closed", net.ErrClosed, false, false},
		{"no error", nil, false, false},
	} {
		if got := socket.IsAddressInUse(tc.err); got != tc.inUse {
			t.Errorf("%s: IsAddressInUse(%v) = %t, want %t", tc.name, tc.err, got, tc.inUse)
		}
		if got := socket.IsConnectionRefused(tc.err); got != tc.refused {
			t.Errorf("%s: IsConnectionRefused(%v) = %t, want %t", tc.name, tc.err, got, tc.refused)
		}
	}
}
