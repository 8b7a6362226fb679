package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// ListSnapshots lists the snapshots of a game without their sections, a page a call. [NewListSnapshotsPaginator] walks
// all pages.
//
// Errors of the service are [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListSnapshots
func (c *Client) ListSnapshots(ctx context.Context, params *ListSnapshotsInput, optFns ...func(*Options)) (*ListSnapshotsOutput, error) {
	return invoke[ListSnapshotsInput, ListSnapshotsOutput](ctx, c, schemas.ListSnapshots, params, optFns)
}

// ListSnapshotsInput is the input of [Client.ListSnapshots].
type ListSnapshotsInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits and characters of _-. Required.
	GameName *string

	// MaxResults is the largest number of items to return in one page. When nil, the service chooses. 1 to 100.
	MaxResults *int32

	// NextToken is the token of the page to return. Nil returns the first page. 1 to 1024 characters, neither the first
	// nor the last a space.
	NextToken *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListSnapshotsInput) VisitMembers(m *serde.Visitor) {
	m.String(schemas.ListSnapshotsRequest_GameName, &v.GameName)
	m.Int32(schemas.ListSnapshotsRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListSnapshotsRequest_NextToken, &v.NextToken)
}

// ListSnapshotsOutput is the output of [Client.ListSnapshots].
type ListSnapshotsOutput struct {
	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, neither the
	// first nor the last a space.
	NextToken *string

	// Snapshots are the snapshots on this page.
	Snapshots []types.SnapshotSummary

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListSnapshotsOutput) VisitMembers(m *serde.Visitor) {
	m.String(schemas.ListSnapshotsResult_NextToken, &v.NextToken)
	serde.StructList(m, schemas.ListSnapshotsResult_Snapshots, &v.Snapshots)
}

func (v *ListSnapshotsInput) pagination() (**string, **int32) { return &v.NextToken, &v.MaxResults }

func (v *ListSnapshotsOutput) pagination() (**string, *[]types.SnapshotSummary) {
	return &v.NextToken, &v.Snapshots
}

func (v *ListSnapshotsOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
