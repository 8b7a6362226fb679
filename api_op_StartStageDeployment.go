package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/internal/shapes"
	"github.com/gamesparks-go/gamesparks/types"
)

// StartStageDeployment deploys a snapshot to a stage, which creates a game runtime. [Client.GetStageDeployment] returns
// the state of the deployment, and [NewStageDeploymentCompletedWaiter] returns a waiter for its completion. Connected
// players stay on the previous runtime, which is removed after the last of them disconnects; new connections reach the
// new runtime. Package deploy imports a configuration file and deploys it to several stages in one call.
//
// The call is idempotent: while the service remembers params.ClientToken, repeating the call with the same parameters
// returns the deployment that the first call started. If ClientToken is nil, the client sets a token from
// [Options.IdempotencyTokenProvider] once per call, so that a retry after a lost response does not fail with a
// ConflictException.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ConflictException], [types.ResourceNotFoundException] or [types.InternalServerException]. A ConflictException
// means, for example, that another deployment to the stage has not finished, that the game or the stage is being
// deleted, or that the ClientToken was used with other parameters.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/StartStageDeployment
func (c *Client) StartStageDeployment(ctx context.Context, params *StartStageDeploymentInput, optFns ...func(*Options)) (*StartStageDeploymentOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.StartStageDeployment, startStageDeploymentInputMembers, startStageDeploymentOutputMembers), params, optFns)
}

// StartStageDeploymentInput is the input to [Client.StartStageDeployment].
type StartStageDeploymentInput struct {
	// ClientToken identifies the request: repeating it with the same token has no further effect. Optional; the client
	// sets one if it is nil. 33 to 126 characters.
	ClientToken *string

	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// SnapshotId is the identifier of the snapshot to deploy. 33 to 36 characters: Snapshot_ followed by a UTC time
	// with 3 to 6 fractional digits. Required.
	SnapshotId *string

	// StageName is the name of the stage to deploy to. 1 to 36 letters, digits, underscores and hyphens. Required.
	StageName *string
}

func startStageDeploymentInputMembers(m *serde.Visitor, v *StartStageDeploymentInput) {
	m.String(schemas.StartStageDeploymentRequest_ClientToken, &v.ClientToken)
	m.String(schemas.StartStageDeploymentRequest_GameName, &v.GameName)
	m.String(schemas.StartStageDeploymentRequest_SnapshotId, &v.SnapshotId)
	m.String(schemas.StartStageDeploymentRequest_StageName, &v.StageName)
}

func (v *StartStageDeploymentInput) clientToken() **string { return &v.ClientToken }

// StartStageDeploymentOutput is the output of [Client.StartStageDeployment].
type StartStageDeploymentOutput struct {
	// StageDeployment describes the deployment.
	StageDeployment *types.StageDeploymentDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func startStageDeploymentOutputMembers(m *serde.Visitor, v *StartStageDeploymentOutput) {
	serde.Struct(m, schemas.StartStageDeploymentResult_StageDeployment, &v.StageDeployment, shapes.StageDeploymentDetails)
}

func (v *StartStageDeploymentOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
