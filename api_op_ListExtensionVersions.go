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

// ListExtensionVersions lists the usable versions of an extension, one page per call. Each change to the interface of
// an extension creates a new version. [NewListExtensionVersionsPaginator] reads all pages.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListExtensionVersions
func (c *Client) ListExtensionVersions(ctx context.Context, params *ListExtensionVersionsInput, optFns ...func(*Options)) (*ListExtensionVersionsOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.ListExtensionVersions, listExtensionVersionsInputMembers, listExtensionVersionsOutputMembers), params, optFns)
}

// ListExtensionVersionsInput is the input to [Client.ListExtensionVersions].
type ListExtensionVersionsInput struct {
	// MaxResults is the maximum number of items in the page. Optional; the service chooses if it is nil. 1 to 100.
	MaxResults *int32

	// Name is the name of the extension. 1 to 36 letters, digits, underscores and hyphens. Required.
	Name *string

	// Namespace is the namespace of the extension. 1 to 36 letters, digits, underscores and hyphens. Required.
	Namespace *string

	// NextToken is the token of the page to return. Optional; nil returns the first page. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string
}

func listExtensionVersionsInputMembers(m *serde.Visitor, v *ListExtensionVersionsInput) {
	m.Int32(schemas.ListExtensionVersionsRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListExtensionVersionsRequest_Name, &v.Name)
	m.String(schemas.ListExtensionVersionsRequest_Namespace, &v.Namespace)
	m.String(schemas.ListExtensionVersionsRequest_NextToken, &v.NextToken)
}

// ListExtensionVersionsOutput is the output of [Client.ListExtensionVersions].
type ListExtensionVersionsOutput struct {
	// ExtensionVersions are the versions on this page.
	ExtensionVersions []types.ExtensionVersionDetails

	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func listExtensionVersionsOutputMembers(m *serde.Visitor, v *ListExtensionVersionsOutput) {
	serde.StructList(m, schemas.ListExtensionVersionsResult_ExtensionVersions, &v.ExtensionVersions, shapes.ExtensionVersionDetails)
	m.String(schemas.ListExtensionVersionsResult_NextToken, &v.NextToken)
}

func (v *ListExtensionVersionsInput) pagination() (**string, **int32) {
	return &v.NextToken, &v.MaxResults
}

func (v *ListExtensionVersionsOutput) pagination() (**string, *[]types.ExtensionVersionDetails) {
	return &v.NextToken, &v.ExtensionVersions
}

func (v *ListExtensionVersionsOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// ListExtensionVersionsAPIClient is the subset of [Client] that a [ListExtensionVersionsPaginator] requires.
type ListExtensionVersionsAPIClient interface {
	ListExtensionVersions(context.Context, *ListExtensionVersionsInput, ...func(*Options)) (*ListExtensionVersionsOutput, error)
}

// ListExtensionVersionsPaginatorOptions configures a [ListExtensionVersionsPaginator]. It is an alias of
// [PaginatorOptions], which documents the fields Limit, MaxItems, StartingToken, StopOnDuplicateToken and Prefetch.
type ListExtensionVersionsPaginatorOptions = PaginatorOptions

// ListExtensionVersionsPaginator reads the pages of [Client.ListExtensionVersions]. It is an instantiation of
// [Paginator], which has these methods:
//
//   - HasMorePages reports whether more pages can be requested.
//   - NextPage returns the next page.
//   - Pages returns an iterator over the remaining pages.
//   - Items returns an iterator over the remaining items.
//   - ResumeToken returns a token to pass as StartingToken, to continue after the last page or item.
type ListExtensionVersionsPaginator = Paginator[ListExtensionVersionsOutput, types.ExtensionVersionDetails]

// NewListExtensionVersionsPaginator returns a paginator for [Client.ListExtensionVersions]. If params is nil, an empty
// input is used. If the client is nil or an option is invalid, reading the first page returns an error.
func NewListExtensionVersionsPaginator(client ListExtensionVersionsAPIClient, params *ListExtensionVersionsInput, optFns ...func(*ListExtensionVersionsPaginatorOptions)) *ListExtensionVersionsPaginator {
	return newPaginator[types.ExtensionVersionDetails](operations.Of((*Client).ListExtensionVersions), client, ListExtensionVersionsAPIClient.ListExtensionVersions, params, optFns)
}
