package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// The games of an account, page by page. While one page is worked on, the next is fetched.
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

// A walk stops in the middle of a page, and another paginator, which may be in another process, goes on with the next
// item.
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
	fmt.Printf("left: %q\n", rest.ResumeToken())
}

// A game is deleted, and gone when the waiting ends.
func ExampleNewGameDeletedWaiter() {
	ctx := context.Background()
	client := exampleClient(ctx)

	if _, err := client.DeleteGame(ctx, &gamesparks.DeleteGameInput{GameName: aws.String("buoy")}); err != nil {
		log.Fatal(err)
	}
	waiter := gamesparks.NewGameDeletedWaiter(client, func(o *gamesparks.GameDeletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
	})
	err := waiter.Wait(ctx, &gamesparks.GetGameInput{GameName: aws.String("buoy")}, time.Minute)
	fmt.Println(err)

	// One that nobody deletes is there when the time is over.
	err = waiter.Wait(ctx, &gamesparks.GetGameInput{GameName: aws.String("anchor")}, time.Second)
	var timeout *gamesparks.WaiterTimeoutError[gamesparks.GetGameOutput]
	if errors.As(err, &timeout) {
		fmt.Println(timeout.State, errors.Is(err, context.DeadlineExceeded))
	}
}

// mockAPI is a client for tests: it has every method of the interface, and an answer for one.
type mockAPI struct{ gamesparks.API }

func (mockAPI) GetGame(_ context.Context, params *gamesparks.GetGameInput, _ ...func(*gamesparks.Options)) (*gamesparks.GetGameOutput, error) {
	return &gamesparks.GetGameOutput{Game: &types.GameDetails{Name: params.GameName, State: types.GameStateDeleting}}, nil
}

// Code that takes the interface in place of the client is tested with a mock.
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

// Tools ask what there is.
func ExampleLookupOperation() {
	op, err := gamesparks.LookupOperation("ListSnapshots")
	fmt.Println(op.Method, op.URI, op.Paginated, err)
	_, err = gamesparks.LookupOperation("list_snapshot")
	fmt.Println(err)

	// Output:
	// GET /game/{GameName}/snapshot true <nil>
	// unknown operation "list_snapshot": Operations lists the operations of the API
}

// All operations whose results come in pages.
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
