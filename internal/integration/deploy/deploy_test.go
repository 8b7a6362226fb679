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

// TestRunOnLocalService imports a configuration and deploys it to three stages, of which one fails.
func TestRunOnLocalService(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithDeploymentTime(time.Millisecond, time.Millisecond), server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
		if d.Stage == "beta" {
			return server.Outcome{Code: types.ResultCodeInvalidRoleFailure, Message: "the role is not there"}
		}
		return server.Outcome{}
	}))
	client := srv.Client()
	game := aws.String("chess")
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: game}); err != nil {
		t.Fatal(err)
	}
	stages := []string{"alpha", "beta", "live"}
	for _, stage := range stages {
		if _, err := client.CreateStage(t.Context(), &gamesparks.CreateStageInput{
			GameName: game, StageName: &stage, Role: aws.String("arn:aws:iam::123456789012:role/chess"),
		}); err != nil {
			t.Fatal(err)
		}
	}
	quick := func(o *deploy.Options) {
		o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
			o.MinDelay, o.MaxDelay = time.Millisecond, 10*time.Millisecond
		})
	}

	// A wrong name is found before the configuration is replaced.
	input := &deploy.Input{
		GameName: "chess", Stages: append(stages, "lvie"), Description: "spring",
		Configuration: []byte(`{"Document":{"Type":"Game","Sections":{"Chess.Board":{"Size":8}}}}`),
	}
	if _, err := deploy.Run(t.Context(), client, input, quick); !gamesparks.IsNotFound(err) {
		t.Fatalf("error %v", err)
	}
	before, err := client.GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: game})
	if err != nil {
		t.Fatal(err)
	}
	if _, changed := before.GameConfiguration.Sections["Chess.Board"]; changed {
		t.Error("the configuration was replaced")
	}

	input.Stages = stages
	result, err := deploy.Run(t.Context(), client, input, quick)
	var failed *gamesparks.DeploymentFailedError
	if !errors.As(err, &failed) || *failed.Deployment.DeploymentResult.Message != "the role is not there" {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff(map[string]string{"alpha": "COMPLETED", "beta": "FAILED!", "live": "COMPLETED"}, states(result)); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	snapshot, err := client.GetSnapshot(t.Context(), &gamesparks.GetSnapshotInput{GameName: game, SnapshotId: &result.SnapshotID})
	if err != nil {
		t.Fatal(err)
	}
	if _, there := snapshot.Snapshot.Sections["Chess.Board"]; !there || aws.ToString(snapshot.Snapshot.Description) != "spring" {
		t.Errorf("snapshot %+v", snapshot.Snapshot)
	}
	for _, stage := range []string{"alpha", "live"} {
		out, err := client.GetStageDeployment(t.Context(), &gamesparks.GetStageDeploymentInput{GameName: game, StageName: &stage})
		if err != nil || *out.StageDeployment.SnapshotId != result.SnapshotID || out.StageDeployment.DeploymentState != types.DeploymentStateCompleted {
			t.Errorf("deployment of %s %+v, error %v", stage, out, err)
		}
	}

	// The same snapshot is deployed again.
	again, err := deploy.Run(t.Context(), client, &deploy.Input{GameName: "chess", Stages: []string{"alpha"}, SnapshotID: result.SnapshotID}, quick)
	if err != nil || again.SnapshotID != result.SnapshotID {
		t.Errorf("result %+v, error %v", again, err)
	}
}

// interposer imports another configuration before each snapshot.
type interposer struct {
	*gamesparks.Client
	file []byte
}

func (c interposer) CreateSnapshot(ctx context.Context, in *gamesparks.CreateSnapshotInput, optFns ...func(*gamesparks.Options)) (*gamesparks.CreateSnapshotOutput, error) {
	_, err := c.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: in.GameName, ImportSource: &types.ImportGameConfigurationSource{File: c.file},
	})
	if err != nil {
		return nil, err
	}
	return c.Client.CreateSnapshot(ctx, in, optFns...)
}

// TestImportBetweenImportAndSnapshot has another program import a configuration between the import and the snapshot.
func TestImportBetweenImportAndSnapshot(t *testing.T) {
	t.Parallel()
	client := servertest.Start(t, server.WithDeploymentTime(time.Millisecond, time.Millisecond)).Client()
	game, stage := aws.String("chess"), aws.String("live")
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: game}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateStage(t.Context(), &gamesparks.CreateStageInput{
		GameName: game, StageName: stage, Role: aws.String("arn:aws:iam::123456789012:role/chess"),
	}); err != nil {
		t.Fatal(err)
	}
	file := func(content string) []byte {
		return []byte(`{"Document":{"Type":"Game","Sections":{"Chess.Null":null,"Chess.Board":` + content + `}}}`)
	}
	input := &deploy.Input{GameName: "chess", Stages: []string{"live"}, Configuration: file(`{"Size":9007199254740993,"Rows":8}`)}

	_, err := deploy.Run(t.Context(), interposer{client, file(`{"Size":9007199254740992,"Rows":8}`)}, input)
	var mismatch *deploy.SnapshotMismatchError
	if !errors.As(err, &mismatch) || !cmp.Equal(mismatch.Sections, []string{"Chess.Board"}) {
		t.Fatalf("error %v", err)
	}
	if _, err := client.GetStageDeployment(t.Context(), &gamesparks.GetStageDeploymentInput{GameName: game, StageName: stage}); !gamesparks.IsNotFound(err) {
		t.Errorf("a deployment was started, error %v", err)
	}

	// Another program that imports an equal configuration does no harm.
	_, err = deploy.Run(t.Context(), interposer{client, file(`{ "Rows" : 8 , "Size" : 9007199254740993 }`)}, input, func(o *deploy.Options) {
		o.WaiterOptions = append(o.WaiterOptions, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
			o.MinDelay, o.MaxDelay = time.Millisecond, 10*time.Millisecond
		})
	})
	if err != nil {
		t.Errorf("error %v", err)
	}
}

// states returns the states of the deployments of a result, by stage; with "!" where there is an error.
func states(r *deploy.Result) map[string]string {
	states := map[string]string{}
	for _, s := range r.Stages {
		text := "none"
		if s.Deployment != nil {
			text = string(s.Deployment.DeploymentState)
		}
		if s.Err != nil {
			text += "!"
		}
		states[s.Stage] = text
	}
	return states
}
