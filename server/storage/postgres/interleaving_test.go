package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// race is a player who connects to a stage that is deleted at the same time.
type race struct {
	t      *testing.T
	schema string
	store  storage.PresenceStore
	tx     pgx.Tx // of the deletion
	raw    *pgx.Conn

	served bool // whether the player has found the stage active
}

// Steps of connecting.
func (r *race) insert() { connect(r.t, r.store.Presence(), "1", "a", "dev") }
func (r *race) check()  { r.served = get(r.t, r.store, "deleted") == "" }

// Steps of deleting in two transactions.
func (r *race) mark() { ok(r.t, put(r.t.Context(), r.store, "deleted", "yes")) }
func (r *race) remove() {
	ok(r.t, r.store.Presence().DisconnectStages(r.t.Context(), "dev", "deleted"))
}

// Steps of deleting in one transaction.
func (r *race) markAndRemove() {
	var err error
	r.tx, err = r.raw.Begin(r.t.Context())
	ok(r.t, err)
	for _, sql := range []string{
		"insert into %s.entries values ('deleted', 'yes')",
		"with removed as (delete from %[1]s.connections where stage = 'dev' returning *) insert into %[1]s.disconnects select id, replica, 'deleted' from removed",
	} {
		_, err := r.tx.Exec(r.t.Context(), fmt.Sprintf(sql, r.schema))
		ok(r.t, err)
	}
}
func (r *race) commit() { ok(r.t, r.tx.Commit(r.t.Context())) }

// TestConnectDuringDeletion runs the steps of connecting and of deleting in all orders. The rule is that connecting inserts
// the row and then checks the stage, and that deleting marks the stage and then removes the rows, each in a transaction of its
// own. Then a player who is served is disconnected. The other variants leak the row of a served player in some order.
func TestConnectDuringDeletion(t *testing.T) {
	t.Parallel()
	type steps []func(*race)
	var (
		connecting = steps{(*race).insert, (*race).check}
		deleting   = steps{(*race).mark, (*race).remove}
	)
	tests := map[string]struct {
		connecting, deleting steps
		leaks                bool
	}{
		"rule":                                  {connecting, deleting, false},
		"mark and removal in one transaction":   {connecting, steps{(*race).markAndRemove, (*race).commit}, true},
		"check before the insertion of the row": {steps{(*race).check, (*race).insert}, deleting, true},
		"removal before the mark":               {connecting, steps{(*race).remove, (*race).mark}, true},
	}
	server := pgtest.Shared(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			served, leaks := 0, 0
			for order := range interleavings(len(test.connecting), len(test.deleting)) {
				schema := newSchema()
				s := open(t, server.URL("postgres"), inSchema(schema))
				raw, err := pgx.Connect(t.Context(), server.URL("postgres"))
				ok(t, err)
				r := &race{t: t, schema: schema, store: s, raw: raw}
				join(t, s.Presence(), "a")
				sides := [2]steps{test.connecting, test.deleting}
				for _, side := range order {
					sides[side][0](r)
					sides[side] = sides[side][1:]
				}
				if r.served {
					served++
					if len(ids(t, s.Presence(), "dev")) > 0 {
						leaks++
					}
				}
				ok(t, raw.Close(context.WithoutCancel(t.Context())))
				ok(t, s.Close())
			}
			if served == 0 {
				t.Error("the player is served in no order")
			}
			if (leaks > 0) != test.leaks {
				t.Errorf("%d orders leak the row of a served player; want a leak: %v", leaks, test.leaks)
			}
		})
	}
}

// interleavings iterates over all orders of the steps of two sides, which have n and m steps. An order has a 0 for each step
// of the first side and a 1 for each step of the second one.
func interleavings(n, m int) func(yield func([]int) bool) {
	var visit func(order []int, n, m int, yield func([]int) bool) bool
	visit = func(order []int, n, m int, yield func([]int) bool) bool {
		if n == 0 && m == 0 {
			return yield(order)
		}
		return (n == 0 || visit(append(order[:len(order):len(order)], 0), n-1, m, yield)) &&
			(m == 0 || visit(append(order[:len(order):len(order)], 1), n, m-1, yield))
	}
	return func(yield func([]int) bool) { visit(nil, n, m, yield) }
}
