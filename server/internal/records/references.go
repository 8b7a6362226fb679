package records

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Blobs, which are contents of sections and nodes of lists, are stored once per owner, by their digest. They have
// reference counts: a leaf refers to contents, an inner node to its children, and a configuration or snapshot to the root
// of its list. A reference count is a separate record, so contents are never rewritten. A count of 1, the most frequent
// one, has no record.
//
// A transaction adds up the changes of reference counts and applies the sums when it ends, so the parts that a list shares
// with its predecessor cost nothing.

// blobKind is the kind of a blob, and the segment of its key.
type blobKind string

const (
	contentBlob blobKind = "content"
	listBlob    blobKind = "list"
)

const (
	// referencesSegment begins the keys of reference counts.
	referencesSegment = "references"

	// unreferencedSegment begins the keys of markers of lists without references that still have to be removed.
	unreferencedSegment = "unreferenced"
)

// maxRemovedPerUpdate limits how many blobs an update removes, so that it does not delay others. The collector removes the
// rest.
const maxRemovedPerUpdate = 256

// blob identifies a content or a node of a list.
type blob struct {
	kind   blobKind
	digest digest
}

func (b blob) String() string { return string(b.kind) + " " + b.digest.String() }

func (tx *Tx) blobKey(b blob) string { return tx.digestKey(string(b.kind), b.digest) }

// referencesKey returns the key of the reference count. It does not depend on the kind of the blob: a content is JSON and a
// node is not, so their digests differ.
func (tx *Tx) referencesKey(b blob) string { return tx.digestKey(referencesSegment, b.digest) }

// unreferencedKey returns the key of the marker of a list without references.
func (tx *Tx) unreferencedKey(b blob) string { return tx.digestKey(unreferencedSegment, b.digest) }

// digestKey is like key, for a digest, with a single allocation.
func (tx *Tx) digestKey(segment string, d digest) string {
	var text [43]byte
	base64.RawURLEncoding.Encode(text[:], d[:])
	var key strings.Builder
	key.Grow(len(tx.prefix) + len(segment) + 1 + len(text))
	key.WriteString(tx.prefix)
	key.WriteString(segment)
	key.WriteByte('/')
	key.Write(text[:])
	return key.String()
}

// references are the changes that a transaction makes to reference counts.
type references struct {
	blobs map[blob]blobChange

	// maxRemoved limits how many blobs settle removes before it leaves lists to the collector.
	maxRemoved int
}

// blobChange is what a transaction changes about a blob.
type blobChange struct {
	// references is what the transaction adds to the reference count.
	references int

	// isNew means that the reference count was 0: the transaction stored the blob, or the blob waited for the collector.
	isNew bool
}

// change adds n to the reference count of a blob.
func (r *references) change(b blob, n int) {
	c := r.blobs[b]
	c.references += n
	r.set(b, c)
}

func (r *references) set(b blob, c blobChange) {
	if r.blobs == nil {
		r.blobs = map[blob]blobChange{}
	}
	r.blobs[b] = c
}

// ErrDamaged means that the stored records are inconsistent.
var ErrDamaged = errors.New("the data is damaged: run gamesparks-server check")

// prefetch reads the records with the keys in one round trip, if the store is a database.
func (tx *Tx) prefetch(keys func() []string) error {
	store, ok := tx.reader.(storage.Prefetcher)
	if !ok {
		return nil
	}
	list := keys()
	tx.markPrefetched(list)
	return store.Prefetch(list)
}

func (tx *Tx) markPrefetched(keys []string) {
	if tx.prefetched == nil {
		tx.prefetched = make(map[string]bool, len(keys))
	}
	for _, key := range keys {
		tx.prefetched[key] = true
	}
}

// exists reports whether a key exists. It does not read the value, unless that has been prefetched.
func (tx *Tx) exists(key string) (bool, error) {
	if tx.prefetched[key] {
		value, err := tx.reader.Get(key)
		return value != nil, err
	}
	for _, err := range tx.reader.Scan(storage.Range{Start: key, End: key + "\x00", Limit: 1, KeysOnly: true}) {
		return err == nil, err
	}
	return false, nil
}

// storeBlob adds a reference to the blob, and stores its data if the owner does not have it. It reports whether it stored
// the data.
func (tx *Tx) storeBlob(b blob, data []byte) (stored bool, err error) {
	change := tx.refs.blobs[b]
	change.references++
	defer func() { tx.refs.set(b, change) }()
	if change.isNew {
		return false, nil
	}
	found, err := tx.exists(tx.blobKey(b))
	switch {
	case err != nil:
		return false, err
	case !found:
		change.isNew = true
		return true, tx.writer.Put(tx.blobKey(b), data)
	case b.kind == contentBlob:
		return false, nil
	}
	waiting, err := tx.exists(tx.unreferencedKey(b))
	if err != nil || !waiting {
		return false, err
	}
	change.isNew = true
	return false, tx.writer.Delete(tx.unreferencedKey(b))
}

// addReference adds a reference to a blob to which a record or another blob already refers.
func (tx *Tx) addReference(b blob) { tx.refs.change(b, 1) }

// release removes a reference to the blob.
func (tx *Tx) release(b blob) { tx.refs.change(b, -1) }

// countReferences returns the reference count before the transaction.
func (tx *Tx) countReferences(b blob) (int, error) {
	if tx.refs.blobs[b].isNew {
		return 0, nil
	}
	return tx.storedReferences(b)
}

// storedReferences returns the stored reference count of a blob that is not marked as unreferenced.
func (tx *Tx) storedReferences(b blob) (int, error) {
	text, err := tx.reader.Get(tx.referencesKey(b))
	if err != nil || text == nil {
		return 1, err
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 2 {
		return 0, fmt.Errorf("record %s: %q is not a reference count: %w", tx.referencesKey(b), text, ErrDamaged)
	}
	return n, nil
}

// settle applies the changes of the reference counts, and removes blobs without references.
func (tx *Tx) settle() error {
	// All references that the transaction adds are known, so a count that reaches 0 is final.
	budget := tx.refs.maxRemoved
	open := make([]blob, 0, len(tx.refs.blobs))
	for b, change := range tx.refs.blobs {
		if change.references < 0 || change.isNew && change.references == 0 {
			open = append(open, b)
		}
	}
	var removed map[blob]int // with the reference count before the transaction
	for len(open) > 0 {
		b := open[len(open)-1]
		open = open[:len(open)-1]
		if change := tx.refs.blobs[b]; change.references >= 0 && !change.isNew {
			continue // the blob keeps a reference that it had
		}
		before, isRemoved := removed[b]
		var err error
		if !isRemoved {
			if before, err = tx.countReferences(b); err != nil {
				return err
			}
		}
		switch n := before + tx.refs.blobs[b].references; {
		case n < 0:
			return fmt.Errorf("%v has more references than its reference count: %w", b, ErrDamaged)
		case n > 0 || isRemoved:
			continue
		}
		if removed == nil {
			removed = map[blob]int{}
		}
		removed[b] = before
		if budget <= 0 && b.kind == listBlob {
			err = tx.markUnreferenced(b, before)
		} else {
			budget--
			err = tx.removeBlob(b, before, func(part blob) {
				tx.release(part)
				open = append(open, part)
			})
		}
		if err != nil {
			return err
		}
	}
	for b, change := range tx.refs.blobs {
		if _, isRemoved := removed[b]; change.references == 0 || isRemoved {
			continue
		}
		before, err := tx.countReferences(b)
		if err == nil {
			err = tx.putReferences(b, before, before+change.references)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// putReferences changes the reference count from before to n, which is at least 1.
func (tx *Tx) putReferences(b blob, before, n int) error {
	switch {
	case n > 1:
		return tx.writer.Put(tx.referencesKey(b), strconv.AppendInt(nil, int64(n), 10))
	case before > 1:
		return tx.writer.Delete(tx.referencesKey(b))
	}
	return nil
}

// markUnreferenced leaves a list without references to the collector.
func (tx *Tx) markUnreferenced(b blob, before int) error {
	tx.leftWork = true
	if err := tx.putReferences(b, before, 1); err != nil {
		return err
	}
	return tx.writer.Put(tx.unreferencedKey(b), nil)
}

// removeBlob removes a blob without references, and calls release for each blob to which it refers.
func (tx *Tx) removeBlob(b blob, before int, release func(blob)) error {
	if b.kind == listBlob {
		data, err := tx.readNode(b.digest)
		if err != nil {
			return err
		}
		sections, children, err := decodeNode(data)
		if err != nil {
			return fmt.Errorf("%w: %v", err, b.digest)
		}
		for i := range sections {
			if !sections[i].isInline() {
				release(blob{contentBlob, sections[i].digest})
			}
		}
		for i := range children {
			release(blob{listBlob, children[i].digest})
		}
	}
	if err := tx.putReferences(b, before, 1); err != nil {
		return err
	}
	return tx.writer.Delete(tx.blobKey(b))
}
