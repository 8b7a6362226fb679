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

// GetExtension describes an extension, a feature that the scripts of a game can use.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetExtension
func (c *Client) GetExtension(ctx context.Context, params *GetExtensionInput, optFns ...func(*Options)) (*GetExtensionOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.GetExtension, getExtensionInputMembers, getExtensionOutputMembers), params, optFns)
}

// GetExtensionInput is the input to [Client.GetExtension].
type GetExtensionInput struct {
	// Name is the name of the extension. 1 to 36 letters, digits, underscores and hyphens. Required.
	Name *string

	// Namespace is the namespace of the extension. 1 to 36 letters, digits, underscores and hyphens. Required.
	Namespace *string
}

func getExtensionInputMembers(m *serde.Visitor, v *GetExtensionInput) {
	m.String(schemas.GetExtensionRequest_Name, &v.Name)
	m.String(schemas.GetExtensionRequest_Namespace, &v.Namespace)
}

// GetExtensionOutput is the output of [Client.GetExtension].
type GetExtensionOutput struct {
	// Extension describes the extension.
	Extension *types.ExtensionDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func getExtensionOutputMembers(m *serde.Visitor, v *GetExtensionOutput) {
	serde.Struct(m, schemas.GetExtensionResult_Extension, &v.Extension, shapes.ExtensionDetails)
}

func (v *GetExtensionOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
