// Command wait deploys a snapshot to two stages, and shows a progress bar while it waits. The second deployment fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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
		server.WithDeploymentTime(200*time.Millisecond, 600*time.Millisecond),
		server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
			if d.Stage == "storm" {
				return server.Outcome{Code: types.ResultCodeInvalidRoleFailure, Message: "the role is not there"}
			}
			return server.Outcome{}
		}))
	if err != nil {
		return err
	}
	defer srv.Close()
	client := srv.Client()

	game := aws.String("lighthouse")
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game}); err != nil {
		return err
	}
	snapshot, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: game})
	if err != nil {
		return err
	}
	for _, stage := range []string{"calm", "storm"} {
		if _, err := client.CreateStage(ctx, &gamesparks.CreateStageInput{
			GameName: game, StageName: &stage, Role: aws.String("arn:aws:iam::123456789012:role/lighthouse"),
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
			fmt.Println(stage, "is deployed")
		}
	}
	return nil
}

// wait waits for the latest deployment of the stage. A bar shows how much of the time is over.
func wait(ctx context.Context, client gamesparks.GetStageDeploymentAPIClient, game, stage string) error {
	const maxWait = 10 * time.Second
	bar := progressbar.NewOptions64(maxWait.Milliseconds(),
		progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish())
	defer bar.Finish()

	waiter := gamesparks.NewStageDeploymentCompletedWaiter(client, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, 500*time.Millisecond
		o.OnAttempt = func(a gamesparks.WaiterAttempt[gamesparks.GetStageDeploymentOutput]) {
			if a.Output != nil {
				bar.Describe(fmt.Sprintf("%s: %s", stage, a.Output.StageDeployment.DeploymentState))
			}
			bar.Set64(a.Elapsed.Milliseconds())
		}
	})
	return waiter.Wait(ctx, &gamesparks.GetStageDeploymentInput{GameName: &game, StageName: &stage}, maxWait)
}
