// Command retries shows what is retried, how to adjust it, and why a retry never creates anything twice.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

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
	network := &unreliable{HTTPClient: http.DefaultClient}
	client := srv.Client(func(o *gamesparks.Options) {
		o.HTTPClient = network
		o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
			s.MaxAttempts = 4
			s.MaxBackoff = 50 * time.Millisecond
		})
	})

	// Two answers get lost, after the service has done its work. The third attempt has the same ClientToken as the
	// first, so the service answers it with the game that it made then.
	network.lose(2)
	out, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String("lighthouse")})
	if err != nil {
		return err
	}
	attempts, _ := retry.GetAttemptResults(out.ResultMetadata)
	fmt.Printf("%s is there after %d attempts\n", *out.Game.Name, len(attempts.Results))

	// When all attempts fail, the error says so.
	network.lose(100)
	_, err = client.ListGames(ctx, nil)
	var exceeded *retry.MaxAttemptsError
	if errors.As(err, &exceeded) {
		fmt.Println("gave up after attempt", exceeded.Attempt)
	}

	// A call can have its own limit, or do without.
	network.lose(100)
	_, err = client.ListGames(ctx, nil, func(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} })
	fmt.Println("without retries:", errors.Is(err, errLost), "after request", network.sent)

	// What is wrong with a request stays wrong, and is not retried.
	network.lose(0)
	_, err = client.GetGame(ctx, &gamesparks.GetGameInput{GameName: aws.String("atlantis")})
	fmt.Println("not found:", gamesparks.IsNotFound(err), "after request", network.sent)
	return nil
}

// unreliable loses answers.
type unreliable struct {
	gamesparks.HTTPClient
	losses, sent int
}

var errLost = errors.New("connection reset")

// lose makes the next n answers get lost.
func (u *unreliable) lose(n int) { u.losses, u.sent = n, 0 }

func (u *unreliable) Do(req *http.Request) (*http.Response, error) {
	u.sent++
	resp, err := u.HTTPClient.Do(req)
	if err == nil && u.sent <= u.losses {
		return nil, errors.Join(errLost, resp.Body.Close())
	}
	return resp, err
}
