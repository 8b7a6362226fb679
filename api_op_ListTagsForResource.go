package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// ListTagsForResource returns the tags of a game or a stage.
//
// Errors of the service are [types.ValidationException], [types.ResourceNotFoundException] or
// [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListTagsForResource
func (c *Client) ListTagsForResource(ctx context.Context, params *ListTagsForResourceInput, optFns ...func(*Options)) (*ListTagsForResourceOutput, error) {
	return invoke[ListTagsForResourceInput, ListTagsForResourceOutput](ctx, c, schemas.ListTagsForResource, params, optFns)
}

// ListTagsForResourceInput is the input of [Client.ListTagsForResource].
type ListTagsForResourceInput struct {
	// ResourceArn is the ARN of the game or stage. 20 to 2048 characters, the first of them arn:aws:gamesparks:.
	// Required.
	ResourceArn *string
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListTagsForResourceInput) VisitMembers(m *serde.Visitor) {
	m.String(schemas.ListTagsForResourceRequest_ResourceArn, &v.ResourceArn)
}

// ListTagsForResourceOutput is the output of [Client.ListTagsForResource].
type ListTagsForResourceOutput struct {
	// Tags are the tags of the resource by key. 1 to 50 tags; keys of 1 to 128 characters that do not begin with aws:,
	// values of at most 256.
	Tags map[string]string

	// ResultMetadata holds what the middleware recorded about the call, the request id for example.
	ResultMetadata middleware.Metadata
}

// VisitMembers is for the client's own use: it serializes, deserializes or validates the members.
func (v *ListTagsForResourceOutput) VisitMembers(m *serde.Visitor) {
	m.StringMap(schemas.ListTagsForResourceResult_Tags, &v.Tags)
}

func (v *ListTagsForResourceOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
