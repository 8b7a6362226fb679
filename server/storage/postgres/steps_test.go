package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// TestDisconnectStagesInSteps checks that disconnecting many players takes several statements of limited size. One statement
// for a stage with a million players would exceed its time limit each time.
func TestDisconnectStagesInSteps(t *testing.T) {
	t.Parallel()
	const players, limit = 2500, 1000
	server, schema := pgtest.Shared(t), newSchema()
	s := open(t, server.URL("postgres"), inSchema(schema), withLease(time.Hour))
	defer s.Close()
	presence := s.Presence()
	if err := presence.Join(t.Context(), storage.Replica{ID: "replica"}); err != nil {
		t.Fatal(err)
	}
	server.Exec(t, "postgres", fmt.Sprintf(`
		insert into %[1]s.connections select 'id-' || i, 'replica', 'chess/dev', 'player-' || i, now() from generate_series(1, %[2]d) i;
		insert into %[1]s.connections values ('other', 'replica', 'chess/prod', 'ann', now());
		create table %[1]s.steps (removed bigint);
		create function %[1]s.record_step() returns trigger language plpgsql as $$
			begin insert into %[1]s.steps select count(*) from removed; return null; end $$;
		create trigger record_step after delete on %[1]s.connections referencing old table as removed for each statement execute function %[1]s.record_step()`,
		schema, players))
	if err := presence.DisconnectStages(t.Context(), "chess/dev", "The stage was deleted."); err != nil {
		t.Fatal(err)
	}
	got := server.Exec(t, "postgres", fmt.Sprintf("select max(removed) <= %d, sum(removed) from %s.steps", limit, schema))
	if diff := cmp.Diff(fmt.Sprintf("t|%d", players), got); diff != "" {
		t.Errorf("no step removes more than %d connections, and connections removed (-want +got):\n%s", limit, diff)
	}
	orders, err := presence.Orders(t.Context(), "replica")
	if err != nil || len(orders) != players {
		t.Errorf("got %d orders, error %v; want %d", len(orders), err, players)
	}
	if left, err := presence.Connections(t.Context(), "chess/prod", "ann"); err != nil || len(left) != 1 {
		t.Errorf("got connections %v to another stage, error %v; want one", left, err)
	}
}
