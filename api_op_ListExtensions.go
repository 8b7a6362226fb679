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

// ListExtensions lists the available extensions, one page per call. [NewListExtensionsPaginator] reads all pages.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException] or
// [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListExtensions
func (c *Client) ListExtensions(ctx context.Context, params *ListExtensionsInput, optFns ...func(*Options)) (*ListExtensionsOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.ListExtensions, listExtensionsInputMembers, listExtensionsOutputMembers), params, optFns)
}

// ListExtensionsInput is the input to [Client.ListExtensions].
type ListExtensionsInput struct {
	// MaxResults is the maximum number of items in the page. Optional; the service chooses if it is nil. 1 to 100.
	MaxResults *int32

	// NextToken is the token of the page to return. Optional; nil returns the first page. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string
}

func listExtensionsInputMembers(m *serde.Visitor, v *ListExtensionsInput) {
	m.Int32(schemas.ListExtensionsRequest_MaxResults, &v.MaxResults)
	m.String(schemas.ListExtensionsRequest_NextToken, &v.NextToken)
}

// ListExtensionsOutput is the output of [Client.ListExtensions].
type ListExtensionsOutput struct {
	// Extensions are the extensions on this page.
	Extensions []types.ExtensionDetails

	// NextToken is the token of the next page. Nil means that this page is the last. 1 to 1024 characters, without
	// leading or trailing white space.
	NextToken *string

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func listExtensionsOutputMembers(m *serde.Visitor, v *ListExtensionsOutput) {
	serde.StructList(m, schemas.ListExtensionsResult_Extensions, &v.Extensions, shapes.ExtensionDetails)
	m.String(schemas.ListExtensionsResult_NextToken, &v.NextToken)
}

func (v *ListExtensionsInput) pagination() (**string, **int32) { return &v.NextToken, &v.MaxResults }

func (v *ListExtensionsOutput) pagination() (**string, *[]types.ExtensionDetails) {
	return &v.NextToken, &v.Extensions
}

func (v *ListExtensionsOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }

// ListExtensionsAPIClient is the subset of [Client] that a [ListExtensionsPaginator] requires.
type ListExtensionsAPIClient interface {
	ListExtensions(context.Context, *ListExtensionsInput, ...func(*Options)) (*ListExtensionsOutput, error)
}

// ListExtensionsPaginatorOptions configures a [ListExtensionsPaginator]. It is an alias of [PaginatorOptions], which
// documents the fields Limit, MaxItems, StartingToken, StopOnDuplicateToken and Prefetch.
type ListExtensionsPaginatorOptions = PaginatorOptions

// ListExtensionsPaginator reads the pages of [Client.ListExtensions]. It is an instantiation of [Paginator], which has
// these methods:
//
//   - HasMorePages reports whether more pages can be requested.
//   - NextPage returns the next page.
//   - Pages returns an iterator over the remaining pages.
//   - Items returns an iterator over the remaining items.
//   - ResumeToken returns a token to pass as StartingToken, to continue after the last page or item.
type ListExtensionsPaginator = Paginator[ListExtensionsOutput, types.ExtensionDetails]

// NewListExtensionsPaginator returns a paginator for [Client.ListExtensions]. If params is nil, an empty input is used.
// If the client is nil or an option is invalid, reading the first page returns an error.
func NewListExtensionsPaginator(client ListExtensionsAPIClient, params *ListExtensionsInput, optFns ...func(*ListExtensionsPaginatorOptions)) *ListExtensionsPaginator {
	return newPaginator[types.ExtensionDetails](operations.Of((*Client).ListExtensions), client, ListExtensionsAPIClient.ListExtensions, params, optFns)
}
