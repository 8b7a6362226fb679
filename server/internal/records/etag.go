package records

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
)

// ETag returns the entity tag of a configuration with the sections: a digest of the sorted names, each followed by a zero
// byte and the SHA-256 of the content.
func (s Sections) ETag() string {
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(s)) {
		content := sha256.Sum256(s[name])
		all.Write([]byte(name))
		all.Write([]byte{0})
		all.Write(content[:])
	}
	return `"sha256:` + hex.EncodeToString(all.Sum(nil)) + `"`
}
