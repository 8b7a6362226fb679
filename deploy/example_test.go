package deploy_test

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

// A configuration goes to two stages. One of the deployments fails, which the result and the error tell.
func ExampleRun() {
	ctx := context.Background()
	srv, err := local.Serve(local.WithDeploymentOutcome(func(d local.Deployment) local.Outcome {
		if d.Stage == "storm" {
			return local.Outcome{Code: types.ResultCodeInvalidRoleFailure, Message: "the role is not there"}
		}
		return local.Outcome{}
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client, game := srv.Client(), "lighthouse"
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &game}); err != nil {
		log.Fatal(err)
	}
	for _, stage := range []string{"calm", "storm"} {
		if _, err := client.CreateStage(ctx, &gamesparks.CreateStageInput{
			GameName: &game, StageName: &stage, Role: aws.String("arn:aws:iam::123456789012:role/lighthouse"),
		}); err != nil {
			log.Fatal(err)
		}
	}

	result, err := deploy.Run(ctx, client, &deploy.Input{
		GameName:      game,
		Stages:        []string{"calm", "storm"},
		Configuration: []byte(`{"Document":{"Type":"Game","Sections":{"Lighthouse.Lamps":{"North":"White"}}}}`),
	}, func(o *deploy.Options) {
		o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
			o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
		})
	})
	for _, stage := range result.Stages {
		fmt.Println(stage.Stage, stage.Deployment.DeploymentState)
	}
	var failed *gamesparks.DeploymentFailedError
	if errors.As(err, &failed) {
		fmt.Println(failed.Deployment.DeploymentResult.ResultCode, *failed.Deployment.DeploymentResult.Message)
	}

	// Output:
	// calm COMPLETED
	// storm FAILED
	// INVALID_ROLE_FAILURE the role is not there
}
