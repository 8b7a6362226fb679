package records

import (
	"fmt"

	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// The extension catalogue has its own store and belongs to no account. Keeping it in a store allows extensions to be
// listed in the same way as other records.

const extensionPrefix = "extension/"

func extensionKey(namespace, name string) string { return extensionPrefix + namespace + "/" + name }

func extensionVersionPrefix(namespace, name string) string {
	return "extensionversion/" + namespace + "/" + name + "/"
}

// Extensions returns all extensions, ordered by namespace and name.
func (tx *Tx) Extensions() Set[types.ExtensionDetails] {
	return NewSet[types.ExtensionDetails](tx, extensionPrefix, false)
}

// Extension returns an extension, or nil if it does not exist.
func (tx *Tx) Extension(namespace, name string) (*types.ExtensionDetails, error) {
	return load[types.ExtensionDetails](tx, extensionKey(namespace, name))
}

// ExtensionVersions returns the versions of an extension, in the order passed to PutExtension.
func (tx *Tx) ExtensionVersions(namespace, name string) Set[types.ExtensionVersionDetails] {
	return NewSet[types.ExtensionVersionDetails](tx, extensionVersionPrefix(namespace, name), false)
}

// PutExtension writes the extension and replaces its versions.
func (tx *Tx) PutExtension(e *types.ExtensionDetails, versions []types.ExtensionVersionDetails) error {
	if err := save(tx, extensionKey(*e.Namespace, *e.Name), e); err != nil {
		return err
	}
	prefix := extensionVersionPrefix(*e.Namespace, *e.Name)
	if _, err := tx.writer.DeleteRange(storage.Prefix(prefix)); err != nil {
		return err
	}
	for i := range versions {
		if err := save(tx, fmt.Sprintf("%s%08d", prefix, i), &versions[i]); err != nil {
			return err
		}
	}
	return nil
}
