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

// ListStages lists the stages of a game, one page per call. [NewListStagesPaginator] reads all pages.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListStages
func (c *Client) ListStages(ctx context.Context, params *ListStagesInput, optFns ...func(*Options)) (*ListStagesOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.ListStages, listStagesInputMembers, listStagesOutputMembers), params, optFns)
}

// ListStagesInput is the input to [Client.ListStages].
type ListStagesInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// MaxResults is the maximum number of items in the page. Optional; the service chooses if it is nil. 1 to 100.
	MaxResults *int32

	// NextToken is the token of the page to return. Optional; nil returns the first page. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string
}

func listStagesInputMembers(m *serde.Visitor, v *ListStagesInput) {
	m.String(schemas.ListStagesRequest_GameName, &v.GameName)
	m.Int32(schemas.ListStagesRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListStagesRequest_NextToken, &v.NextToken)
}

// ListStagesOutput is the output of [Client.ListStages].
type ListStagesOutput struct {
	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string

	// Stages are the stages on this page.
	Stages []types.StageSummary

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func listStagesOutputMembers(m *serde.Visitor, v *ListStagesOutput) {
	m.String(schemas.ListStagesResult_NextToken, &v.NextToken)
	serde.StructList(m, schemas.ListStagesResult_Stages, &v.Stages, shapes.StageSummary)
}

func (v *ListStagesInput) pagination() (**string, **int32) { return &v.NextToken, &v.MaxResults }

func (v *ListStagesOutput) pagination() (**string, *[]types.StageSummary) {
	return &v.NextToken, &v.Stages
}

func (v *ListStagesOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// ListStagesAPIClient is the subset of [Client] that a [ListStagesPaginator] requires.
type ListStagesAPIClient interface {
	ListStages(context.Context, *ListStagesInput, ...func(*Options)) (*ListStagesOutput, error)
}

// ListStagesPaginatorOptions configures a [ListStagesPaginator]. It is an alias of [PaginatorOptions], which documents
// the fields Limit, MaxItems, StartingToken, StopOnDuplicateToken and Prefetch.
type ListStagesPaginatorOptions = PaginatorOptions

// ListStagesPaginator reads the pages of [Client.ListStages]. It is an instantiation of [Paginator], which has these
// methods:
//
//   - HasMorePages reports whether more pages can be requested.
//   - NextPage returns the next page.
//   - Pages returns an iterator over the remaining pages.
//   - Items returns an iterator over the remaining items.
//   - ResumeToken returns a token to pass as StartingToken, to continue after the last page or item.
type ListStagesPaginator = Paginator[ListStagesOutput, types.StageSummary]

// NewListStagesPaginator returns a paginator for [Client.ListStages]. If params is nil, an empty input is used. If the
// client is nil or an option is invalid, reading the first page returns an error.
func NewListStagesPaginator(client ListStagesAPIClient, params *ListStagesInput, optFns ...func(*ListStagesPaginatorOptions)) *ListStagesPaginator {
	return newPaginator[types.StageSummary](operations.Of((*Client).ListStages), client, ListStagesAPIClient.ListStages, params, optFns)
}
