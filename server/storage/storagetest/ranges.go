package storagetest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// rangeKeys are the keys to which rangeTests refer, in order.
var rangeKeys = []string{"a", "b", "b\x00", "b\xff", "c", "\xff\xff"}

var rangeTests = map[string]struct {
	r    storage.Range
	want []string
}{
	"all":                       {storage.Range{}, rangeKeys},
	"all reversed":              {storage.Range{Reverse: true}, []string{"\xff\xff", "c", "b\xff", "b\x00", "b", "a"}},
	"start is included":         {storage.Range{Start: "b\xff"}, []string{"b\xff", "c", "\xff\xff"}},
	"start between keys":        {storage.Range{Start: "b\x01"}, []string{"b\xff", "c", "\xff\xff"}},
	"start reversed":            {storage.Range{Start: "b\x01", Reverse: true}, []string{"\xff\xff", "c", "b\xff"}},
	"start after all keys":      {storage.Range{Start: "\xff\xff\xff"}, []string{}},
	"end is excluded":           {storage.Range{End: "b\xff"}, []string{"a", "b", "b\x00"}},
	"end reversed":              {storage.Range{End: "b\xff", Reverse: true}, []string{"b\x00", "b", "a"}},
	"end between keys":          {storage.Range{End: "bb", Reverse: true}, []string{"b\x00", "b", "a"}},
	"end after all keys":        {storage.Range{End: "\xff\xff\xff", Reverse: true}, []string{"\xff\xff", "c", "b\xff", "b\x00", "b", "a"}},
	"end before all keys":       {storage.Range{End: "a", Reverse: true}, []string{}},
	"prefix":                    {storage.Prefix("b"), []string{"b", "b\x00", "b\xff"}},
	"prefix without keys":       {storage.Prefix("bb"), []string{}},
	"prefix of highest bytes":   {storage.Prefix("\xff"), []string{"\xff\xff"}},
	"empty prefix":              {storage.Prefix(""), rangeKeys},
	"empty range":               {storage.Range{Start: "b", End: "b"}, []string{}},
	"start after end":           {storage.Range{Start: "c", End: "a"}, []string{}},
	"start after end reversed":  {storage.Range{Start: "c", End: "a", Reverse: true}, []string{}},
	"limit":                     {storage.Range{Limit: 2}, []string{"a", "b"}},
	"limit reversed":            {storage.Range{Limit: 2, Reverse: true}, []string{"\xff\xff", "c"}},
	"limit in a range":          {storage.Range{Start: "b", End: "c", Limit: 2}, []string{"b", "b\x00"}},
	"limit in a reversed range": {storage.Range{Start: "b", End: "c", Limit: 2, Reverse: true}, []string{"b\xff", "b\x00"}},
	"limit of all keys":         {storage.Range{Limit: 6}, rangeKeys},
	"limit above all keys":      {storage.Range{Limit: 7}, rangeKeys},
	"negative limit":            {storage.Range{Limit: -1}, []string{}},
	"negative limit reversed":   {storage.Range{Limit: -1, Reverse: true}, []string{}},
	"keys only":                 {storage.Range{KeysOnly: true}, rangeKeys},
	"keys only with a limit":    {storage.Range{Start: "b", KeysOnly: true, Limit: 1}, []string{"b"}},
	"keys only reversed":        {storage.Range{End: "c", KeysOnly: true, Reverse: true}, []string{"b\xff", "b\x00", "b", "a"}},
}

func (s *suite) testScan() {
	s.fill("c", "a", "b\xff", "b", "b\x00", "\xff\xff")
	for name, test := range rangeTests {
		if diff := cmp.Diff(test.want, s.keys(test.r)); diff != "" {
			s.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func (s *suite) testScanStopsEarly() {
	s.fill("a", "b", "c")
	err := s.store.View(s.Context(), func(tx storage.Reader) error {
		for _, reverse := range []bool{false, true} {
			n := 0
			for range tx.Scan(storage.Range{Reverse: reverse}) {
				if n++; n == 2 {
					break
				}
			}
			if n != 2 {
				s.Errorf("reverse = %v: scanned %d entries, want 2", reverse, n)
			}
		}
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
}

// testDeleteRange checks that DeleteRange deletes exactly the entries that Scan returns, also within the transaction.
func (s *suite) testDeleteRange() {
	for name, test := range rangeTests {
		s.fill(rangeKeys...)
		left := []string{}
		for _, key := range rangeKeys {
			if !slices.Contains(test.want, key) {
				left = append(left, key)
			}
		}
		s.update(func(w storage.Writer) error {
			n, err := w.DeleteRange(test.r)
			if n != len(test.want) {
				s.Errorf("%s: deleted %d entries, want %d", name, n, len(test.want))
			}
			found, scanErr := keys(w, storage.Range{})
			if diff := cmp.Diff(left, found); diff != "" {
				s.Errorf("%s: keys within the update (-want +got):\n%s", name, diff)
			}
			return errors.Join(err, scanErr)
		})
		s.wantKeys("after "+name, left...)
	}
}

// testLargeDeleteRange deletes more entries than an implementation would keep in memory or delete with one statement, and
// then undoes the deletion.
func (s *suite) testLargeDeleteRange() {
	all := make([]string, 5000)
	for i := range all {
		all[i] = fmt.Sprintf("key%05d", i)
	}
	s.fill(all...)
	failure := errors.New("failure")
	for name, test := range map[string]struct {
		r    storage.Range
		want int
	}{
		"all":            {storage.Range{}, 5000},
		"limit":          {storage.Range{Limit: 2500}, 2500},
		"limit reversed": {storage.Range{Limit: 2500, Reverse: true}, 2500},
		"part":           {storage.Range{Start: "key01000", End: "key04000"}, 3000},
	} {
		err := s.store.Update(s.Context(), func(w storage.Writer) error {
			n, err := w.DeleteRange(test.r)
			if n != test.want {
				s.Errorf("%s: deleted %d entries, want %d", name, n, test.want)
			}
			return errors.Join(err, failure)
		})
		if !errors.Is(err, failure) {
			s.Errorf("%s: got error %v, want %v", name, err, failure)
		}
	}
	s.wantKeys("after the deletions were undone", all...)
}
