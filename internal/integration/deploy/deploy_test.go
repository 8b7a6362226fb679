package deploy_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestRun imports a configuration and deploys it to three stages. One of the deployments fails.
func TestRun(t *testing.T) {
	t.Parallel()
	client := servertest.Start(t, server.WithDeploymentTime(time.Millisecond, time.Millisecond), server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
		if d.Stage == "beta" {
			return server.Outcome{Code: types.ResultCodeInvalidRoleFailure, Message: "the role does not exist"}
		}
		return server.Outcome{}
	})).Client()
	game := new("chess")
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: game}); err != nil {
		t.Fatal(err)
	}
	stages := []string{"alpha", "beta", "live"}
	for _, stage := range stages {
		if _, err := client.CreateStage(t.Context(), &gamesparks.CreateStageInput{
			GameName: game, StageName: &stage, Role: new("arn:aws:iam::123456789012:role/chess"),
		}); err != nil {
			t.Fatal(err)
		}
	}

	// An unknown stage is an error before Run imports the configuration.
	input := &deploy.Input{
		GameName: "chess", Stages: append(stages, "lvie"), Description: "spring",
		Configuration: []byte(`{"Document":{"Type":"Game","Sections":{"Chess.Board":{"Size":8}}}}`),
	}
	if _, err := deploy.Run(t.Context(), client, input, shortDelays); !gamesparks.IsNotFound(err) {
		t.Fatalf("Run with an unknown stage: error %v, want a ResourceNotFoundException", err)
	}
	before, err := client.GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: game})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := before.GameConfiguration.Sections["Chess.Board"]; ok {
		t.Error("Run with an unknown stage imported the configuration")
	}

	input.Stages = stages
	result, err := deploy.Run(t.Context(), client, input, shortDelays)
	var failed *gamesparks.DeploymentFailedError
	if !errors.As(err, &failed) || *failed.Deployment.DeploymentResult.Message != "the role does not exist" {
		t.Errorf("error %v, want a DeploymentFailedError", err)
	}
	if diff := cmp.Diff(map[string]string{"alpha": "COMPLETED", "beta": "FAILED with error", "live": "COMPLETED"}, states(result)); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	snapshot, err := client.GetSnapshot(t.Context(), &gamesparks.GetSnapshotInput{GameName: game, SnapshotId: &result.SnapshotID})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := snapshot.Snapshot.Sections["Chess.Board"]; !ok || aws.ToString(snapshot.Snapshot.Description) != "spring" {
		t.Errorf("snapshot %+v", snapshot.Snapshot)
	}
	for _, stage := range []string{"alpha", "live"} {
		out, err := client.GetStageDeployment(t.Context(), &gamesparks.GetStageDeploymentInput{GameName: game, StageName: &stage})
		if err != nil || *out.StageDeployment.SnapshotId != result.SnapshotID || out.StageDeployment.DeploymentState != types.DeploymentStateCompleted {
			t.Errorf("deployment to stage %s: %+v, error %v", stage, out, err)
		}
	}

	// Deploy the same snapshot again.
	again, err := deploy.Run(t.Context(), client, &deploy.Input{GameName: "chess", Stages: []string{"alpha"}, SnapshotID: result.SnapshotID}, shortDelays)
	if err != nil || again.SnapshotID != result.SnapshotID {
		t.Errorf("Run with a snapshot: result %+v, error %v", again, err)
	}
}

// interferingClient imports another configuration before it creates a snapshot.
type interferingClient struct {
	*gamesparks.Client
	file []byte
}

func (c interferingClient) CreateSnapshot(ctx context.Context, in *gamesparks.CreateSnapshotInput, optFns ...func(*gamesparks.Options)) (*gamesparks.CreateSnapshotOutput, error) {
	_, err := c.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: in.GameName, ImportSource: &types.ImportGameConfigurationSource{File: c.file},
	})
	if err != nil {
		return nil, err
	}
	return c.Client.CreateSnapshot(ctx, in, optFns...)
}

// TestRunConcurrentImport imports another configuration after Run has imported its own and before Run creates the
// snapshot.
func TestRunConcurrentImport(t *testing.T) {
	t.Parallel()
	client := servertest.Start(t, server.WithDeploymentTime(time.Millisecond, time.Millisecond)).Client()
	game, stage := new("chess"), new("live")
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: game}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateStage(t.Context(), &gamesparks.CreateStageInput{
		GameName: game, StageName: stage, Role: new("arn:aws:iam::123456789012:role/chess"),
	}); err != nil {
		t.Fatal(err)
	}
	file := func(content string) []byte {
		return []byte(`{"Document":{"Type":"Game","Sections":{"Chess.Null":null,"Chess.Board":` + content + `}}}`)
	}
	input := &deploy.Input{GameName: "chess", Stages: []string{"live"}, Configuration: file(`{"Size":9007199254740993,"Rows":8}`)}

	_, err := deploy.Run(t.Context(), interferingClient{client, file(`{"Size":9007199254740992,"Rows":8}`)}, input)
	var mismatch *deploy.SnapshotMismatchError
	if !errors.As(err, &mismatch) || !cmp.Equal(mismatch.Sections, []string{"Chess.Board"}) {
		t.Fatalf("error %v, want a SnapshotMismatchError for Chess.Board", err)
	}
	if _, err := client.GetStageDeployment(t.Context(), &gamesparks.GetStageDeploymentInput{GameName: game, StageName: stage}); !gamesparks.IsNotFound(err) {
		t.Errorf("GetStageDeployment: error %v, want a ResourceNotFoundException, since Run must not deploy", err)
	}

	// An equal configuration is no mismatch.
	_, err = deploy.Run(t.Context(), interferingClient{client, file(`{ "Rows" : 8 , "Size" : 9007199254740993 }`)}, input, shortDelays)
	if err != nil {
		t.Error(err)
	}
}

// shortDelays shortens the delays between attempts of the deployment waiter.
func shortDelays(o *deploy.Options) {
	o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, 10*time.Millisecond
	})
}

// states returns the deployment state of each stage, followed by " with error" if the stage has an error.
func states(r *deploy.Result) map[string]string {
	states := map[string]string{}
	for _, s := range r.Stages {
		text := "none"
		if s.Deployment != nil {
			text = string(s.Deployment.DeploymentState)
		}
		if s.Err != nil {
			text += " with error"
		}
		states[s.Stage] = text
	}
	return states
}
