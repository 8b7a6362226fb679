package main

import (
	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks/project"
)

// gameFlag is the flag --game of a command that does not have a project directory as an argument.
type gameFlag struct{ value string }

func (g *gameFlag) add(a *app, command *cobra.Command) {
	command.Flags().StringVar(&g.value, "game", "", "`NAME` of the game (default: the game of the project in the working directory)")
	a.completeGame(command, "game")
}

// name returns the name of the game from the flag or from game.json in the working directory.
func (g *gameFlag) name() (string, error) {
	if g.value != "" {
		return g.value, nil
	}
	name, err := project.ReadName(".")
	if err != nil {
		return "", usageErrorf("game is not set: set --game, or run the command in a project directory (%w)", err)
	}
	return name, nil
}
