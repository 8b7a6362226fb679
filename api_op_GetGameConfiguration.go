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

// GetGameConfiguration returns the current configuration of a game, or only the requested sections of it.
//
// [ConfigurationETag] returns the entity tag of the whole configuration from the output's ResultMetadata.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetGameConfiguration
func (c *Client) GetGameConfiguration(ctx context.Context, params *GetGameConfigurationInput, optFns ...func(*Options)) (*GetGameConfigurationOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.GetGameConfiguration, getGameConfigurationInputMembers, getGameConfigurationOutputMembers), params, optFns)
}

// GetGameConfigurationInput is the input to [Client.GetGameConfiguration].
type GetGameConfigurationInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// Sections are the names of the sections to return. Nil or empty returns all sections. At most 100 names, each of 1
	// to 36 letters, digits and dots.
	Sections []string
}

func getGameConfigurationInputMembers(m *serde.Visitor, v *GetGameConfigurationInput) {
	m.String(schemas.GetGameConfigurationRequest_GameName, &v.GameName)
	m.StringList(schemas.GetGameConfigurationRequest_Sections, &v.Sections)
}

// GetGameConfigurationOutput is the output of [Client.GetGameConfiguration].
type GetGameConfigurationOutput struct {
	// GameConfiguration is the configuration of the game.
	GameConfiguration *types.GameConfigurationDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func getGameConfigurationOutputMembers(m *serde.Visitor, v *GetGameConfigurationOutput) {
	serde.Struct(m, schemas.GetGameConfigurationResult_GameConfiguration, &v.GameConfiguration, shapes.GameConfigurationDetails)
}

func (v *GetGameConfigurationOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
