package project

import (
	"context"
	"encoding/json"
)

// FindOrCreateSnapshot returns the ID of a snapshot whose sections are the given ones, which are the game's configuration. It
// creates a snapshot only if no snapshot is equal, because snapshots cannot be deleted. If the snapshot that it creates
// differs, because another program has changed the configuration, the error is a [*StaleError].
func FindOrCreateSnapshot(ctx context.Context, client Client, game string, sections map[string]json.RawMessage) (id string, created bool, err error) {
	a := &application{client: client, plan: &Plan{Game: game}, result: &ApplyResult{}, digests: map[string]string{}}
	return a.findOrCreateSnapshot(ctx, sections)
}
