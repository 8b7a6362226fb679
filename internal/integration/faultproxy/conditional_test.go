package faultproxy_test

import (
	"errors"
	"testing"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/integration/faultproxy"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestLostConditionalWrites checks that a conditional write whose response is lost takes effect exactly once, and that the
// client reports an unknown outcome. A write whose request is lost succeeds when it is retried.
func TestLostConditionalWrites(t *testing.T) {
	tests := map[string]struct {
		fault   faultproxy.Fault
		unknown bool
	}{
		"reset before the response": {faultproxy.LoseResponse, true},
		"reset in the header":       {faultproxy.ResetInHeader, true},
		"truncated":                 {faultproxy.Truncate, true},
		"504 of a gateway":          {afterForward(faultproxy.Respond(504, "")), true},
		"503 instead of the server": {faultproxy.Respond(503, ""), false},
	}
	for name, test := range tests {
		withBothExecutors(t, name, func(t *testing.T, executor func(*gamesparks.Options)) {
			f := newFixture(t, executor)
			game := new("lighthouse")
			if _, err := f.client.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
				GameName: game, ImportSource: &types.ImportGameConfigurationSource{
					File: []byte(`{"Document":{"Type":"Game","Sections":{"Lamps":{"List":[]}}}}`),
				},
			}); err != nil {
				t.Fatal(err)
			}
			before, err := f.client.GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: game})
			if err != nil {
				t.Fatal(err)
			}
			f.proxy.Next(test.fault)
			_, err = f.client.UpdateGameConfiguration(t.Context(), &gamesparks.UpdateGameConfigurationInput{
				GameName: game, Modifications: []types.SectionModification{{
					Operation: types.OperationAdd, Section: new("Lamps"), Path: new("/List/-"), Value: document.NewLazyDocument("North"),
				}},
			}, gamesparks.WithIfMatch(gamesparks.ConfigurationETag(before.ResultMetadata)))
			var outcome *gamesparks.UnknownOutcomeError
			if errors.As(err, &outcome) != test.unknown || gamesparks.IsPreconditionFailed(err) || !test.unknown && err != nil {
				t.Errorf("got error %v; want an UnknownOutcomeError: %t", err, test.unknown)
			}
			after, err := f.client.GetGameConfiguration(t.Context(), &gamesparks.GetGameConfigurationInput{GameName: game})
			if err != nil {
				t.Fatal(err)
			}
			got, err := after.GameConfiguration.Sections["Lamps"].Attributes.MarshalSmithyDocument()
			if want := `{"List":["North"]}`; err != nil || string(got) != want {
				t.Errorf("the section is %s, error %v; want %s", got, err, want)
			}
		})
	}
}
