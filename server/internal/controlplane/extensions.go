package controlplane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// Extension is an extension in the catalogue: a set of features that game scripts can use.
type Extension struct {
	// Namespace and Name identify the extension. Each has 1 to 36 letters, digits, underscores and hyphens.
	Namespace, Name string

	// Description has at most 250 characters.
	Description string

	// Versions are the versions of the extension, in the order in which they are listed. Version numbers must be unique.
	Versions []ExtensionVersion
}

// ExtensionVersion is a version of an extension.
type ExtensionVersion struct {
	// Version is the version number, such as 1.0.0. It has at most 20 characters.
	Version string

	// Schema is the model that defines the interface of the extension. It has at most 2048 characters.
	Schema string
}

// builtinExtensions describes the features that scripts could use in the hosted service, whose catalogue was never
// published.
var builtinExtensions = []Extension{
	{
		Namespace: "GameSparks", Name: "Core",
		Description: "Messages between players and the backend, player data and logging.",
		Versions: []ExtensionVersion{{"1.0.0", `{"Functions":{"CurrentPlayer":["Id","GetData","SetData"],` +
			`"Messaging":["Response","SendNotification"],"Logging":["Debug","Info","Warn","Error"]}}`}},
	},
	{
		Namespace: "GameSparks", Name: "DynamoDB",
		Description: "Read and write access to items in Amazon DynamoDB tables.",
		Versions:    []ExtensionVersion{{"1.0.0", `{"Functions":{"DynamoDB":["GetItem","PutItem","UpdateItem","DeleteItem"]}}`}},
	},
	{
		Namespace: "GameSparks", Name: "Lambda",
		Description: "Invocation of AWS Lambda functions.",
		Versions:    []ExtensionVersion{{"1.0.0", `{"Functions":{"Lambda":["Invoke"]}}`}},
	},
}

// newCatalogue returns a store with the built-in and the given extensions.
func newCatalogue(extensions []Extension) (*records.DB, error) {
	catalogue := records.NewDB(storage.NewMemory())
	err := catalogue.Update(context.Background(), records.Owner{}, time.Time{}, nil, func(tx *records.Tx) error {
		for _, e := range slices.Concat(builtinExtensions, extensions) {
			var versions []types.ExtensionVersionDetails
			for _, v := range e.Versions {
				versions = append(versions, types.ExtensionVersionDetails{
					Name: &e.Name, Namespace: &e.Namespace, Schema: &v.Schema, Version: &v.Version,
				})
			}
			details := &types.ExtensionDetails{Description: &e.Description, Name: &e.Name, Namespace: &e.Namespace}
			if err := tx.PutExtension(details, versions); err != nil {
				return err
			}
		}
		return nil
	})
	return catalogue, err
}

// Check returns an error that names every field that violates the constraints of the model, or nil if there are none.
func (e *Extension) Check() error {
	err := errors.Join(
		checkField("Namespace", schemas.ExtensionNamespace, e.Namespace),
		checkField("Name", schemas.ExtensionName, e.Name),
		checkField("Description", schemas.ExtensionDescription, e.Description),
	)
	seen := map[string]bool{}
	for i, v := range e.Versions {
		if seen[v.Version] {
			err = errors.Join(err, fmt.Errorf("Versions[%d].Version: %q is a duplicate", i, v.Version))
		}
		seen[v.Version] = true
		err = errors.Join(err,
			checkField(fmt.Sprintf("Versions[%d].Version", i), schemas.ExtensionVersion, v.Version),
			checkField(fmt.Sprintf("Versions[%d].Schema", i), schemas.ExtensionVersionSchema, v.Schema),
		)
	}
	return err
}

func checkField(name string, s *smithy.Schema, value string) error {
	if rule := checkConstraints(s, value); rule != "" {
		return fmt.Errorf("%s: %s", name, rule)
	}
	return nil
}

func (c *call) extension(namespace, name *string) (*types.ExtensionDetails, error) {
	details, err := c.tx.Extension(*namespace, *name)
	if err == nil && details == nil {
		err = notFound("The namespace %q has no extension %q.", *namespace, *name)
	}
	return details, err
}

func (c *call) getExtension(in *gamesparks.GetExtensionInput) (*gamesparks.GetExtensionOutput, error) {
	details, err := c.extension(in.Namespace, in.Name)
	return &gamesparks.GetExtensionOutput{Extension: details}, err
}

func (c *call) getExtensionVersion(in *gamesparks.GetExtensionVersionInput) (*gamesparks.GetExtensionVersionOutput, error) {
	if _, err := c.extension(in.Namespace, in.Name); err != nil {
		return nil, err
	}
	versions, err := c.tx.ExtensionVersions(*in.Namespace, *in.Name).All()
	if err != nil {
		return nil, err
	}
	for _, details := range versions {
		if *details.Version == *in.ExtensionVersion {
			return &gamesparks.GetExtensionVersionOutput{ExtensionVersion: details}, nil
		}
	}
	return nil, notFound("The extension %q has no version %q.", *in.Name, *in.ExtensionVersion)
}

func (c *call) listExtensions(in *gamesparks.ListExtensionsInput) (*gamesparks.ListExtensionsOutput, error) {
	extensions, next, err := listPage(c, c.tx.Extensions(), in.MaxResults, in.NextToken,
		func(e *types.ExtensionDetails) (types.ExtensionDetails, bool) { return *e, true })
	return &gamesparks.ListExtensionsOutput{Extensions: extensions, NextToken: next}, err
}

func (c *call) listExtensionVersions(in *gamesparks.ListExtensionVersionsInput) (*gamesparks.ListExtensionVersionsOutput, error) {
	if _, err := c.extension(in.Namespace, in.Name); err != nil {
		return nil, err
	}
	versions, next, err := listPage(c, c.tx.ExtensionVersions(*in.Namespace, *in.Name), in.MaxResults, in.NextToken,
		func(v *types.ExtensionVersionDetails) (types.ExtensionVersionDetails, bool) { return *v, true })
	return &gamesparks.ListExtensionVersionsOutput{ExtensionVersions: versions, NextToken: next}, err
}
