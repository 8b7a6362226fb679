package server

import "github.com/gamesparks-go/gamesparks/server/internal/controlplane"

// Extension is an extension in the catalogue of the service: features that games use from their scripts.
type Extension struct {
	// Namespace and Name identify it: 1 to 36 letters, digits and characters of _- each.
	Namespace, Name string

	// Description describes the extension, in at most 250 characters.
	Description string

	// Versions are the versions, in the order in which they are listed, without duplicates.
	Versions []ExtensionVersion
}

// ExtensionVersion is a version of an extension.
type ExtensionVersion struct {
	// Version is the number of the version, 1.0.0 for example, in at most 20 characters.
	Version string

	// Schema is the model that defines the interface, in at most 2048 characters.
	Schema string
}

// WithExtensions adds extensions to the catalogue. An extension with the namespace and name of a built-in one replaces
// it.
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
