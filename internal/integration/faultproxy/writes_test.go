package faultproxy_test

import (
	"context"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/integration/faultproxy"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

// write is an operation that creates a resource. The do function returns the name or identifier of the new resource.
// The list function returns the names or identifiers of all such resources except those from the test setup.
type write struct {
	name string
	do   func(context.Context, *gamesparks.Client) (created string, err error)
	list func(context.Context, *gamesparks.Client) (created []string, err error)
}

const role = "arn:aws:iam::123456789012:role/stage"

// tokenWrites returns the operations that have a ClientToken. StartStageDeployment needs the stage and snapshot created
// by createSnapshotAndStage.
func tokenWrites(snapshot *string) []write {
	game, stage := new("lighthouse"), new("keeper")
	return []write{
		{"CreateGame", func(ctx context.Context, c *gamesparks.Client) (string, error) {
			out, err := c.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new("harbour")})
			if err != nil {
				return "", err
			}
			return *out.Game.Name, nil
		}, func(ctx context.Context, c *gamesparks.Client) (created []string, err error) {
			for g, err := range gamesparks.NewListGamesPaginator(c, nil).Items(ctx) {
				if err != nil {
					return nil, err
				}
				if *g.Name != "lighthouse" {
					created = append(created, *g.Name)
				}
			}
			return created, nil
		}},
		{"CreateStage", func(ctx context.Context, c *gamesparks.Client) (string, error) {
			out, err := c.CreateStage(ctx, &gamesparks.CreateStageInput{GameName: game, StageName: new("beta"), Role: new(role)})
			if err != nil {
				return "", err
			}
			return *out.Stage.Name, nil
		}, func(ctx context.Context, c *gamesparks.Client) (created []string, err error) {
			for s, err := range gamesparks.NewListStagesPaginator(c, &gamesparks.ListStagesInput{GameName: game}).Items(ctx) {
				if err != nil {
					return nil, err
				}
				if *s.Name != *stage {
					created = append(created, *s.Name)
				}
			}
			return created, nil
		}},
		{"StartStageDeployment", func(ctx context.Context, c *gamesparks.Client) (string, error) {
			out, err := c.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{GameName: game, StageName: stage, SnapshotId: snapshot})
			if err != nil {
				return "", err
			}
			return *out.StageDeployment.DeploymentId, nil
		}, func(ctx context.Context, c *gamesparks.Client) (created []string, err error) {
			for d, err := range gamesparks.NewListStageDeploymentsPaginator(c, &gamesparks.ListStageDeploymentsInput{GameName: game, StageName: stage}).Items(ctx) {
				if err != nil {
					return nil, err
				}
				created = append(created, *d.DeploymentId)
			}
			return created, nil
		}},
	}
}

// createSnapshotAndStage creates the resources that deployments need, and returns the snapshot ID.
func (f *fixture) createSnapshotAndStage(t *testing.T) *string {
	t.Helper()
	snapshot, err := f.client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: new("lighthouse")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.client.CreateStage(t.Context(), &gamesparks.CreateStageInput{
		GameName: new("lighthouse"), StageName: new("keeper"), Role: new(role),
	}); err != nil {
		t.Fatal(err)
	}
	return snapshot.Snapshot.Id
}

// TestLostResponses checks that a write takes effect exactly once if the responses to its first two attempts are lost,
// and that the third attempt returns the lost output.
func TestLostResponses(t *testing.T) {
	tests := map[string]faultproxy.Fault{
		"reset before the response": faultproxy.LoseResponse,
		"reset in the header":       faultproxy.ResetInHeader,
		"reset in the body":         faultproxy.ResetInBody,
		"half-closed":               faultproxy.HalfClose,
		"half-closed in the body":   faultproxy.HalfCloseInBody,
		"truncated":                 faultproxy.Truncate,
		"502 of a gateway":          afterForward(faultproxy.Respond(502, "")),
		"504 of a gateway":          afterForward(faultproxy.Respond(504, "")),
		"fault of the server":       nil,
	}
	for name, fault := range tests {
		withBothExecutors(t, name, func(t *testing.T, executor func(*gamesparks.Options)) {
			f := newFixture(t, executor)
			for _, op := range tokenWrites(f.createSnapshotAndStage(t)) {
				before := f.recorder.attemptCount()
				if fault != nil {
					f.proxy.Next(fault, fault)
				} else if _, err := f.Inject(server.Fault{Operation: op.name, DropResponse: true, Count: 2}); err != nil {
					t.Fatal(err)
				}
				created, err := op.do(t.Context(), f.client)
				if err != nil {
					t.Errorf("%s: %v", op.name, err)
				}
				if n := f.recorder.attemptCount() - before; n != 3 {
					t.Errorf("%s: %d attempts, want 3", op.name, n)
				}
				all, err := op.list(t.Context(), f.client)
				if err != nil || len(all) != 1 || all[0] != created {
					t.Errorf("%s returned %q; listing returned %q, error %v", op.name, created, all, err)
				}
			}
		})
	}
}

// TestLostResponsesOfAllAttempts checks that a write takes effect exactly once if all its responses are lost, and that
// another call with the same ClientToken returns the lost output.
func TestLostResponsesOfAllAttempts(t *testing.T) {
	withBothExecutors(t, "", func(t *testing.T, executor func(*gamesparks.Options)) {
		f := newFixture(t, executor)
		in := &gamesparks.CreateGameInput{GameName: new("harbour"), ClientToken: new(strings.Repeat("t", 36))}
		f.proxy.Always(faultproxy.LoseResponse)
		if _, err := f.client.CreateGame(t.Context(), in); !isSendError(nil)(err) {
			t.Errorf("unexpected error %v", err)
		}
		f.proxy.Always(nil)
		out, err := f.client.CreateGame(t.Context(), in)
		if err != nil || aws.ToString(out.Game.Name) != "harbour" {
			t.Errorf("CreateGame returned %v, error %v", out, err)
		}
		games, err := f.client.ListGames(t.Context(), nil)
		if err != nil || len(games.Games) != 2 {
			t.Errorf("%d games, error %v; want 2 games", len(games.Games), err)
		}
	})
}

// afterForward returns a fault that forwards the request, discards the response, and then applies fault.
func afterForward(fault faultproxy.Fault) faultproxy.Fault {
	return func(x *faultproxy.Exchange) {
		x.Forward()
		fault(x)
	}
}

// TestLostOutputs checks that the client does not retry an operation without a ClientToken after a successful status,
// even if the output is lost.
func TestLostOutputs(t *testing.T) {
	game := new("lighthouse")
	tests := map[string]struct {
		fault faultproxy.Fault
		cause error
	}{
		"truncated":         {faultproxy.Truncate, io.ErrUnexpectedEOF},
		"half-closed":       {faultproxy.HalfCloseInBody, io.ErrUnexpectedEOF},
		"reset in the body": {faultproxy.ResetInBody, syscall.ECONNRESET},
	}
	for name, test := range tests {
		withBothExecutors(t, name, func(t *testing.T, executor func(*gamesparks.Options)) {
			f := newFixture(t, executor)
			snapshot := f.createSnapshotAndStage(t)
			writes := map[string]func() error{
				"CreateSnapshot": func() error {
					_, err := f.client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: game})
					return err
				},
				"StartGeneratedCodeJob": func() error {
					_, err := f.client.StartGeneratedCodeJob(t.Context(), &gamesparks.StartGeneratedCodeJobInput{
						GameName: game, SnapshotId: snapshot, Generator: &types.Generator{Language: new("GO")},
					})
					return err
				},
			}
			for op, do := range writes {
				before := f.recorder.attemptCount()
				f.proxy.Next(test.fault)
				if err := do(); !isDeserializationError(test.cause)(err) {
					t.Errorf("%s: unexpected error %v", op, err)
				}
				if n := f.recorder.attemptCount() - before; n != 1 {
					t.Errorf("%s: %d attempts, want 1", op, n)
				}
			}
			snapshots, err := f.client.ListSnapshots(t.Context(), &gamesparks.ListSnapshotsInput{GameName: game})
			if err != nil || len(snapshots.Snapshots) != 2 {
				t.Errorf("%d snapshots, error %v; want 2 snapshots", len(snapshots.Snapshots), err)
			}
			jobs, err := f.client.ListGeneratedCodeJobs(t.Context(), &gamesparks.ListGeneratedCodeJobsInput{GameName: game, SnapshotId: snapshot})
			if err != nil || len(jobs.GeneratedCodeJobs) != 1 {
				t.Errorf("%d jobs, error %v; want 1 job", len(jobs.GeneratedCodeJobs), err)
			}
		})
	}
}
