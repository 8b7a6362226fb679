package records

import (
	"strings"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Deleting a game or a stage writes a removal record. From then on, readers ignore the records that belong to the game or
// stage, and the collector removes them in steps.

// removalSegment begins the keys of removal records. The rest of the key is the prefix of the records to remove, without
// the prefix of the owner.
const removalSegment = "removal"

// scheduleRemoval schedules the removal of all records whose keys begin with prefix.
func (tx *Tx) scheduleRemoval(prefix string) error {
	tx.leftWork = true
	return tx.writer.Put(tx.key(removalSegment, strings.TrimPrefix(prefix, tx.prefix)), nil)
}

// hasWork reports whether the collector has work for the owner.
func (tx *Tx) hasWork() (bool, error) {
	for _, segment := range []string{removalSegment, unreferencedSegment} {
		keys := storage.Prefix(tx.key(segment, ""))
		keys.Limit, keys.KeysOnly = 1, true
		for _, err := range tx.reader.Scan(keys) {
			return err == nil, err
		}
	}
	return false, nil
}

// removeSome performs one step of the collector. It removes or releases about limit records.
func (tx *Tx) removeSome(limit int) error {
	tx.refs.maxRemoved = 0 // a list that loses its last reference waits for another step
	removals := storage.Prefix(tx.key(removalSegment, ""))
	removals.Limit, removals.KeysOnly = limit, true
	left := limit
	var found []string
	for entry, err := range tx.reader.Scan(removals) {
		if err != nil {
			return err
		}
		found = append(found, entry.Key)
	}
	for _, removal := range found {
		if left <= 0 {
			return nil
		}
		removed, err := tx.removeRecords(removal, tx.prefix+strings.TrimPrefix(removal, removals.Start), left)
		if err != nil {
			return err
		}
		left -= removed
	}
	return tx.removeUnreferenced(left)
}

// removeRecords removes at most limit records: those whose keys begin with prefix and, once none of them is left, the
// removal record. It returns their number.
func (tx *Tx) removeRecords(removal, prefix string, limit int) (removed int, err error) {
	keys := storage.Prefix(prefix)
	keys.Limit = limit
	var found []string
	for entry, err := range tx.reader.Scan(keys) {
		if err == nil {
			err = tx.releaseHolder(entry)
		}
		if err != nil {
			return 0, err
		}
		found = append(found, entry.Key)
	}
	if len(found) < limit {
		found = append(found, removal)
	}
	for _, key := range found {
		if err := tx.writer.Delete(key); err != nil {
			return 0, err
		}
	}
	return len(found), nil
}

// releaseHolder releases the list of sections of a configuration or a snapshot.
func (tx *Tx) releaseHolder(e storage.Entry) error {
	if !holdsSections(strings.TrimPrefix(e.Key, tx.prefix)) {
		return nil
	}
	holder, err := decode[struct{ Sections SectionList }](e.Key, e.Value)
	if err != nil {
		return err
	}
	return tx.releaseSections(holder.Sections)
}

// holdsSections reports whether the record with the key, without the prefix of the owner, holds a list of sections.
func holdsSections(key string) bool {
	parts := strings.Split(key, "/")
	return len(parts) > 2 && parts[0] == contentSegment && (parts[2] == configurationSegment || parts[2] == snapshotSegment)
}

// removeUnreferenced removes lists without references, with their contents, until it has removed or released limit
// records.
func (tx *Tx) removeUnreferenced(limit int) error {
	if limit <= 0 {
		return nil
	}
	keys := storage.Prefix(tx.key(unreferencedSegment, ""))
	keys.Limit, keys.KeysOnly = limit, true
	var found []blob
	for entry, err := range tx.reader.Scan(keys) {
		if err != nil {
			return err
		}
		d, err := parseDigest(strings.TrimPrefix(entry.Key, keys.Start))
		if err != nil {
			return err
		}
		found = append(found, blob{listBlob, d})
	}
	for _, b := range found {
		if limit <= 0 {
			return nil
		}
		limit -= 2 // the marker and the node
		if err := tx.writer.Delete(tx.unreferencedKey(b)); err != nil {
			return err
		}
		err := tx.removeBlob(b, 1, func(part blob) {
			tx.release(part)
			limit--
		})
		if err != nil {
			return err
		}
	}
	return nil
}
