package controlplane

import (
	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/types"
)

// snapshot returns the snapshot with its game.
func (c *call) snapshot(name, id *string) (*records.Game, *records.Snapshot, error) {
	game, err := c.game(name)
	if err != nil {
		return nil, nil, err
	}
	snapshot, err := c.tx.Snapshot(game, *id)
	if err == nil && snapshot == nil {
		err = notFound("The game %q has no snapshot %q.", *name, *id)
	}
	return game, snapshot, err
}

func (c *call) loadForSnapshot(in *gamesparks.CreateSnapshotInput) (*records.LoadedSections, error) {
	_, loaded, err := c.loadConfiguration(in.GameName)
	return loaded, err
}

func (c *call) createSnapshot(in *gamesparks.CreateSnapshotInput, loaded *records.LoadedSections) (*gamesparks.CreateSnapshotOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	id, err := c.tx.NewSnapshotID(game)
	if err != nil {
		return nil, err
	}
	configuration, err := c.configuration(game)
	if err != nil {
		return nil, err
	}
	snapshot := &records.Snapshot{
		ID: id, Description: in.Description, Created: c.now, LastUpdated: c.now, Sections: configuration.Sections,
	}
	if err := c.tx.CreateSnapshot(game, snapshot); err != nil {
		return nil, err
	}
	if loaded, err = c.reload(loaded, snapshot.Sections); err != nil {
		return nil, err
	}
	return &gamesparks.CreateSnapshotOutput{Snapshot: c.snapshotDetails(snapshot, loaded.Contents)}, nil
}

func (c *call) getSnapshot(in *gamesparks.GetSnapshotInput) (*gamesparks.GetSnapshotOutput, error) {
	_, snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	content, err := c.read(snapshot.Sections, in.Sections)
	return &gamesparks.GetSnapshotOutput{Snapshot: c.snapshotDetails(snapshot, content)}, err
}

func (c *call) updateSnapshot(in *gamesparks.UpdateSnapshotInput) (*gamesparks.UpdateSnapshotOutput, error) {
	if _, err := c.activeGame(in.GameName); err != nil {
		return nil, err
	}
	game, snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	if in.Description != nil {
		snapshot.Description = in.Description
	}
	snapshot.LastUpdated = c.now
	content, err := c.read(snapshot.Sections, nil)
	if err != nil {
		return nil, err
	}
	return &gamesparks.UpdateSnapshotOutput{Snapshot: c.snapshotDetails(snapshot, content)},
		c.tx.PutSnapshot(game, snapshot)
}

func (c *call) listSnapshots(in *gamesparks.ListSnapshotsInput) (*gamesparks.ListSnapshotsOutput, error) {
	game, err := c.game(in.GameName)
	if err != nil {
		return nil, err
	}
	snapshots, next, err := listPage(c, c.tx.Snapshots(game), in.MaxResults, in.NextToken,
		func(s *records.Snapshot) (types.SnapshotSummary, bool) {
			return types.SnapshotSummary{
				Created: &s.Created, Description: s.Description, Id: &s.ID, LastUpdated: &s.LastUpdated,
			}, true
		})
	return &gamesparks.ListSnapshotsOutput{Snapshots: snapshots, NextToken: next}, err
}

func (c *call) snapshotDetails(s *records.Snapshot, content records.Sections) *types.SnapshotDetails {
	return &types.SnapshotDetails{
		Created: &s.Created, Description: s.Description, Id: &s.ID, LastUpdated: &s.LastUpdated,
		Sections: c.sectionDetails(content),
	}
}
