package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// ListGames lists the games of the account in the client's region, a page a call. [NewListGamesPaginator] walks all
// pages.
//
// Errors of the service are [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException] or
// [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListGames
func (c *Client) ListGames(ctx context.Context, params *ListGamesInput, optFns ...func(*Options)) (*ListGamesOutput, error) {
	return invoke[ListGamesInput, ListGamesOutput](ctx, c, schemas.ListGames, params, optFns)
}

// ListGamesInput is the input of [Client.ListGames].
type ListGamesInput struct {
	// MaxResults is the largest number of items to return in one page. When nil, the service chooses. 1 to 100.
	MaxResults *int32

	// NextToken is the token of the page to return. Nil returns the first page. 1 to 1024 characters, neither the first
	// nor the last a space.
	NextToken *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListGamesInput) VisitMembers(m *serde.Visitor) {
	m.Int32(schemas.ListGamesRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListGamesRequest_NextToken, &v.NextToken)
}

// ListGamesOutput is the output of [Client.ListGames].
type ListGamesOutput struct {
	// Games are the games on this page.
	Games []types.GameSummary

	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, neither the
	// first nor the last a space.
	NextToken *string

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListGamesOutput) VisitMembers(m *serde.Visitor) {
	serde.StructList(m, schemas.ListGamesResult_Games, &v.Games)
	m.String(schemas.ListGamesResult_NextToken, &v.NextToken)
}

func (v *ListGamesInput) pagination() (**string, **int32) { return &v.NextToken, &v.MaxResults }

func (v *ListGamesOutput) pagination() (**string, *[]types.GameSummary) {
	return &v.NextToken, &v.Games
}

func (v *ListGamesOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
