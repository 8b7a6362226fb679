package server_test

import (
	"go/build"
	"slices"
	"strings"
	"testing"
)

// TestLayers checks that the packages of the server import only packages of lower layers, and that no layer below HTTP
// imports net/http.
func TestLayers(t *testing.T) {
	t.Parallel()
	const module = "github.com/gamesparks-go/gamesparks/server"
	layers := []string{"servertest", "", "internal/players", "internal/controlplane", "maintenance", "internal/version1", "internal/records", "storage"}
	for i, layer := range layers {
		pkg, err := build.ImportDir("./"+layer, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range pkg.Imports {
			below, ok := strings.CutPrefix(path, module)
			if !ok {
				continue
			}
			below = strings.TrimPrefix(below, "/")
			if j := slices.Index(layers, below); j >= 0 && j <= i {
				t.Errorf("package %q imports %q, which is not a lower layer", layer, below)
			}
		}
		if i >= slices.Index(layers, "internal/controlplane") && slices.Contains(pkg.Imports, "net/http") {
			t.Errorf("package %q imports net/http", layer)
		}
	}
}
