package replica_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"github.com/gamesparks-go/gamesparks/server/internal/replica"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// inBubble runs a test with the fake clock of package synctest.
func inBubble(t *testing.T, test func(*testing.T, *database)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { test(t, newDatabase()) })
}

// TestLeaseEnds makes the database unreachable, or makes it hang. The replica must close its connections at the end of its
// lease, measured from before the last renewal, and refuse players until it has joined again.
func TestLeaseEnds(t *testing.T) {
	for name, breakIt := range map[string]func(*database, bool){
		"unreachable": func(d *database, broken bool) {
			d.unreachable(nil)
			if broken {
				d.unreachable(storage.ErrUnavailable)
			}
		},
		"no response to renewals": func(d *database, broken bool) {
			d.mu.Lock()
			d.hang = broken
			d.mu.Unlock()
			d.set(nil, "Join", "Leave")
			if broken {
				d.set(errUnreachable, "Join", "Leave")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, d *database) {
				s := start(t, d)
				defer s.stop()
				time.Sleep(lease / 3) // the first renewal
				renewed := time.Now()
				first := s.connect()
				breakIt(d, true)
				time.Sleep(time.Until(renewed.Add(lease)) - time.Millisecond)
				if status := first.status(); status != 0 {
					t.Fatalf("the connection ended with status %v before the end of the lease", status)
				}
				time.Sleep(time.Millisecond)
				if status := first.status(); status != websocket.StatusTryAgainLater {
					t.Errorf("at the end of the lease, the connection has status %v, want 1013", status)
				}
				time.Sleep(time.Minute)
				if s.connect() != nil || !errors.Is(s.lastError(), replica.ErrNoLease) {
					t.Errorf("connecting without a lease: got error %v, want %v", s.lastError(), replica.ErrNoLease)
				}
				if s.HoldsBackground() {
					t.Error("the replica does background work without a lease")
				}
				before, err := d.Replicas(t.Context())
				if err != nil || len(before) != 1 {
					t.Fatal(before, err)
				}

				breakIt(d, false)
				time.Sleep(2 * time.Second)
				synctest.Wait()
				after, err := d.Replicas(t.Context())
				if err != nil || len(after) != 1 || after[0].ID == before[0].ID {
					t.Errorf("got replicas %v after %v, error %v; want one with a new id", after, before, err)
				}
				if n := d.listed(t); n != 0 {
					t.Errorf("%d connections are listed after the replica has joined again, want 0", n)
				}
				if s.connect() == nil || d.listed(t) != 1 {
					t.Errorf("the replica does not accept players: %v", s.lastError())
				}
				time.Sleep(time.Hour)
				if n := d.listed(t); n != 1 {
					t.Errorf("%d connections are listed after an hour, want 1", n)
				}
			})
		})
	}
}

// TestLeaseEndsInStore checks that a replica closes its connections as soon as the database reports that the lease has ended.
func TestLeaseEndsInStore(t *testing.T) {
	for _, method := range []string{"Renew", "AcquireLease", "Connect"} {
		t.Run(method, func(t *testing.T) {
			inBubble(t, func(t *testing.T, d *database) {
				s := start(t, d)
				defer s.stop()
				first := s.connect()
				d.set(storage.ErrLeaseEnded, method)
				d.set(errUnreachable, "Join")
				if method == "Connect" && s.connect() != nil {
					t.Error("a player was accepted")
				}
				time.Sleep(lease / 3)
				if status := first.status(); status != websocket.StatusTryAgainLater {
					t.Errorf("the connection has status %v, want 1013", status)
				}
				if s.connect() != nil || !errors.Is(s.lastError(), replica.ErrNoLease) {
					t.Errorf("connecting without a lease: got error %v, want %v", s.lastError(), replica.ErrNoLease)
				}
			})
		})
	}
}

// TestLeaseEndsWhileConnecting lets the lease end between the steps of a player who connects. The player must not be served.
func TestLeaseEndsWhileConnecting(t *testing.T) {
	inBubble(t, func(t *testing.T, d *database) {
		s := start(t, d)
		defer s.stop()
		s.confirm = func() error {
			d.unreachable(storage.ErrUnavailable)
			time.Sleep(2 * lease)
			d.unreachable(nil)
			time.Sleep(2 * time.Second) // the replica joins again
			return nil
		}
		if s.connect() != nil || !errors.Is(s.lastError(), replica.ErrNoLease) {
			t.Errorf("got error %v, want %v", s.lastError(), replica.ErrNoLease)
		}
		if n := d.listed(t); n != 0 {
			t.Errorf("%d connections are listed, want 0", n)
		}
	})
}

// TestConfirm checks that the connection is recorded before it is confirmed, and removed before the player is refused.
func TestConfirm(t *testing.T) {
	inBubble(t, func(t *testing.T, d *database) {
		s := start(t, d)
		defer s.stop()
		deleted := errors.New("deleted")
		s.confirm = func() error {
			if found, err := d.Connections(t.Context(), dev.Key(), "ann"); err != nil || len(found) != 1 {
				t.Errorf("got connections %v before the confirmation, error %v; want one", found, err)
			}
			return deleted
		}
		if s.connect() != nil || !errors.Is(s.lastError(), deleted) {
			t.Errorf("got error %v, want %v", s.lastError(), deleted)
		}
		if n := d.listed(t); n != 0 {
			t.Errorf("%d connections are listed, want 0", n)
		}
	})
}

// TestOrders checks that a replica closes the connections that another one disconnects: at once if it is notified, and
// otherwise within a second.
func TestOrders(t *testing.T) {
	for name, silent := range map[string]bool{"notified": false, "polling": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, d *database) {
				d.silent = silent
				a, b := start(t, d), start(t, d)
				defer a.stop()
				defer b.stop()
				time.Sleep(100 * time.Millisecond)
				first, second := a.connect(), a.connect()
				if err := b.Disconnect(t.Context(), []string{first.id}, "Go away."); err != nil {
					t.Fatal(err)
				}
				if n := d.listed(t); n != 1 {
					t.Errorf("%d connections are listed, want 1", n)
				}
				if silent {
					if status := first.status(); status != 0 {
						t.Errorf("the connection ended with status %v without a notification", status)
					}
					time.Sleep(time.Second)
				}
				if status := first.status(); status != websocket.StatusNormalClosure {
					t.Errorf("the connection has status %v, want 1000", status)
				}
				if err := b.DisconnectStages(t.Context(), dev.Key(), "The stage was deleted."); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				if status := second.status(); status != websocket.StatusNormalClosure {
					t.Errorf("after the deletion of the stage, the connection has status %v, want 1000", status)
				}
			})
		})
	}
}

// TestOrdersOfOneReplica checks that a replica does not wait for the next poll to close its own connections.
func TestOrdersOfOneReplica(t *testing.T) {
	inBubble(t, func(t *testing.T, d *database) {
		d.silent = true
		s := start(t, d)
		defer s.stop()
		first, second := s.connect(), s.connect()
		if err := s.Disconnect(t.Context(), []string{first.id}, "Go away."); err != nil {
			t.Fatal(err)
		}
		if status := first.status(); status != websocket.StatusNormalClosure {
			t.Errorf("the connection has status %v, want 1000", status)
		}
		if err := s.DisconnectStages(t.Context(), dev.Key(), "The stage was deleted."); err != nil {
			t.Fatal(err)
		}
		if status := second.status(); status != websocket.StatusNormalClosure {
			t.Errorf("after the deletion of the stage, the connection has status %v, want 1000", status)
		}
	})
}

// TestOrdersSurviveErrors checks that orders are obeyed after the database could not be reached for a while.
func TestOrdersSurviveErrors(t *testing.T) {
	for _, method := range []string{"Orders", "RemoveOrders"} {
		t.Run(method, func(t *testing.T) {
			inBubble(t, func(t *testing.T, d *database) {
				s := start(t, d)
				defer s.stop()
				first := s.connect()
				d.set(errUnreachable, method)
				if err := d.Disconnect(t.Context(), []string{first.id}, "Go away."); err != nil {
					t.Fatal(err)
				}
				time.Sleep(3 * time.Second)
				d.set(nil, method)
				time.Sleep(time.Second)
				if status := first.status(); status != websocket.StatusNormalClosure {
					t.Errorf("the connection has status %v, want 1000", status)
				}
				replicas, err := d.Replicas(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if orders, err := d.Orders(t.Context(), replicas[0].ID); err != nil || len(orders) > 0 {
					t.Errorf("got orders %v, error %v; want none", orders, err)
				}
			})
		})
	}
}

// TestRemovalSurvivesErrors checks that ended connections are removed after the database could not be reached for a while.
func TestRemovalSurvivesErrors(t *testing.T) {
	inBubble(t, func(t *testing.T, d *database) {
		s := start(t, d)
		defer s.stop()
		for range 3 {
			if s.connect() == nil {
				t.Fatal(s.lastError())
			}
		}
		d.set(errUnreachable, "Remove")
		s.CloseConnections()
		time.Sleep(time.Minute)
		if n := d.listed(t); n != 3 {
			t.Errorf("%d connections are listed without the database, want 3", n)
		}
		d.set(nil, "Remove")
		time.Sleep(2 * time.Second)
		if n := d.listed(t); n != 0 {
			t.Errorf("%d connections are listed, want 0", n)
		}
	})
}

// TestUncertainConnection loses the response to the insertion of a connection, which takes effect after the first removals.
func TestUncertainConnection(t *testing.T) {
	inBubble(t, func(t *testing.T, d *database) {
		s := start(t, d)
		defer s.stop()
		replicas, err := d.Replicas(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		inserted := make(chan string, 1)
		late := lateInsertions{d, inserted}
		other := start(t, late)
		defer other.stop()
		if other.connect() != nil {
			t.Fatal("a player was accepted although the response of the database was lost")
		}
		id := <-inserted
		time.Sleep(20 * time.Second)
		if _, err := d.Presence.Connect(t.Context(), storage.Connection{ID: id, Replica: replicas[0].ID, Stage: dev.Key(), Player: "ann"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if n := d.listed(t); n != 0 {
			t.Errorf("%d connections are listed, want 0", n)
		}
		removals := d.count("Remove")
		time.Sleep(time.Hour)
		if more := d.count("Remove") - removals; more > 60 {
			t.Errorf("%d more removals in an hour, want them to end after a minute", more)
		}
	})
}

// lateInsertions is a presence that does not insert connections at once, and loses the response.
type lateInsertions struct {
	*database
	inserted chan<- string
}

func (l lateInsertions) Connect(_ context.Context, c storage.Connection) (time.Time, error) {
	l.inserted <- c.ID
	return time.Time{}, fmt.Errorf("%w", storage.ErrUnknownOutcome)
}

// TestIdlePlayers checks that idle players cause no statements.
func TestIdlePlayers(t *testing.T) {
	statements := func(t *testing.T, players int) (total int) {
		synctest.Test(t, func(t *testing.T) {
			d := newDatabase()
			s := start(t, d)
			defer s.stop()
			for range players {
				if s.connect() == nil {
					t.Fatal(s.lastError())
				}
			}
			synctest.Wait()
			d.mu.Lock()
			clear(d.calls)
			d.mu.Unlock()
			time.Sleep(time.Hour)
			synctest.Wait()
			if open := s.Open(); open != players {
				t.Errorf("%d connections are open, want %d", open, players)
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			for _, n := range d.calls {
				total += n
			}
			if want := int(time.Hour / (lease / 3)); d.calls["Renew"] > want {
				t.Errorf("%d renewals in an hour, want %d", d.calls["Renew"], want)
			}
		})
		return total
	}
	t.Parallel()
	none, many := statements(t, 0), statements(t, 50)
	if many > none {
		t.Errorf("%d statements in an hour with 50 idle players, %d without", many, none)
	}
}

// TestClose checks that a replica that is closed removes its players, its lease and its named lease at once.
func TestClose(t *testing.T) {
	inBubble(t, func(t *testing.T, d *database) {
		a := start(t, d)
		p := a.connect()
		synctest.Wait()
		b := start(t, d)
		defer b.stop()
		synctest.Wait()
		if !a.HoldsBackground() || b.HoldsBackground() {
			t.Errorf("background work: first replica %v, second replica %v; want the first", a.HoldsBackground(), b.HoldsBackground())
		}
		a.stop()
		if status := p.status(); status != websocket.StatusGoingAway {
			t.Errorf("the connection has status %v, want 1001", status)
		}
		if replicas, err := d.Replicas(t.Context()); err != nil || len(replicas) != 1 {
			t.Errorf("got replicas %v, error %v; want one", replicas, err)
		}
		if n := d.listed(t); n != 0 {
			t.Errorf("%d connections are listed, want 0", n)
		}
		time.Sleep(lease / 3)
		synctest.Wait()
		if !b.HoldsBackground() {
			t.Error("the second replica has not taken over the background work")
		}
		a.Close() // a no-op
	})
}

// TestCloseWithoutDatabase checks that closing a replica does not wait for a database that cannot be reached.
func TestCloseWithoutDatabase(t *testing.T) {
	inBubble(t, func(t *testing.T, d *database) {
		s := start(t, d)
		if s.connect() == nil {
			t.Fatal(s.lastError())
		}
		d.unreachable(storage.ErrUnavailable)
		begin := time.Now()
		s.stop()
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("closing took %v, want at most 3s", took)
		}
	})
}

// TestInactiveStages checks that the replica with the lease for background work disconnects the players of a stage whose
// deletion another process did not complete, among more stages than a round checks.
func TestInactiveStages(t *testing.T) {
	inBubble(t, func(t *testing.T, d *database) {
		a, b := start(t, d), start(t, d)
		defer a.stop()
		defer b.stop()
		replicas, err := d.Replicas(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 250 {
			if _, err := d.Presence.Connect(t.Context(), storage.Connection{ID: fmt.Sprint(i), Replica: replicas[0].ID, Stage: fmt.Sprintf("stage-%03d", i), Player: "ann"}); err != nil {
				t.Fatal(err)
			}
		}
		p := b.connect()
		for _, s := range []*server{a, b} {
			s.mu.Lock()
			s.inactive[dev.Key()], s.inactive["stage-249"] = true, true
			s.mu.Unlock()
		}
		time.Sleep(3 * lease / 3)
		if status := p.status(); status != websocket.StatusNormalClosure {
			t.Errorf("the connection has status %v, want 1000", status)
		}
		stages, err := d.Presence.Stages(t.Context(), "stage-240", 100)
		if err != nil || len(stages) != 8 {
			t.Errorf("got stages %v, error %v; want 8 active ones", stages, err)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		b.mu.Lock()
		defer b.mu.Unlock()
		if d.count("RemoveEnded") == 0 {
			t.Error("replicas whose leases have ended were not removed")
		}
		if (a.woken == 0) == (b.woken == 0) {
			t.Errorf("the replicas were woken %d and %d times, want one of them", a.woken, b.woken)
		}
	})
}

// TestInvalidHandshake checks that a request that is not a handshake leaves no connection behind when it is answered.
func TestInvalidHandshake(t *testing.T) {
	inBubble(t, func(t *testing.T, d *database) {
		s := start(t, d)
		defer s.stop()
		refusals := 0
		s.refused = func() {
			refusals++
			if n := d.count("Remove"); n == 0 {
				t.Error("the connection is not removed before the response")
			}
		}
		transport := &http.Transport{DialContext: s.listener.Dial}
		defer transport.CloseIdleConnections()
		response, err := (&http.Client{Transport: transport}).Get("http://memory/")
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if n := d.listed(t); response.StatusCode != http.StatusUpgradeRequired || n != 0 {
			t.Errorf("got status %d and %d connections, want 426 and none", response.StatusCode, n)
		}
		if refusals != 1 {
			t.Errorf("%d refusals, want 1", refusals)
		}
	})
}
