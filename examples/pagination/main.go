// Command pagination lists games in pages, item by item, and in two parts with a resume token.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
)

func main() {
	games := flag.Int("games", 25, "number of games to create")
	flag.Parse()
	if err := run(context.Background(), *games); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, games int) error {
	srv, err := server.Start()
	if err != nil {
		return err
	}
	defer srv.Close()
	client := srv.Client()

	for i := range games {
		name := fmt.Sprintf("game-%02d", i)
		if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &name}); err != nil {
			return err
		}
	}

	// Page by page, as in all clients of the SDK.
	pages := gamesparks.NewListGamesPaginator(client, &gamesparks.ListGamesInput{MaxResults: aws.Int32(10)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		fmt.Println("page of", len(page.Games))
	}

	// Item by item. The next page is fetched while the loop handles the items of this one.
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

	// Twelve games now and the rest later. The token can be stored, and another process can continue with it.
	first := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
		o.Limit = 10
		o.MaxItems = 12
	})
	if err := show(ctx, "first", first); err != nil {
		return err
	}
	token := first.ResumeToken()
	if token == "" { // the list is complete: an empty StartingToken would start it again
		fmt.Println("rest: none")
		return nil
	}
	rest := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
		o.Limit = 10
		o.StartingToken = token
	})
	return show(ctx, "rest", rest)
}

// show prints the number of games and the names of the first and the last one.
func show(ctx context.Context, part string, games *gamesparks.ListGamesPaginator) error {
	var names []string
	for game, err := range games.Items(ctx) {
		if err != nil {
			return err
		}
		names = append(names, aws.ToString(game.Name))
	}
	if len(names) == 0 {
		fmt.Printf("%s: none\n", part)
		return nil
	}
	fmt.Printf("%s: %d, %s to %s\n", part, len(names), names[0], names[len(names)-1])
	return nil
}
