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

// ListStageDeployments lists the deployments to a stage, one page per call. [NewListStageDeploymentsPaginator] reads
// all pages.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListStageDeployments
func (c *Client) ListStageDeployments(ctx context.Context, params *ListStageDeploymentsInput, optFns ...func(*Options)) (*ListStageDeploymentsOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.ListStageDeployments, listStageDeploymentsInputMembers, listStageDeploymentsOutputMembers), params, optFns)
}

// ListStageDeploymentsInput is the input to [Client.ListStageDeployments].
type ListStageDeploymentsInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits, underscores and hyphens. Required.
	GameName *string

	// MaxResults is the maximum number of items in the page. Optional; the service chooses if it is nil. 1 to 100.
	MaxResults *int32

	// NextToken is the token of the page to return. Optional; nil returns the first page. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string

	// StageName is the name of the stage. 1 to 36 letters, digits, underscores and hyphens. Required.
	StageName *string
}

func listStageDeploymentsInputMembers(m *serde.Visitor, v *ListStageDeploymentsInput) {
	m.String(schemas.ListStageDeploymentsRequest_GameName, &v.GameName)
	m.Int32(schemas.ListStageDeploymentsRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListStageDeploymentsRequest_NextToken, &v.NextToken)
	m.String(schemas.ListStageDeploymentsRequest_StageName, &v.StageName)
}

// ListStageDeploymentsOutput is the output of [Client.ListStageDeployments].
type ListStageDeploymentsOutput struct {
	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string

	// StageDeployments are the deployments on this page.
	StageDeployments []types.StageDeploymentSummary

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func listStageDeploymentsOutputMembers(m *serde.Visitor, v *ListStageDeploymentsOutput) {
	m.String(schemas.ListStageDeploymentsResult_NextToken, &v.NextToken)
	serde.StructList(m, schemas.ListStageDeploymentsResult_StageDeployments, &v.StageDeployments, shapes.StageDeploymentSummary)
}

func (v *ListStageDeploymentsInput) pagination() (**string, **int32) {
	return &v.NextToken, &v.MaxResults
}

func (v *ListStageDeploymentsOutput) pagination() (**string, *[]types.StageDeploymentSummary) {
	return &v.NextToken, &v.StageDeployments
}

func (v *ListStageDeploymentsOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// ListStageDeploymentsAPIClient is the subset of [Client] that a [ListStageDeploymentsPaginator] requires.
type ListStageDeploymentsAPIClient interface {
	ListStageDeployments(context.Context, *ListStageDeploymentsInput, ...func(*Options)) (*ListStageDeploymentsOutput, error)
}

// ListStageDeploymentsPaginatorOptions configures a [ListStageDeploymentsPaginator]. It is an alias of
// [PaginatorOptions], which documents the fields Limit, MaxItems, StartingToken, StopOnDuplicateToken and Prefetch.
type ListStageDeploymentsPaginatorOptions = PaginatorOptions

// ListStageDeploymentsPaginator reads the pages of [Client.ListStageDeployments]. It is an instantiation of
// [Paginator], which has these methods:
//
//   - HasMorePages reports whether more pages can be requested.
//   - NextPage returns the next page.
//   - Pages returns an iterator over the remaining pages.
//   - Items returns an iterator over the remaining items.
//   - ResumeToken returns a token to pass as StartingToken, to continue after the last page or item.
type ListStageDeploymentsPaginator = Paginator[ListStageDeploymentsOutput, types.StageDeploymentSummary]

// NewListStageDeploymentsPaginator returns a paginator for [Client.ListStageDeployments]. If params is nil, an empty
// input is used. If the client is nil or an option is invalid, reading the first page returns an error.
func NewListStageDeploymentsPaginator(client ListStageDeploymentsAPIClient, params *ListStageDeploymentsInput, optFns ...func(*ListStageDeploymentsPaginatorOptions)) *ListStageDeploymentsPaginator {
	return newPaginator[types.StageDeploymentSummary](operations.Of((*Client).ListStageDeployments), client, ListStageDeploymentsAPIClient.ListStageDeployments, params, optFns)
}
