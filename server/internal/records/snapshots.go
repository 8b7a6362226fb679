package records

import "time"

// Snapshot is a snapshot of the configuration of a game.
type Snapshot struct {
	// ID identifies the snapshot within its game. IDs sort by creation time.
	ID string

	// Description is the description of the snapshot, or nil if it has none.
	Description *string `json:",omitempty"`

	// Created is when the snapshot was created.
	Created time.Time

	// LastUpdated is when CreateSnapshot or UpdateSnapshot last wrote the snapshot.
	LastUpdated time.Time

	// Sections are the sections. They never change.
	Sections SectionList
}

const snapshotSegment = "snapshot"

func (tx *Tx) snapshotKey(g *Game, id string) string { return tx.childKey(g.ID, snapshotSegment, id) }

// Snapshots returns the snapshots of a game, newest first.
func (tx *Tx) Snapshots(g *Game) Set[Snapshot] {
	return children[Snapshot](tx, g, tx.snapshotKey(g, ""), true)
}

// Snapshot returns a snapshot, or nil if it does not exist.
func (tx *Tx) Snapshot(g *Game, id string) (*Snapshot, error) {
	return loadChild[Snapshot](tx, g, tx.snapshotKey(g, id))
}

// CreateSnapshot writes a new snapshot that shares its sections with another record.
func (tx *Tx) CreateSnapshot(g *Game, s *Snapshot) error {
	if err := tx.ShareSections(s.Sections); err != nil {
		return err
	}
	return tx.PutSnapshot(g, s)
}

// PutSnapshot writes the snapshot.
func (tx *Tx) PutSnapshot(g *Game, s *Snapshot) error {
	return save(tx, tx.snapshotKey(g, s.ID), s)
}

// snapshotIDFormat is the format of snapshot ids, which sort by time.
const snapshotIDFormat = "Snapshot_2006-01-02T15:04:05.000000Z"

// NewSnapshotID returns an id that is greater than those of all snapshots of the game. If the time of the transaction is
// not later than that in the newest id, the new id is one microsecond after the newest.
func (tx *Tx) NewSnapshotID(g *Game) (string, error) {
	id := tx.now.Format(snapshotIDFormat)
	newest, err := tx.Snapshots(g).First()
	if err != nil || newest == nil || newest.ID < id {
		return id, err
	}
	t, err := time.Parse(snapshotIDFormat, newest.ID)
	return t.Add(time.Microsecond).Format(snapshotIDFormat), err
}
