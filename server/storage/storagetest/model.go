package storagetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// testModel runs random transactions on the store and on a map, and compares what they return.
func (s *suite) testModel() {
	s.reserve()
	rapid.Check(s.T, func(t *rapid.T) {
		s.update(func(w storage.Writer) error {
			_, err := w.DeleteRange(storage.Range{})
			return err
		})
		m := &model{T: t, suite: s, committed: map[string]string{}}
		actions := map[string]func(*rapid.T){
			"Update": m.update, "FailedUpdate": m.failedUpdate, "View": m.view, "ViewDuringUpdate": m.viewDuringUpdate,
		}
		if s.Reopen != nil {
			actions["Reopen"] = m.reopen
		}
		t.Repeat(actions)
	})
}

type model struct {
	*rapid.T
	*suite
	committed map[string]string
}

var (
	// modelKey has few values, so that transactions often meet, and adversarial bytes. modelBound also has values
	// between keys and beyond them.
	modelKey   = rapid.StringMatching(`[ab\x00/]{1,3}`)
	modelBound = rapid.OneOf(modelKey, rapid.SampledFrom([]string{"", "\xff", "a\xff", "b\x00"}))
	modelValue = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "\x00"}))
	modelRange = rapid.Custom(func(t *rapid.T) storage.Range {
		return storage.Range{
			Start: modelBound.Draw(t, "start"), End: modelBound.Draw(t, "end"), Reverse: rapid.Bool().Draw(t, "reverse"),
			Limit: rapid.SampledFrom([]int{0, 0, 0, 1, 2, 5, -1}).Draw(t, "limit"), KeysOnly: rapid.Bool().Draw(t, "keysOnly"),
		}
	})
)

// entry is an entry with its value as a string, or "(none)" for nil.
type entry struct{ Key, Value string }

const none = "(none)"

// scanModel returns the entries that a scan of the map must return.
func scanModel(data map[string]string, r storage.Range) []entry {
	found := []entry{}
	for _, key := range slices.Sorted(maps.Keys(data)) {
		if key < r.Start || r.End != "" && key >= r.End {
			continue
		}
		value := data[key]
		if r.KeysOnly {
			value = none
		}
		found = append(found, entry{key, value})
	}
	if r.Reverse {
		slices.Reverse(found)
	}
	switch {
	case r.Limit < 0:
		found = found[:0]
	case r.Limit > 0:
		found = found[:min(r.Limit, len(found))]
	}
	return found
}

func scanStore(tx storage.Reader, r storage.Range) ([]entry, error) {
	found := []entry{}
	for e, err := range tx.Scan(r) {
		if err != nil {
			return nil, err
		}
		value := none
		if e.Value != nil {
			value = string(e.Value)
		}
		found = append(found, entry{e.Key, value})
	}
	return found, nil
}

// step is one call of a random transaction.
type step struct {
	op    Op
	key   string
	value string
	r     storage.Range
}

var modelStep = rapid.Custom(func(t *rapid.T) step {
	st := step{op: rapid.SampledFrom([]Op{Get, Scan, Put, Put, Put, Delete, DeleteRange}).Draw(t, "op")}
	switch st.op {
	case Scan, DeleteRange:
		st.r = modelRange.Draw(t, "range")
	case Put:
		st.key, st.value = modelKey.Draw(t, "key"), modelValue.Draw(t, "value")
	default:
		st.key = modelKey.Draw(t, "key")
	}
	return st
})

// read runs a reading step on the store and on the map, and returns an error if their results differ.
func (st step) read(tx storage.Reader, data map[string]string) error {
	if st.op == Get {
		got, err := tx.Get(st.key)
		want, ok := data[st.key]
		if err != nil || string(got) != want || (got != nil) != ok {
			return fmt.Errorf("Get(%q) = %q, %v; want %q, existence %v", st.key, got, err, want, ok)
		}
		return nil
	}
	got, err := scanStore(tx, st.r)
	if diff := cmp.Diff(scanModel(data, st.r), got); diff != "" || err != nil {
		return fmt.Errorf("Scan(%+v): error %v (-want +got):\n%s", st.r, err, diff)
	}
	return nil
}

// run runs a step on the store and on the map, and returns an error if their results differ.
func (st step) run(tx storage.Writer, data map[string]string) error {
	switch st.op {
	case Put:
		data[st.key] = st.value
		return tx.Put(st.key, []byte(st.value))
	case Delete:
		delete(data, st.key)
		return tx.Delete(st.key)
	case DeleteRange:
		want := scanModel(data, st.r)
		for _, e := range want {
			delete(data, e.Key)
		}
		if n, err := tx.DeleteRange(st.r); err != nil || n != len(want) {
			return fmt.Errorf("DeleteRange(%+v) = %d, %v; want %d", st.r, n, err, len(want))
		}
		return nil
	}
	return st.read(tx, data)
}

// transact runs the steps in an update that returns result. It returns the contents of the map after the steps.
func (m *model) transact(t *rapid.T, steps []step, result error) (after map[string]string) {
	var mismatch error
	err := m.store.Update(m.suite.Context(), func(w storage.Writer) error {
		after = maps.Clone(m.committed)
		for _, st := range steps {
			if mismatch = st.run(w, after); mismatch != nil {
				return mismatch
			}
		}
		return result
	})
	if mismatch != nil {
		t.Fatal(mismatch)
	}
	if !errors.Is(err, result) {
		t.Fatalf("update: got error %v, want %v", err, result)
	}
	return after
}

func (m *model) update(t *rapid.T) {
	m.committed = m.transact(t, rapid.SliceOfN(modelStep, 0, 8).Draw(t, "steps"), nil)
	m.compare(t)
}

func (m *model) failedUpdate(t *rapid.T) {
	m.transact(t, rapid.SliceOfN(modelStep, 0, 8).Draw(t, "steps"), errors.New("failure"))
	m.compare(t)
}

// compare checks that the store has the entries of the map.
func (m *model) compare(t *rapid.T) {
	err := m.store.View(m.suite.Context(), func(tx storage.Reader) error { return step{op: Scan}.read(tx, m.committed) })
	if err != nil {
		t.Fatal(err)
	}
}

func (m *model) view(t *rapid.T) {
	steps := rapid.SliceOfN(modelStep.Filter(func(st step) bool { return st.op == Get || st.op == Scan }), 1, 5).Draw(t, "steps")
	err := m.store.View(m.suite.Context(), func(tx storage.Reader) error {
		for _, st := range steps {
			if err := st.read(tx, m.committed); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// viewDuringUpdate checks that a view does not see an update that commits while the view is open.
func (m *model) viewDuringUpdate(t *rapid.T) {
	steps := rapid.SliceOfN(modelStep, 1, 5).Draw(t, "steps")
	before, after := m.committed, m.committed
	err := m.store.View(m.suite.Context(), func(tx storage.Reader) error {
		if err := (step{op: Get, key: "a"}).read(tx, before); err != nil { // the first read takes the snapshot
			return err
		}
		done := make(chan error, 1)
		go func() {
			done <- m.store.Update(context.Background(), func(w storage.Writer) error {
				after = maps.Clone(before)
				for _, st := range steps {
					if err := st.run(w, after); err != nil {
						return err
					}
				}
				return nil
			})
		}()
		if err := <-done; err != nil {
			return err
		}
		return step{op: Scan}.read(tx, before)
	})
	if err != nil {
		t.Fatal(err)
	}
	m.committed = after
	m.compare(t)
}

func (m *model) reopen(t *rapid.T) {
	if err := m.store.Close(); err != nil {
		t.Fatal(err)
	}
	m.store = m.Reopen(m.suite, m.store)
	m.compare(t)
}
