package restjson_test

import (
	"testing"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// TestPooledDecoder verifies that a pooled decoder keeps nothing of the text that it decoded before: neither the strict
// rules for requests nor the state of a text that is not valid.
func TestPooledDecoder(t *testing.T) {
	// Not parallel: other tests would take the decoder out of the pool.
	const (
		update   = `{"Modifications":[{"Section":"A","Value":null}]}`
		response = `{"GameConfiguration":{"Sections":{"a":{"Name":"\ud800","Attributes":null}}}}`
	)
	before := map[string]func() error{
		"request": func() error {
			return restjson.DecodeRequest(schemas.UpdateGameConfiguration, []string{"g"}, nil, []byte(update), new(gamesparks.UpdateGameConfigurationInput))
		},
		"request that breaks off": func() error {
			restjson.DecodeRequest(schemas.UpdateGameConfiguration, []string{"g"}, nil, []byte(update[:30]), new(gamesparks.UpdateGameConfigurationInput))
			return nil
		},
		"response that breaks off": func() error {
			restjson.Decode([]byte(response[:50]), &serde.Shape{Schema: schemas.GetGameConfiguration.Output, Value: new(gamesparks.GetGameConfigurationOutput)})
			return nil
		},
	}
	for name, decode := range before {
		// With the race detector, a pool drops values at random.
		for range 100 {
			if err := decode(); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var out gamesparks.GetGameConfigurationOutput
			if err := restjson.Decode([]byte(response), &serde.Shape{Schema: schemas.GetGameConfiguration.Output, Value: &out}); err != nil {
				t.Fatalf("after a %s: %v", name, err)
			}
			section := out.GameConfiguration.Sections["a"]
			if *section.Name != "\ufffd" || section.Attributes != nil {
				t.Fatalf("after a %s: got name %q and document %v", name, *section.Name, section.Attributes)
			}
		}
	}
}
