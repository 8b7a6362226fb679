package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// ListExtensions lists the extensions that there are, a page a call. [NewListExtensionsPaginator] walks all pages.
//
// Errors of the service are [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException] or
// [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListExtensions
func (c *Client) ListExtensions(ctx context.Context, params *ListExtensionsInput, optFns ...func(*Options)) (*ListExtensionsOutput, error) {
	return invoke[ListExtensionsInput, ListExtensionsOutput](ctx, c, schemas.ListExtensions, params, optFns)
}

// ListExtensionsInput is the input of [Client.ListExtensions].
type ListExtensionsInput struct {
	// MaxResults is the largest number of items to return in one page. When nil, the service chooses. 1 to 100.
	MaxResults *int32

	// NextToken is the token of the page to return. Nil returns the first page. 1 to 1024 characters, neither the first
	// nor the last a space.
	NextToken *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListExtensionsInput) VisitMembers(m *serde.Visitor) {
	m.Int32(schemas.ListExtensionsRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListExtensionsRequest_NextToken, &v.NextToken)
}

// ListExtensionsOutput is the output of [Client.ListExtensions].
type ListExtensionsOutput struct {
	// Extensions are the extensions on this page.
	Extensions []types.ExtensionDetails

	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, neither the
	// first nor the last a space.
	NextToken *string

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListExtensionsOutput) VisitMembers(m *serde.Visitor) {
	serde.StructList(m, schemas.ListExtensionsResult_Extensions, &v.Extensions)
	m.String(schemas.ListExtensionsResult_NextToken, &v.NextToken)
}

func (v *ListExtensionsInput) pagination() (**string, **int32) { return &v.NextToken, &v.MaxResults }

func (v *ListExtensionsOutput) pagination() (**string, *[]types.ExtensionDetails) {
	return &v.NextToken, &v.Extensions
}

func (v *ListExtensionsOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
