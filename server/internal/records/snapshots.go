package records

import "time"

// Snapshot is a snapshot without its sections, which are separate records, as for a [Configuration].
type Snapshot struct {
	// ID identifies the snapshot within its game. IDs sort by creation time.
	ID string

	// Description is the description of the snapshot, or nil if it has none.
	Description *string `json:",omitempty"`

	// Created is when the snapshot was created.
	Created time.Time

	// LastUpdated is when CreateSnapshot or UpdateSnapshot last wrote the snapshot.
	LastUpdated time.Time
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

// snapshotIDFormat is the format of snapshot ids, which sort by time.
const snapshotIDFormat = "Snapshot_2006-01-02T15:04:05.000000Z"

// NewSnapshotID returns an id that is greater than those of all snapshots of the game. If the time of the transaction is
// not later than that in the newest id, the new id is one microsecond after the newest.
func (tx *Tx) NewSnapshotID(game string) (string, error) {
	id := tx.now.Format(snapshotIDFormat)
	newest, err := tx.Snapshots(game).First()
	if err != nil || newest == nil || newest.ID < id {
		return id, err
	}
	t, err := time.Parse(snapshotIDFormat, newest.ID)
	return t.Add(time.Microsecond).Format(snapshotIDFormat), err
}
