package serde

import (
	"maps"
	"slices"
	"unsafe"

	smithy "github.com/aws/smithy-go"
)

// listOf reads null elements as none at all: the API's lists are dense.
func listOf[T any](v *Visitor, s *smithy.Schema, p *[]T, each value[T]) {
	element := s.ListMember()
	switch {
	case v.reader != nil:
		if !v.take(s) {
			return
		}
		*p = []T{}
		v.fail(s, v.reader.ReadList(s))
		for v.err == nil {
			more, err := v.reader.ReadListItem(element)
			if v.fail(s, err); err != nil || !more {
				return
			}
			if v.readNull(element) {
				continue
			}
			var item T
			each(v, element, &item)
			v.spend(s, unsafe.Sizeof(item))
			*p = append(*p, item)
		}
	case *p == nil:
		v.absent(s)
	case v.writer != nil:
		v.writer.WriteList(s)
		for i := range *p {
			each(v, element, &(*p)[i])
		}
		v.writer.CloseList()
	default:
		v.checker.length(s, len(*p))
		v.checker.enter(s)
		for i := range *p {
			v.checker.index(i)
			each(v, element, &(*p)[i])
		}
		v.checker.leave()
	}
}

// mapOf reads null values as no entry at all: the API's maps are dense. It reads into scratch, when that is not nil,
// before it puts a value into the map.
func mapOf[T any](v *Visitor, s *smithy.Schema, p *map[string]T, each value[T], scratch *T) {
	keySchema, valueSchema := s.MapKey(), s.MapValue()
	switch {
	case v.reader != nil:
		if !v.take(s) {
			return
		}
		*p = readMap(v, s, each, scratch)
	case *p == nil:
		v.absent(s)
	case v.writer != nil:
		v.writer.WriteMap(s)
		for _, key := range sortedKeys(*p) {
			item := (*p)[key]
			v.writer.WriteKey(keySchema, key)
			each(v, valueSchema, &item)
		}
		v.writer.CloseMap()
	default:
		v.checker.length(s, len(*p))
		v.checker.enter(s)
		for _, key := range sortedKeys(*p) {
			item := (*p)[key]
			v.checker.key(key)
			v.checker.string(keySchema, key)
			each(v, valueSchema, &item)
		}
		v.checker.leave()
	}
}

const (
	// smallMap is how many entries a map has room for that is made without a size.
	smallMap = 8

	// mapGrowth limits how much room is made at once to a multiple of the entries that there are.
	mapGrowth = 128
)

// readMap makes the map anew when it is full, with room for as many entries as the rest of the text may have, going by
// those that have been read. A map that grows by itself to a thousand entries costs several times that.
func readMap[T any](v *Visitor, s *smithy.Schema, each value[T], scratch *T) map[string]T {
	type entry struct {
		key  string
		item T
	}
	size := unsafe.Sizeof(entry{})
	keySchema, valueSchema := s.MapKey(), s.MapValue()
	m, room := map[string]T{}, smallMap
	v.spend(s, smallMap*size)
	if scratch == nil {
		scratch = new(T)
	}
	v.fail(s, v.reader.ReadMap(s))
	start := v.reader.Left()
	for v.err == nil {
		key, more, err := v.reader.ReadMapKey(keySchema)
		if v.fail(s, err); err != nil || !more {
			break
		}
		if v.readNull(valueSchema) {
			continue
		}
		v.spend(s, size)
		if len(m) == room && v.err == nil {
			left := v.reader.Left()
			expected := int(float64(left) / float64(start-left) * float64(room))
			room += min(1+expected, mapGrowth*room, 1+v.budget/int(size))
			m = grow(m, room)
		}
		var zero T
		*scratch = zero
		each(v, valueSchema, scratch)
		m[key] = *scratch
	}
	return m
}

func grow[T any](m map[string]T, room int) map[string]T {
	grown := make(map[string]T, room)
	maps.Copy(grown, m)
	return grown
}

// slab makes values that are pointed to, many at a time. Responses have thousands of them.
type slab[T any] struct {
	free []T
	size int
}

func (s *slab[T]) next() *T {
	if len(s.free) == 0 {
		s.size = min(max(4, 2*s.size), 64)
		s.free = make([]T, s.size)
	}
	p := &s.free[0]
	s.free = s.free[1:]
	return p
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
