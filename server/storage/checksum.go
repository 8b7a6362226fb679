package storage

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A data file stores each value after a checksum of the key and the value, so a corrupt value is never served.

// checksumSize is the length of a checksum in bytes.
const checksumSize = 4

// ErrChecksum means that a value in a data file does not match its checksum. It wraps [ErrDamaged].
var ErrChecksum = fmt.Errorf("%w: a value does not match its checksum", ErrDamaged)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum returns the CRC-32C of the key and the value.
func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// addChecksum returns the stored form of a value.
func addChecksum(key, value []byte) []byte {
	stored := make([]byte, checksumSize, checksumSize+len(value))
	binary.BigEndian.PutUint32(stored, checksum(key, value))
	return append(stored, value...)
}

// verify returns the value in the stored form, or an error that wraps ErrChecksum.
func (f *file) verify(key, stored []byte) ([]byte, error) {
	if len(stored) >= checksumSize {
		if value := stored[checksumSize:]; binary.BigEndian.Uint32(stored) == checksum(key, value) {
			return value, nil
		}
	}
	return nil, fmt.Errorf("%w: key %q of %s: run gamesparks-server check --data %s", ErrChecksum, key, f.path, f.path)
}
