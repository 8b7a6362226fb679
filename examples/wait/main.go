// Command wait deploys a snapshot to two stages and waits for each deployment.
//
// Look for the spinner, which shows the latest state of the deployment and the time spent waiting, and for the outcome
// of each stage. The deployment to the stage storm fails on purpose.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	srv, err := server.Start(
		server.WithDeploymentTime(500*time.Millisecond, 1500*time.Millisecond),
		server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
			if d.Stage == "storm" {
				return server.Outcome{Code: types.ResultCodeInvalidRoleFailure, Message: "the role does not exist"}
			}
			return server.Outcome{}
		}))
	if err != nil {
		return err
	}
	defer srv.Close()
	client := srv.Client()

	game := new("lighthouse")
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game}); err != nil {
		return err
	}
	snapshot, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: game})
	if err != nil {
		return err
	}
	for _, stage := range []string{"calm", "storm"} {
		if _, err := client.CreateStage(ctx, &gamesparks.CreateStageInput{
			GameName: game, StageName: &stage, Role: new("arn:aws:iam::123456789012:role/lighthouse"),
		}); err != nil {
			return err
		}
		if _, err := client.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{
			GameName: game, StageName: &stage, SnapshotId: snapshot.Snapshot.Id,
		}); err != nil {
			return err
		}
		err := wait(ctx, client, *game, stage)
		var failed *gamesparks.DeploymentFailedError
		switch {
		case errors.As(err, &failed):
			fmt.Printf("%s: %v\n", stage, failed)
		case err != nil:
			return err
		default:
			fmt.Printf("%s: deployed\n", stage)
		}
	}
	return nil
}

// wait waits for the latest deployment to the stage. It shows a spinner instead of a progress bar, since the remaining
// time is unknown.
func wait(ctx context.Context, client gamesparks.GetStageDeploymentAPIClient, game, stage string) error {
	spinner := progressbar.NewOptions(-1,
		progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetDescription(stage),
		progressbar.OptionSetRenderBlankState(true),
		progressbar.OptionClearOnFinish())
	defer spinner.Finish()

	waiter := gamesparks.NewStageDeploymentCompletedWaiter(client, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, 500*time.Millisecond
		o.OnAttempt = func(a gamesparks.WaiterAttempt[gamesparks.GetStageDeploymentOutput]) {
			if a.Output != nil {
				spinner.Describe(fmt.Sprintf("%s: %s", stage, a.Output.StageDeployment.DeploymentState))
			}
		}
	})
	return waiter.Wait(ctx, &gamesparks.GetStageDeploymentInput{GameName: &game, StageName: &stage}, 10*time.Second)
}
