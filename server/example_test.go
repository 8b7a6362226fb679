package server_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

func ExampleStart() {
	srv, err := server.Start(server.WithRegion("eu-west-1"))
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()

	created, err := srv.Client().CreateGame(context.Background(), &gamesparks.CreateGameInput{GameName: new("chess")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*created.Game.Arn)
	// Output: arn:aws:gamesparks:eu-west-1:123456789012:game/chess
}

// This program serves the API on port 8770 and keeps its data in a file.
func ExampleNew() {
	service, err := server.New(
		server.WithStoreFunc(func() (storage.Store, error) { return storage.OpenFile("games.db") }),
		server.WithCredentials(server.Credential{AccessKeyID: "AKIAEXAMPLE", SecretAccessKey: "a long secret"}),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer service.Close()
	log.Fatal(http.ListenAndServe("127.0.0.1:8770", service))
}

// The server creates the game but drops the response. The client retries with the same ClientToken and gets the same game.
func ExampleService_Inject() {
	srv, err := server.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	if _, err := srv.Inject(server.Fault{Operation: "CreateGame", Count: 1, DropResponse: true}); err != nil {
		log.Fatal(err)
	}

	client := srv.Client()
	if _, err := client.CreateGame(context.Background(), &gamesparks.CreateGameInput{GameName: new("chess")}); err != nil {
		log.Fatal(err)
	}
	games, err := client.ListGames(context.Background(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(games.Games), "game")
	// Output: 1 game
}
