package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks/project"
)

func (a *app) newInit() *cobra.Command {
	var name, export string
	command := &cobra.Command{
		Use:   "init DIR --game NAME",
		Short: "Create a project directory, from an export or as a small working game.",
		Long: `Create a project directory. It describes a small working game, or with --from the configuration of an export.

The directory is created if it does not exist. It can have other files, but not those of a game. The role of the stages
in game.json is an example. Nothing is written to a server: gamesparks apply does that.

An export is the file at the S3Url that gamesparks api export-snapshot returns.`,
		Args:              arguments("DIR"),
		ValidArgsFunction: completeDirectory,
		RunE: func(_ *cobra.Command, args []string) error {
			if name == "" {
				return usageErrorf("game is not set: set --game")
			}
			if err := project.CheckName(name); err != nil {
				return usageErrorf("--game: %w", err)
			}
			return a.initialize(args[0], name, export)
		},
	}
	command.Flags().StringVar(&name, "game", "", "`NAME` of the game (required)")
	command.Flags().StringVar(&export, "from", "", "`FILE` with an exported configuration")
	return command
}

func (a *app) initialize(dir, name, export string) error {
	game := project.Starter(name)
	if export != "" {
		text, err := os.ReadFile(export)
		if err != nil {
			return err
		}
		if game.Sections, err = project.ParseExport(export, text); err != nil {
			return err
		}
	}
	if err := project.Init(dir, game); err != nil {
		return err
	}
	a.notef("Created %s with the game %s. The role of the stages in game.json is an example.", dir, name)
	if invalid, ok := errors.AsType[*project.Error](project.Validate(dir)); ok {
		a.notef("The configuration has %s: gamesparks validate %s lists them.", count(len(invalid.Problems), "problem"), dir)
		return nil
	}
	a.notef("Next: gamesparks plan %s", dir)
	return nil
}

// completeDirectory completes the argument of a command that has one directory.
func completeDirectory(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}
