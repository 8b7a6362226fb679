package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks/project"
)

func (a *app) newFetch() *cobra.Command {
	var options project.FetchOptions
	command := &cobra.Command{
		Use:   "fetch DIR",
		Short: "Write the state of a game on the server to a project directory.",
		Long: `Write the state of a game on the server to a project directory, which is created if it does not exist.

Files that are equal to the server's state are not written, so fetching twice changes nothing. A file that has changed since the
last fetch in the directory, but not on the server, is kept. If a file has changed on both sides, nothing is written,
unless --force is set: commit the files, fetch with --force, and merge both versions with git. Game keys are never written.`,
		Args:              arguments("DIR"),
		ValidArgsFunction: completeDirectory,
		RunE: func(command *cobra.Command, args []string) error {
			dir := args[0]
			if !isProject(dir) && options.Game == "" {
				return usageErrorf("the directory %s has no game.json with the name of a game: set --game", dir)
			}
			client, err := a.newClient(command.Context())
			if err != nil {
				return err
			}
			return a.fetch(command.Context(), client, dir, options)
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.Game, "game", "", "`NAME` of the game (default: the name in DIR/game.json)")
	flags.StringVar(&options.SnapshotID, "snapshot", "", "fetch the sections of the snapshot with this `ID` instead of the current configuration")
	flags.BoolVar(&options.Prune, "prune", false, "remove the sections that only the directory has")
	flags.BoolVar(&options.Force, "force", false, "overwrite and remove files that changed in the directory")
	flags.BoolVar(&options.DryRun, "dry-run", false, "show what would change, and write nothing")
	return command
}

func (a *app) fetch(ctx context.Context, client project.Reader, dir string, options project.FetchOptions) error {
	result, err := project.Fetch(ctx, client, dir, options)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.stdout, result.Game)
	if err := result.WriteText(a.stdout, a.stdout.style()); err != nil {
		return err
	}
	counts := map[project.FileAction]int{}
	for _, change := range result.Changes {
		counts[change.Action]++
	}
	summary := fmt.Sprintf("%s created, %d updated, %d removed", count(counts[project.FileCreated], "file"), counts[project.FileUpdated], counts[project.FileRemoved])
	switch {
	case len(result.Changes) == 0 && len(result.Kept) > 0:
		a.notef("Nothing to fetch: %s changed only in %s.", count(len(result.Kept), "file"), dir)
	case len(result.Changes) == 0:
		a.notef("%s is up to date.", dir)
	case options.DryRun:
		a.notef("Dry run, nothing was written: %s.", summary)
	default:
		a.notef("Fetched: %s.", summary)
	}
	return nil
}
