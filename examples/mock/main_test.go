package main

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// mock embeds the API interface, so it has every operation. A call to an operation that the test does not expect
// panics.
type mock struct {
	gamesparks.API
	listGames func(*gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error)
}

func (m mock) ListGames(_ context.Context, params *gamesparks.ListGamesInput, _ ...func(*gamesparks.Options)) (*gamesparks.ListGamesOutput, error) {
	return m.listGames(params)
}

func TestActiveGames(t *testing.T) {
	t.Parallel()
	pages := map[string]*gamesparks.ListGamesOutput{
		"": {NextToken: new("second"), Games: []types.GameSummary{
			{Name: new("lighthouse"), State: types.GameStateActive},
			{Name: new("shipwreck"), State: types.GameStateDeleting},
		}},
		"second": {Games: []types.GameSummary{{Name: new("harbour"), State: types.GameStateActive}}},
	}
	names, err := activeGames(t.Context(), mock{listGames: func(params *gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error) {
		return pages[aws.ToString(params.NextToken)], nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"lighthouse", "harbour"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestActiveGamesAccessDenied(t *testing.T) {
	t.Parallel()
	_, err := activeGames(t.Context(), mock{listGames: func(*gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error) {
		return nil, &types.AccessDeniedException{Message: new("not today")}
	}})
	if !gamesparks.IsAccessDenied(err) {
		t.Errorf("activeGames returned error %v, want an AccessDeniedException", err)
	}
}
