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

// ListGeneratedCodeJobs lists the code generation jobs of a snapshot, one page per call.
// [NewListGeneratedCodeJobsPaginator] reads all pages.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListGeneratedCodeJobs
func (c *Client) ListGeneratedCodeJobs(ctx context.Context, params *ListGeneratedCodeJobsInput, optFns ...func(*Options)) (*ListGeneratedCodeJobsOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.ListGeneratedCodeJobs, listGeneratedCodeJobsInputMembers, listGeneratedCodeJobsOutputMembers), params, optFns)
}

// ListGeneratedCodeJobsInput is the input to [Client.ListGeneratedCodeJobs].
type ListGeneratedCodeJobsInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// MaxResults is the maximum number of items in the page. Optional; the service chooses if it is nil. 1 to 100.
	MaxResults *int32

	// NextToken is the token of the page to return. Optional; nil returns the first page. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string

	// SnapshotId is the identifier of the snapshot whose jobs are listed. 33 to 36 characters: Snapshot_ followed by a
	// UTC time with 3 to 6 fractional digits. Required.
	SnapshotId *string
}

func listGeneratedCodeJobsInputMembers(m *serde.Visitor, v *ListGeneratedCodeJobsInput) {
	m.String(schemas.ListGeneratedCodeJobsRequest_GameName, &v.GameName)
	m.Int32(schemas.ListGeneratedCodeJobsRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListGeneratedCodeJobsRequest_NextToken, &v.NextToken)
	m.String(schemas.ListGeneratedCodeJobsRequest_SnapshotId, &v.SnapshotId)
}

// ListGeneratedCodeJobsOutput is the output of [Client.ListGeneratedCodeJobs].
type ListGeneratedCodeJobsOutput struct {
	// GeneratedCodeJobs are the jobs on this page.
	GeneratedCodeJobs []types.GeneratedCodeJobDetails

	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func listGeneratedCodeJobsOutputMembers(m *serde.Visitor, v *ListGeneratedCodeJobsOutput) {
	serde.StructList(m, schemas.ListGeneratedCodeJobsResult_GeneratedCodeJobs, &v.GeneratedCodeJobs, shapes.GeneratedCodeJobDetails)
	m.String(schemas.ListGeneratedCodeJobsResult_NextToken, &v.NextToken)
}

func (v *ListGeneratedCodeJobsInput) pagination() (**string, **int32) {
	return &v.NextToken, &v.MaxResults
}

func (v *ListGeneratedCodeJobsOutput) pagination() (**string, *[]types.GeneratedCodeJobDetails) {
	return &v.NextToken, &v.GeneratedCodeJobs
}

func (v *ListGeneratedCodeJobsOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// ListGeneratedCodeJobsAPIClient is the subset of [Client] that a [ListGeneratedCodeJobsPaginator] requires.
type ListGeneratedCodeJobsAPIClient interface {
	ListGeneratedCodeJobs(context.Context, *ListGeneratedCodeJobsInput, ...func(*Options)) (*ListGeneratedCodeJobsOutput, error)
}

// ListGeneratedCodeJobsPaginatorOptions configures a [ListGeneratedCodeJobsPaginator]. It is an alias of
// [PaginatorOptions], which documents the fields Limit, MaxItems, StartingToken, StopOnDuplicateToken and Prefetch.
type ListGeneratedCodeJobsPaginatorOptions = PaginatorOptions

// ListGeneratedCodeJobsPaginator reads the pages of [Client.ListGeneratedCodeJobs]. It is an instantiation of
// [Paginator], which has these methods:
//
//   - HasMorePages reports whether more pages can be requested.
//   - NextPage returns the next page.
//   - Pages returns an iterator over the remaining pages.
//   - Items returns an iterator over the remaining items.
//   - ResumeToken returns a token to pass as StartingToken, to continue after the last page or item.
type ListGeneratedCodeJobsPaginator = Paginator[ListGeneratedCodeJobsOutput, types.GeneratedCodeJobDetails]

// NewListGeneratedCodeJobsPaginator returns a paginator for [Client.ListGeneratedCodeJobs]. If params is nil, an empty
// input is used. If the client is nil or an option is invalid, reading the first page returns an error.
func NewListGeneratedCodeJobsPaginator(client ListGeneratedCodeJobsAPIClient, params *ListGeneratedCodeJobsInput, optFns ...func(*ListGeneratedCodeJobsPaginatorOptions)) *ListGeneratedCodeJobsPaginator {
	return newPaginator[types.GeneratedCodeJobDetails](operations.Of((*Client).ListGeneratedCodeJobs), client, ListGeneratedCodeJobsAPIClient.ListGeneratedCodeJobs, params, optFns)
}
