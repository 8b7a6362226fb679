package deploy_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
)

// Deploy a configuration to two stages. One deployment fails: the result contains the state of both, and the error
// contains the cause.
func ExampleRun() {
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	client := gamesparks.NewFromConfig(cfg)

	result, err := deploy.Run(ctx, client, &deploy.Input{
		GameName:      "lighthouse",
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
}
