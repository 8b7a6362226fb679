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

// ImportGameConfiguration replaces the whole configuration of a game with the contents of a file. It cannot be undone:
// to keep the previous configuration, call [Client.CreateSnapshot] first.
//
// With [WithIfMatch], the call writes only if the configuration has not changed since it was read.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException], [types.InternalServerException] or [types.ServiceQuotaExceededException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ImportGameConfiguration
func (c *Client) ImportGameConfiguration(ctx context.Context, params *ImportGameConfigurationInput, optFns ...func(*Options)) (*ImportGameConfigurationOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.ImportGameConfiguration, importGameConfigurationInputMembers, importGameConfigurationOutputMembers), params, optFns)
}

// ImportGameConfigurationInput is the input to [Client.ImportGameConfiguration].
type ImportGameConfigurationInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// ImportSource holds the file to import. Required.
	ImportSource *types.ImportGameConfigurationSource
}

func importGameConfigurationInputMembers(m *serde.Visitor, v *ImportGameConfigurationInput) {
	m.String(schemas.ImportGameConfigurationRequest_GameName, &v.GameName)
	serde.Struct(m, schemas.ImportGameConfigurationRequest_ImportSource, &v.ImportSource, shapes.ImportGameConfigurationSource)
}

// ImportGameConfigurationOutput is the output of [Client.ImportGameConfiguration].
type ImportGameConfigurationOutput struct {
	// GameConfiguration is the configuration after the import.
	GameConfiguration *types.GameConfigurationDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func importGameConfigurationOutputMembers(m *serde.Visitor, v *ImportGameConfigurationOutput) {
	serde.Struct(m, schemas.ImportGameConfigurationResult_GameConfiguration, &v.GameConfiguration, shapes.GameConfigurationDetails)
}

func (v *ImportGameConfigurationOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
