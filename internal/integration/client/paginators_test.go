// Package client_test tests the client against the server.
package client_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// TestPaginatorResume stops a listing after random items and resumes it with random page sizes.
func TestPaginatorResume(t *testing.T) {
	t.Parallel()
	client := servertest.Start(t).Client()
	var want []string
	for i := range 23 {
		name := fmt.Sprintf("game-%02d", i)
		want = append(want, name)
		if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		var got []string
		for token := ""; ; {
			p := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
				o.Limit, o.MaxItems, o.Prefetch, o.StartingToken = 1+r.Int32N(12), 1+r.IntN(9), r.IntN(3), token
			})
			for game, err := range p.Items(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, *game.Name)
				if r.IntN(10) == 0 {
					break
				}
			}
			if token = p.ResumeToken(); token == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d: items (-want +got):\n%s", seed, diff)
		}
	}
}
