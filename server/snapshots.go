package server

import (
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// snapshotRecord is a snapshot without its sections, which are kept like those of a configuration.
type snapshotRecord struct {
	ID          string
	Description *string `json:",omitempty"`
	Created     time.Time
	LastUpdated time.Time
}

func (c *call) snapshotKey(game, id string) string { return c.childKey(game, "snapshot", id) }

func (c *call) snapshotSectionKey(game, id, section string) string {
	return c.childKey(game, "snapshotsection", id, section)
}

// snapshotIDTime is the format of snapshot ids: their order is that of their times.
const snapshotIDTime = "Snapshot_2006-01-02T15:04:05.000000Z"

// newSnapshotID returns an id that is greater than any that the game has: snapshots of one moment, or of a clock that
// went back, get the next microseconds.
func (c *call) newSnapshotID(game string) (string, error) {
	id := c.now.Format(snapshotIDTime)
	newest, err := last[snapshotRecord](c, c.snapshotKey(game, ""))
	if err != nil || newest == nil || newest.ID < id {
		return id, err
	}
	t, err := time.Parse(snapshotIDTime, newest.ID)
	return t.Add(time.Microsecond).Format(snapshotIDTime), err
}

func (c *call) snapshot(game, id *string) (*snapshotRecord, error) {
	if _, err := c.game(game); err != nil {
		return nil, err
	}
	snapshot, err := load[snapshotRecord](c, c.snapshotKey(*game, *id))
	if err == nil && snapshot == nil {
		err = notFound("The game %q has no snapshot %q.", *game, *id)
	}
	return snapshot, err
}

func (c *call) createSnapshot(in *gamesparks.CreateSnapshotInput) (*gamesparks.CreateSnapshotOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	id, err := c.newSnapshotID(game.Name)
	if err != nil {
		return nil, err
	}
	content, err := c.readSections(c.sectionKey(game.Name, ""), nil)
	if err != nil {
		return nil, err
	}
	snapshot := &snapshotRecord{ID: id, Description: in.Description, Created: c.now, LastUpdated: c.now}
	if err := save(c, c.snapshotKey(game.Name, id), snapshot); err != nil {
		return nil, err
	}
	if err := c.putSections(c.snapshotSectionKey(game.Name, id, ""), content); err != nil {
		return nil, err
	}
	return &gamesparks.CreateSnapshotOutput{Snapshot: snapshot.details(content)}, nil
}

func (c *call) getSnapshot(in *gamesparks.GetSnapshotInput) (*gamesparks.GetSnapshotOutput, error) {
	snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	content, err := c.readSections(c.snapshotSectionKey(*in.GameName, snapshot.ID, ""), in.Sections)
	return &gamesparks.GetSnapshotOutput{Snapshot: snapshot.details(content)}, err
}

func (c *call) updateSnapshot(in *gamesparks.UpdateSnapshotInput) (*gamesparks.UpdateSnapshotOutput, error) {
	if _, err := c.activeGame(in.GameName); err != nil {
		return nil, err
	}
	snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	if in.Description != nil {
		snapshot.Description = in.Description
	}
	snapshot.LastUpdated = c.now
	content, err := c.readSections(c.snapshotSectionKey(*in.GameName, snapshot.ID, ""), nil)
	if err != nil {
		return nil, err
	}
	return &gamesparks.UpdateSnapshotOutput{Snapshot: snapshot.details(content)},
		save(c, c.snapshotKey(*in.GameName, snapshot.ID), snapshot)
}

func (c *call) listSnapshots(in *gamesparks.ListSnapshotsInput) (*gamesparks.ListSnapshotsOutput, error) {
	game, err := c.game(in.GameName)
	if err != nil {
		return nil, err
	}
	snapshots, next, err := listPage(c, listing{prefix: c.snapshotKey(game.Name, ""), newest: true}, in.MaxResults, in.NextToken,
		func(s *snapshotRecord) (types.SnapshotSummary, bool) {
			return types.SnapshotSummary{
				Created: &s.Created, Description: s.Description, Id: &s.ID, LastUpdated: &s.LastUpdated,
			}, true
		})
	return &gamesparks.ListSnapshotsOutput{Snapshots: snapshots, NextToken: next}, err
}

func (s *snapshotRecord) details(content sections) *types.SnapshotDetails {
	return &types.SnapshotDetails{
		Created: &s.Created, Description: s.Description, Id: &s.ID, LastUpdated: &s.LastUpdated,
		Sections: content.details(),
	}
}
