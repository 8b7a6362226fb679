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

// write is an operation that makes something, with the count of what it has made.
type write struct {
	name string
	do   func(context.Context, *gamesparks.Client) (made string, err error)
	list func(context.Context, *gamesparks.Client) (made []string, err error)
}

const role = "arn:aws:iam::123456789012:role/stage"

// tokenWrites are the operations with a ClientToken, in the game of a world, which needs a stage and a snapshot.
func tokenWrites(snapshot *string) []write {
	game, stage := aws.String("lighthouse"), aws.String("keeper")
	return []write{
		{"CreateGame", func(ctx context.Context, c *gamesparks.Client) (string, error) {
			out, err := c.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String("harbour")})
			if err != nil {
				return "", err
			}
			return *out.Game.Name, nil
		}, func(ctx context.Context, c *gamesparks.Client) (made []string, err error) {
			for g, err := range gamesparks.NewListGamesPaginator(c, nil).Items(ctx) {
				if err != nil {
					return nil, err
				}
				if *g.Name != "lighthouse" {
					made = append(made, *g.Name)
				}
			}
			return made, nil
		}},
		{"CreateStage", func(ctx context.Context, c *gamesparks.Client) (string, error) {
			out, err := c.CreateStage(ctx, &gamesparks.CreateStageInput{GameName: game, StageName: aws.String("beta"), Role: aws.String(role)})
			if err != nil {
				return "", err
			}
			return *out.Stage.Name, nil
		}, func(ctx context.Context, c *gamesparks.Client) (made []string, err error) {
			for s, err := range gamesparks.NewListStagesPaginator(c, &gamesparks.ListStagesInput{GameName: game}).Items(ctx) {
				if err != nil {
					return nil, err
				}
				if *s.Name != *stage {
					made = append(made, *s.Name)
				}
			}
			return made, nil
		}},
		{"StartStageDeployment", func(ctx context.Context, c *gamesparks.Client) (string, error) {
			out, err := c.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{GameName: game, StageName: stage, SnapshotId: snapshot})
			if err != nil {
				return "", err
			}
			return *out.StageDeployment.DeploymentId, nil
		}, func(ctx context.Context, c *gamesparks.Client) (made []string, err error) {
			for d, err := range gamesparks.NewListStageDeploymentsPaginator(c, &gamesparks.ListStageDeploymentsInput{GameName: game, StageName: stage}).Items(ctx) {
				if err != nil {
					return nil, err
				}
				made = append(made, *d.DeploymentId)
			}
			return made, nil
		}},
	}
}

// snapshotAndStage makes what deployments need, and returns the snapshot's id.
func (w *world) snapshotAndStage(t *testing.T) *string {
	t.Helper()
	snapshot, err := w.client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: aws.String("lighthouse")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.CreateStage(t.Context(), &gamesparks.CreateStageInput{
		GameName: aws.String("lighthouse"), StageName: aws.String("keeper"), Role: aws.String(role),
	}); err != nil {
		t.Fatal(err)
	}
	return snapshot.Snapshot.Id
}

// TestLostAnswers shows that a write whose answer was lost, in any way and again and again, is done once: the retry gets
// the answer that was lost.
func TestLostAnswers(t *testing.T) {
	lost := map[string]faultproxy.Fault{
		"reset before the answer": faultproxy.LoseResponse,
		"reset in the head":       faultproxy.ResetInHead,
		"reset in the body":       faultproxy.ResetInBody,
		"half-closed":             faultproxy.HalfClose,
		"half-closed in the body": faultproxy.HalfCloseInBody,
		"truncated":               faultproxy.Truncate,
		"a gateway's 502":         answerAfter(faultproxy.Respond(502, "")),
		"a gateway's 504":         answerAfter(faultproxy.Respond(504, "")),
		"the service's fault":     nil,
	}
	for name, fault := range lost {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			w := newWorld(t, via)
			for _, op := range tokenWrites(w.snapshotAndStage(t)) {
				before := w.spy.tried()
				if fault != nil {
					w.proxy.Next(fault, fault)
				} else if _, err := w.Inject(server.Fault{Operation: op.name, DropResponse: true, Count: 2}); err != nil {
					t.Fatal(err)
				}
				made, err := op.do(t.Context(), w.client)
				if err != nil {
					t.Errorf("%s: %v", op.name, err)
				}
				if n := w.spy.tried() - before; n != 3 {
					t.Errorf("%s: %d attempts, want 3", op.name, n)
				}
				all, err := op.list(t.Context(), w.client)
				if err != nil || len(all) != 1 || all[0] != made {
					t.Errorf("%s returned %q, but %q were made (%v)", op.name, made, all, err)
				}
			}
		})
	}
}

// TestLostForGood shows that a write whose answer is lost in all attempts is done once, and that calling again with the
// same ClientToken gets the answer.
func TestLostForGood(t *testing.T) {
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		w := newWorld(t, via)
		in := &gamesparks.CreateGameInput{GameName: aws.String("harbour"), ClientToken: aws.String(strings.Repeat("t", 36))}
		w.proxy.Always(faultproxy.LoseResponse)
		if _, err := w.client.CreateGame(t.Context(), in); !notSent(nil)(err) {
			t.Errorf("got the error %v", err)
		}
		w.proxy.Always(nil)
		out, err := w.client.CreateGame(t.Context(), in)
		if err != nil || aws.ToString(out.Game.Name) != "harbour" {
			t.Errorf("got %v and %v", out, err)
		}
		games, err := w.client.ListGames(t.Context(), nil)
		if err != nil || len(games.Games) != 2 {
			t.Errorf("there are %d games, want 2 (%v)", len(games.Games), err)
		}
	})
}

// answerAfter lets the service do its work before the fault.
func answerAfter(fault faultproxy.Fault) faultproxy.Fault {
	return func(x *faultproxy.Exchange) {
		x.Forward()
		fault(x)
	}
}

// TestLostOutputs shows that an operation that would do its work again is not repeated once its success is known,
// though its output is lost.
func TestLostOutputs(t *testing.T) {
	game := aws.String("lighthouse")
	faults := map[string]struct {
		fault faultproxy.Fault
		cause error
	}{
		"truncated":         {faultproxy.Truncate, io.ErrUnexpectedEOF},
		"half-closed":       {faultproxy.HalfCloseInBody, io.ErrUnexpectedEOF},
		"reset in the body": {faultproxy.ResetInBody, syscall.ECONNRESET},
	}
	for name, test := range faults {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			w := newWorld(t, via)
			snapshot := w.snapshotAndStage(t)
			writes := map[string]func() error{
				"CreateSnapshot": func() error {
					_, err := w.client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: game})
					return err
				},
				"StartGeneratedCodeJob": func() error {
					_, err := w.client.StartGeneratedCodeJob(t.Context(), &gamesparks.StartGeneratedCodeJobInput{
						GameName: game, SnapshotId: snapshot, Generator: &types.Generator{Language: aws.String("GO")},
					})
					return err
				},
			}
			for op, do := range writes {
				before := w.spy.tried()
				w.proxy.Next(test.fault)
				if err := do(); !notRead(test.cause)(err) {
					t.Errorf("%s: got the error %v", op, err)
				}
				if n := w.spy.tried() - before; n != 1 {
					t.Errorf("%s: %d attempts, want 1", op, n)
				}
			}
			snapshots, err := w.client.ListSnapshots(t.Context(), &gamesparks.ListSnapshotsInput{GameName: game})
			if err != nil || len(snapshots.Snapshots) != 2 {
				t.Errorf("there are %d snapshots, want 2 (%v)", len(snapshots.Snapshots), err)
			}
			jobs, err := w.client.ListGeneratedCodeJobs(t.Context(), &gamesparks.ListGeneratedCodeJobsInput{GameName: game, SnapshotId: snapshot})
			if err != nil || len(jobs.GeneratedCodeJobs) != 1 {
				t.Errorf("there are %d jobs, want 1 (%v)", len(jobs.GeneratedCodeJobs), err)
			}
		})
	}
}
