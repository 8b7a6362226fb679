package server

import "github.com/gamesparks-go/gamesparks/server/internal/controlplane"

// Extension is an extension in the catalogue of the service: a set of features that game scripts can use.
type Extension struct {
	// Namespace and Name identify the extension. Each has 1 to 36 letters, digits, underscores and hyphens.
	Namespace, Name string

	// Description has at most 250 characters. Optional.
	Description string

	// Versions are the versions of the extension, in the order in which they are listed. Version numbers must be unique.
	// Optional.
	Versions []ExtensionVersion
}

// ExtensionVersion is a version of an extension.
type ExtensionVersion struct {
	// Version is the version number, such as 1.0.0. It has at most 20 characters.
	Version string

	// Schema is the model that defines the interface of the extension. It has at most 2048 characters.
	Schema string
}

// WithExtensions adds extensions to the catalogue. An extension replaces a built-in one with the same namespace and name.
func WithExtensions(extensions ...Extension) Option {
	return func(s *settings) error {
		for _, e := range extensions {
			extension := controlplane.Extension{Namespace: e.Namespace, Name: e.Name, Description: e.Description}
			for _, v := range e.Versions {
				extension.Versions = append(extension.Versions, controlplane.ExtensionVersion(v))
			}
			if err := extension.Check(); err != nil {
				return badOption("WithExtensions", "extension %q in namespace %q: %w", e.Name, e.Namespace, err)
			}
			s.extensions = append(s.extensions, extension)
		}
		return nil
	}
}
