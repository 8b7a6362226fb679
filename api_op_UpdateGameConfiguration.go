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

// UpdateGameConfiguration applies a list of modifications to the configuration of a game. Each modification adds,
// replaces or removes a value at a path inside a section.
//
// With [WithIfMatch], the call writes only if the configuration has not changed since it was read.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException], [types.InternalServerException] or [types.ServiceQuotaExceededException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/UpdateGameConfiguration
func (c *Client) UpdateGameConfiguration(ctx context.Context, params *UpdateGameConfigurationInput, optFns ...func(*Options)) (*UpdateGameConfigurationOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.UpdateGameConfiguration, updateGameConfigurationInputMembers, updateGameConfigurationOutputMembers), params, optFns)
}

// UpdateGameConfigurationInput is the input to [Client.UpdateGameConfiguration].
type UpdateGameConfigurationInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// Modifications are the changes to apply, in order. 1 to 100 modifications. Required.
	Modifications []types.SectionModification
}

func updateGameConfigurationInputMembers(m *serde.Visitor, v *UpdateGameConfigurationInput) {
	m.String(schemas.UpdateGameConfigurationRequest_GameName, &v.GameName)
	serde.StructList(m, schemas.UpdateGameConfigurationRequest_Modifications, &v.Modifications, shapes.SectionModification)
}

// UpdateGameConfigurationOutput is the output of [Client.UpdateGameConfiguration].
type UpdateGameConfigurationOutput struct {
	// GameConfiguration is the configuration after the modifications.
	GameConfiguration *types.GameConfigurationDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func updateGameConfigurationOutputMembers(m *serde.Visitor, v *UpdateGameConfigurationOutput) {
	serde.Struct(m, schemas.UpdateGameConfigurationResult_GameConfiguration, &v.GameConfiguration, shapes.GameConfigurationDetails)
}

func (v *UpdateGameConfigurationOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
