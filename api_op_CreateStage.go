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

// CreateStage creates a stage of a game. Snapshots are deployed to a stage, and players connect to it.
//
// The call is idempotent: while the service remembers params.ClientToken, repeating the call with the same parameters
// returns the stage that the first call created. If ClientToken is nil, the client sets a token from
// [Options.IdempotencyTokenProvider] once per call, so that a retry after a lost response does not fail with a
// ConflictException.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ConflictException], [types.ResourceNotFoundException] or [types.InternalServerException]. A ConflictException
// means, for example, that the game already has a stage with this name, that the game is being deleted, or that the
// ClientToken was used with other parameters.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/CreateStage
func (c *Client) CreateStage(ctx context.Context, params *CreateStageInput, optFns ...func(*Options)) (*CreateStageOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.CreateStage, createStageInputMembers, createStageOutputMembers), params, optFns)
}

// CreateStageInput is the input to [Client.CreateStage].
type CreateStageInput struct {
	// ClientToken identifies the request: repeating it with the same token has no further effect. Optional; the client
	// sets one if it is nil. 33 to 126 characters.
	ClientToken *string

	// Description is the description of the new stage. At most 250 characters, without leading or trailing white space.
	Description *string

	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// Role is the ARN of the IAM role that the stage's game runtimes use. 20 to 2048 characters. Required.
	Role *string

	// StageName is the name of the new stage. It must be unique in the game. 1 to 36 letters, digits, underscores and
	// hyphens. Required.
	StageName *string

	// Tags are the tags to attach to the stage. 1 to 50 tags, with keys of 1 to 128 characters that do not begin with
	// aws: and values of at most 256 characters.
	Tags map[string]string
}

func createStageInputMembers(m *serde.Visitor, v *CreateStageInput) {
	m.String(schemas.CreateStageRequest_ClientToken, &v.ClientToken)
	m.String(schemas.CreateStageRequest_Description, &v.Description)
	m.String(schemas.CreateStageRequest_GameName, &v.GameName)
	m.String(schemas.CreateStageRequest_Role, &v.Role)
	m.String(schemas.CreateStageRequest_StageName, &v.StageName)
	m.StringMap(schemas.CreateStageRequest_Tags, &v.Tags)
}

func (v *CreateStageInput) clientToken() **string { return &v.ClientToken }

// CreateStageOutput is the output of [Client.CreateStage].
type CreateStageOutput struct {
	// Stage describes the stage.
	Stage *types.StageDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func createStageOutputMembers(m *serde.Visitor, v *CreateStageOutput) {
	serde.Struct(m, schemas.CreateStageResult_Stage, &v.Stage, shapes.StageDetails)
}

func (v *CreateStageOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
