package types_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// missingGame is a client for a service without games.
type missingGame struct{ gamesparks.API }

func (missingGame) GetGame(context.Context, *gamesparks.GetGameInput, ...func(*gamesparks.Options)) (*gamesparks.GetGameOutput, error) {
	return nil, &types.ResourceNotFoundException{Message: new("no game named lighthouse")}
}

// This is the program from the package documentation, with a mock in place of the client.
func Example() {
	ctx := context.Background()
	var client gamesparks.API = missingGame{}

	out, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new("lighthouse")})
	var missing *types.ResourceNotFoundException
	switch {
	case errors.As(err, &missing):
		fmt.Println("create the game first:", missing.ErrorMessage())
	case err != nil:
		log.Fatal(err)
	case out.Game.State == types.GameStateActive:
		fmt.Println(*out.Game.Name, "can be used")
	}

	// Output:
	// create the game first: no game named lighthouse
}
