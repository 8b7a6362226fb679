package records_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
)

var testOwner = records.Owner{Account: "123456789012", Region: "us-east-1"}

// machine runs random operations on records and on a model.
type machine struct {
	store storage.Store
	db    *records.DB
	now   time.Time
	games map[string]*modelGame
}

type modelGame struct {
	sections  records.Sections
	snapshots map[string]records.Sections
}

func newMachine() *machine {
	store := storage.NewMemory()
	return &machine{
		store: store, db: records.NewDB(store), games: map[string]*modelGame{},
		now: time.Date(2022, 3, 1, 12, 0, 0, 0, time.UTC),
	}
}

func (m *machine) update(fn func(*records.Tx) error) error {
	return m.db.Update(context.Background(), testOwner, m.now, nil, fn)
}

// updateGame runs fn with a game that exists and its configuration.
func (m *machine) updateGame(name string, fn func(*records.Tx, *records.Game, *records.Configuration) error) error {
	return m.update(func(tx *records.Tx) error {
		g, err := tx.Game(name)
		if err != nil {
			return err
		}
		r, err := tx.Configuration(g)
		if err != nil {
			return err
		}
		return fn(tx, g, r)
	})
}

var (
	gameName = rapid.SampledFrom([]string{"a", "b", "c"})

	// sectionName includes adversarial names: all names of a kind end a node of a list, or none does.
	sectionName = rapid.OneOf(
		rapid.StringMatching(`[A-Za-z.]{1,3}`), rapid.SampledFrom(records.NamesThatEndNodes(true, 50)),
		rapid.SampledFrom(records.NamesThatEndNodes(false, 50)),
	)
	content = rapid.Custom(func(t *rapid.T) []byte {
		length := rapid.SampledFrom([]int{1, 31, 32, 33, 100, 5000}).Draw(t, "length")
		return []byte(strings.Repeat(rapid.SampledFrom([]string{"0", "1", "2"}).Draw(t, "digit"), length))
	})
	changes = rapid.Custom(func(t *rapid.T) records.Sections {
		s := records.Sections{}
		for range rapid.SampledFrom([]int{0, 1, 1, 2, 10, 80}).Draw(t, "sections") {
			s[sectionName.Draw(t, "name")] = content.Draw(t, "content")
		}
		return s
	})
)

// updateAny runs fn in an update with one of the games that exist and are not deleted, if the drawn name is that of one.
func (m *machine) updateAny(t *rapid.T, fn func(*records.Tx, *records.Game, *modelGame) error) {
	name := gameName.Draw(t, "game")
	err := m.update(func(tx *records.Tx) error {
		g, err := tx.Game(name)
		model := m.games[name]
		if err != nil || g == nil || model == nil {
			return err
		}
		return fn(tx, g, model)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (m *machine) create(t *rapid.T) {
	name := gameName.Draw(t, "game")
	err := m.update(func(tx *records.Tx) error {
		if g, err := tx.Game(name); err != nil || g != nil {
			return err
		}
		m.games[name] = &modelGame{sections: records.Sections{}, snapshots: map[string]records.Sections{}}
		return tx.CreateGame(&records.Game{Name: name, Created: m.now})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// change changes the sections of a game, or replaces all of them.
func (m *machine) change(t *rapid.T) {
	m.updateAny(t, func(tx *records.Tx, g *records.Game, model *modelGame) error {
		r, err := tx.Configuration(g)
		if err != nil {
			return err
		}
		changed := changes.Draw(t, "changes")
		if rapid.Bool().Draw(t, "replace") {
			model.sections = changed
			err = replaceSections(tx, r, changed)
		} else {
			model.sections = maps.Clone(model.sections)
			maps.Copy(model.sections, changed)
			err = changeSections(tx, r, changed, model.sections)
		}
		if err != nil {
			return err
		}
		return tx.PutConfiguration(g, r)
	})
}

// changeSections changes sections of a configuration. All its sections must then be those in want.
func changeSections(tx *records.Tx, r *records.Configuration, changed, want records.Sections) error {
	loaded, err := tx.LoadSections(r.Sections)
	if err != nil {
		return err
	}
	built := loaded.Change(changed)
	if err := tx.ReplaceSections(r.Sections, built); err != nil {
		return err
	}
	if !equal(want, built.Contents) {
		return errors.New("Change built a list of wrong sections")
	}
	r.Sections = built.List
	return nil
}

func replaceSections(tx *records.Tx, r *records.Configuration, sections records.Sections) error {
	built := records.BuildSections(sections)
	if err := tx.ReplaceSections(r.Sections, built); err != nil {
		return err
	}
	r.Sections = built.List
	return nil
}

func (m *machine) snapshot(t *rapid.T) {
	m.updateAny(t, func(tx *records.Tx, g *records.Game, model *modelGame) error {
		r, err := tx.Configuration(g)
		if err != nil {
			return err
		}
		id, err := tx.NewSnapshotID(g)
		if err != nil {
			return err
		}
		model.snapshots[id] = model.sections
		return tx.CreateSnapshot(g, &records.Snapshot{ID: id, Sections: r.Sections})
	})
}

func (m *machine) delete(t *rapid.T) {
	m.updateAny(t, func(tx *records.Tx, g *records.Game, model *modelGame) error {
		delete(m.games, g.Name)
		return tx.ExpireGame(g, m.now.Add(time.Second))
	})
}

func (m *machine) wait(*rapid.T) { m.now = m.now.Add(time.Second) }

func (m *machine) collect(t *rapid.T) {
	if _, err := m.db.CollectStep(context.Background(), testOwner); err != nil {
		t.Fatal(err)
	}
}

// compare compares the records with the model, and checks them.
func (m *machine) compare(t *rapid.T) {
	err := m.db.View(context.Background(), testOwner, m.now, func(tx *records.Tx) error {
		for _, name := range []string{"a", "b", "c"} {
			g, err := tx.Game(name)
			if err != nil {
				return err
			}
			model := m.games[name]
			if model == nil {
				if g != nil {
					if r, err := tx.Configuration(g); r != nil || err != nil {
						return fmt.Errorf("deleted game %s has a configuration, error %v", name, err)
					}
				}
				continue
			}
			if g == nil {
				return fmt.Errorf("game %s is missing", name)
			}
			r, err := tx.Configuration(g)
			if err != nil {
				return err
			}
			if err := compareSections(tx, r.Sections, model.sections); err != nil {
				return fmt.Errorf("configuration of game %s: %w", name, err)
			}
			snapshots, err := tx.Snapshots(g).All()
			if err != nil || len(snapshots) != len(model.snapshots) {
				return fmt.Errorf("game %s has %d snapshots, error %v; want %d", name, len(snapshots), err, len(model.snapshots))
			}
			for _, s := range snapshots {
				if err := compareSections(tx, s.Sections, model.snapshots[s.ID]); err != nil {
					return fmt.Errorf("snapshot %s of game %s: %w", s.ID, name, err)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	m.check(t)
}

func (m *machine) check(t interface{ Fatalf(string, ...any) }) records.Summary {
	summary, err := records.Check(context.Background(), m.store)
	if err != nil || len(summary.Problems) > 0 {
		t.Fatalf("check: error %v, problems %q", err, summary.Problems)
	}
	return summary
}

func compareSections(tx *records.Tx, l records.SectionList, want records.Sections) error {
	all, err := tx.Sections(l, nil)
	if err != nil || !equal(want, all) {
		return fmt.Errorf("error %w, sections (-want +got):\n%s", err, cmp.Diff(want, all))
	}
	names := []string{"unknown.name"}
	few := records.Sections{}
	for name, content := range want {
		if names = append(names, name); len(names) > 5 {
			break
		}
		few[name] = content
	}
	some, err := tx.Sections(l, names[:len(few)+1])
	if err != nil || !equal(few, some) {
		return fmt.Errorf("error %w, sections read one by one (-want +got):\n%s", err, cmp.Diff(few, some))
	}
	return nil
}

func equal(a, b records.Sections) bool {
	return maps.EqualFunc(a, b, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) })
}

// TestModel runs random operations. After each operation, all records must have the contents of the model, and all
// reference counts and counters must be correct. At the end, all records that are not in the model must be removed.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine()
		t.Repeat(map[string]func(*rapid.T){
			"create": m.create, "change": m.change, "snapshot": m.snapshot, "delete": m.delete, "wait": m.wait,
			"collect": m.collect, "": m.compare,
		})
		for working := true; working; {
			var err error
			if working, err = m.db.CollectStep(context.Background(), testOwner); err != nil {
				t.Fatal(err)
			}
			m.compare(t)
		}
		distinct := map[string]bool{}
		for _, g := range m.games {
			for _, sections := range append(slices.Collect(maps.Values(g.snapshots)), g.sections) {
				for _, content := range sections {
					if len(content) > 32 {
						distinct[string(content)] = true
					}
				}
			}
		}
		if summary := m.check(t); summary.Contents != len(distinct) {
			t.Fatalf("the store has %d contents, want %d", summary.Contents, len(distinct))
		}
	})
}

// TestFailures makes each call of a sequence of transactions to the store fail in turn. The failed transaction must have no
// effect, and repeating it must succeed.
func TestFailures(t *testing.T) {
	t.Parallel()
	errInjected := errors.New("injected")
	sections := func(n, seed int) records.Sections {
		s := records.Sections{}
		for i := range n {
			s[fmt.Sprintf("Section%04d", i)] = fmt.Appendf(nil, `"%d %s"`, i*seed, strings.Repeat("x", 40))
		}
		return s
	}
	for failing, done := 1, false; !done; failing += 19 { // every call would take long
		m := newMachine()
		calls := 0
		memory := m.store
		faulty := &storagetest.Faulty{Store: memory, Fail: func(call storagetest.Call) error {
			if calls++; calls == failing {
				return fmt.Errorf("%w: %v", errInjected, call)
			}
			return nil
		}}
		m.db = records.NewDB(faulty)
		do := func(transact func() error) {
			t.Helper()
			before := dump(t, memory)
			err := transact()
			if err == nil {
				return
			}
			if !errors.Is(err, errInjected) {
				t.Fatal(err)
			}
			if errors.Is(err, storage.ErrUnknownOutcome) {
				return // it was committed
			}
			if diff := cmp.Diff(before, dump(t, memory)); diff != "" {
				t.Fatalf("a transaction that failed with %v has changed the store:\n%s", err, diff)
			}
			if err := transact(); err != nil {
				t.Fatalf("repeated: %v", err)
			}
		}
		update := func(fn func(*records.Tx, *records.Game, *records.Configuration) error) {
			t.Helper()
			do(func() error { return m.updateGame("a", fn) })
		}
		do(func() error {
			return m.update(func(tx *records.Tx) error { return tx.CreateGame(&records.Game{Name: "a", Created: m.now}) })
		})
		replace := func(s records.Sections) {
			update(func(tx *records.Tx, g *records.Game, r *records.Configuration) error {
				if err := replaceSections(tx, r, s); err != nil {
					return err
				}
				return tx.PutConfiguration(g, r)
			})
		}
		replace(sections(300, 1))
		for i := range 2 {
			update(func(tx *records.Tx, g *records.Game, r *records.Configuration) error {
				return tx.CreateSnapshot(g, &records.Snapshot{ID: fmt.Sprint(i), Sections: r.Sections})
			})
		}
		replace(sections(300, 2))
		update(func(tx *records.Tx, g *records.Game, r *records.Configuration) (err error) {
			changed := sections(300, 2)
			maps.Copy(changed, sections(1, 3))
			if err := changeSections(tx, r, sections(1, 3), changed); err != nil {
				return err
			}
			return tx.PutConfiguration(g, r)
		})
		update(func(tx *records.Tx, g *records.Game, _ *records.Configuration) error {
			return tx.ExpireGame(g, m.now.Add(time.Second))
		})
		m.now = m.now.Add(time.Second)
		for working := true; working; {
			do(func() (err error) {
				working, err = m.db.CollectStep(context.Background(), testOwner)
				return err
			})
		}
		do(func() error { return m.update(func(*records.Tx) error { return nil }) })
		done = calls < failing
		summary, err := records.Check(context.Background(), memory)
		if err != nil || len(summary.Problems) > 0 || summary.Contents > 0 || summary.Games > 0 || summary.Entries != 1 {
			t.Fatalf("call %d failed: check: error %v, %+v", failing, err, summary)
		}
	}
}

// dump returns all entries of a store.
func dump(t *testing.T, store storage.Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := store.View(context.Background(), func(r storage.Reader) error {
		for e, err := range r.Scan(storage.Range{}) {
			if err != nil {
				return err
			}
			all[e.Key] = string(e.Value)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
