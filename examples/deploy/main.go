// Command deploy imports a configuration and brings it to three stages in one call. One of them fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/local"
	"github.com/gamesparks-go/gamesparks/types"
)

const configuration = `{"Document": {"Type": "Game", "Sections": {"Lighthouse.Lamps": {"North": "White"}}}}`

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	srv, err := local.Serve(local.WithDeploymentOutcome(func(d local.Deployment) local.Outcome {
		if d.Stage == "storm" {
			return local.Outcome{Code: types.ResultCodeInvalidRoleFailure, Message: "the role is not there"}
		}
		return local.Outcome{}
	}))
	if err != nil {
		return err
	}
	defer srv.Close()
	client := srv.Client()

	game, stages := "lighthouse", []string{"calm", "storm", "winter"}
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &game}); err != nil {
		return err
	}
	for _, stage := range stages {
		if _, err := client.CreateStage(ctx, &gamesparks.CreateStageInput{
			GameName: &game, StageName: &stage, Role: aws.String("arn:aws:iam::123456789012:role/lighthouse"),
		}); err != nil {
			return err
		}
	}

	result, err := deploy.Run(ctx, client, &deploy.Input{
		GameName:      game,
		Stages:        stages,
		Configuration: []byte(configuration),
		Description:   "First night",
	}, func(o *deploy.Options) {
		o.Concurrency = 2
		o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
			o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
		})
		o.Progress = func(e deploy.Event) {
			if e.Done && e.Err == nil {
				fmt.Println("done:", e.Step, e.Stage)
			}
		}
	})
	var failed *deploy.Error
	if err != nil && !errors.As(err, &failed) {
		return err
	}
	for _, stage := range result.Stages {
		fmt.Println(stage.Stage, stage.Deployment.DeploymentState, aws.ToString(stage.Deployment.DeploymentResult.Message))
	}
	return nil
}
