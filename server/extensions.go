package server

import (
	"context"
	"errors"
	"fmt"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// Extension is an extension in the catalogue that the service lists: features that games use from their scripts.
type Extension struct {
	// Namespace and Name identify it: 1 to 36 letters, digits and characters of _- each.
	Namespace, Name string

	// Description tells what it is for, in at most 250 characters.
	Description string

	// Versions are its versions, in the order in which they are listed, each once.
	Versions []ExtensionVersion
}

// ExtensionVersion is a version of an extension.
type ExtensionVersion struct {
	// Version is its number, 1.0.0 for example, in at most 20 characters.
	Version string

	// Schema is the model that defines its interface, in at most 2048 characters.
	Schema string
}

// WithExtensions adds extensions to the catalogue. One that has the namespace and name of a built-in extension takes
// its place.
func WithExtensions(extensions ...Extension) Option {
	return func(s *settings) error {
		s.extensions = append(s.extensions, extensions...)
		return nil
	}
}

// builtinExtensions are the features that scripts of the hosted service had. How the hosted catalogue described them
// was never published.
var builtinExtensions = []Extension{
	{
		Namespace: "GameSparks", Name: "Core",
		Description: "Messages between players and the backend, player data and logging.",
		Versions: []ExtensionVersion{{"1.0.0", `{"Functions":{"CurrentPlayer":["Id","GetData","SetData"],` +
			`"Messaging":["Response","SendNotification"],"Logging":["Debug","Info","Warn","Error"]}}`}},
	},
	{
		Namespace: "GameSparks", Name: "DynamoDB",
		Description: "Items in tables of Amazon DynamoDB.",
		Versions:    []ExtensionVersion{{"1.0.0", `{"Functions":{"DynamoDB":["GetItem","PutItem","UpdateItem","DeleteItem"]}}`}},
	},
	{
		Namespace: "GameSparks", Name: "Lambda",
		Description: "Functions of AWS Lambda.",
		Versions:    []ExtensionVersion{{"1.0.0", `{"Functions":{"Lambda":["Invoke"]}}`}},
	},
}

// The catalogue is a store, so that it is listed in the same way as all else.

const extensionPrefix = "extension/"

func extensionKey(namespace, name string) string { return extensionPrefix + namespace + "/" + name }

func extensionVersionKey(namespace, name string) string {
	return "extensionversion/" + namespace + "/" + name + "/"
}

func newCatalogue(extensions []Extension) (storage.Store, error) {
	catalogue := storage.NewMemory()
	err := catalogue.Update(context.Background(), func(tx storage.Writer) error {
		for _, e := range append(builtinExtensions[:len(builtinExtensions):len(builtinExtensions)], extensions...) {
			if err := addExtension(tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	return catalogue, err
}

func addExtension(tx storage.Writer, e Extension) error {
	if err := e.check(); err != nil {
		return fmt.Errorf("extension %q in namespace %q: %w", e.Name, e.Namespace, err)
	}
	c := call{tx: tx, w: tx}
	details := types.ExtensionDetails{Description: &e.Description, Name: &e.Name, Namespace: &e.Namespace}
	if err := save(&c, extensionKey(e.Namespace, e.Name), &details); err != nil {
		return err
	}
	if err := c.clear(extensionVersionKey(e.Namespace, e.Name)); err != nil {
		return err
	}
	for i, v := range e.Versions {
		details := types.ExtensionVersionDetails{
			Name: &e.Name, Namespace: &e.Namespace, Schema: &v.Schema, Version: &v.Version,
		}
		if err := save(&c, fmt.Sprintf("%s%08d", extensionVersionKey(e.Namespace, e.Name), i), &details); err != nil {
			return err
		}
	}
	return nil
}

// check returns an error that names every field that breaks the model.
func (e *Extension) check() error {
	err := errors.Join(
		checkField("Namespace", schemas.ExtensionNamespace, e.Namespace),
		checkField("Name", schemas.ExtensionName, e.Name),
		checkField("Description", schemas.ExtensionDescription, e.Description),
	)
	seen := map[string]bool{}
	for i, v := range e.Versions {
		if seen[v.Version] {
			err = errors.Join(err, fmt.Errorf("Versions[%d].Version: %q is there twice", i, v.Version))
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
	details, err := load[types.ExtensionDetails](c, extensionKey(*namespace, *name))
	if err == nil && details == nil {
		err = notFound("There is no extension %q in namespace %q.", *name, *namespace)
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
	for entry, err := range c.tx.Scan(storage.Prefix(extensionVersionKey(*in.Namespace, *in.Name))) {
		if err != nil {
			return nil, err
		}
		details, err := decode[types.ExtensionVersionDetails](entry.Key, entry.Value)
		if err != nil {
			return nil, err
		}
		if *details.Version == *in.ExtensionVersion {
			return &gamesparks.GetExtensionVersionOutput{ExtensionVersion: details}, nil
		}
	}
	return nil, notFound("The extension %q has no version %q.", *in.Name, *in.ExtensionVersion)
}

func (c *call) listExtensions(in *gamesparks.ListExtensionsInput) (*gamesparks.ListExtensionsOutput, error) {
	extensions, next, err := listPage(c, listing{prefix: extensionPrefix}, in.MaxResults, in.NextToken,
		func(e *types.ExtensionDetails) (types.ExtensionDetails, bool) { return *e, true })
	return &gamesparks.ListExtensionsOutput{Extensions: extensions, NextToken: next}, err
}

func (c *call) listExtensionVersions(in *gamesparks.ListExtensionVersionsInput) (*gamesparks.ListExtensionVersionsOutput, error) {
	if _, err := c.extension(in.Namespace, in.Name); err != nil {
		return nil, err
	}
	versions, next, err := listPage(c, listing{prefix: extensionVersionKey(*in.Namespace, *in.Name)}, in.MaxResults, in.NextToken,
		func(v *types.ExtensionVersionDetails) (types.ExtensionVersionDetails, bool) { return *v, true })
	return &gamesparks.ListExtensionVersionsOutput{ExtensionVersions: versions, NextToken: next}, err
}
