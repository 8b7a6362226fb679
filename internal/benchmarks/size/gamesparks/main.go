// Command gamesparks is a program with one call to this SDK. The benchmark builds it to measure its size.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/gamesparks-go/gamesparks"
)

func main() {
	client := gamesparks.New(gamesparks.Options{Region: "us-east-1"})
	out, err := client.GetGame(context.Background(), &gamesparks.GetGameInput{GameName: new(os.Args[1])})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(*out.Game.Name)
}
