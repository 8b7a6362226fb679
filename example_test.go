package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

// exampleClient returns a client configured by environment variables such as AWS_REGION, AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and AWS_ENDPOINT_URL_GAMESPARKS.
func exampleClient(ctx context.Context) *gamesparks.Client {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	return gamesparks.NewFromConfig(cfg)
}

// Create a game and read it.
func Example() {
	ctx := context.Background()
	client := exampleClient(ctx)

	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{
		GameName:    new("lighthouse"),
		Description: new("Keep the lamp burning"),
	}); err != nil {
		log.Fatal(err)
	}
	out, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new("lighthouse")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Game.State, *out.Game.Description)
	fmt.Println(*out.Game.Arn)
}

// Create a client without a shared configuration.
func ExampleNew() {
	client := gamesparks.New(gamesparks.Options{
		Region:       "us-east-1",
		BaseEndpoint: new("http://127.0.0.1:8770"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	fmt.Println(client.Options().Region, client.Options().RetryMode)

	// Output:
	// us-east-1 standard
}

// Modify a section, which can contain any JSON value, and decode it into a Go value.
func ExampleClient_UpdateGameConfiguration() {
	ctx := context.Background()
	client := exampleClient(ctx)
	game := new("lighthouse")
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game}); err != nil {
		log.Fatal(err)
	}

	type lamp struct {
		Colour string
		Hours  int
	}
	modify := func(operation types.Operation, path string, value any) types.SectionModification {
		return types.SectionModification{
			Section:   new("Lighthouse.Lamps"),
			Operation: operation,
			Path:      new(path),
			Value:     document.NewLazyDocument(value),
		}
	}
	out, err := client.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{
		GameName: game,
		Modifications: []types.SectionModification{
			modify(types.OperationAdd, "/North", lamp{"White", 8}),
			modify(types.OperationAdd, "/South", lamp{"Red", 6}),
			modify(types.OperationReplace, "/North/Hours", 10),
		},
	})
	if err != nil {
		log.Fatal(err)
	}

	var lamps map[string]lamp
	section := out.GameConfiguration.Sections["Lighthouse.Lamps"]
	if err := section.Attributes.UnmarshalSmithyDocument(&lamps); err != nil {
		log.Fatal(err)
	}
	fmt.Println(lamps)
}

// List all games in an account.
func ExampleNewListGamesPaginator() {
	ctx := context.Background()
	client := exampleClient(ctx)
	for _, name := range []string{"anchor", "buoy", "compass"} {
		if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &name}); err != nil {
			log.Fatal(err)
		}
	}

	games := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
		o.Limit = 2
	})
	for game, err := range games.Items(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(*game.Name)
	}
}

// Deploy a snapshot and wait for the deployment.
func ExampleNewStageDeploymentCompletedWaiter() {
	ctx := context.Background()
	client := exampleClient(ctx)
	game, stage := new("lighthouse"), new("rehearsal")
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game}); err != nil {
		log.Fatal(err)
	}
	if _, err := client.CreateStage(ctx, &gamesparks.CreateStageInput{
		GameName: game, StageName: stage, Role: new("arn:aws:iam::123456789012:role/lighthouse"),
	}); err != nil {
		log.Fatal(err)
	}
	snapshot, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: game})
	if err != nil {
		log.Fatal(err)
	}

	started, err := client.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{
		GameName: game, StageName: stage, SnapshotId: snapshot.Snapshot.Id,
	})
	if err != nil {
		log.Fatal(err)
	}
	waiter := gamesparks.NewStageDeploymentCompletedWaiter(client, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
	})
	ended, err := waiter.WaitForOutput(ctx, &gamesparks.GetStageDeploymentInput{
		GameName: game, StageName: stage, DeploymentId: started.StageDeployment.DeploymentId,
	}, time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(started.StageDeployment.DeploymentState)
	fmt.Println(ended.StageDeployment.DeploymentState, ended.StageDeployment.DeploymentResult.ResultCode)
}

// Create a game unless it already exists.
func ExampleIsNotFound() {
	ctx := context.Background()
	client := exampleClient(ctx)

	ensure := func(name string) (string, error) {
		_, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: &name})
		if !gamesparks.IsNotFound(err) {
			return "exists", err
		}
		_, err = client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &name})
		return "created", err
	}
	fmt.Println(ensure("lighthouse"))
	fmt.Println(ensure("lighthouse"))
}

// Check an input before sending it.
func ExampleIsValidation() {
	client := gamesparks.New(gamesparks.Options{Region: "us-east-1", StrictValidation: true})
	_, err := client.CreateStage(context.Background(), &gamesparks.CreateStageInput{
		GameName:  new("lighthouse"),
		StageName: new("dress rehearsal"),
	})
	fmt.Println(gamesparks.IsValidation(err))
	var invalid smithy.InvalidParamsError
	if errors.As(err, &invalid) {
		fmt.Print(invalid)
	}

	// Output:
	// true
	// 2 validation error(s) found.
	// - missing required field, CreateStageInput.Role.
	// - value must match ^[a-zA-Z0-9_-]+$, CreateStageInput.StageName.
}
