// Command quickstart runs a game through its full lifecycle: it creates, configures, deploys, lists, reads, tags and
// deletes the game.
//
// Each line of output is an operation and its result. Look for the deployment, which goes from PENDING to COMPLETED.
//
// The command uses the endpoint that the environment or the shared configuration file configures, for example in
// AWS_ENDPOINT_URL_GAMESPARKS, with a region and credentials. Without an endpoint, it starts its own server.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"log"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

//go:embed lighthouse.json
var configuration []byte

func main() {
	log.SetFlags(0)
	log.SetPrefix("quickstart: ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, closeServer, err := connect(ctx)
	if err != nil {
		return err
	}
	defer closeServer()

	game := new("lighthouse-" + strconv.FormatInt(time.Now().UnixMilli(), 36))
	stage := new("rehearsal")

	created, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{
		GameName:    game,
		Description: new("Keep the lamp burning"),
	})
	if err != nil {
		return err
	}
	arn := created.Game.Arn
	// Delete the game also if a later call fails.
	defer client.DeleteGame(context.WithoutCancel(ctx), &gamesparks.DeleteGameInput{GameName: game})
	show("create game", "%s is %s", *created.Game.Name, created.Game.State)

	imported, err := client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName:     game,
		ImportSource: &types.ImportGameConfigurationSource{File: configuration},
	})
	if err != nil {
		return err
	}
	sections := imported.GameConfiguration.Sections
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		show("import configuration", "%s, %d bytes", name, sections[name].Size)
	}

	_, err = client.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{
		GameName: game,
		Modifications: []types.SectionModification{{
			Section:   new("GameSparks.Core.RequestHandlers"),
			Operation: types.OperationReplace,
			Path:      new("/LightLamp/Enabled"),
			Value:     document.NewLazyDocument(true),
		}},
	})
	if err != nil {
		return err
	}
	show("change configuration", "/LightLamp/Enabled is true")

	snapshot, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{
		GameName:    game,
		Description: new("First night"),
	})
	if err != nil {
		return err
	}
	show("create snapshot", "%s", *snapshot.Snapshot.Id)

	createdStage, err := client.CreateStage(ctx, &gamesparks.CreateStageInput{
		GameName:  game,
		StageName: stage,
		Role:      new("arn:aws:iam::123456789012:role/lighthouse-runtime"),
	})
	if err != nil {
		return err
	}
	show("create stage", "%s is %s", *createdStage.Stage.Name, createdStage.Stage.State)

	if err := deploy(ctx, client, game, stage, snapshot.Snapshot.Id); err != nil {
		return err
	}
	if err := list(ctx, client, game); err != nil {
		return err
	}
	if err := readBack(ctx, client, game); err != nil {
		return err
	}

	if _, err := client.TagResource(ctx, &gamesparks.TagResourceInput{
		ResourceArn: arn,
		Tags:        map[string]string{"season": "winter"},
	}); err != nil {
		return err
	}
	tags, err := client.ListTagsForResource(ctx, &gamesparks.ListTagsForResourceInput{ResourceArn: arn})
	if err != nil {
		return err
	}
	for key, value := range tags.Tags {
		show("tag game", "%s=%s", key, value)
	}

	if _, err := client.DeleteGame(ctx, &gamesparks.DeleteGameInput{GameName: game}); err != nil {
		return err
	}
	deleted := gamesparks.NewGameDeletedWaiter(client, func(o *gamesparks.GameDeletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
	})
	if err := deleted.Wait(ctx, &gamesparks.GetGameInput{GameName: game}, time.Minute); err != nil {
		return err
	}
	show("delete game", "%s is deleted, with its stage and snapshot", *game)
	return nil
}

// connect returns a client for the configured endpoint and a cleanup function. If no endpoint is configured, connect
// starts a server, which the cleanup function closes.
func connect(ctx context.Context) (client *gamesparks.Client, closeServer func(), err error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, nil, err
	}
	client = gamesparks.NewFromConfig(cfg)
	if endpoint := client.Options().BaseEndpoint; endpoint != nil {
		show("connect", "%s", *endpoint)
		return client, func() {}, nil
	}
	srv, err := server.Start()
	if err != nil {
		return nil, nil, err
	}
	show("start server", "%s", srv.URL)
	return srv.Client(), func() { srv.Close() }, nil
}

// deploy deploys the snapshot to the stage and waits until the deployment has completed.
func deploy(ctx context.Context, client *gamesparks.Client, game, stage, snapshot *string) error {
	started, err := client.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{
		GameName: game, StageName: stage, SnapshotId: snapshot,
	})
	if err != nil {
		return err
	}
	deployment := started.StageDeployment
	show("deploy", "%s is %s", *deployment.DeploymentId, deployment.DeploymentState)

	waiter := gamesparks.NewStageDeploymentCompletedWaiter(client, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
		o.OnAttempt = func(a gamesparks.WaiterAttempt[gamesparks.GetStageDeploymentOutput]) {
			if a.Output != nil {
				show("", "%s after %v", a.Output.StageDeployment.DeploymentState, a.Elapsed.Round(time.Millisecond))
			}
		}
	})
	return waiter.Wait(ctx, &gamesparks.GetStageDeploymentInput{
		GameName: game, StageName: stage, DeploymentId: deployment.DeploymentId,
	}, time.Minute)
}

// list prints the games of the account and region, and the snapshots and stages of the game.
func list(ctx context.Context, client *gamesparks.Client, game *string) error {
	for g, err := range gamesparks.NewListGamesPaginator(client, nil).Items(ctx) {
		if err != nil {
			return err
		}
		show("list games", "%s, %s", *g.Name, g.State)
	}
	for s, err := range gamesparks.NewListSnapshotsPaginator(client, &gamesparks.ListSnapshotsInput{GameName: game}).Items(ctx) {
		if err != nil {
			return err
		}
		show("list snapshots", "%s, %q", *s.Id, aws.ToString(s.Description))
	}
	for s, err := range gamesparks.NewListStagesPaginator(client, &gamesparks.ListStagesInput{GameName: game}).Items(ctx) {
		if err != nil {
			return err
		}
		show("list stages", "%s is %s", *s.Name, s.State) // GameKey grants players access, so it is not printed
	}
	return nil
}

// readBack prints the section that run changed.
func readBack(ctx context.Context, client *gamesparks.Client, game *string) error {
	const name = "GameSparks.Core.RequestHandlers"
	out, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{
		GameName: game, Sections: []string{name},
	})
	if err != nil {
		return err
	}
	var handlers map[string]struct {
		Description string
		Enabled     bool
		Code        struct{ Script, ScriptLanguage string }
	}
	if err := out.GameConfiguration.Sections[name].Attributes.UnmarshalSmithyDocument(&handlers); err != nil {
		return err
	}
	for request, handler := range handlers {
		show("read configuration", "%s: enabled %t, %d lines of %s", request, handler.Enabled,
			strings.Count(handler.Code.Script, "\n")+1, handler.Code.ScriptLanguage)
	}
	return nil
}

// show prints a line that starts with the operation.
func show(operation, format string, args ...any) {
	fmt.Printf("%-22s%s\n", operation, fmt.Sprintf(format, args...))
}
