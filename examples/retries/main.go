// Command retries shows what is retried, how to adjust it, and why a retry never creates anything twice.
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

	// Two answers get lost, after the service has done its work. The third attempt has the same ClientToken as the
	// first, so the service answers it with the game that it made then.
	if _, err := srv.Inject(server.Fault{Operation: "CreateGame", DropResponse: true, Count: 2}); err != nil {
		return err
	}
	out, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String("lighthouse")})
	if err != nil {
		return err
	}
	attempts, _ := retry.GetAttemptResults(out.ResultMetadata)
	fmt.Printf("%s is there after %d attempts\n", *out.Game.Name, len(attempts.Results))

	// When all attempts fail, the error says so.
	heal, err := srv.Inject(server.Fault{Operation: "ListGames", Code: "ThrottlingException"})
	if err != nil {
		return err
	}
	_, err = client.ListGames(ctx, nil)
	var exceeded *retry.MaxAttemptsError
	if errors.As(err, &exceeded) {
		fmt.Printf("gave up after attempt %d, throttled: %t\n", exceeded.Attempt, gamesparks.IsThrottled(err))
	}

	// A call can have its own limit, or do without retries.
	_, err = client.ListGames(ctx, nil, func(o *gamesparks.Options) { o.RetryMaxAttempts = 2 })
	if errors.As(err, &exceeded) {
		fmt.Println("gave up after attempt", exceeded.Attempt)
	}
	_, err = client.ListGames(ctx, nil, func(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} })
	fmt.Println("failed at once:", gamesparks.IsThrottled(err) && !errors.As(err, &exceeded))
	heal()

	// What is wrong with a request stays wrong, and is not retried.
	_, err = client.GetGame(ctx, &gamesparks.GetGameInput{GameName: aws.String("atlantis")})
	fmt.Println("failed at once:", gamesparks.IsNotFound(err) && !errors.As(err, &exceeded))
	return nil
}
