package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/local"
	"github.com/gamesparks-go/gamesparks/types"
)

// A game is created in the local service, which runs in this process, and read back.
func Example() {
	ctx := context.Background()
	srv, err := local.Serve()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client := srv.Client()

	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{
		GameName:    aws.String("lighthouse"),
		Description: aws.String("Keep the lamp burning"),
	}); err != nil {
		log.Fatal(err)
	}
	out, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: aws.String("lighthouse")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Game.State, *out.Game.Description)
	fmt.Println(*out.Game.Arn)

	// Output:
	// ACTIVE Keep the lamp burning
	// arn:aws:gamesparks:us-east-1:123456789012:game/lighthouse
}

// A client with nothing but a region, an endpoint and credentials.
func ExampleNew() {
	client := gamesparks.New(gamesparks.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://127.0.0.1:8770"),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
	fmt.Println(client.Options().Region, client.Options().RetryMode)

	// Output:
	// us-east-1 standard
}

// Sections hold any JSON value. A modification changes a place in one, and a read decodes what is there into a Go value.
func ExampleClient_UpdateGameConfiguration() {
	ctx := context.Background()
	srv, err := local.Serve()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client := srv.Client()
	game := aws.String("lighthouse")
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game}); err != nil {
		log.Fatal(err)
	}

	type lamp struct {
		Colour string
		Hours  int
	}
	modify := func(operation types.Operation, path string, value any) types.SectionModification {
		return types.SectionModification{
			Section:   aws.String("Lighthouse.Lamps"),
			Operation: operation,
			Path:      aws.String(path),
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

	// Output:
	// map[North:{White 10} South:{Red 6}]
}

// The games of an account, item by item.
func ExampleNewListGamesPaginator() {
	ctx := context.Background()
	srv, err := local.Serve()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client := srv.Client()
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

	// Output:
	// anchor
	// buoy
	// compass
}

// A snapshot is deployed, and the deployment is waited for.
func ExampleNewStageDeploymentCompletedWaiter() {
	ctx := context.Background()
	srv, err := local.Serve()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client := srv.Client()
	game, stage := aws.String("lighthouse"), aws.String("rehearsal")
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game}); err != nil {
		log.Fatal(err)
	}
	if _, err := client.CreateStage(ctx, &gamesparks.CreateStageInput{
		GameName: game, StageName: stage, Role: aws.String("arn:aws:iam::123456789012:role/lighthouse"),
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

	// Output:
	// PENDING
	// COMPLETED SUCCESS
}

// A game is made only if it is not there.
func ExampleIsNotFound() {
	ctx := context.Background()
	srv, err := local.Serve()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client := srv.Client()

	ensure := func(name string) (string, error) {
		_, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: &name})
		if !gamesparks.IsNotFound(err) {
			return "there", err
		}
		_, err = client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &name})
		return "made", err
	}
	fmt.Println(ensure("lighthouse"))
	fmt.Println(ensure("lighthouse"))

	// Output:
	// made <nil>
	// there <nil>
}

// An input is checked before it is sent.
func ExampleIsValidation() {
	client := gamesparks.New(gamesparks.Options{Region: "us-east-1", StrictValidation: true})
	_, err := client.CreateStage(context.Background(), &gamesparks.CreateStageInput{
		GameName:  aws.String("lighthouse"),
		StageName: aws.String("dress rehearsal"),
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
