package types

// DeploymentAction is the action that a deployment performs on a stage. Unknown values in a response are preserved.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/DeploymentAction
type DeploymentAction string

// The values of DeploymentAction.
const (
	// DeploymentActionDeploy deploys a snapshot to the stage.
	DeploymentActionDeploy DeploymentAction = "DEPLOY"
	// DeploymentActionUndeploy removes the snapshot from the stage.
	DeploymentActionUndeploy DeploymentAction = "UNDEPLOY"
)

// Values returns the known values in the order of the API's model.
func (DeploymentAction) Values() []DeploymentAction {
	return []DeploymentAction{DeploymentActionDeploy, DeploymentActionUndeploy}
}

// DeploymentState is the state of a deployment. Unknown values in a response are preserved.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/DeploymentState
type DeploymentState string

// The values of DeploymentState.
const (
	// DeploymentStatePending means the deployment has not started.
	DeploymentStatePending DeploymentState = "PENDING"
	// DeploymentStateInProgress means the deployment is in progress.
	DeploymentStateInProgress DeploymentState = "IN_PROGRESS"
	// DeploymentStateCompleted means the deployment completed successfully.
	DeploymentStateCompleted DeploymentState = "COMPLETED"
	// DeploymentStateFailed means the deployment failed.
	DeploymentStateFailed DeploymentState = "FAILED"
)

// Values returns the known values in the order of the API's model.
func (DeploymentState) Values() []DeploymentState {
	return []DeploymentState{DeploymentStatePending, DeploymentStateInProgress, DeploymentStateCompleted, DeploymentStateFailed}
}

// GameState is the state of a game. Unknown values in a response are preserved.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GameState
type GameState string

// The values of GameState.
const (
	// GameStateActive means the game can be used.
	GameStateActive GameState = "ACTIVE"
	// GameStateDeleting means the game is being deleted.
	GameStateDeleting GameState = "DELETING"
)

// Values returns the known values in the order of the API's model.
func (GameState) Values() []GameState {
	return []GameState{GameStateActive, GameStateDeleting}
}

// GeneratedCodeJobState is the state of a code generation job. Unknown values in a response are preserved.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GeneratedCodeJobState
type GeneratedCodeJobState string

// The values of GeneratedCodeJobState.
const (
	// GeneratedCodeJobStateInProgress means the job is in progress.
	GeneratedCodeJobStateInProgress GeneratedCodeJobState = "IN_PROGRESS"
	// GeneratedCodeJobStateCompleted means the job completed successfully and its code can be downloaded.
	GeneratedCodeJobStateCompleted GeneratedCodeJobState = "COMPLETED"
	// GeneratedCodeJobStateFailed means the job failed.
	GeneratedCodeJobStateFailed GeneratedCodeJobState = "FAILED"
	// GeneratedCodeJobStatePending means the job has not started.
	GeneratedCodeJobStatePending GeneratedCodeJobState = "PENDING"
)

// Values returns the known values in the order of the API's model.
func (GeneratedCodeJobState) Values() []GeneratedCodeJobState {
	return []GeneratedCodeJobState{GeneratedCodeJobStateInProgress, GeneratedCodeJobStateCompleted, GeneratedCodeJobStateFailed, GeneratedCodeJobStatePending}
}

// Operation is the operation that a modification performs at its path. Unknown values in a response are preserved.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/Operation
type Operation string

// The values of Operation.
const (
	// OperationAdd adds a value, or replaces the existing one.
	OperationAdd Operation = "ADD"
	// OperationRemove removes an existing value.
	OperationRemove Operation = "REMOVE"
	// OperationReplace replaces an existing value.
	OperationReplace Operation = "REPLACE"
)

// Values returns the known values in the order of the API's model.
func (Operation) Values() []Operation {
	return []Operation{OperationAdd, OperationRemove, OperationReplace}
}

// ResultCode is the result of a deployment. Unknown values in a response are preserved.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ResultCode
type ResultCode string

// The values of ResultCode.
const (
	// ResultCodeSuccess means the deployment completed successfully.
	ResultCodeSuccess ResultCode = "SUCCESS"
	// ResultCodeInvalidRoleFailure means the stage's role cannot be used.
	ResultCodeInvalidRoleFailure ResultCode = "INVALID_ROLE_FAILURE"
	// ResultCodeUnspecifiedFailure means the deployment failed for another reason.
	ResultCodeUnspecifiedFailure ResultCode = "UNSPECIFIED_FAILURE"
)

// Values returns the known values in the order of the API's model.
func (ResultCode) Values() []ResultCode {
	return []ResultCode{ResultCodeSuccess, ResultCodeInvalidRoleFailure, ResultCodeUnspecifiedFailure}
}

// StageState is the state of a stage. Unknown values in a response are preserved.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/StageState
type StageState string

// The values of StageState.
const (
	// StageStateActive means the stage can be used.
	StageStateActive StageState = "ACTIVE"
	// StageStateDeleting means the stage is being deleted.
	StageStateDeleting StageState = "DELETING"
)

// Values returns the known values in the order of the API's model.
func (StageState) Values() []StageState {
	return []StageState{StageStateActive, StageStateDeleting}
}
