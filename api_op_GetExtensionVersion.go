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

// GetExtensionVersion describes one version of an extension, including the schema of its interface.
//
// The service can return [types.ValidationException], [types.AccessDeniedException], [types.ThrottlingException],
// [types.ResourceNotFoundException] or [types.InternalServerException].
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GetExtensionVersion
func (c *Client) GetExtensionVersion(ctx context.Context, params *GetExtensionVersionInput, optFns ...func(*Options)) (*GetExtensionVersionOutput, error) {
	return invoke(ctx, c, operations.Bind(schemas.GetExtensionVersion, getExtensionVersionInputMembers, getExtensionVersionOutputMembers), params, optFns)
}

// GetExtensionVersionInput is the input to [Client.GetExtensionVersion].
type GetExtensionVersionInput struct {
	// ExtensionVersion is the version of the extension. At most 20 characters. Required.
	ExtensionVersion *string

	// Name is the name of the extension. 1 to 36 letters, digits, underscores and hyphens. Required.
	Name *string

	// Namespace is the namespace of the extension. 1 to 36 letters, digits, underscores and hyphens. Required.
	Namespace *string
}

func getExtensionVersionInputMembers(m *serde.Visitor, v *GetExtensionVersionInput) {
	m.String(schemas.GetExtensionVersionRequest_ExtensionVersion, &v.ExtensionVersion)
	m.String(schemas.GetExtensionVersionRequest_Name, &v.Name)
	m.String(schemas.GetExtensionVersionRequest_Namespace, &v.Namespace)
}

// GetExtensionVersionOutput is the output of [Client.GetExtensionVersion].
type GetExtensionVersionOutput struct {
	// ExtensionVersion describes the requested version.
	ExtensionVersion *types.ExtensionVersionDetails

	// ResultMetadata holds metadata about the call, such as the request ID.
	ResultMetadata middleware.Metadata
}

func getExtensionVersionOutputMembers(m *serde.Visitor, v *GetExtensionVersionOutput) {
	serde.Struct(m, schemas.GetExtensionVersionResult_ExtensionVersion, &v.ExtensionVersion, shapes.ExtensionVersionDetails)
}

func (v *GetExtensionVersionOutput) metadata() *middleware.Metadata { return &v.ResultMetadata }
