package presencetest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/presencetest"
)

const (
	ms = time.Millisecond
	s  = time.Second
)

var bounds = presencetest.Bounds{Notice: 2 * s, Lease: 10 * s, Takeover: 15 * s, Slack: 500 * ms}

// open returns a connection of ann to dev through a.
func open(id string, opened, closed time.Duration) presencetest.Connection {
	return presencetest.Connection{Player: "ann", Stage: "dev", Process: "a", ID: id, Dialed: opened - 100*ms, Opened: opened, Closed: closed}
}

// failed returns a failed attempt of ann to connect to dev through a.
func failed(dialed, at time.Duration) presencetest.Connection {
	return presencetest.Connection{Player: "ann", Stage: "dev", Process: "a", Dialed: dialed, Opened: at, Closed: at}
}

func call(at time.Duration) presencetest.Call {
	return presencetest.Call{Called: at, Returned: at + 100*ms}
}

func status(at time.Duration, ids ...string) presencetest.Status {
	return presencetest.Status{Call: call(at), Player: "ann", Stage: "dev", IDs: ids}
}

func disconnect(at time.Duration, ids ...string) presencetest.Disconnect {
	return presencetest.Disconnect{Call: call(at), Player: "ann", Stage: "dev", IDs: ids}
}

func deletion(at time.Duration) presencetest.Deletion {
	return presencetest.Deletion{Call: call(at), Stage: "dev"}
}

// unconfirmed returns a deletion that a call has found without delay.
func unconfirmed(at time.Duration) presencetest.Deletion {
	return presencetest.Deletion{Call: presencetest.Call{Called: at, Returned: at}, Stage: "dev", Unconfirmed: true}
}

func outage(kind presencetest.OutageKind, from, to time.Duration) presencetest.Outage {
	return presencetest.Outage{Kind: kind, Process: "a", From: from, To: to}
}

// TestCheck checks histories that keep the rules, and histories that break one of them. The calls return 100 ms after
// their call, so that the bounds count from there.
func TestCheck(t *testing.T) {
	t.Parallel()
	type connections = []presencetest.Connection
	type outages = []presencetest.Outage
	var (
		never       = presencetest.Forever
		unreachable = presencetest.Unreachable
		suspended   = presencetest.Suspended
	)
	tests := map[string]struct {
		history presencetest.History
		want    []presencetest.Rule
	}{
		"empty": {},
		"connected and listed": {presencetest.History{
			Connections: connections{open("1", 1*s, 30*s)},
			Statuses:    []presencetest.Status{status(2*s, "1"), status(20*s, "1"), status(31 * s)},
		}, nil},

		"closed in time after a deletion": {presencetest.History{
			Connections: connections{open("1", 1*s, 12600*ms)}, Deletions: []presencetest.Deletion{deletion(10 * s)},
		}, nil},
		"closed late after a deletion": {presencetest.History{
			Connections: connections{open("1", 1*s, 12601*ms)}, Deletions: []presencetest.Deletion{deletion(10 * s)},
		}, []presencetest.Rule{presencetest.ServedAfterDeletion}},
		"never closed after a deletion": {presencetest.History{
			Connections: connections{open("1", 1*s, never)}, Deletions: []presencetest.Deletion{deletion(10 * s)},
		}, []presencetest.Rule{presencetest.ServedAfterDeletion}},
		"opened after a deletion, and closed at once": {presencetest.History{
			Connections: connections{open("1", 20*s, 20200*ms)}, Deletions: []presencetest.Deletion{deletion(10 * s)},
		}, nil},
		"opened after a deletion, and not closed": {presencetest.History{
			Connections: connections{open("1", 20*s, never)}, Deletions: []presencetest.Deletion{deletion(10 * s)},
		}, []presencetest.Rule{presencetest.ServedAfterDeletion}},
		"closed in time after an unconfirmed deletion": {presencetest.History{
			Connections: connections{open("1", 1*s, 25500*ms)}, Deletions: []presencetest.Deletion{unconfirmed(10 * s)},
		}, nil},
		"closed late after an unconfirmed deletion": {presencetest.History{
			Connections: connections{open("1", 1*s, 25501*ms)}, Deletions: []presencetest.Deletion{unconfirmed(10 * s)},
		}, []presencetest.Rule{presencetest.ServedAfterDeletion}},
		"another stage is deleted": {presencetest.History{
			Connections: connections{open("1", 1*s, never)},
			Deletions:   []presencetest.Deletion{{Call: call(10 * s), Stage: "other"}},
		}, nil},
		"the history ends before the bound": {presencetest.History{
			Connections: connections{open("1", 1*s, never)}, Deletions: []presencetest.Deletion{deletion(10 * s)}, End: 12 * s,
		}, nil},

		"closed in time after a disconnect": {presencetest.History{
			Connections: connections{open("1", 1*s, 12600*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
		}, nil},
		"served after a disconnect": {presencetest.History{
			Connections: connections{open("1", 1*s, 12601*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
		}, []presencetest.Rule{presencetest.ServedAfterDisconnect}},
		"served after a disconnect that did not list the connection": {presencetest.History{
			Connections: connections{open("1", 1*s, never)}, Disconnects: []presencetest.Disconnect{disconnect(10 * s)},
		}, []presencetest.Rule{presencetest.ServedAfterDisconnect}},
		"connected again after a disconnect": {presencetest.History{
			Connections: connections{open("1", 1*s, 11*s), open("2", 11*s, never)},
			Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
		}, nil},
		"opened during a disconnect that lists the connection": {presencetest.History{
			Connections: connections{open("1", 10050*ms, never)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
		}, []presencetest.Rule{presencetest.ServedAfterDisconnect}},
		"opened during a disconnect that does not list the connection": {presencetest.History{
			Connections: connections{open("1", 10050*ms, never)}, Disconnects: []presencetest.Disconnect{disconnect(10 * s)},
		}, nil},
		"listed after a disconnect": {presencetest.History{
			Connections: connections{open("1", 1*s, 11*s)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Statuses: []presencetest.Status{status(10200*ms, "1")},
		}, []presencetest.Rule{presencetest.ListedAfterDisconnect}},
		"listed during a disconnect": {presencetest.History{
			Connections: connections{open("1", 1*s, 11*s)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Statuses: []presencetest.Status{status(10050*ms, "1")},
		}, nil},

		"served until the lease ends in a partition": {presencetest.History{
			Connections: connections{open("1", 1*s, 19500*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{outage(unreachable, 9*s, never)},
		}, nil},
		"served after the end of the lease in a partition": {presencetest.History{
			Connections: connections{open("1", 1*s, 19501*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{outage(unreachable, 9*s, never)},
		}, []presencetest.Rule{presencetest.ServedAfterDisconnect}},
		"the partition of another process is no excuse": {presencetest.History{
			Connections: connections{open("1", 1*s, 14*s)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{{Kind: unreachable, Process: "b", From: 9 * s, To: never}},
		}, []presencetest.Rule{presencetest.ServedAfterDisconnect}},
		"an outage of the database": {presencetest.History{
			Connections: connections{open("1", 1*s, 14*s)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{{Kind: unreachable, From: 10500 * ms, To: 12 * s}},
		}, nil},
		"served for too long after an outage": {presencetest.History{
			Connections: connections{open("1", 1*s, 14501*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{{Kind: unreachable, From: 10500 * ms, To: 12 * s}},
		}, []presencetest.Rule{presencetest.ServedAfterDisconnect}},
		"short outages one after the other": {presencetest.History{
			Connections: connections{open("1", 1*s, 18*s)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{outage(unreachable, 14*s, 16*s), outage(unreachable, 11*s, 13*s)},
		}, nil},
		"outages that overlap longer than the lease": {presencetest.History{
			Connections: connections{open("1", 1*s, 21501*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{outage(unreachable, 11*s, 19*s), outage(unreachable, 18*s, 30*s)},
		}, []presencetest.Rule{presencetest.ServedAfterDisconnect}},

		"closed after a suspension shorter than the lease": {presencetest.History{
			Connections: connections{open("1", 1*s, 17500*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{outage(suspended, 9*s, 15*s)},
		}, nil},
		"served after a suspension shorter than the lease": {presencetest.History{
			Connections: connections{open("1", 1*s, 17501*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{outage(suspended, 9*s, 15*s)},
		}, []presencetest.Rule{presencetest.ServedAfterDisconnect}},
		"closed at the end of a suspension longer than the lease": {presencetest.History{
			Connections: connections{open("1", 1*s, 40500*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{outage(suspended, 9*s, 40*s)},
		}, nil},
		"served after a suspension longer than the lease": {presencetest.History{
			Connections: connections{open("1", 1*s, 40501*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{outage(suspended, 9*s, 40*s)},
		}, []presencetest.Rule{presencetest.ServedAfterDisconnect}},
		"suspended at the end of the bound": {presencetest.History{
			Connections: connections{open("1", 1*s, 15400*ms)}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")},
			Outages: outages{outage(suspended, 12200*ms, 15*s)},
		}, nil},

		"missing for as long as the lease": {presencetest.History{
			Connections: connections{open("1", 1*s, 30*s)},
			Statuses:    []presencetest.Status{status(2*s, "1"), status(10 * s), status(20600 * ms), status(20700*ms, "1")},
		}, nil},
		"missing for longer than the lease": {presencetest.History{
			Connections: connections{open("1", 1*s, 30*s)},
			Statuses:    []presencetest.Status{status(2*s, "1"), status(20601 * ms), status(10 * s), status(20700*ms, "1")},
		}, []presencetest.Rule{presencetest.MissingFromStatus}},
		"missing twice, and listed in between": {presencetest.History{
			Connections: connections{open("1", 1*s, 30*s)},
			Statuses:    []presencetest.Status{status(10 * s), status(15*s, "1"), status(25 * s)},
		}, nil},
		"missing while suspended": {presencetest.History{
			Connections: connections{open("1", 1*s, 60*s)},
			Statuses:    []presencetest.Status{status(10 * s), status(50 * s)},
			Outages:     outages{outage(suspended, 5*s, 59900*ms)},
		}, nil},
		"missing before the connection is open and after it": {presencetest.History{
			Connections: connections{open("1", 15*s, 30*s)},
			Statuses:    []presencetest.Status{status(1 * s), status(14950 * ms), status(29950 * ms), status(50 * s)},
		}, nil},

		"listed until the bound after the end": {presencetest.History{
			Connections: connections{open("1", 1*s, 10*s)}, Statuses: []presencetest.Status{status(12500*ms, "1")},
		}, nil},
		"listed after the end": {presencetest.History{
			Connections: connections{open("1", 1*s, 10*s)}, Statuses: []presencetest.Status{status(12501*ms, "1")},
		}, []presencetest.Rule{presencetest.ListedAfterEnd}},
		"listed until the lease of a killed process ends": {presencetest.History{
			Connections: connections{open("1", 1*s, 10*s)}, Statuses: []presencetest.Status{status(20500*ms, "1")},
			Outages: outages{outage(unreachable, 10*s, never)},
		}, nil},
		"listed after the lease of a killed process": {presencetest.History{
			Connections: connections{open("1", 1*s, 10*s)}, Statuses: []presencetest.Status{status(20501*ms, "1")},
			Outages: outages{outage(unreachable, 10*s, never)},
		}, []presencetest.Rule{presencetest.ListedAfterEnd}},
		"listed after a failed attempt": {presencetest.History{
			Connections: connections{failed(9*s, 10*s)}, Statuses: []presencetest.Status{status(9500*ms, "1"), status(12500*ms, "1")},
		}, nil},
		"listed for too long after a failed attempt": {presencetest.History{
			Connections: connections{failed(9*s, 10*s)}, Statuses: []presencetest.Status{status(12501*ms, "1")},
		}, []presencetest.Rule{presencetest.ListedWithoutConnection}},
		"listed before the attempt": {presencetest.History{
			Connections: connections{failed(9*s, 10*s)}, Statuses: []presencetest.Status{status(8*s, "1")},
		}, []presencetest.Rule{presencetest.ListedWithoutConnection}},
		"listed for another player": {presencetest.History{
			Connections: connections{open("1", 1*s, 30*s)},
			Statuses:    []presencetest.Status{{Call: call(10 * s), Player: "bob", Stage: "dev", IDs: []string{"1"}}},
		}, []presencetest.Rule{presencetest.ListedWithoutConnection}},

		"several rules": {presencetest.History{
			Connections: connections{open("1", 1*s, never), open("2", 1*s, 5*s)},
			Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")}, Deletions: []presencetest.Deletion{deletion(20 * s)},
			Statuses: []presencetest.Status{status(20*s, "2"), status(21*s, "2")},
		}, []presencetest.Rule{
			presencetest.ServedAfterDeletion, presencetest.ServedAfterDisconnect, presencetest.ListedAfterEnd,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.history.End == 0 {
				test.history.End = time.Hour
			}
			violations := presencetest.Check(test.history, bounds)
			var got []presencetest.Rule
			for _, v := range violations {
				got = append(got, v.Rule)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s\n%v", diff, violations)
			}
		})
	}
}

// TestViolation checks what a violation reports.
func TestViolation(t *testing.T) {
	t.Parallel()
	conn := open("1", 1*s, 20*s)
	got := presencetest.Check(presencetest.History{
		Connections: []presencetest.Connection{conn}, Disconnects: []presencetest.Disconnect{disconnect(10*s, "1")}, End: time.Hour,
	}, bounds)
	want := []presencetest.Violation{{
		Rule: presencetest.ServedAfterDisconnect, Connection: conn, Since: 10100 * ms, Bound: 12600 * ms, Observed: 20 * s,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("violations (-want +got):\n%s", diff)
	}
	const text = `served after DisconnectPlayer: player ann, connection "1" to dev through a, opened at 1s: since 10.1s, allowed until 12.6s, observed at 20s`
	if got := got[0].String(); got != text {
		t.Errorf("got %s\nwant %s", got, text)
	}
}

// TestRecorder checks the times that a recorder records.
func TestRecorder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := presencetest.NewRecorder()
		// A sleep in the bubble advances the clock.
		after := func(d time.Duration) func() ([]string, error) {
			return func() ([]string, error) { time.Sleep(d); return []string{"1"}, nil }
		}
		fails := func() ([]string, error) { return nil, errors.New("test") }
		attempt := r.Dial("ann", "dev", "a")
		time.Sleep(1 * s)
		attempt.Opened("1")
		other := r.Dial("bob", "dev", "a")
		time.Sleep(1 * s)
		other.Failed()
		repaired := r.Outage(presencetest.Suspended, "a")
		r.Outage(presencetest.Unreachable, "b")
		for _, run := range []func() ([]string, error){after(1 * s), fails} {
			_ = r.Status("ann", "dev", run)
			_ = r.Disconnect("ann", "dev", run)
			_ = r.Delete([]string{"dev", "test"}, func() error { _, err := run(); return err })
		}
		repaired()
		r.Deleted("found")
		closed := func(h *presencetest.History) bool { return h.Connections[0].Closed != presencetest.Forever }
		go attempt.Closed()
		if err := r.Await(t.Context(), closed); err != nil {
			t.Error(err)
		}
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Await(canceled, func(*presencetest.History) bool { return false }); !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want %v", err, context.Canceled)
		}
		want := presencetest.History{
			Connections: []presencetest.Connection{
				{Player: "ann", Stage: "dev", Process: "a", ID: "1", Opened: 1 * s, Closed: 5 * s},
				{Player: "bob", Stage: "dev", Process: "a", Dialed: 1 * s, Opened: 2 * s, Closed: 2 * s},
			},
			Statuses:    []presencetest.Status{{Call: presencetest.Call{Called: 2 * s, Returned: 3 * s}, Player: "ann", Stage: "dev", IDs: []string{"1"}}},
			Disconnects: []presencetest.Disconnect{{Call: presencetest.Call{Called: 3 * s, Returned: 4 * s}, Player: "ann", Stage: "dev", IDs: []string{"1"}}},
			Deletions: []presencetest.Deletion{
				{Call: presencetest.Call{Called: 4 * s, Returned: 5 * s}, Stage: "dev"}, {Call: presencetest.Call{Called: 4 * s, Returned: 5 * s}, Stage: "test"},
				{Call: presencetest.Call{Called: 5 * s, Returned: 5 * s}, Stage: "found", Unconfirmed: true},
			},
			Outages: []presencetest.Outage{
				{Kind: presencetest.Suspended, Process: "a", From: 2 * s, To: 5 * s},
				{Kind: presencetest.Unreachable, Process: "b", From: 2 * s, To: presencetest.Forever},
			},
			End: 5 * s,
		}
		if diff := cmp.Diff(want, r.History()); diff != "" {
			t.Errorf("history (-want +got):\n%s", diff)
		}
	})
}

// TestRecordStalls checks that a late tick is recorded as a suspension of all processes.
func TestRecordStalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, ticks := presencetest.NewRecorder(), make(chan time.Time)
		ctx, cancel := context.WithCancel(t.Context())
		finished := make(chan struct{})
		go func() {
			defer close(finished)
			r.RecordStalls(ctx, ticks)
		}()
		for _, interval := range []time.Duration{presencetest.StallCheck, 250 * ms, 251 * ms, presencetest.StallCheck} {
			time.Sleep(interval)
			ticks <- time.Now()
		}
		cancel()
		<-finished
		want := []presencetest.Outage{{Kind: presencetest.Suspended, From: 300 * ms, To: 551 * ms}}
		if diff := cmp.Diff(want, r.History().Outages); diff != "" {
			t.Errorf("outages (-want +got):\n%s", diff)
		}
	})
}
