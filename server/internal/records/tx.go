package records

import (
	cryptorand "crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"

	smithyrand "github.com/aws/smithy-go/rand"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Owner is the account and the region to which records belong.
type Owner struct {
	Account, Region string // Account and Region are part of every key.
}

// scope returns the prefix of all keys that a transaction of the owner uses. It is empty for the zero Owner, whose
// transactions may use any key.
func (o Owner) scope() string {
	if o == (Owner{}) {
		return ""
	}
	return o.prefix()
}

// prefix returns the prefix of the keys of the owner's records.
func (o Owner) prefix() string { return ownersPrefix + o.Account + "/" + o.Region + "/" }

// ownersPrefix is the prefix of the keys of the records that belong to an owner.
const ownersPrefix = "account/"

// Tx is a transaction on the records of one owner at a fixed time. It is not safe for concurrent use.
type Tx struct {
	owner  Owner
	prefix string // of the owner
	now    time.Time
	reader storage.Reader
	writer storage.Writer // nil in a view

	refs     references
	leftWork bool // whether the transaction leaves work for the collector

	// absentGame is the key of a game that Game has looked up and that is not stored.
	absentGame string

	// gameID is the ID of the last game that Game has returned.
	gameID string

	// prefetched has the keys that have been prefetched.
	prefetched map[string]bool

	// reached is the latest time for which Reached has returned true.
	reached time.Time
}

// Reached reports whether the time of the transaction is at or after a time at which a record changes its state.
func (tx *Tx) Reached(at time.Time) bool {
	if tx.now.Before(at) {
		return false
	}
	if at.After(tx.reached) {
		tx.reached = at
	}
	return true
}

// LastReached returns the latest time for which Reached has returned true. The results of the transaction are correct only
// at that time or later.
func (tx *Tx) LastReached() time.Time { return tx.reached }

func newTx(owner Owner, now time.Time, r storage.Reader, w storage.Writer) *Tx {
	return &Tx{
		owner: owner, prefix: owner.prefix(), now: now, reader: r, writer: w, refs: references{maxRemoved: maxRemovedPerUpdate},
	}
}

// keysOf returns a transaction that can only make keys.
func keysOf(owner Owner) *Tx { return newTx(owner, time.Time{}, nil, nil) }

// Now returns the time of the transaction.
func (tx *Tx) Now() time.Time { return tx.now }

// Writable reports whether the transaction may write.
func (tx *Tx) Writable() bool { return tx.writer != nil }

// key returns the key of a record of the owner. The parts, such as names and ids, must not contain slashes.
func (tx *Tx) key(parts ...string) string {
	n := len(tx.prefix) + len(parts) - 1
	for _, part := range parts {
		n += len(part)
	}
	var key strings.Builder
	key.Grow(n)
	key.WriteString(tx.prefix)
	for i, part := range parts {
		if i > 0 {
			key.WriteByte('/')
		}
		key.WriteString(part)
	}
	return key.String()
}

// load returns the record with the key, or nil if it does not exist.
func load[T any](tx *Tx, key string) (*T, error) {
	data, err := tx.reader.Get(key)
	if err != nil || data == nil {
		return nil, err
	}
	return decode[T](key, data)
}

func decode[T any](key string, data []byte) (*T, error) {
	record := new(T)
	if err := json.Unmarshal(data, record); err != nil {
		return nil, fmt.Errorf("record %s: %w", key, err)
	}
	return record, nil
}

// save writes the record with the key.
func save[T any](tx *Tx, key string, record *T) error {
	data, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("record %s: %w", key, err)
	}
	return tx.writer.Put(key, data)
}

// Set is an ordered set of records. The key of each record is the prefix of the set followed by the id of the record.
type Set[T any] struct {
	tx          *Tx
	prefix      string
	newestFirst bool
	hidden      bool // the set is empty, since its game or stage is being deleted
}

// NewSet returns the set of records whose keys have a prefix. The set is ordered by id; newestFirst reverses the order.
func NewSet[T any](tx *Tx, prefix string, newestFirst bool) Set[T] {
	return Set[T]{tx: tx, prefix: prefix, newestFirst: newestFirst}
}

// Prefix returns the key prefix that identifies the set.
func (s Set[T]) Prefix() string { return s.prefix }

// Entry is a record in a set, with its id.
type Entry[T any] struct {
	// ID is the id of the record in the set.
	ID string
	// Record is the record.
	Record *T
}

// List iterates over the records in the order of the set, starting after the record whose id is after, or at the first
// record if after is empty. The transaction must not write during the iteration.
func (s Set[T]) List(after string) iter.Seq2[Entry[T], error] { return s.list(after, 0) }

// list is like List, with a limit unless it is 0.
func (s Set[T]) list(after string, limit int) iter.Seq2[Entry[T], error] {
	keys := storage.Prefix(s.prefix)
	keys.Reverse, keys.Limit = s.newestFirst, limit
	switch {
	case after == "":
	case s.newestFirst:
		keys.End = s.prefix + after
	default:
		keys.Start = s.prefix + after + "\x00"
	}
	return func(yield func(Entry[T], error) bool) {
		if s.hidden {
			return
		}
		for entry, err := range s.tx.reader.Scan(keys) {
			var record *T
			if err == nil {
				record, err = decode[T](entry.Key, entry.Value)
			}
			if err != nil {
				yield(Entry[T]{}, err)
				return
			}
			if !yield(Entry[T]{ID: strings.TrimPrefix(entry.Key, s.prefix), Record: record}, nil) {
				return
			}
		}
	}
}

// All returns the records in the order of the set.
func (s Set[T]) All() ([]*T, error) {
	var records []*T
	for entry, err := range s.List("") {
		if err != nil {
			return nil, err
		}
		records = append(records, entry.Record)
	}
	return records, nil
}

// First returns the first record in the order of the set, or nil if the set is empty.
func (s Set[T]) First() (*T, error) {
	for entry, err := range s.list("", 1) {
		return entry.Record, err
	}
	return nil, nil
}

var uuids = smithyrand.NewUUID(cryptorand.Reader)

// NewID returns a random UUID.
func NewID() string {
	id, err := uuids.GetUUID()
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return id
}

// newKeyID returns an id that is never used again. It begins with the time, so records created at about the same time have
// neighboring keys, which keeps commits small.
func (tx *Tx) newKeyID() string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(max(tx.now.UnixMilli(), 0))<<16)
	_, _ = cryptorand.Read(id[6:]) // never fails
	return keyIDs.EncodeToString(id[:])
}

var keyIDs = base32.HexEncoding.WithPadding(base32.NoPadding) // keeps the order

// NewOrderedID returns an id in UUID format that consists of the number followed by random digits. Such ids sort by
// number.
func NewOrderedID(number int) string { return fmt.Sprintf("%08x", number) + NewID()[8:] }
