package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// TagResource adds tags to a game or a stage. If the resource already has a tag with the same key, its value is
// replaced.
//
// The service can return [types.ValidationException], [types.ResourceNotFoundException] or
// [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/TagResource
func (c *Client) TagResource(ctx context.Context, params *TagResourceInput, optFns ...func(*Options)) (*TagResourceOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.TagResource, tagResourceInputMembers, tagResourceOutputMembers), params, optFns)
}

// TagResourceInput is the input to [Client.TagResource].
type TagResourceInput struct {
	// ResourceArn is the ARN of the game or stage. 20 to 2048 characters, beginning with arn:aws:gamesparks:. Required.
	ResourceArn *string

	// Tags are the tags to add or overwrite. 1 to 50 tags, with keys of 1 to 128 characters that do not begin with aws:
	// and values of at most 256 characters. Required.
	Tags map[string]string
}

func tagResourceInputMembers(m *serde.Visitor, v *TagResourceInput) {
	m.String(schemas.TagResourceRequest_ResourceArn, &v.ResourceArn)
	m.StringMap(schemas.TagResourceRequest_Tags, &v.Tags)
}

// TagResourceOutput is the output of [Client.TagResource].
type TagResourceOutput struct {
	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func tagResourceOutputMembers(*serde.Visitor, *TagResourceOutput) {}

func (v *TagResourceOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
