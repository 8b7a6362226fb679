package server_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestReplacedConfigurations checks that the server does not keep replaced configurations in memory. Otherwise, the versions of
// a configuration that changes often would fill the cache. It does not run in parallel, since other tests use memory too.
func TestReplacedConfigurations(t *testing.T) {
	const size, versions = 900 << 10, 20
	e := startEnv(t, openFile(t, filepath.Join(t.TempDir(), "data")))
	e.createGame("chess")
	text := strings.Repeat("x", size)
	var before int64
	for version := range versions {
		e.importSections("chess", fmt.Sprintf(`{"A":{"version":%d,"text":%q}}`, version, text))
		if version == 1 {
			before = memoryInUse()
		}
	}
	if after := memoryInUse(); after > before+versions/2*size {
		t.Errorf("memory grew from %d to %d KB while %d versions of %d KB replaced each other", before>>10, after>>10, versions, size>>10)
	}
}
