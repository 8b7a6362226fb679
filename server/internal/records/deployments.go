package records

import (
	"time"

	"github.com/gamesparks-go/gamesparks/types"
)

// Deployment is a deployment of a snapshot to a stage. Its progress and outcome are determined when it starts, so its
// state is a function of time.
type Deployment struct {
	// Number is the sequence number of the deployment within its stage, starting at 1.
	Number int

	// ID identifies the deployment within its stage. IDs sort by Number.
	ID string

	// SnapshotID is the id of the deployed snapshot.
	SnapshotID string

	// Created is when the deployment was created.
	Created time.Time

	// Pending is how long the deployment stays in the PENDING state.
	Pending time.Duration

	// InProgress is how long the deployment then stays in the IN_PROGRESS state.
	InProgress time.Duration

	// Code is the result code, which applies once the deployment has finished.
	Code types.ResultCode

	// Message describes the result.
	Message string

	// ClientToken is the client token of the request that started the deployment. It is empty if the request had none.
	ClientToken string `json:",omitempty"`
}

// State returns the state of the deployment at the time of the transaction, its result, and when it entered that state. The
// result is nil until the deployment has finished.
func (d *Deployment) State(tx *Tx) (types.DeploymentState, *types.DeploymentResult, time.Time) {
	started := d.Created.Add(d.Pending)
	ended := started.Add(d.InProgress)
	result := &types.DeploymentResult{ResultCode: d.Code, Message: &d.Message}
	switch {
	case !tx.Reached(started):
		return types.DeploymentStatePending, nil, d.Created
	case !tx.Reached(ended):
		return types.DeploymentStateInProgress, nil, started
	case d.Code != types.ResultCodeSuccess:
		return types.DeploymentStateFailed, result, ended
	}
	return types.DeploymentStateCompleted, result, ended
}

const deploymentSegment = "deployment"

func (tx *Tx) deploymentKey(s *Stage, id string) string {
	return tx.childKey(s.GameID, deploymentSegment, s.ID, id)
}

// Deployments returns the deployments to a stage, newest first.
func (tx *Tx) Deployments(s *Stage) Set[Deployment] {
	return Set[Deployment]{tx: tx, prefix: tx.deploymentKey(s, ""), newestFirst: true, hidden: s.isDeleting()}
}

// Deployment returns a deployment, or nil if it does not exist.
func (tx *Tx) Deployment(s *Stage, id string) (*Deployment, error) {
	if s.isDeleting() {
		return nil, nil
	}
	return load[Deployment](tx, tx.deploymentKey(s, id))
}

// PutDeployment writes the deployment.
func (tx *Tx) PutDeployment(s *Stage, d *Deployment) error {
	return save(tx, tx.deploymentKey(s, d.ID), d)
}
