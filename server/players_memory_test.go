package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// dialRaw connects a player without a goroutine or a buffer on the side of the player, and returns the connection.
func (e *env) dialRaw(game, stage, player, key string) net.Conn {
	e.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(e.srv.URL, "http://"))
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "GET /runtime/game/%s/stage/%s/connect?gameKey=%s&playerId=%s HTTP/1.1\r\nHost: localhost\r\n"+
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
		game, stage, key, player); err != nil {
		e.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReaderSize(conn, 16), nil)
	if err != nil {
		e.Fatal(err)
	}
	if response.StatusCode != http.StatusSwitchingProtocols {
		text, _ := io.ReadAll(response.Body)
		e.Fatalf("player %s: got status %s: %s", player, response.Status, text)
	}
	return conn
}

// memoryInUse returns the size of all live objects and of the stacks of goroutines, after garbage collection.
func memoryInUse() int64 {
	runtime.GC()
	runtime.GC() // the first one shrinks stacks and runs finalizers
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}

// TestIdlePlayerMemory checks the memory of idle players. It does not run in parallel, since other tests use memory too.
func TestIdlePlayerMemory(t *testing.T) {
	const players, limit = 500, 12 << 10
	e := newEnv(t)
	e.createGame("chess")
	stage := e.deployed("dev")
	connect := func(prefix string) []net.Conn {
		var conns []net.Conn
		for i := range players {
			conns = append(conns, e.dialRaw("chess", "dev", fmt.Sprint(prefix, i), *stage.GameKey))
		}
		return conns
	}
	for _, conn := range connect("first") { // fills the pools and caches of the process
		_ = conn.Close()
	}
	for i := range players {
		for len(e.connections("dev", fmt.Sprint("first", i))) > 0 { // wait until the service detects the close
		}
	}
	before := memoryInUse()
	conns := connect("second")
	each := (memoryInUse() - before) / players
	runtime.KeepAlive(conns)
	t.Logf("%d bytes for each player", each)
	if each > limit {
		t.Errorf("an idle player uses %d bytes, want at most %d", each, limit)
	}
}
