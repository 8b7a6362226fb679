package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// ListExtensionVersions lists the versions of an extension that can be used now, a page a call. An extension gets a new
// version with each change of its interface. [NewListExtensionVersionsPaginator] walks all pages.
//
// Errors of the service are [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListExtensionVersions
func (c *Client) ListExtensionVersions(ctx context.Context, params *ListExtensionVersionsInput, optFns ...func(*Options)) (*ListExtensionVersionsOutput, error) {
	return invoke[ListExtensionVersionsInput, ListExtensionVersionsOutput](ctx, c, schemas.ListExtensionVersions, params, optFns)
}

// ListExtensionVersionsInput is the input of [Client.ListExtensionVersions].
type ListExtensionVersionsInput struct {
	// MaxResults is the largest number of items to return in one page. When nil, the service chooses. 1 to 100.
	MaxResults *int32

	// Name is the name of the extension. 1 to 36 letters, digits and characters of _-. Required.
	Name *string

	// Namespace is the namespace of the extension. 1 to 36 letters, digits and characters of _-. Required.
	Namespace *string

	// NextToken is the token of the page to return. Nil returns the first page. 1 to 1024 characters, neither the first
	// nor the last a space.
	NextToken *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListExtensionVersionsInput) VisitMembers(m *serde.Visitor) {
	m.Int32(schemas.ListExtensionVersionsRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListExtensionVersionsRequest_Name, &v.Name)
	m.String(schemas.ListExtensionVersionsRequest_Namespace, &v.Namespace)
	m.String(schemas.ListExtensionVersionsRequest_NextToken, &v.NextToken)
}

// ListExtensionVersionsOutput is the output of [Client.ListExtensionVersions].
type ListExtensionVersionsOutput struct {
	// ExtensionVersions are the versions on this page.
	ExtensionVersions []types.ExtensionVersionDetails

	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, neither the
	// first nor the last a space.
	NextToken *string

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListExtensionVersionsOutput) VisitMembers(m *serde.Visitor) {
	serde.StructList(m, schemas.ListExtensionVersionsResult_ExtensionVersions, &v.ExtensionVersions)
	m.String(schemas.ListExtensionVersionsResult_NextToken, &v.NextToken)
}

func (v *ListExtensionVersionsInput) pagination() (**string, **int32) {
	return &v.NextToken, &v.MaxResults
}

func (v *ListExtensionVersionsOutput) pagination() (**string, *[]types.ExtensionVersionDetails) {
	return &v.NextToken, &v.ExtensionVersions
}

func (v *ListExtensionVersionsOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
