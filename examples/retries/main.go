// Command retries shows which errors the client retries, how to change the number of attempts, and why a retry never
// creates a resource twice.
//
// Look for the number of attempts of each call. The first call needs three attempts and still creates only one game.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
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
	client := srv.Client(func(o *gamesparks.Options) {
		o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
			s.MaxAttempts = 4
			s.MaxBackoff = 50 * time.Millisecond
		})
	})

	// The server creates the game and drops the connection before it responds, twice. All attempts have the same
	// ClientToken, so the server responds to the third one with the game that it created for the first one.
	if _, err := srv.Inject(server.Fault{Operation: "CreateGame", DropResponse: true, Count: 2}); err != nil {
		return err
	}
	created, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new("lighthouse")})
	if err != nil {
		return err
	}
	games, err := client.ListGames(ctx, nil)
	if err != nil {
		return err
	}
	results, _ := retry.GetAttemptResults(created.ResultMetadata)
	fmt.Printf("two lost responses: success after %d attempts, %d game created\n", len(results.Results), len(games.Games))

	// A call fails when its last attempt fails.
	removeFault, err := srv.Inject(server.Fault{Operation: "ListGames", Code: "ThrottlingException"})
	if err != nil {
		return err
	}
	_, err = client.ListGames(ctx, nil)
	fmt.Printf("throttled: attempts %d, IsThrottled %t\n", attempts(err), gamesparks.IsThrottled(err))

	// A functional option changes the number of attempts of one call, or disables retries.
	_, err = client.ListGames(ctx, nil, func(o *gamesparks.Options) { o.RetryMaxAttempts = 2 })
	fmt.Printf("throttled, RetryMaxAttempts 2: attempts %d\n", attempts(err))
	_, err = client.ListGames(ctx, nil, func(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} })
	fmt.Printf("throttled, NopRetryer: attempts %d\n", attempts(err))
	removeFault()

	// An error in the request itself is not retried.
	_, err = client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new("atlantis")})
	fmt.Printf("unknown game: attempts %d, IsNotFound %t\n", attempts(err), gamesparks.IsNotFound(err))
	return nil
}

// attempts returns the number of attempts of a failed call. The error of a call that exhausted its attempts wraps a
// MaxAttemptsError; the other calls in this example fail on their first attempt.
func attempts(err error) int {
	var exhausted *retry.MaxAttemptsError
	if errors.As(err, &exhausted) {
		return exhausted.Attempt
	}
	return 1
}
