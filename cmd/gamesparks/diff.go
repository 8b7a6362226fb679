package main

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/project"
)

func (a *app) newDiff() *cobra.Command {
	d := &differ{app: a}
	exitCode := false
	command := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two configurations.",
		Long: `Compare two configurations. Each of A and B is one of:

  Snapshot_...  the snapshot with this ID
  stage:NAME    the snapshot that the stage runs
  working       the game's configuration on the server
  DIR           the project in a directory

The name of the game is --game, or that in the project directory among the arguments, or that in the working directory.`,
		Args: arguments("A", "B"),
		RunE: func(command *cobra.Command, args []string) error {
			var sections [2]map[string]json.RawMessage
			for i, name := range args {
				var err error
				if sections[i], err = d.read(command.Context(), name, args[1-i]); err != nil {
					return err
				}
			}
			changes, err := project.DiffSections(sections[0], sections[1])
			if err != nil {
				return err
			}
			if len(changes) == 0 {
				a.notef("No differences.")
				return nil
			}
			if err := project.WriteSections(a.stdout, changes, a.stdout.style()); err != nil {
				return err
			}
			if exitCode {
				return withStatus(statusChanges, nil)
			}
			return nil
		},
	}
	d.game.add(a, command)
	command.Flags().BoolVar(&exitCode, "exit-code", false, "exit with status 3 if there are differences")
	return command
}

// differ reads the configurations to compare.
type differ struct {
	app    *app
	game   gameFlag
	client *gamesparks.Client // nil until a configuration on the server is read
}

// The names of configurations that are not directories.
const (
	snapshotPrefix = "Snapshot_"
	stagePrefix    = "stage:"
	workingName    = "working"
)

func isOnServer(name string) bool {
	return name == workingName || strings.HasPrefix(name, stagePrefix) || strings.HasPrefix(name, snapshotPrefix)
}

// read returns the sections of a configuration. If other is a directory, a configuration on the server is one of its game.
func (d *differ) read(ctx context.Context, name, other string) (map[string]json.RawMessage, error) {
	if !isOnServer(name) {
		if _, err := os.Stat(name); err != nil {
			return nil, usageErrorf("%q is not a configuration: use the ID of a snapshot, stage:NAME, working, or a directory that exists", name)
		}
		game, err := project.Read(name)
		if err != nil {
			return nil, d.app.listProblems(name, err)
		}
		return game.Sections, nil
	}
	game, err := d.gameName(other)
	if err != nil {
		return nil, err
	}
	if d.client == nil {
		if d.client, err = d.app.newClient(ctx); err != nil {
			return nil, err
		}
	}
	if name == workingName {
		return project.FetchConfiguration(ctx, d.client, game)
	}
	id := name
	if stage, ok := strings.CutPrefix(name, stagePrefix); ok {
		if id, err = currentSnapshot(ctx, d.client, game, stage); err != nil {
			return nil, err
		}
	}
	return project.FetchSnapshot(ctx, d.client, game, id)
}

func (d *differ) gameName(other string) (string, error) {
	if d.game.value == "" && !isOnServer(other) {
		if name, err := project.ReadName(other); err == nil {
			return name, nil
		}
	}
	return d.game.name()
}
