// Package damagetest damages data files and backups of the server, for tests that read them.
package damagetest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Change returns a copy of a data file with random damage, and describes the damage.
func Change(data []byte, random *rand.Rand) (changed []byte, description string) {
	const pageSize = 4096
	changed = bytes.Clone(data)
	used := int(binary.NativeEndian.Uint64(data[16+40:])) // pages of the file, according to a meta page
	page := random.IntN(used)
	if random.IntN(4) == 0 {
		page = random.IntN(2) // a meta page
	}
	offset := page * pageSize
	switch random.IntN(6) {
	case 0:
		size := random.IntN(len(data))
		return changed[:size], fmt.Sprintf("truncated to %d bytes", size)
	case 1:
		start, n := offset+random.IntN(pageSize), 1+random.IntN(2*pageSize)
		end := min(start+n, len(data))
		clear(changed[start:end])
		return changed, fmt.Sprintf("bytes %d to %d are zero", start, end)
	case 2:
		other := random.IntN(used) * pageSize
		copy(changed[offset:offset+pageSize], data[other:other+pageSize])
		return changed, fmt.Sprintf("page %d replaced with page %d", page, other/pageSize)
	case 3: // the header and the first elements
		at := offset + random.IntN(64)
		changed[at] ^= 1 << random.IntN(8)
		return changed, fmt.Sprintf("bit of byte %d of page %d flipped", at-offset, page)
	case 4:
		at := offset + random.IntN(pageSize)
		changed[at] ^= 1 << random.IntN(8)
		return changed, fmt.Sprintf("bit of byte %d of page %d flipped", at-offset, page)
	default:
		at := offset + random.IntN(pageSize-8)
		for i := range 1 + random.IntN(8) {
			changed[at+i] = byte(random.Uint32())
		}
		return changed, fmt.Sprintf("bytes at %d of page %d replaced", at-offset, page)
	}
}

// ChangeBytes returns a copy of data with random damage, and describes the damage. In contrast to [Change], it works on any
// data.
func ChangeBytes(data []byte, random *rand.Rand) (changed []byte, description string) {
	changed = bytes.Clone(data)
	start := random.IntN(len(data))
	end := start + 1 + random.IntN(len(data)-start)
	switch random.IntN(6) {
	case 0:
		return changed[:start], fmt.Sprintf("truncated to %d bytes", start)
	case 1:
		clear(changed[start:end])
		return changed, fmt.Sprintf("bytes %d to %d are zero", start, end)
	case 2:
		to := random.IntN(len(data))
		copy(changed[to:], data[start:end])
		return changed, fmt.Sprintf("bytes %d to %d copied to %d", start, end, to)
	case 3:
		return slices.Delete(changed, start, end), fmt.Sprintf("bytes %d to %d removed", start, end)
	case 4:
		return slices.Insert(changed, start, data[start:end]...), fmt.Sprintf("bytes %d to %d repeated", start, end)
	default:
		for i := start; i < min(end, start+8); i++ {
			changed[i] = byte(random.Uint32())
		}
		return changed, fmt.Sprintf("bytes at %d replaced", start)
	}
}
