package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// GetStageDeployment describes a deployment to a stage: the one named by params.DeploymentId or, when that is nil, the
// latest.
//
// Errors of the service are [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetStageDeployment
func (c *Client) GetStageDeployment(ctx context.Context, params *GetStageDeploymentInput, optFns ...func(*Options)) (*GetStageDeploymentOutput, error) {
	return invoke[GetStageDeploymentInput, GetStageDeploymentOutput](ctx, c, schemas.GetStageDeployment, params, optFns)
}

// GetStageDeploymentInput is the input of [Client.GetStageDeployment].
type GetStageDeploymentInput struct {
	// DeploymentId is the identifier of the deployment. Nil means the latest one of the stage. 1 to 128 characters,
	// neither the first nor the last a space.
	DeploymentId *string

	// GameName is the name of the game. 1 to 36 letters, digits and characters of _-. Required.
	GameName *string

	// StageName is the name of the stage. 1 to 36 letters, digits and characters of _-. Required.
	StageName *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *GetStageDeploymentInput) VisitMembers(m *serde.Visitor) {
	m.String(schemas.GetStageDeploymentRequest_DeploymentId, &v.DeploymentId)
	m.String(schemas.GetStageDeploymentRequest_GameName, &v.GameName)
	m.String(schemas.GetStageDeploymentRequest_StageName, &v.StageName)
}

// GetStageDeploymentOutput is the output of [Client.GetStageDeployment].
type GetStageDeploymentOutput struct {
	// StageDeployment describes the deployment.
	StageDeployment *types.StageDeploymentDetails

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *GetStageDeploymentOutput) VisitMembers(m *serde.Visitor) {
	serde.Struct(m, schemas.GetStageDeploymentResult_StageDeployment, &v.StageDeployment)
}

func (v *GetStageDeploymentOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
