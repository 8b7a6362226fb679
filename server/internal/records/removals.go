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

// maxRemovedPerStep limits how many records a step of the collector removes, so that other updates do not wait long.
const maxRemovedPerStep = 200

// maxListsPerStep limits how many unreferenced nodes of lists a step removes. The limit is small, because a node can refer
// to a hundred blobs.
const maxListsPerStep = 2

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

// removeSome performs one step of the collector.
func (tx *Tx) removeSome() error {
	removals := storage.Prefix(tx.key(removalSegment, ""))
	removals.Limit, removals.KeysOnly = 1, true
	for entry, err := range tx.reader.Scan(removals) {
		if err != nil {
			return err
		}
		return tx.removeRecords(entry.Key, tx.prefix+strings.TrimPrefix(entry.Key, removals.Start))
	}
	return tx.removeUnreferenced()
}

// removeRecords removes some of the records whose keys begin with prefix. Once none is left, it deletes the removal
// record.
func (tx *Tx) removeRecords(removal, prefix string) error {
	keys := storage.Prefix(prefix)
	keys.Limit = maxRemovedPerStep
	var found []string
	for entry, err := range tx.reader.Scan(keys) {
		if err == nil {
			err = tx.releaseHolder(entry)
		}
		if err != nil {
			return err
		}
		found = append(found, entry.Key)
	}
	for _, key := range found {
		if err := tx.writer.Delete(key); err != nil {
			return err
		}
	}
	if len(found) < maxRemovedPerStep {
		return tx.writer.Delete(removal)
	}
	return nil
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

// removeUnreferenced removes some lists without references, with their contents.
func (tx *Tx) removeUnreferenced() error {
	keys := storage.Prefix(tx.key(unreferencedSegment, ""))
	keys.Limit, keys.KeysOnly = maxListsPerStep, true
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
		if err := tx.writer.Delete(tx.unreferencedKey(b)); err != nil {
			return err
		}
		if err := tx.removeBlob(b, 1, tx.release); err != nil {
			return err
		}
	}
	return nil
}
