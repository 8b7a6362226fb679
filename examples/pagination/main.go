// Command pagination lists games in pages, item by item, and with a break in between.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/local"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	srv, err := local.Serve()
	if err != nil {
		return err
	}
	defer srv.Close()
	client := srv.Client()

	for i := range 25 {
		name := fmt.Sprintf("game-%02d", i)
		if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &name}); err != nil {
			return err
		}
	}

	// Page by page, as in every client of the SDK.
	pages := gamesparks.NewListGamesPaginator(client, &gamesparks.ListGamesInput{MaxResults: aws.Int32(10)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		fmt.Println("page of", len(page.Games))
	}

	// Item by item. The next page is fetched while this one is worked on.
	count := 0
	items := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
		o.Limit = 10
		o.Prefetch = 1
	})
	for _, err := range items.Items(ctx) {
		if err != nil {
			return err
		}
		count++
	}
	fmt.Println("items:", count)

	// The first twelve now, and the others later: the token may be stored, and another process may continue.
	first := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
		o.Limit = 10
		o.MaxItems = 12
	})
	if err := show(ctx, "first", first); err != nil {
		return err
	}
	rest := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
		o.Limit = 10
		o.StartingToken = first.ResumeToken()
	})
	return show(ctx, "rest", rest)
}

// show prints the number of games that the paginator has, with the first and the last of them.
func show(ctx context.Context, what string, games *gamesparks.ListGamesPaginator) error {
	var names []string
	for game, err := range games.Items(ctx) {
		if err != nil {
			return err
		}
		names = append(names, aws.ToString(game.Name))
	}
	fmt.Printf("%s: %d, %s to %s\n", what, len(names), names[0], names[len(names)-1])
	return nil
}
