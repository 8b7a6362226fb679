package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/types"
)

func (a *app) newStatus() *cobra.Command {
	var game gameFlag
	var players []string
	command := &cobra.Command{
		Use:   "status",
		Short: "Show the stages of a game, the snapshots that they run, and running deployments.",
		Long: `Show the stages of a game, the snapshots that they run, the age of the deployments, and running or failed deployments.

The API does not list the players of a stage. With --player, the command shows the connections of these players.
Without a game, it lists the games of the account.`,
		Args: arguments(),
		RunE: func(command *cobra.Command, _ []string) error {
			client, err := a.newClient(command.Context())
			if err != nil {
				return err
			}
			name, err := game.name()
			switch {
			case err == nil:
				return a.showGame(command.Context(), client, name, players)
			case isProject("."):
				return err
			}
			return a.listGames(command.Context(), client)
		},
	}
	game.add(a, command)
	command.Flags().StringSliceVar(&players, "player", nil, "show the connections of the players with these `IDS`, separated by commas")
	return command
}

// isProject reports whether the directory has a game.json, even if it has errors.
func isProject(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, "game.json"))
	return err == nil
}

func (a *app) listGames(ctx context.Context, client *gamesparks.Client) error {
	t := a.newTable("GAME", "STATE", "DESCRIPTION")
	for game, err := range gamesparks.NewListGamesPaginator(client, nil).Items(ctx) {
		if err != nil {
			return err
		}
		t.row(aws.ToString(game.Name), string(game.State), aws.ToString(game.Description))
	}
	if len(t.rows) == 0 {
		a.notef("The account has no games in this region. gamesparks init and gamesparks apply create one.")
	}
	return t.print()
}

func (a *app) showGame(ctx context.Context, client *gamesparks.Client, name string, players []string) error {
	game, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: &name})
	if err != nil {
		return err
	}
	if game.Game == nil {
		return fmt.Errorf("the response for the game %q has no game: check --endpoint-url", name)
	}
	columns := []string{"STAGE", "STATE", "SNAPSHOT", "AGE", "DEPLOYMENT"}
	if a.showKeys {
		columns = append(columns, "KEY")
	}
	stages, connections := a.newTable(columns...), a.newTable("PLAYER", "STAGE", "CONNECTION", "AGE")
	for stage, err := range gamesparks.NewListStagesPaginator(client, &gamesparks.ListStagesInput{GameName: &name}).Items(ctx) {
		if err != nil {
			return err
		}
		cells, err := stageCells(ctx, client, name, stage)
		if err != nil {
			return err
		}
		if a.showKeys {
			cells = append(cells, aws.ToString(stage.GameKey))
		}
		stages.row(cells...)
		for _, player := range players {
			if err := addConnections(ctx, client, connections, name, aws.ToString(stage.Name), player); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(a.stdout, "%s  %s\n", name, game.Game.State)
	if len(stages.rows) == 0 {
		a.notef("The game has no stages. gamesparks apply creates those in game.json.")
		return nil
	}
	if err := stages.print(); err != nil {
		return err
	}
	if len(players) > 0 && len(connections.rows) == 0 {
		a.notef("None of the players is connected.")
		return nil
	}
	return connections.print()
}

// stageCells returns the row of a stage.
func stageCells(ctx context.Context, client *gamesparks.Client, game string, stage types.StageSummary) ([]string, error) {
	name := aws.ToString(stage.Name)
	cells := []string{name, string(stage.State), "-", "-", "-"}
	deployments, err := project.FetchDeployments(ctx, client, game, name)
	if gamesparks.IsNotFound(err) { // deleted since it was listed
		return cells, nil
	}
	if err != nil {
		return nil, err
	}
	if current := deployments.Current; current != nil {
		cells[2], cells[3] = aws.ToString(current.SnapshotId), age(current.LastUpdated)
	}
	if latest := deployments.Latest; latest != nil && latest != deployments.Current {
		cells[4] = fmt.Sprintf("%s %s, %s", latest.DeploymentState, aws.ToString(latest.SnapshotId), age(latest.LastUpdated))
		if result := latest.DeploymentResult; result != nil {
			cells[4] += fmt.Sprintf(": %s %s", result.ResultCode, aws.ToString(result.Message))
		}
	}
	return cells, nil
}

func addConnections(ctx context.Context, client *gamesparks.Client, t *table, game, stage, player string) error {
	out, err := client.GetPlayerConnectionStatus(ctx, &gamesparks.GetPlayerConnectionStatusInput{GameName: &game, StageName: &stage, PlayerId: &player})
	if gamesparks.IsNotFound(err) { // the stage runs nothing, or has been deleted
		return nil
	}
	if err != nil {
		return err
	}
	for _, connection := range out.Connections {
		t.row(player, stage, aws.ToString(connection.Id), age(connection.Created))
	}
	return nil
}

// age returns the time since t in its largest unit.
func age(t *time.Time) string {
	if t == nil {
		return "-"
	}
	switch d := max(0, time.Since(*t)); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}
