// Command deploy imports a configuration and deploys it to three stages in one call.
//
// Look for the progress of each step, the outcome of each stage, and the error from deploy.Run, which names the
// failed stage. The deployment to the stage storm fails on purpose, so the command exits with status 1.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

const configuration = `{"Document": {"Type": "Game", "Sections": {"Lighthouse.Lamps": {"North": "White"}}}}`

func main() {
	log.SetFlags(0)
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	srv, err := server.Start(server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
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

	game, stages := "lighthouse", []string{"calm", "storm", "winter"}
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &game}); err != nil {
		return err
	}
	for _, stage := range stages {
		if _, err := client.CreateStage(ctx, &gamesparks.CreateStageInput{
			GameName: &game, StageName: &stage, Role: new("arn:aws:iam::123456789012:role/lighthouse"),
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
			if e.Done {
				fmt.Println(progress(e))
			}
		}
	})
	for _, stage := range result.Stages {
		fmt.Println(outcome(stage))
	}
	return err
}

// progress describes a finished step. The import and snapshot steps apply to the whole game, so their events have no
// stage.
func progress(e deploy.Event) string {
	step := string(e.Step)
	if e.Stage != "" {
		step += " " + e.Stage
	}
	if e.Err != nil {
		return step + ": failed"
	}
	return step + ": done"
}

// outcome describes the result of a stage. The result has no deployment if the stage failed before one started.
func outcome(stage deploy.StageResult) string {
	var failed *gamesparks.DeploymentFailedError
	switch {
	case stage.Err == nil:
		return stage.Stage + ": deployed"
	case errors.As(stage.Err, &failed):
		return fmt.Sprintf("%s: %v", stage.Stage, failed)
	case stage.Deployment == nil:
		return fmt.Sprintf("%s: not deployed: %v", stage.Stage, stage.Err)
	}
	return fmt.Sprintf("%s: still %s: %v", stage.Stage, stage.Deployment.DeploymentState, stage.Err)
}
