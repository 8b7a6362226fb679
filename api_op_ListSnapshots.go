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

// ListSnapshots lists the snapshots of a game without their sections, one page per call. [NewListSnapshotsPaginator]
// reads all pages.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListSnapshots
func (c *Client) ListSnapshots(ctx context.Context, params *ListSnapshotsInput, optFns ...func(*Options)) (*ListSnapshotsOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.ListSnapshots, listSnapshotsInputMembers, listSnapshotsOutputMembers), params, optFns)
}

// ListSnapshotsInput is the input to [Client.ListSnapshots].
type ListSnapshotsInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// MaxResults is the maximum number of items in the page. Optional; the service chooses if it is nil. 1 to 100.
	MaxResults *int32

	// NextToken is the token of the page to return. Optional; nil returns the first page. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string
}

func listSnapshotsInputMembers(m *serde.Visitor, v *ListSnapshotsInput) {
	m.String(schemas.ListSnapshotsRequest_GameName, &v.GameName)
	m.Int32(schemas.ListSnapshotsRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListSnapshotsRequest_NextToken, &v.NextToken)
}

// ListSnapshotsOutput is the output of [Client.ListSnapshots].
type ListSnapshotsOutput struct {
	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string

	// Snapshots are the snapshots on this page.
	Snapshots []types.SnapshotSummary

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func listSnapshotsOutputMembers(m *serde.Visitor, v *ListSnapshotsOutput) {
	m.String(schemas.ListSnapshotsResult_NextToken, &v.NextToken)
	serde.StructList(m, schemas.ListSnapshotsResult_Snapshots, &v.Snapshots, shapes.SnapshotSummary)
}

func (v *ListSnapshotsInput) pagination() (**string, **int32) { return &v.NextToken, &v.MaxResults }

func (v *ListSnapshotsOutput) pagination() (**string, *[]types.SnapshotSummary) {
	return &v.NextToken, &v.Snapshots
}

func (v *ListSnapshotsOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// ListSnapshotsAPIClient is the subset of [Client] that a [ListSnapshotsPaginator] requires.
type ListSnapshotsAPIClient interface {
	ListSnapshots(context.Context, *ListSnapshotsInput, ...func(*Options)) (*ListSnapshotsOutput, error)
}

// ListSnapshotsPaginatorOptions configures a [ListSnapshotsPaginator]. It is an alias of [PaginatorOptions], which
// documents the fields Limit, MaxItems, StartingToken, StopOnDuplicateToken and Prefetch.
type ListSnapshotsPaginatorOptions = PaginatorOptions

// ListSnapshotsPaginator reads the pages of [Client.ListSnapshots]. It is an instantiation of [Paginator], which has
// these methods:
//
//   - HasMorePages reports whether more pages can be requested.
//   - NextPage returns the next page.
//   - Pages returns an iterator over the remaining pages.
//   - Items returns an iterator over the remaining items.
//   - ResumeToken returns a token to pass as StartingToken, to continue after the last page or item.
type ListSnapshotsPaginator = Paginator[ListSnapshotsOutput, types.SnapshotSummary]

// NewListSnapshotsPaginator returns a paginator for [Client.ListSnapshots]. If params is nil, an empty input is used.
// If the client is nil or an option is invalid, reading the first page returns an error.
func NewListSnapshotsPaginator(client ListSnapshotsAPIClient, params *ListSnapshotsInput, optFns ...func(*ListSnapshotsPaginatorOptions)) *ListSnapshotsPaginator {
	return newPaginator[types.SnapshotSummary](operations.Of((*Client).ListSnapshots), client, ListSnapshotsAPIClient.ListSnapshots, params, optFns)
}
