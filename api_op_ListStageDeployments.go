package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// ListStageDeployments lists the deployments made to a stage, a page a call. [NewListStageDeploymentsPaginator] walks
// all pages.
//
// Errors of the service are [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListStageDeployments
func (c *Client) ListStageDeployments(ctx context.Context, params *ListStageDeploymentsInput, optFns ...func(*Options)) (*ListStageDeploymentsOutput, error) {
	return invoke[ListStageDeploymentsInput, ListStageDeploymentsOutput](ctx, c, schemas.ListStageDeployments, params, optFns)
}

// ListStageDeploymentsInput is the input of [Client.ListStageDeployments].
type ListStageDeploymentsInput struct {
	// GameName is the name of the game. 1 to 36 letters, digits and characters of _-. Required.
	GameName *string

	// MaxResults is the largest number of items to return in one page. When nil, the service chooses. 1 to 100.
	MaxResults *int32

	// NextToken is the token of the page to return. Nil returns the first page. 1 to 1024 characters, neither the first
	// nor the last a space.
	NextToken *string

	// StageName is the name of the stage. 1 to 36 letters, digits and characters of _-. Required.
	StageName *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListStageDeploymentsInput) VisitMembers(m *serde.Visitor) {
	m.String(schemas.ListStageDeploymentsRequest_GameName, &v.GameName)
	m.Int32(schemas.ListStageDeploymentsRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListStageDeploymentsRequest_NextToken, &v.NextToken)
	m.String(schemas.ListStageDeploymentsRequest_StageName, &v.StageName)
}

// ListStageDeploymentsOutput is the output of [Client.ListStageDeployments].
type ListStageDeploymentsOutput struct {
	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, neither the
	// first nor the last a space.
	NextToken *string

	// StageDeployments are the deployments on this page.
	StageDeployments []types.StageDeploymentSummary

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListStageDeploymentsOutput) VisitMembers(m *serde.Visitor) {
	m.String(schemas.ListStageDeploymentsResult_NextToken, &v.NextToken)
	serde.StructList(m, schemas.ListStageDeploymentsResult_StageDeployments, &v.StageDeployments)
}

func (v *ListStageDeploymentsInput) pagination() (**string, **int32) {
	return &v.NextToken, &v.MaxResults
}

func (v *ListStageDeploymentsOutput) pagination() (**string, *[]types.StageDeploymentSummary) {
	return &v.NextToken, &v.StageDeployments
}

func (v *ListStageDeploymentsOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
