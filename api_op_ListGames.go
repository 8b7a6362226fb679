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

// ListGames lists the games of the account in the client's region, one page per call. [NewListGamesPaginator] reads all
// pages.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException] or
// [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListGames
func (c *Client) ListGames(ctx context.Context, params *ListGamesInput, optFns ...func(*Options)) (*ListGamesOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.ListGames, listGamesInputMembers, listGamesOutputMembers), params, optFns)
}

// ListGamesInput is the input to [Client.ListGames].
type ListGamesInput struct {
	// MaxResults is the maximum number of items in the page. Optional; the service chooses if it is nil. 1 to 100.
	MaxResults *int32

	// NextToken is the token of the page to return. Optional; nil returns the first page. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string
}

func listGamesInputMembers(m *serde.Visitor, v *ListGamesInput) {
	m.Int32(schemas.ListGamesRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListGamesRequest_NextToken, &v.NextToken)
}

// ListGamesOutput is the output of [Client.ListGames].
type ListGamesOutput struct {
	// Games are the games on this page.
	Games []types.GameSummary

	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func listGamesOutputMembers(m *serde.Visitor, v *ListGamesOutput) {
	serde.StructList(m, schemas.ListGamesResult_Games, &v.Games, shapes.GameSummary)
	m.String(schemas.ListGamesResult_NextToken, &v.NextToken)
}

func (v *ListGamesInput) pagination() (**string, **int32) { return &v.NextToken, &v.MaxResults }

func (v *ListGamesOutput) pagination() (**string, *[]types.GameSummary) {
	return &v.NextToken, &v.Games
}

func (v *ListGamesOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// ListGamesAPIClient is the subset of [Client] that a [ListGamesPaginator] requires.
type ListGamesAPIClient interface {
	ListGames(context.Context, *ListGamesInput, ...func(*Options)) (*ListGamesOutput, error)
}

// ListGamesPaginatorOptions configures a [ListGamesPaginator]. It is an alias of [PaginatorOptions], which documents
// the fields Limit, MaxItems, StartingToken, StopOnDuplicateToken and Prefetch.
type ListGamesPaginatorOptions = PaginatorOptions

// ListGamesPaginator reads the pages of [Client.ListGames]. It is an instantiation of [Paginator], which has these
// methods:
//
//   - HasMorePages reports whether more pages can be requested.
//   - NextPage returns the next page.
//   - Pages returns an iterator over the remaining pages.
//   - Items returns an iterator over the remaining items.
//   - ResumeToken returns a token to pass as StartingToken, to continue after the last page or item.
type ListGamesPaginator = Paginator[ListGamesOutput, types.GameSummary]

// NewListGamesPaginator returns a paginator for [Client.ListGames]. If params is nil, an empty input is used. If the
// client is nil or an option is invalid, reading the first page returns an error.
func NewListGamesPaginator(client ListGamesAPIClient, params *ListGamesInput, optFns ...func(*ListGamesPaginatorOptions)) *ListGamesPaginator {
	return newPaginator[types.GameSummary](operations.Of((*Client).ListGames), client, ListGamesAPIClient.ListGames, params, optFns)
}
