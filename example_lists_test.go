package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// List the games in an account page by page. With Prefetch, the next page is fetched while the loop handles the current one.
func ExamplePaginator_Pages() {
	ctx := context.Background()
	client := exampleClient(ctx)

	games := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
		o.Limit = 2
		o.Prefetch = 1
	})
	for page, err := range games.Pages(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(page.Games), "games from", *page.Games[0].Name)
	}
}

// Stop in the middle of a page and continue with the next item in another paginator, possibly in another process.
func ExamplePaginator_ResumeToken() {
	ctx := context.Background()
	client := exampleClient(ctx)

	first := gamesparks.NewListGamesPaginator(client, nil)
	for game, err := range first.Items(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("first:", *game.Name)
		break
	}

	rest := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
		o.StartingToken = first.ResumeToken()
	})
	for game, err := range rest.Items(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("rest:", *game.Name)
	}
	fmt.Printf("resume token at the end: %q\n", rest.ResumeToken())
}

// Delete a game and wait until it no longer exists.
func ExampleNewGameDeletedWaiter() {
	ctx := context.Background()
	client := exampleClient(ctx)

	if _, err := client.DeleteGame(ctx, &gamesparks.DeleteGameInput{GameName: new("buoy")}); err != nil {
		log.Fatal(err)
	}
	waiter := gamesparks.NewGameDeletedWaiter(client, func(o *gamesparks.GameDeletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
	})
	err := waiter.Wait(ctx, &gamesparks.GetGameInput{GameName: new("buoy")}, time.Minute)
	fmt.Println(err)

	// A wait for a game that is not being deleted times out.
	err = waiter.Wait(ctx, &gamesparks.GetGameInput{GameName: new("anchor")}, time.Second)
	var timeout *gamesparks.WaiterTimeoutError[gamesparks.GetGameOutput]
	if errors.As(err, &timeout) {
		fmt.Println(timeout.State, errors.Is(err, context.DeadlineExceeded))
	}
}

// mockAPI is a mock client. It implements one method; all others panic.
type mockAPI struct{ gamesparks.API }

func (mockAPI) GetGame(_ context.Context, params *gamesparks.GetGameInput, _ ...func(*gamesparks.Options)) (*gamesparks.GetGameOutput, error) {
	return &gamesparks.GetGameOutput{Game: &types.GameDetails{Name: params.GameName, State: types.GameStateDeleting}}, nil
}

// Use a mock to test code that accepts an interface instead of the client.
func ExampleAPI() {
	deleting := func(client gamesparks.API, game string) (bool, error) {
		out, err := client.GetGame(context.Background(), &gamesparks.GetGameInput{GameName: &game})
		if err != nil {
			return false, err
		}
		return out.Game.State == types.GameStateDeleting, nil
	}
	fmt.Println(deleting(mockAPI{}, "lighthouse"))

	// Output:
	// true <nil>
}

// Look up an operation by name.
func ExampleLookupOperation() {
	op, err := gamesparks.LookupOperation("ListSnapshots")
	fmt.Println(op.Method, op.URI, op.Paginated, err)
	_, err = gamesparks.LookupOperation("list_snapshot")
	fmt.Println(err)

	// Output:
	// GET /game/{GameName}/snapshot true <nil>
	// unknown operation "list_snapshot": Operations lists the operations of the API
}

// List the paginated operations.
func ExampleOperations() {
	for _, op := range gamesparks.Operations() {
		if op.Paginated {
			fmt.Println(op.Name)
		}
	}

	// Output:
	// ListExtensionVersions
	// ListExtensions
	// ListGames
	// ListGeneratedCodeJobs
	// ListSnapshots
	// ListStageDeployments
	// ListStages
}
