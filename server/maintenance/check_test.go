package maintenance_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/maintenance"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// keep is a store that stays open when a server closes it.
type keep struct{ storage.Store }

func (keep) Close() error { return nil }

// sound returns a store with resources of every kind.
func sound(t *testing.T) storage.Store {
	t.Helper()
	store := storage.NewMemory()
	populate(t, newClock(), func() storage.Store { return keep{store} })
	return store
}

// entries returns all entries of a store.
func entries(t *testing.T, store storage.Store) (all []storage.Entry) {
	t.Helper()
	err := store.View(t.Context(), func(r storage.Reader) error {
		for e, err := range r.Scan(storage.Range{}) {
			if err != nil {
				return err
			}
			all = append(all, e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func problems(t *testing.T, store storage.Store) []string {
	t.Helper()
	report, err := maintenance.Check(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	return report.Problems
}

// TestCheckFindsChanges makes one change to each kind of record of a sound store. Check must find it.
func TestCheckFindsChanges(t *testing.T) {
	t.Parallel()
	store := sound(t)
	if found := problems(t, store); len(found) > 0 {
		t.Fatalf("a sound store has problems: %q", found)
	}
	kinds := map[string]string{ // part of the key, and of the message about the missing record; "" if it may be missing
		"/game/chess":    "games, but its counter says",
		"/counter/game":  "games, but its counter says 0",
		"/configuration": "has no configuration",
		"/content/":      "is missing, but is referenced",
		"/list/":         "is missing, but is referenced",
		"/references/":   "but its reference count is 1",
		"/stage/dev":     "belongs to no stage",
		"/snapshot/":     "is referenced",
		"/deployment/":   "",
		"/job/":          "",
		"/token/":        "",
		"/expiry/":       "",
	}
	for _, e := range entries(t, store) {
		for kind, missing := range kinds {
			if !strings.Contains(e.Key, kind) {
				continue
			}
			delete(kinds, kind)
			change := func(value []byte) []string {
				t.Helper()
				defer put(t, store, e.Key, e.Value)
				put(t, store, e.Key, value)
				return problems(t, store)
			}
			if found := change(nil); missing != "" && !containsPart(found, missing) || missing == "" && len(found) > 0 {
				t.Errorf("without %s: got problems %q, want one with %q", e.Key, found, missing)
			}
			if found := change([]byte("{")); len(found) == 0 && !strings.Contains(e.Key, "/expiry/") { // expiry records have no value
				t.Errorf("with another value of %s: got no problem", e.Key)
			}
		}
	}
	if len(kinds) > 0 {
		t.Errorf("the store has no records of %v", kinds)
	}
	for _, e := range entries(t, store) { // a record under the key of another resource
		for _, kind := range []string{"/game/", "/stage/", "/snapshot/", "/deployment/", "/job/"} {
			if !strings.Contains(e.Key, kind) || strings.Contains(e.Key, "/expiry/") || strings.Contains(e.Key, "/counter/") {
				continue
			}
			put(t, store, e.Key+"x", e.Value)
			if found := problems(t, store); !containsPart(found, fmt.Sprintf("record %q ", e.Key+"x")) {
				t.Errorf("with a copy of %s under another key: got problems %q", e.Key, found)
			}
			put(t, store, e.Key+"x", nil)
		}
	}
	for _, key := range []string{
		"unknown", "account/111111111111/us-east-1/unknown/x", "account/111111111111/us-east-1/of/unknown/snapshot/x",
		"account/111111111111/us-east-1/references/xyz", "account/111111111111/us-east-1/expiry/now/game/chess",
		"account/111111111111/us-east-1/content/" + strings.Repeat("0", 42) + "A",
	} {
		put(t, store, key, []byte(`{}`))
		if found := problems(t, store); len(found) == 0 {
			t.Errorf("with the key %s: got no problem", key)
		}
		put(t, store, key, nil)
	}
	if found := problems(t, store); len(found) > 0 {
		t.Errorf("the restored store has problems: %q", found)
	}
}

// put writes an entry, or deletes it if the value is nil.
func put(t *testing.T, store storage.Store, key string, value []byte) {
	t.Helper()
	err := store.Update(t.Context(), func(w storage.Writer) error {
		if value == nil {
			return w.Delete(key)
		}
		return w.Put(key, value)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func containsPart(list []string, part string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.Contains(s, part) })
}

// TestCopyOfUnsoundData checks that a copy with problems is an error.
func TestCopyOfUnsoundData(t *testing.T) {
	t.Parallel()
	store := sound(t)
	put(t, store, "account/111111111111/us-east-1/counter/game", []byte("77"))
	if _, err := maintenance.Copy(t.Context(), store, storage.NewMemory()); !errors.Is(err, maintenance.ErrUnsound) {
		t.Errorf("got error %v, want %v", err, maintenance.ErrUnsound)
	}
}
