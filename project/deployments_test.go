package project_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/project"
	"github.com/gamesparks-go/gamesparks/types"
)

// deploymentLister returns deployments, one on each page.
type deploymentLister []types.StageDeploymentSummary

func (l deploymentLister) ListStageDeployments(_ context.Context, in *gamesparks.ListStageDeploymentsInput, _ ...func(*gamesparks.Options)) (*gamesparks.ListStageDeploymentsOutput, error) {
	i := slices.IndexFunc(l, func(d types.StageDeploymentSummary) bool { return *d.DeploymentId == aws.ToString(in.NextToken) })
	i = max(i, 0)
	out := &gamesparks.ListStageDeploymentsOutput{StageDeployments: l[i:min(i+1, len(l))]}
	if i+1 < len(l) {
		out.NextToken = l[i+1].DeploymentId
	}
	return out, nil
}

func TestFetchDeployments(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		history                    string // from the first deployment to the latest: snapshot, action if it is UNDEPLOY, and state
		current, previous, running string // snapshots
	}{
		"none":                      {"", "", "", ""},
		"first":                     {"A:COMPLETED", "A", "", ""},
		"first is running":          {"A:PENDING", "", "", "A"},
		"first failed":              {"A:FAILED", "", "", ""},
		"second":                    {"A:COMPLETED B:COMPLETED", "B", "A", ""},
		"second is running":         {"A:COMPLETED B:IN_PROGRESS", "A", "", "B"},
		"second failed":             {"A:COMPLETED B:FAILED", "A", "", ""},
		"same again":                {"A:COMPLETED B:COMPLETED B:COMPLETED", "B", "A", ""},
		"failed in between":         {"A:COMPLETED C:FAILED B:COMPLETED", "B", "A", ""},
		"rolled back":               {"A:COMPLETED B:COMPLETED A:COMPLETED", "A", "B", ""},
		"removed":                   {"A:COMPLETED -:UNDEPLOY:COMPLETED", "", "A", ""},
		"removal failed":            {"A:COMPLETED -:UNDEPLOY:FAILED", "A", "", ""},
		"deployed after removal":    {"A:COMPLETED -:UNDEPLOY:COMPLETED B:COMPLETED", "B", "A", ""},
		"removed, rolled back, ran": {"A:COMPLETED B:COMPLETED -:UNDEPLOY:COMPLETED A:COMPLETED", "A", "B", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lister deploymentLister
			for i, entry := range strings.Fields(tt.history) {
				fields := strings.Split(entry, ":")
				d := types.StageDeploymentSummary{
					SnapshotId: &fields[0], DeploymentAction: types.DeploymentActionDeploy,
					DeploymentState: types.DeploymentState(fields[len(fields)-1]), DeploymentId: aws.String(strings.Repeat("d", i+1)),
					LastUpdated: aws.Time(time.Unix(int64(i), 0)),
				}
				if len(fields) == 3 {
					d.DeploymentAction = types.DeploymentActionUndeploy
				}
				lister = append(lister, d)
			}
			got, err := project.FetchDeployments(t.Context(), lister, "lighthouse", "live")
			if err != nil {
				t.Fatal(err)
			}
			for what, pair := range map[string]struct {
				got  *types.StageDeploymentSummary
				want string
			}{"current": {got.Current, tt.current}, "previous": {got.Previous, tt.previous}, "running": {got.Running(), tt.running}} {
				snapshot := ""
				if pair.got != nil {
					snapshot = *pair.got.SnapshotId
				}
				if snapshot != pair.want {
					t.Errorf("%s = %q, want %q", what, snapshot, pair.want)
				}
			}
		})
	}
}
