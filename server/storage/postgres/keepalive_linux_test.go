package postgres_test

import (
	"net"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
)

// TestKeepAlive reads the options of the client's socket. Without keepalive, a client does not detect the loss of a machine.
func TestKeepAlive(t *testing.T) {
	t.Parallel()
	_, tcp := pgtest.StartTCP(t, "secret")
	s := open(t, tcp.URL(tcp.Host, "sslmode=disable"), withPassword("secret"))
	defer s.Close()
	conn, err := s.NetConn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	err = raw.Control(func(fd uintptr) {
		for name, option := range map[string]struct{ level, name int }{
			"enabled": {syscall.SOL_SOCKET, syscall.SO_KEEPALIVE}, "idle": {syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE},
			"interval": {syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL}, "count": {syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT},
		} {
			value, err := syscall.GetsockoptInt(int(fd), option.level, option.name)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			got[name] = value
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"enabled": 1, "idle": 10, "interval": 5, "count": 3}, got); diff != "" {
		t.Errorf("options of the socket (-want +got):\n%s", diff)
	}
}
