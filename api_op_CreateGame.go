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

// CreateGame creates a game with an empty configuration. Fill it with [Client.ImportGameConfiguration] or
// [Client.UpdateGameConfiguration].
//
// The call is idempotent: while the service remembers params.ClientToken, repeating the call with the same parameters
// returns the game that the first call created. If ClientToken is nil, the client sets a token from
// [Options.IdempotencyTokenProvider] once per call, so that a retry after a lost response does not fail with a
// ConflictException.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ConflictException], [types.InternalServerException] or [types.ServiceQuotaExceededException]. A
// ConflictException means, for example, that a game with this name already exists, or that the ClientToken was used
// with other parameters.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/CreateGame
func (c *Client) CreateGame(ctx context.Context, params *CreateGameInput, optFns ...func(*Options)) (*CreateGameOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.CreateGame, createGameInputMembers, createGameOutputMembers), params, optFns)
}

// CreateGameInput is the input to [Client.CreateGame].
type CreateGameInput struct {
	// ClientToken identifies the request: repeating it with the same token has no further effect. Optional; the client
	// sets one if it is nil. 33 to 126 characters.
	ClientToken *string

	// Description is the description of the new game. At most 250 characters, without leading or trailing white space.
	Description *string

	// GameName is the name of the new game. It must be unique in the account and region. 1 to 36 letters, digits,
	// underscores and hyphens. Required.
	GameName *string

	// Tags are the tags to attach to the game. 1 to 50 tags, with keys of 1 to 128 characters that do not begin with
	// aws: and values of at most 256 characters.
	Tags map[string]string
}

func createGameInputMembers(m *serde.Visitor, v *CreateGameInput) {
	m.String(schemas.CreateGameRequest_ClientToken, &v.ClientToken)
	m.String(schemas.CreateGameRequest_Description, &v.Description)
	m.String(schemas.CreateGameRequest_GameName, &v.GameName)
	m.StringMap(schemas.CreateGameRequest_Tags, &v.Tags)
}

func (v *CreateGameInput) clientToken() **string { return &v.ClientToken }

// CreateGameOutput is the output of [Client.CreateGame].
type CreateGameOutput struct {
	// Game describes the game.
	Game *types.GameDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func createGameOutputMembers(m *serde.Visitor, v *CreateGameOutput) {
	serde.Struct(m, schemas.CreateGameResult_Game, &v.Game, shapes.GameDetails)
}

func (v *CreateGameOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
