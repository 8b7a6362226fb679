package local_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/local"
	"github.com/gamesparks-go/gamesparks/types"
)

// clock is a clock that stands still until it is turned on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

const role = "arn:aws:iam::123456789012:role/GameRole"

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestLifeOfAGame(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	c := newClock()
	client := local.Start(t, local.WithClock(c.Now), local.WithDeploymentTime(time.Second, time.Second)).Client()

	game := must[*gamesparks.CreateGameOutput](t)(client.CreateGame(ctx, &gamesparks.CreateGameInput{
		GameName: aws.String("chess"), Tags: map[string]string{"team": "a"},
	})).Game
	must[*gamesparks.ImportGameConfigurationOutput](t)(client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: game.Name,
		ImportSource: &types.ImportGameConfigurationSource{
			File: []byte(`{"Document":{"Type":"Game","Sections":{"GameSparks.Core.Model":{"A":{"Structure":{}}}}}}`),
		},
	}))
	must[*gamesparks.UpdateGameConfigurationOutput](t)(client.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{
		GameName: game.Name,
		Modifications: []types.SectionModification{{
			Operation: types.OperationAdd, Path: aws.String("/B"), Section: aws.String("GameSparks.Core.Model"),
			Value: document.NewLazyDocument(map[string]any{"n": int64(1<<53 + 1)}),
		}},
	}))
	snapshot := must[*gamesparks.CreateSnapshotOutput](t)(client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: game.Name})).Snapshot
	stage := must[*gamesparks.CreateStageOutput](t)(client.CreateStage(ctx, &gamesparks.CreateStageInput{
		GameName: game.Name, StageName: aws.String("dev"), Role: aws.String(role),
	})).Stage
	must[*gamesparks.StartStageDeploymentOutput](t)(client.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{
		GameName: game.Name, StageName: stage.Name, SnapshotId: snapshot.Id,
	}))
	for _, want := range []types.DeploymentState{"PENDING", "IN_PROGRESS", "COMPLETED"} {
		got := must[*gamesparks.GetStageDeploymentOutput](t)(client.GetStageDeployment(ctx, &gamesparks.GetStageDeploymentInput{
			GameName: game.Name, StageName: stage.Name,
		}))
		if got.StageDeployment.DeploymentState != want {
			t.Errorf("state %s, want %s", got.StageDeployment.DeploymentState, want)
		}
		c.Advance(time.Second)
	}
	must[*gamesparks.TagResourceOutput](t)(client.TagResource(ctx, &gamesparks.TagResourceInput{
		ResourceArn: stage.Arn, Tags: map[string]string{"x": "y"},
	}))
	tags := must[*gamesparks.ListTagsForResourceOutput](t)(client.ListTagsForResource(ctx, &gamesparks.ListTagsForResourceInput{ResourceArn: stage.Arn}))
	if tags.Tags["x"] != "y" {
		t.Errorf("tags %v", tags.Tags)
	}
	got := must[*gamesparks.GetGameConfigurationOutput](t)(client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: game.Name}))
	text, err := got.GameConfiguration.Sections["GameSparks.Core.Model"].Attributes.MarshalSmithyDocument()
	if want := `{"A":{"Structure":{}},"B":{"n":9007199254740993}}`; err != nil || string(text) != want {
		t.Errorf("section %s, %v; want %s", text, err, want)
	}
	must[*gamesparks.DeleteGameOutput](t)(client.DeleteGame(ctx, &gamesparks.DeleteGameInput{GameName: game.Name}))
	if got := must[*gamesparks.GetGameOutput](t)(client.GetGame(ctx, &gamesparks.GetGameInput{GameName: game.Name})); got.Game.State != types.GameStateDeleting {
		t.Errorf("state %s", got.Game.State)
	}
	c.Advance(time.Second)
	if _, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: game.Name}); !gamesparks.IsNotFound(err) {
		t.Errorf("deleted game: %v", err)
	}
}
