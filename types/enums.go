package types

// DeploymentAction is the action of a deployment on a stage. Unknown values are kept.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/DeploymentAction
type DeploymentAction string

// The values of DeploymentAction.
const (
	// DeploymentActionDeploy: puts a snapshot on the stage.
	DeploymentActionDeploy DeploymentAction = "DEPLOY"
	// DeploymentActionUndeploy: takes the snapshot off the stage.
	DeploymentActionUndeploy DeploymentAction = "UNDEPLOY"
)

// Values returns the values that the API is known to have. The order is that of the model.
func (DeploymentAction) Values() []DeploymentAction {
	return []DeploymentAction{DeploymentActionDeploy, DeploymentActionUndeploy}
}

// DeploymentState is the state of a deployment. Unknown values are kept.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/DeploymentState
type DeploymentState string

// The values of DeploymentState.
const (
	// DeploymentStatePending: has not begun.
	DeploymentStatePending DeploymentState = "PENDING"
	// DeploymentStateInProgress: is under way.
	DeploymentStateInProgress DeploymentState = "IN_PROGRESS"
	// DeploymentStateCompleted: has ended well.
	DeploymentStateCompleted DeploymentState = "COMPLETED"
	// DeploymentStateFailed: has ended without success.
	DeploymentStateFailed DeploymentState = "FAILED"
)

// Values returns the values that the API is known to have. The order is that of the model.
func (DeploymentState) Values() []DeploymentState {
	return []DeploymentState{DeploymentStatePending, DeploymentStateInProgress, DeploymentStateCompleted, DeploymentStateFailed}
}

// GameState is the state of a game. Unknown values are kept.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GameState
type GameState string

// The values of GameState.
const (
	// GameStateActive: can be used.
	GameStateActive GameState = "ACTIVE"
	// GameStateDeleting: is being deleted.
	GameStateDeleting GameState = "DELETING"
)

// Values returns the values that the API is known to have. The order is that of the model.
func (GameState) Values() []GameState {
	return []GameState{GameStateActive, GameStateDeleting}
}

// GeneratedCodeJobState is the state of a code generation job. Unknown values are kept.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GeneratedCodeJobState
type GeneratedCodeJobState string

// The values of GeneratedCodeJobState.
const (
	// GeneratedCodeJobStateInProgress: is under way.
	GeneratedCodeJobStateInProgress GeneratedCodeJobState = "IN_PROGRESS"
	// GeneratedCodeJobStateCompleted: has ended well, and its code can be downloaded.
	GeneratedCodeJobStateCompleted GeneratedCodeJobState = "COMPLETED"
	// GeneratedCodeJobStateFailed: has ended without success.
	GeneratedCodeJobStateFailed GeneratedCodeJobState = "FAILED"
	// GeneratedCodeJobStatePending: has not begun.
	GeneratedCodeJobStatePending GeneratedCodeJobState = "PENDING"
)

// Values returns the values that the API is known to have. The order is that of the model.
func (GeneratedCodeJobState) Values() []GeneratedCodeJobState {
	return []GeneratedCodeJobState{GeneratedCodeJobStateInProgress, GeneratedCodeJobStateCompleted, GeneratedCodeJobStateFailed, GeneratedCodeJobStatePending}
}

// Operation is the operation of a modification at its path. Unknown values are kept.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/Operation
type Operation string

// The values of Operation.
const (
	// OperationAdd: adds a value, or replaces the one that is there.
	OperationAdd Operation = "ADD"
	// OperationRemove: removes the value.
	OperationRemove Operation = "REMOVE"
	// OperationReplace: replaces the value, which has to be there.
	OperationReplace Operation = "REPLACE"
)

// Values returns the values that the API is known to have. The order is that of the model.
func (Operation) Values() []Operation {
	return []Operation{OperationAdd, OperationRemove, OperationReplace}
}

// ResultCode is the result of a deployment. Unknown values are kept.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ResultCode
type ResultCode string

// The values of ResultCode.
const (
	// ResultCodeSuccess: it went well.
	ResultCodeSuccess ResultCode = "SUCCESS"
	// ResultCodeInvalidRoleFailure: the stage's role cannot be used.
	ResultCodeInvalidRoleFailure ResultCode = "INVALID_ROLE_FAILURE"
	// ResultCodeUnspecifiedFailure: it failed for another reason.
	ResultCodeUnspecifiedFailure ResultCode = "UNSPECIFIED_FAILURE"
)

// Values returns the values that the API is known to have. The order is that of the model.
func (ResultCode) Values() []ResultCode {
	return []ResultCode{ResultCodeSuccess, ResultCodeInvalidRoleFailure, ResultCodeUnspecifiedFailure}
}

// StageState is the state of a stage. Unknown values are kept.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/StageState
type StageState string

// The values of StageState.
const (
	// StageStateActive: can be used.
	StageStateActive StageState = "ACTIVE"
	// StageStateDeleting: is being deleted.
	StageStateDeleting StageState = "DELETING"
)

// Values returns the values that the API is known to have. The order is that of the model.
func (StageState) Values() []StageState {
	return []StageState{StageStateActive, StageStateDeleting}
}
