package server_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestRecordsOfVersion1 checks that the server can read records under the key names of version 1 data files.
func TestRecordsOfVersion1(t *testing.T) {
	t.Parallel()
	const owner = "account/123456789012/us-east-1/"
	store := storage.NewMemory()
	err := store.Update(t.Context(), func(tx storage.Writer) error {
		for key, value := range map[string]string{
			owner + "game/chess": `{"Name":"chess","Created":"2022-03-01T12:00:00Z","LastUpdated":"2022-03-01T12:00:00Z",` +
				`"Gone":"2022-03-01T12:00:10Z"}`,
			owner + "grave/2022-03-01T12:00:10.000Z/" + owner + "game/chess": "",
		} {
			if err := tx.Put(key, []byte(value)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	e := newEnv(t, server.WithStore(store))
	e.clock.mu.Lock()
	e.clock.now = time.Date(2022, 3, 1, 12, 0, 5, 0, time.UTC)
	e.clock.mu.Unlock()

	got := ok[*gamesparks.GetGameOutput](e)(e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: aws.String("chess")}))
	if got.Game.State != types.GameStateDeleting {
		t.Errorf("got state %s, want DELETING", got.Game.State)
	}
	e.clock.Advance(6 * time.Second)
	_, err = e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: aws.String("chess")})
	wantError[*types.ResourceNotFoundException](e, err)
	e.createGame("go") // each update removes expired records
	err = store.View(t.Context(), func(tx storage.Reader) error {
		for entry, err := range tx.Scan(storage.Prefix(owner + "grave/2022-03-01")) {
			t.Errorf("expiry record %q was not removed (scan error: %v)", entry.Key, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
