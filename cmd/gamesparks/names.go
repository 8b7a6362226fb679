package main

import (
	"context"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// completionTime is how long a shell waits for names from the server.
const completionTime = 2 * time.Second

// maxCompletions is the maximum number of names to offer.
const maxCompletions = 200

// completeNames completes the value of a flag with names from the server. It offers nothing if the server is unreachable.
func (a *app) completeNames(command *cobra.Command, flag string, list func(context.Context, *gamesparks.Client) iter.Seq2[string, error]) {
	complete := func(command *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(command.Context(), completionTime)
		defer cancel()
		client, err := a.newClient(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for name, err := range list(ctx, client) {
			if err != nil || len(names) == maxCompletions {
				break
			}
			names = append(names, name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
	if err := command.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // the flag does not exist
	}
}

// names returns the names of items.
func names[T any](items iter.Seq2[T, error], name func(T) *string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for item, err := range items {
			if !yield(aws.ToString(name(item)), err) {
				return
			}
		}
	}
}

// completeGame completes names of games.
func (a *app) completeGame(command *cobra.Command, flag string) {
	a.completeNames(command, flag, func(ctx context.Context, client *gamesparks.Client) iter.Seq2[string, error] {
		return names(gamesparks.NewListGamesPaginator(client, nil).Items(ctx), func(g types.GameSummary) *string { return g.Name })
	})
}

// completeStage completes the names of stages of the command's game.
func (a *app) completeStage(command *cobra.Command, flag string, game *gameFlag) {
	a.completeNames(command, flag, func(ctx context.Context, client *gamesparks.Client) iter.Seq2[string, error] {
		name, _ := game.name() // without a name, the list fails
		list := gamesparks.NewListStagesPaginator(client, &gamesparks.ListStagesInput{GameName: &name})
		return names(list.Items(ctx), func(s types.StageSummary) *string { return s.Name })
	})
}

// completeSnapshot completes the IDs of snapshots of the command's game.
func (a *app) completeSnapshot(command *cobra.Command, flag string, game *gameFlag) {
	a.completeNames(command, flag, func(ctx context.Context, client *gamesparks.Client) iter.Seq2[string, error] {
		name, _ := game.name()
		list := gamesparks.NewListSnapshotsPaginator(client, &gamesparks.ListSnapshotsInput{GameName: &name})
		return names(list.Items(ctx), func(s types.SnapshotSummary) *string { return s.Id })
	})
}
