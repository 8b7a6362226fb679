package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

func TestDeployment(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		snapshot := e.createSnapshot("chess")
		e.createStage("chess", "dev")
		created := e.clock.Now()
		started := e.startDeployment("chess", "dev", snapshot.Id)
		want := types.StageDeploymentDetails{
			Created:          &created,
			DeploymentAction: types.DeploymentActionDeploy,
			DeploymentId:     started.DeploymentId,
			DeploymentState:  types.DeploymentStatePending,
			LastUpdated:      &created,
			SnapshotId:       snapshot.Id,
		}
		if diff := cmp.Diff(&want, started); diff != "" {
			e.Errorf("StartStageDeployment (-want +got):\n%s", diff)
		}
		check := func() {
			e.Helper()
			for _, id := range []*string{nil, started.DeploymentId} {
				got := ok[*gamesparks.GetStageDeploymentOutput](e)(e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{
					GameName: aws.String("chess"), StageName: aws.String("dev"), DeploymentId: id,
				})).StageDeployment
				if diff := cmp.Diff(&want, got); diff != "" {
					e.Errorf("GetStageDeployment (-want +got):\n%s", diff)
				}
			}
			list := ok[*gamesparks.ListStageDeploymentsOutput](e)(e.ListStageDeployments(e.ctx, &gamesparks.ListStageDeploymentsInput{
				GameName: aws.String("chess"), StageName: aws.String("dev"),
			})).StageDeployments
			wantList := []types.StageDeploymentSummary{{
				DeploymentAction: want.DeploymentAction, DeploymentId: want.DeploymentId, DeploymentResult: want.DeploymentResult,
				DeploymentState: want.DeploymentState, LastUpdated: want.LastUpdated, SnapshotId: want.SnapshotId,
			}}
			if diff := cmp.Diff(wantList, list); diff != "" {
				e.Errorf("ListStageDeployments (-want +got):\n%s", diff)
			}
		}
		e.clock.Advance(pending - time.Millisecond)
		check()
		e.clock.Advance(time.Millisecond)
		want.DeploymentState, want.LastUpdated = types.DeploymentStateInProgress, aws.Time(created.Add(pending))
		check()
		e.clock.Advance(inProgress - time.Millisecond)
		check()
		e.clock.Advance(time.Millisecond)
		want.DeploymentState, want.LastUpdated = types.DeploymentStateCompleted, aws.Time(created.Add(pending+inProgress))
		want.DeploymentResult = &types.DeploymentResult{ResultCode: types.ResultCodeSuccess, Message: aws.String("The snapshot is deployed.")}
		check()
		e.clock.Advance(time.Hour)
		check()
	})
}

func TestOneDeploymentAtATime(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		snapshot := e.createSnapshot("chess")
		e.createStage("chess", "dev")
		e.createStage("chess", "prod")
		history := []string{*e.startDeployment("chess", "dev", snapshot.Id).DeploymentId}
		for _, wait := range []time.Duration{pending, inProgress} {
			_, err := e.StartStageDeployment(e.ctx, &gamesparks.StartStageDeploymentInput{
				GameName: aws.String("chess"), StageName: aws.String("dev"), SnapshotId: snapshot.Id,
			})
			wantError[*types.ConflictException](e, err, history[0])
			e.clock.Advance(wait)
		}
		e.startDeployment("chess", "prod", snapshot.Id) // other stages are independent
		for range 20 {
			history = append([]string{*e.deploy("chess", "dev", snapshot.Id).DeploymentId}, history...)
		}
		list := ok[*gamesparks.ListStageDeploymentsOutput](e)(e.ListStageDeployments(e.ctx, &gamesparks.ListStageDeploymentsInput{
			GameName: aws.String("chess"), StageName: aws.String("dev"),
		})).StageDeployments
		if diff := cmp.Diff(history, names(list, func(d types.StageDeploymentSummary) *string { return d.DeploymentId })); diff != "" {
			e.Errorf("deployment history, newest first (-want +got):\n%s", diff)
		}
		latest := ok[*gamesparks.GetStageDeploymentOutput](e)(e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{
			GameName: aws.String("chess"), StageName: aws.String("dev"),
		})).StageDeployment
		if *latest.DeploymentId != history[0] {
			e.Errorf("got latest deployment %s, want %s", *latest.DeploymentId, history[0])
		}
	})
}

func TestFailedDeployments(t *testing.T) {
	t.Parallel()
	var asked []server.Deployment
	outcomes := []server.Outcome{
		{Code: types.ResultCodeInvalidRoleFailure},
		{Code: types.ResultCodeUnspecifiedFailure, Message: "Out of luck."},
		{},
	}
	e := newEnv(t, server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
		asked = append(asked, d)
		return outcomes[len(asked)-1]
	}))
	e.createGame("chess")
	snapshot := e.createSnapshot("chess")
	e.createStage("chess", "dev")
	want := []types.StageDeploymentDetails{
		{DeploymentState: types.DeploymentStateFailed, DeploymentResult: &types.DeploymentResult{ResultCode: types.ResultCodeInvalidRoleFailure, Message: aws.String("The stage's role cannot be assumed.")}},
		{DeploymentState: types.DeploymentStateFailed, DeploymentResult: &types.DeploymentResult{ResultCode: types.ResultCodeUnspecifiedFailure, Message: aws.String("Out of luck.")}},
		{DeploymentState: types.DeploymentStateCompleted, DeploymentResult: &types.DeploymentResult{ResultCode: types.ResultCodeSuccess, Message: aws.String("The snapshot is deployed.")}},
	}
	for _, want := range want {
		e.deploy("chess", "dev", snapshot.Id)
		got := ok[*gamesparks.GetStageDeploymentOutput](e)(e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{
			GameName: aws.String("chess"), StageName: aws.String("dev"),
		})).StageDeployment
		if got.DeploymentState != want.DeploymentState || !cmp.Equal(got.DeploymentResult, want.DeploymentResult) {
			t.Errorf("got state %s and result %v, want %s and %v",
				got.DeploymentState, got.DeploymentResult, want.DeploymentState, want.DeploymentResult)
		}
	}
	deployment := server.Deployment{Game: "chess", Stage: "dev", SnapshotID: *snapshot.Id, Role: role}
	if diff := cmp.Diff([]server.Deployment{deployment, deployment, deployment}, asked); diff != "" {
		t.Errorf("deployments passed to the deployment function (-want +got):\n%s", diff)
	}
}

func TestDeploymentClientTokens(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		first, second := e.createSnapshot("chess"), e.createSnapshot("chess")
		e.createStage("chess", "dev")
		start := func(snapshot *string) (*gamesparks.StartStageDeploymentOutput, error) {
			return e.StartStageDeployment(e.ctx, &gamesparks.StartStageDeploymentInput{
				GameName: aws.String("chess"), StageName: aws.String("dev"), SnapshotId: snapshot, ClientToken: aws.String(strings.Repeat("t", 33)),
			})
		}
		started := ok[*gamesparks.StartStageDeploymentOutput](e)(start(first.Id)).StageDeployment
		if diff := cmp.Diff(started, ok[*gamesparks.StartStageDeploymentOutput](e)(start(first.Id)).StageDeployment); diff != "" {
			e.Errorf("repeated StartStageDeployment (-want +got):\n%s", diff)
		}
		e.clock.Advance(pending + inProgress)
		again := ok[*gamesparks.StartStageDeploymentOutput](e)(start(first.Id)).StageDeployment
		if *again.DeploymentId != *started.DeploymentId || again.DeploymentState != types.DeploymentStateCompleted {
			e.Errorf("repeated call after completion: got deployment %s in state %s, want %s in state COMPLETED",
				*again.DeploymentId, again.DeploymentState, *started.DeploymentId)
		}
		_, err := start(second.Id)
		wantError[*types.ConflictException](e, err, "client token")
		e.createGame("go")
		e.createStage("go", "dev")
		other := &gamesparks.StartStageDeploymentInput{
			GameName: aws.String("go"), StageName: aws.String("dev"), SnapshotId: e.createSnapshot("go").Id, ClientToken: aws.String(strings.Repeat("t", 33)),
		}
		_, err = e.StartStageDeployment(e.ctx, other)
		wantError[*types.ConflictException](e, err, "client token")

		ok[*gamesparks.DeleteStageOutput](e)(e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: aws.String("chess"), StageName: aws.String("dev")}))
		e.clock.Advance(deletion)
		e.createStage("chess", "dev")
		restarted := ok[*gamesparks.StartStageDeploymentOutput](e)(start(second.Id)).StageDeployment
		if *restarted.DeploymentId == *started.DeploymentId || *restarted.SnapshotId != *second.Id {
			e.Errorf("got deployment %s of snapshot %s on the new stage, want a new deployment of snapshot %s",
				*restarted.DeploymentId, *restarted.SnapshotId, *second.Id)
		}

		e.clock.Advance(pending + inProgress)
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
		ok[*gamesparks.StartStageDeploymentOutput](e)(e.StartStageDeployment(e.ctx, other)) // the token was deleted with the game
	})
}

func TestDeploymentNotFound(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	e.createStage("chess", "dev")
	_, err := e.StartStageDeployment(e.ctx, &gamesparks.StartStageDeploymentInput{
		GameName: aws.String("chess"), StageName: aws.String("dev"), SnapshotId: aws.String("Snapshot_2026-01-01T00:00:00.000Z"),
	})
	wantError[*types.ResourceNotFoundException](e, err, "Snapshot_2026-01-01T00:00:00.000Z")
	for _, id := range []*string{nil, aws.String("none"), aws.String("../../x")} {
		_, err := e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{GameName: aws.String("chess"), StageName: aws.String("dev"), DeploymentId: id})
		wantError[*types.ResourceNotFoundException](e, err)
	}
	_, err = e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{GameName: aws.String("chess"), StageName: aws.String("dev"), DeploymentId: aws.String(" ")})
	wantError[*types.ValidationException](e, err, "DeploymentId")
}
