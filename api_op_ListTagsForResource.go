package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// ListTagsForResource returns the tags of a game or a stage.
//
// The service can return [types.ValidationException], [types.ResourceNotFoundException] or
// [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ListTagsForResource
func (c *Client) ListTagsForResource(ctx context.Context, params *ListTagsForResourceInput, optFns ...func(*Options)) (*ListTagsForResourceOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.ListTagsForResource, listTagsForResourceInputMembers, listTagsForResourceOutputMembers), params, optFns)
}

// ListTagsForResourceInput is the input to [Client.ListTagsForResource].
type ListTagsForResourceInput struct {
	// ResourceArn is the ARN of the game or stage. 20 to 2048 characters, beginning with arn:aws:gamesparks:. Required.
	ResourceArn *string
}

func listTagsForResourceInputMembers(m *serde.Visitor, v *ListTagsForResourceInput) {
	m.String(schemas.ListTagsForResourceRequest_ResourceArn, &v.ResourceArn)
}

// ListTagsForResourceOutput is the output of [Client.ListTagsForResource].
type ListTagsForResourceOutput struct {
	// Tags are the tags of the resource, as a map from key to value. 1 to 50 tags, with keys of 1 to 128 characters
	// that do not begin with aws: and values of at most 256 characters.
	Tags map[string]string

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func listTagsForResourceOutputMembers(m *serde.Visitor, v *ListTagsForResourceOutput) {
	m.StringMap(schemas.ListTagsForResourceResult_Tags, &v.Tags)
}

func (v *ListTagsForResourceOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
