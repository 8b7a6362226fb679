package restjson_test

import (
	"encoding/base64"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestBlobs compares blobs of all lengths around the sizes at which the encoder changes with encoding/base64.
func TestBlobs(t *testing.T) {
	t.Parallel()
	op := bindings(t)["ImportGameConfiguration"]
	random := rand.NewChaCha8([32]byte{})
	var lengths []int
	for n := range 40 {
		lengths = append(lengths, n, 4096-20+n, 100_000+n)
	}
	for _, n := range lengths {
		blob := make([]byte, n)
		_, _ = random.Read(blob)
		in := &gamesparks.ImportGameConfigurationInput{ImportSource: &types.ImportGameConfigurationSource{File: blob}}
		body, err := restjson.EncodeBodyInto(nil, &serde.Shape{Schema: op.Schema.Input, Type: op.Input, Value: in})
		if err != nil {
			t.Fatalf("length %d: %v", n, err)
		}
		want := `{"ImportSource":{"File":"` + base64.StdEncoding.EncodeToString(blob) + `"}}`
		if diff := cmp.Diff(want, string(body)); diff != "" {
			t.Fatalf("length %d (-want +got):\n%s", n, diff)
		}
	}
}
