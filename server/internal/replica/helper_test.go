package replica_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"github.com/gamesparks-go/gamesparks/server/internal/pipetest"
	"github.com/gamesparks-go/gamesparks/server/internal/players"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/internal/replica"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lease is the duration of leases in these tests.
const lease = 9 * time.Second

// dev is a stage.
var dev = records.StageRef{Owner: records.Owner{Account: "123456789012", Region: "us-east-1"}, GameID: "G", Game: "chess", StageID: "S", Stage: "dev"}

// database is a presence with leases whose methods can fail.
type database struct {
	storage.Presence

	silent bool // whether watchers receive no elements

	mu    sync.Mutex
	fail  map[string]error // by method
	calls map[string]int   // by method
	hang  bool             // whether Renew waits until its context ends
}

var errUnreachable = errors.New("unreachable")

func newDatabase() *database {
	return &database{Presence: storage.NewPresence(), fail: map[string]error{}, calls: map[string]int{}}
}

// set makes methods fail with an error, or succeed if it is nil.
func (d *database) set(err error, methods ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, method := range methods {
		d.fail[method] = err
	}
}

// unreachable makes all methods fail or succeed.
func (d *database) unreachable(err error) {
	d.set(err, "Join", "Renew", "Leave", "AcquireLease", "RemoveEnded", "Connect", "Remove", "Stages", "Disconnect", "DisconnectStages", "Orders", "RemoveOrders")
}

func (d *database) count(method string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls[method]
}

// call counts a call and returns the error of the method.
func (d *database) call(method string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls[method]++
	return d.fail[method]
}

func (d *database) LeaseDuration() time.Duration { return lease }

func (d *database) Join(ctx context.Context, r storage.Replica) error {
	if err := d.call("Join"); err != nil {
		return err
	}
	return d.Presence.Join(ctx, r)
}

func (d *database) Renew(ctx context.Context, id string) error {
	if err := d.call("Renew"); err != nil {
		return err
	}
	d.mu.Lock()
	hang := d.hang
	d.mu.Unlock()
	if hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return d.Presence.Renew(ctx, id)
}

func (d *database) Leave(ctx context.Context, id string) error {
	if err := d.call("Leave"); err != nil {
		return err
	}
	return d.Presence.Leave(ctx, id)
}

func (d *database) AcquireLease(ctx context.Context, name, id string) (bool, error) {
	if err := d.call("AcquireLease"); err != nil {
		return false, err
	}
	return d.Presence.AcquireLease(ctx, name, id)
}

func (d *database) RemoveEnded(ctx context.Context) error {
	if err := d.call("RemoveEnded"); err != nil {
		return err
	}
	return d.Presence.RemoveEnded(ctx)
}

func (d *database) Connect(ctx context.Context, c storage.Connection) (time.Time, error) {
	if err := d.call("Connect"); err != nil {
		return time.Time{}, err
	}
	return d.Presence.Connect(ctx, c)
}

func (d *database) Remove(ctx context.Context, ids []string) error {
	if err := d.call("Remove"); err != nil {
		return err
	}
	return d.Presence.Remove(ctx, ids)
}

func (d *database) Stages(ctx context.Context, after string, limit int) ([]string, error) {
	if err := d.call("Stages"); err != nil {
		return nil, err
	}
	return d.Presence.Stages(ctx, after, limit)
}

func (d *database) Disconnect(ctx context.Context, ids []string, reason string) error {
	if err := d.call("Disconnect"); err != nil {
		return err
	}
	return d.Presence.Disconnect(ctx, ids, reason)
}

func (d *database) DisconnectStages(ctx context.Context, prefix, reason string) error {
	if err := d.call("DisconnectStages"); err != nil {
		return err
	}
	return d.Presence.DisconnectStages(ctx, prefix, reason)
}

func (d *database) Orders(ctx context.Context, id string) ([]storage.DisconnectOrder, error) {
	if err := d.call("Orders"); err != nil {
		return nil, err
	}
	return d.Presence.Orders(ctx, id)
}

func (d *database) RemoveOrders(ctx context.Context, ids []string) error {
	if err := d.call("RemoveOrders"); err != nil {
		return err
	}
	return d.Presence.RemoveOrders(ctx, ids)
}

func (d *database) WatchOrders(id string) (<-chan struct{}, func()) {
	if d.silent {
		return nil, func() {}
	}
	return d.Presence.WatchOrders(id)
}

// server is a replica that serves players over in-memory connections.
type server struct {
	*replica.Replica
	t        *testing.T
	listener *pipetest.Listener
	http     *http.Server
	served   chan error
	confirm  func() error
	refused  func() // called before a player who was not accepted receives the response; optional

	mu       sync.Mutex
	inactive map[string]bool // stages
	err      error           // the last error of Serve
	woken    int             // calls of Wake
}

// start starts a replica on a database.
func start(t *testing.T, d storage.Presence) *server {
	t.Helper()
	s := &server{
		t: t, listener: pipetest.NewListener(), served: make(chan error, 1), confirm: func() error { return nil }, inactive: map[string]bool{},
		Replica: replica.New(replica.Config{Presence: d, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Configuration: noConfiguration}),
	}
	s.http = &http.Server{Handler: s}
	go func() { s.served <- s.http.Serve(s.listener) }()
	if err := s.Start(t.Context(), replica.Background{IsActive: s.isActive, Wake: s.wake}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *server) isActive(_ context.Context, stage string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.inactive[stage], nil
}

func (s *server) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.woken++
}

// lastError returns the last error of Serve.
func (s *server) lastError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// ServeHTTP accepts a player.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	accepted, err := s.Serve(w, r, replica.Player{Stage: dev, ID: "ann", Confirm: func() error { return s.confirm() }, Ended: func() {}})
	if !accepted && s.refused != nil {
		s.refused()
	}
	s.mu.Lock()
	s.err = err
	s.mu.Unlock()
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

// stop closes the replica and then its HTTP server.
func (s *server) stop() {
	s.Close()
	if err := s.http.Close(); err != nil {
		s.t.Error(err)
	}
	<-s.served
}

// player is a connected player.
type player struct {
	id    string
	ended chan error
}

// connect connects a player, or returns nil if the server refuses the player.
func (s *server) connect() *player {
	s.t.Helper()
	transport := &http.Transport{DialContext: s.listener.Dial}
	conn, response, err := websocket.Dial(s.t.Context(), "ws://memory/", &websocket.DialOptions{HTTPClient: &http.Client{Transport: transport}})
	if err != nil {
		transport.CloseIdleConnections()
		return nil
	}
	p := &player{response.Header.Get(players.ConnectionIDHeader), make(chan error, 1)}
	go func() {
		_, _, err := conn.Read(context.WithoutCancel(s.t.Context()))
		_ = conn.CloseNow()
		p.ended <- err
	}()
	synctest.Wait()
	return p
}

// status returns the status code with which the connection ended, or 0 if it is open.
func (p *player) status() websocket.StatusCode {
	synctest.Wait()
	select {
	case err := <-p.ended:
		p.ended <- err
		return websocket.CloseStatus(err)
	default:
		return 0
	}
}

// listed returns the number of recorded connections.
func (d *database) listed(t *testing.T) int {
	t.Helper()
	synctest.Wait()
	found, err := d.Connections(t.Context(), dev.Key(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func noConfiguration() replica.Configuration { return nil }
