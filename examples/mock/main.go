// Command mock lists the active games. Look at activeGames, which takes an interface with the one method that it calls,
// and at main_test.go, which passes a mock in place of the client.
//
// The command prints the names of two games that it creates on its own server.
package main

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	srv, err := server.Start()
	if err != nil {
		return err
	}
	defer srv.Close()
	client := srv.Client()
	for _, name := range []string{"lighthouse", "shipwreck"} {
		if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &name}); err != nil {
			return err
		}
	}
	names, err := activeGames(ctx, client)
	if err != nil {
		return err
	}
	fmt.Println("active games:", strings.Join(names, ", "))
	return nil
}

// activeGames returns the names of the games that are not being deleted. A function that calls many operations can take
// a gamesparks.API, which includes all of them.
func activeGames(ctx context.Context, client gamesparks.ListGamesAPIClient) ([]string, error) {
	var names []string
	for game, err := range gamesparks.NewListGamesPaginator(client, nil).Items(ctx) {
		if err != nil {
			return nil, fmt.Errorf("list games: %w", err)
		}
		if game.State == types.GameStateActive {
			names = append(names, *game.Name)
		}
	}
	return names, nil
}
