// Command pagination lists games page by page, item by item, and in two parts with a resume token.
//
// Look for the same number of games in each of the three listings. The -games flag sets that number.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"

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

	// Page by page, as in every client of aws-sdk-go-v2.
	pages := gamesparks.NewListGamesPaginator(client, &gamesparks.ListGamesInput{MaxResults: new(int32(10))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		fmt.Println("games on this page:", len(page.Games))
	}

	// Item by item. The paginator fetches the next page while the loop handles the items of the current one.
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
	fmt.Println("games on all pages:", count)

	// Twelve games now and the rest later. A program can store the token and continue in another process.
	first := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
		o.Limit = 10
		o.MaxItems = 12
	})
	if err := show(ctx, "games in the first part:", first); err != nil {
		return err
	}
	token := first.ResumeToken()
	if token == "" { // The list is complete. An empty StartingToken would start from the beginning.
		fmt.Println("games in the rest: 0")
		return nil
	}
	rest := gamesparks.NewListGamesPaginator(client, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
		o.Limit = 10
		o.StartingToken = token
	})
	return show(ctx, "games in the rest:", rest)
}

// show prints the number of games and the names of the first and last game.
func show(ctx context.Context, label string, games *gamesparks.ListGamesPaginator) error {
	var names []string
	for game, err := range games.Items(ctx) {
		if err != nil {
			return err
		}
		names = append(names, *game.Name)
	}
	if len(names) == 0 {
		fmt.Println(label, 0)
		return nil
	}
	fmt.Printf("%s %d (%s to %s)\n", label, len(names), names[0], names[len(names)-1])
	return nil
}
