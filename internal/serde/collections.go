package serde

import (
	"maps"
	"slices"
	"strconv"
	"unsafe"

	smithy "github.com/aws/smithy-go"
)

// listOf visits a list. It skips null elements when it reads, because the API's lists are dense, unless the reader does not
// allow them.
func listOf[T any](v *Visitor, s *smithy.Schema, p *[]T, visit visitFunc[T]) {
	element := s.ListMember()
	switch {
	case v.reader != nil:
		if !v.take(s) {
			return
		}
		*p = []T{}
		v.fail(s, v.reader.ReadList(s))
		for i := 0; v.err == nil; i++ {
			more, err := v.reader.ReadListItem(element)
			if v.fail(s, err); err != nil || !more {
				return
			}
			if v.readNull(element) {
				if v.err != nil {
					v.within(s, "["+strconv.Itoa(i)+"]")
				}
				continue
			}
			var zero T
			*p = append(*p, zero)
			visit(v, element, &(*p)[len(*p)-1])
			v.spend(s, unsafe.Sizeof(zero))
			if v.err != nil {
				v.within(s, "["+strconv.Itoa(i)+"]")
			}
		}
	case *p == nil:
		v.absent(s)
	case v.writer != nil:
		failed := v.err != nil
		v.writer.WriteList(s)
		for i := range *p {
			visit(v, element, &(*p)[i])
			if !failed && v.err != nil {
				v.within(s, "["+strconv.Itoa(i)+"]")
				break
			}
		}
		v.writer.CloseList()
	default:
		v.checker.length(s, len(*p))
		v.checker.enter(s)
		for i := range *p {
			v.checker.index(i)
			visit(v, element, &(*p)[i])
		}
		v.checker.leave()
	}
}

// mapOf visits a map. It skips entries with null values when it reads, because the API's maps are dense, unless the reader
// does not allow them. If scratch is not nil, values are read into it before they are stored in the map, which saves an
// allocation.
func mapOf[T any](v *Visitor, s *smithy.Schema, p *map[string]T, visit visitFunc[T], scratch *T) {
	keySchema, valueSchema := s.MapKey(), s.MapValue()
	switch {
	case v.reader != nil:
		if !v.take(s) {
			return
		}
		*p = readMap(v, s, visit, scratch)
	case *p == nil:
		v.absent(s)
	case v.writer != nil:
		failed := v.err != nil
		v.writer.WriteMap(s)
		for _, key := range sortedKeys(*p) {
			item := (*p)[key]
			v.writer.WriteKey(keySchema, key)
			visit(v, valueSchema, &item)
			if !failed && v.err != nil {
				v.within(s, "["+strconv.Quote(key)+"]")
				break
			}
		}
		v.writer.CloseMap()
	default:
		v.checker.length(s, len(*p))
		v.checker.enter(s)
		for _, key := range sortedKeys(*p) {
			item := (*p)[key]
			v.checker.key(key)
			v.checker.string(keySchema, key)
			visit(v, valueSchema, &item)
		}
		v.checker.leave()
	}
}

const (
	smallMap   = 8   // entries that fit into a map without growth
	largeChunk = 256 // entries
)

// readMap reads the entries of a large map into chunks and then allocates a map of the final size, because growing a map
// takes several times as long.
func readMap[T any](v *Visitor, s *smithy.Schema, visit visitFunc[T], scratch *T) map[string]T {
	type entry struct {
		key  string
		item T
	}
	keySchema, valueSchema := s.MapKey(), s.MapValue()
	small := map[string]T{}
	v.spend(s, smallMap*unsafe.Sizeof(entry{}))
	var chunks [][]entry // chunks have increasing lengths and are never copied
	var current []entry
	count := 0
	if scratch == nil {
		scratch = new(T)
	}
	v.fail(s, v.reader.ReadMap(s))
	for v.err == nil {
		key, more, err := v.reader.ReadMapKey(keySchema)
		if v.fail(s, err); err != nil || !more {
			break
		}
		if v.readNull(valueSchema) {
			if v.err != nil {
				v.within(s, "["+strconv.Quote(key)+"]")
			}
			continue
		}
		v.spend(s, unsafe.Sizeof(entry{}))
		if count < smallMap {
			var zero T
			*scratch = zero
			visit(v, valueSchema, scratch)
			if v.err != nil {
				v.within(s, "["+strconv.Quote(key)+"]")
			}
			small[key] = *scratch
			count++
			continue
		}
		if len(current) == cap(current) {
			current = make([]entry, 0, min(count, largeChunk))
			chunks = append(chunks, nil)
		}
		current = append(current, entry{key: key})
		visit(v, valueSchema, &current[len(current)-1].item)
		if v.err != nil {
			v.within(s, "["+strconv.Quote(key)+"]")
		}
		chunks[len(chunks)-1] = current
		count++
	}
	if chunks == nil || v.err != nil {
		return small
	}
	large := make(map[string]T, count)
	maps.Copy(large, small)
	for _, entries := range chunks {
		for i := range entries {
			large[entries[i].key] = entries[i].item
		}
	}
	return large
}

// slab allocates the targets of pointers in batches, because a response can have thousands of them.
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
