package gamesparks

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// UntagResource removes tags from a game or a stage.
//
// The service can return [types.ValidationException], [types.ResourceNotFoundException] or
// [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/UntagResource
func (c *Client) UntagResource(ctx context.Context, params *UntagResourceInput, optFns ...func(*Options)) (*UntagResourceOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.UntagResource, untagResourceInputMembers, untagResourceOutputMembers), params, optFns)
}

// UntagResourceInput is the input to [Client.UntagResource].
type UntagResourceInput struct {
	// ResourceArn is the ARN of the game or stage. 20 to 2048 characters, beginning with arn:aws:gamesparks:. Required.
	ResourceArn *string

	// TagKeys are the keys of the tags to remove. 1 to 50 keys of 1 to 128 characters each. Required.
	TagKeys []string
}

func untagResourceInputMembers(m *serde.Visitor, v *UntagResourceInput) {
	m.String(schemas.UntagResourceRequest_ResourceArn, &v.ResourceArn)
	m.StringList(schemas.UntagResourceRequest_TagKeys, &v.TagKeys)
}

// UntagResourceOutput is the output of [Client.UntagResource].
type UntagResourceOutput struct {
	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func untagResourceOutputMembers(*serde.Visitor, *UntagResourceOutput) {}

func (v *UntagResourceOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
