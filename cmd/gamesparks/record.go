package main

import (
	"fmt"
	"strings"

	"github.com/gamesparks-go/gamesparks/project"
)

// readOverwritten returns the parts of the game that have changed on the server since the last fetch of the directory and that
// the plan changes, one per line. It returns "" if there are none, or no record of a fetch. It warns if the record is of another
// game than the plan.
func (a *app) readOverwritten(dir string, plan *project.Plan) (string, error) {
	record, err := project.ReadFetchRecord(dir)
	if err != nil || record == nil {
		return "", err
	}
	if record.Game() != plan.Game {
		a.notef("warning: %s was fetched from or applied to the game %q, but its game.json names %q: check the name in game.json", dir, record.Game(), plan.Game)
	}
	parts := record.Overwritten(plan)
	if parts == nil {
		return "", nil
	}
	return "\n  " + strings.Join(parts, "\n  "), nil
}

// checkOverwritten fails if the plan discards changes that were made on the server since the last fetch of the directory.
func (a *app) checkOverwritten(dir string, plan *project.Plan, overwrite bool) error {
	parts, err := a.readOverwritten(dir, plan)
	if err != nil || parts == "" || overwrite {
		return err
	}
	return withStatus(statusStale, fmt.Errorf("%s has changed on the server since the last fetch, and nothing was written, because the plan would undo these changes:%s\n"+
		"To keep them, run: gamesparks fetch %s\nTo undo them, add --overwrite", plan.Game, parts, dir))
}

// warnOverwritten warns if checkOverwritten fails.
func (a *app) warnOverwritten(dir string, plan *project.Plan) error {
	parts, err := a.readOverwritten(dir, plan)
	if err == nil && parts != "" {
		a.notef("warning: %s has changed on the server since the last fetch, and the plan undoes these changes:%s\nTo keep them, run: gamesparks fetch %s", plan.Game, parts, dir)
	}
	return err
}
