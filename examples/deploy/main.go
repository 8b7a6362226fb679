// Command deploy imports a configuration and deploys it to three stages in one call. The deployment to one stage fails, so
// the command exits with status 1.
package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

const configuration = `{"Document": {"Type": "Game", "Sections": {"Lighthouse.Lamps": {"North": "White"}}}}`

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	srv, err := server.Start(server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
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
	for _, stage := range result.Stages {
		fmt.Println(outcome(stage))
	}
	return err
}

// outcome describes the outcome of a stage. A stage that failed before its deployment started has no deployment, and a
// deployment that is still running has no result.
func outcome(stage deploy.StageResult) string {
	switch {
	case stage.Err == nil:
		return stage.Stage + ": deployed"
	case stage.Deployment == nil:
		return fmt.Sprintf("%s: not deployed: %v", stage.Stage, stage.Err)
	}
	return fmt.Sprintf("%s: %s: %v", stage.Stage, stage.Deployment.DeploymentState, stage.Err)
}
