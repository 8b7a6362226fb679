package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/types"
)

// checkIdle returns a [*deploy.DeploymentInProgressError] if a deployment to a stage has not ended.
func checkIdle(ctx context.Context, client Client, game, stage string) error {
	deployments, err := FetchDeployments(ctx, client, game, stage)
	if err != nil {
		return err
	}
	if d := deployments.Running(); d != nil {
		return fmt.Errorf("stage %s, and nothing was written: %w", stage, &deploy.DeploymentInProgressError{
			Stage: stage, Deployment: &types.StageDeploymentDetails{
				DeploymentId: d.DeploymentId, DeploymentState: d.DeploymentState, DeploymentAction: d.DeploymentAction,
				SnapshotId: d.SnapshotId, LastUpdated: d.LastUpdated,
			},
		})
	}
	return nil
}

// digestSnapshot returns the digest of the sections of a snapshot.
func (a *application) digestSnapshot(ctx context.Context, id string) (string, error) {
	if d, ok := a.digests[id]; ok {
		return d, nil
	}
	sections, err := FetchSnapshot(ctx, a.client, a.plan.Game, id)
	if err != nil {
		return "", err
	}
	a.digests[id] = digestSections(sections)
	return a.digests[id], nil
}

// findSnapshot returns the ID of a snapshot with the given digest of its sections, or "" if there is none.
func (a *application) findSnapshot(ctx context.Context, want string) (string, error) {
	var snapshots []types.SnapshotSummary
	list := gamesparks.NewListSnapshotsPaginator(a.client, &gamesparks.ListSnapshotsInput{GameName: &a.plan.Game})
	for s, err := range list.Items(ctx) {
		if err != nil {
			return "", fmt.Errorf("list the snapshots of the game %q: %w", a.plan.Game, err)
		}
		snapshots = append(snapshots, s)
	}
	// The most likely ones come first: those that Apply created for this configuration, then the newest. IDs contain the time.
	slices.SortStableFunc(snapshots, func(x, y types.SnapshotSummary) int {
		hasDigest := func(s types.SnapshotSummary) int {
			if strings.Contains(aws.ToString(s.Description), want) {
				return 0
			}
			return 1
		}
		if order := hasDigest(x) - hasDigest(y); order != 0 {
			return order
		}
		return strings.Compare(aws.ToString(y.Id), aws.ToString(x.Id))
	})
	for _, s := range snapshots {
		id := aws.ToString(s.Id)
		got, err := a.digestSnapshot(ctx, id)
		if err != nil {
			return "", err
		}
		if got == want {
			return id, nil
		}
	}
	return "", nil
}

// findOrCreateSnapshot returns the ID of a snapshot that equals sections, which must be the game's configuration if
// there is none yet.
func (a *application) findOrCreateSnapshot(ctx context.Context, sections map[string]json.RawMessage) (id string, created bool, err error) {
	want := digestSections(sections)
	if id, err = a.findSnapshot(ctx, want); id != "" || err != nil {
		return id, false, err
	}
	// Creating a snapshot is not idempotent: the retry of a call whose response was lost would create a second one.
	out, err := a.client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{
		GameName: &a.plan.Game, Description: aws.String("gamesparks apply, " + want),
	}, func(o *gamesparks.Options) { o.Retryer = throttlingRetryer{o.Retryer} })
	if err == nil && (out.Snapshot == nil || out.Snapshot.Id == nil) {
		err = errors.New("CreateSnapshot returned no snapshot")
	}
	if err != nil {
		if isRefused(err) {
			return "", false, err
		}
		resolveCtx, cancel := outlive(ctx)
		defer cancel()
		id, findErr := a.findSnapshot(resolveCtx, want)
		switch {
		case findErr != nil:
			return "", false, &unknownOutcomeError{fmt.Errorf("%w (then %w)", err, findErr)}
		case id == "":
			return "", false, err
		}
		return id, true, nil
	}
	got, err := Sections(out.Snapshot.Sections)
	if err != nil {
		return "", false, err
	}
	conflicts, err := diffConflicts(sections, got)
	if err != nil {
		return "", false, err
	}
	if conflicts != nil {
		return "", false, &StaleError{Game: a.plan.Game, Conflicts: conflicts, Written: a.written}
	}
	a.digests[*out.Snapshot.Id] = want
	return *out.Snapshot.Id, true, nil
}

// throttlingRetryer retries only calls that the service has not handled.
type throttlingRetryer struct{ aws.Retryer }

func (r throttlingRetryer) IsErrorRetryable(err error) bool {
	return gamesparks.IsThrottled(err) && r.Retryer.IsErrorRetryable(err)
}

func (a *application) keepPrevious(ctx context.Context) (string, error) {
	id, created, err := a.findOrCreateSnapshot(ctx, a.present.Sections)
	a.result.PreviousSnapshotID, a.result.PreviousSnapshotCreated = id, created
	return snapshotDetail(id, created), err
}

func snapshotDetail(id string, created bool) string {
	switch {
	case id == "":
		return ""
	case created:
		return id + " created"
	}
	return id + " is equal"
}

// snapshot determines the snapshot to deploy.
func (a *application) snapshot(ctx context.Context) (string, error) {
	id, created, err := a.findOrCreateSnapshot(ctx, a.present.Sections)
	a.result.SnapshotID = id
	return snapshotDetail(id, created), err
}

// deploy deploys to the stages that do not run the configuration yet.
func (a *application) deploy(ctx context.Context) (string, error) {
	want := digestSections(a.present.Sections)
	var stages []string
	for _, stage := range a.options.Stages {
		deployments, err := FetchDeployments(ctx, a.client, a.plan.Game, stage)
		if err != nil {
			return "", err
		}
		if deployments.Current != nil {
			got, err := a.digestSnapshot(ctx, aws.ToString(deployments.Current.SnapshotId))
			if err != nil {
				return "", err
			}
			if got == want {
				continue
			}
		}
		stages = append(stages, stage)
	}
	if stages == nil {
		return "the configuration is already deployed", nil
	}
	var err error
	a.result.Deployment, err = deploy.Run(ctx, a.client, &deploy.Input{
		GameName: a.plan.Game, Stages: stages, SnapshotID: a.result.SnapshotID,
	}, append(slices.Clone(a.options.Deploy), a.reportDeployment)...)
	return "", err
}

// reportDeployment adds the progress of deployments to that of the steps.
func (a *application) reportDeployment(o *deploy.Options) {
	next := o.Progress
	o.Progress = func(e deploy.Event) {
		a.report(ApplyEvent{Step: "deploy to " + e.Stage, Deployment: &e})
		if next != nil {
			next(e)
		}
	}
}
