package deploy_test

import (
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// TestRunNullSection deploys a configuration with a section whose value is null.
func TestRunNullSection(t *testing.T) {
	t.Parallel()
	client := servertest.Start(t, server.WithDeploymentTime(time.Millisecond, time.Millisecond)).Client()
	game, stage := new("chess"), new("live")
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: game}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateStage(t.Context(), &gamesparks.CreateStageInput{
		GameName: game, StageName: stage, Role: new("arn:aws:iam::123456789012:role/chess"),
	}); err != nil {
		t.Fatal(err)
	}
	result, err := deploy.Run(t.Context(), client, &deploy.Input{
		GameName: "chess", Stages: []string{"live"},
		Configuration: []byte(`{"Document":{"Type":"Game","Sections":{"Chess.Board":null,"Chess.Rules":{"a":null}}}}`),
	}, shortDelays)
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.GetSnapshot(t.Context(), &gamesparks.GetSnapshotInput{GameName: game, SnapshotId: &result.SnapshotID})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Chess.Board": "null", "Chess.Rules": `{"a":null}`} {
		d := out.Snapshot.Sections[name].Attributes
		if d == nil {
			t.Errorf("section %s has no document", name)
			continue
		}
		if text, err := d.MarshalSmithyDocument(); err != nil || string(text) != want {
			t.Errorf("section %s: document %s, error %v; want %s", name, text, err, want)
		}
	}
}
