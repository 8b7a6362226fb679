package records

import (
	"time"

	"github.com/gamesparks-go/gamesparks/types"
)

// Deployment is a deployment of a snapshot to a stage. Its progress and outcome are determined when it starts, so its
// state is a function of the time.
type Deployment struct {
	Number      int              // Number is the number in the list, from 1.
	ID          string           // ID identifies the record in its parent.
	SnapshotID  string           // SnapshotID is the snapshot.
	Created     time.Time        // Created is the time of creation.
	Pending     time.Duration    // Pending is how long it is PENDING.
	InProgress  time.Duration    // InProgress is how long it is IN_PROGRESS afterwards.
	Code        types.ResultCode // Code is the result at the end.
	Message     string           // Message explains the result.
	ClientToken string           `json:",omitempty"` // ClientToken is the token of the request that created it, or empty.
}

// StateAt returns the state at a time, the result, and when the deployment entered the state. The result is nil unless the
// deployment has finished.
func (d *Deployment) StateAt(now time.Time) (types.DeploymentState, *types.DeploymentResult, time.Time) {
	started := d.Created.Add(d.Pending)
	ended := started.Add(d.InProgress)
	result := &types.DeploymentResult{ResultCode: d.Code, Message: &d.Message}
	switch {
	case now.Before(started):
		return types.DeploymentStatePending, nil, d.Created
	case now.Before(ended):
		return types.DeploymentStateInProgress, nil, started
	case d.Code != types.ResultCodeSuccess:
		return types.DeploymentStateFailed, result, ended
	}
	return types.DeploymentStateCompleted, result, ended
}

func (tx *Tx) deploymentKey(game, stage, id string) string {
	return tx.childKey(game, "deployment", stage, id)
}

// Deployments returns the deployments to a stage, newest first.
func (tx *Tx) Deployments(game, stage string) Set[Deployment] {
	return NewSet[Deployment](tx, tx.deploymentKey(game, stage, ""), true)
}

// Deployment returns a deployment, or nil if it does not exist.
func (tx *Tx) Deployment(game, stage, id string) (*Deployment, error) {
	return load[Deployment](tx, tx.deploymentKey(game, stage, id))
}

// PutDeployment writes the deployment.
func (tx *Tx) PutDeployment(game, stage string, d *Deployment) error {
	return save(tx, tx.deploymentKey(game, stage, d.ID), d)
}

// DeleteDeployment deletes the deployment.
func (tx *Tx) DeleteDeployment(game, stage, id string) error {
	return tx.writer.Delete(tx.deploymentKey(game, stage, id))
}
