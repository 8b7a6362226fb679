package records

import "time"

// Snapshot is a snapshot without its sections, which are separate records, as for a [Configuration].
type Snapshot struct {
	ID          string    // ID identifies the record in its parent.
	Description *string   `json:",omitempty"` // Description is optional.
	Created     time.Time // Created is the time of creation.
	LastUpdated time.Time // LastUpdated is the time of the last change.
}

func (tx *Tx) snapshotKey(game, id string) string { return tx.childKey(game, "snapshot", id) }

// Snapshots returns the snapshots of a game, newest first.
func (tx *Tx) Snapshots(game string) Set[Snapshot] {
	return NewSet[Snapshot](tx, tx.snapshotKey(game, ""), true)
}

// Snapshot returns a snapshot, or nil if it does not exist.
func (tx *Tx) Snapshot(game, id string) (*Snapshot, error) {
	return load[Snapshot](tx, tx.snapshotKey(game, id))
}

// PutSnapshot writes the snapshot.
func (tx *Tx) PutSnapshot(game string, s *Snapshot) error {
	return save(tx, tx.snapshotKey(game, s.ID), s)
}

// snapshotIDFormat is the format of snapshot ids. Ids are ordered by their times.
const snapshotIDFormat = "Snapshot_2006-01-02T15:04:05.000000Z"

// NewSnapshotID returns an id that is greater than those of all snapshots of the game. If the time of the transaction is
// not after the newest snapshot, the id has the next microsecond after that snapshot.
func (tx *Tx) NewSnapshotID(game string) (string, error) {
	id := tx.now.Format(snapshotIDFormat)
	newest, err := tx.Snapshots(game).First()
	if err != nil || newest == nil || newest.ID < id {
		return id, err
	}
	t, err := time.Parse(snapshotIDFormat, newest.ID)
	return t.Add(time.Microsecond).Format(snapshotIDFormat), err
}
