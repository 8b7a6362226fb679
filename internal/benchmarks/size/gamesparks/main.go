// Command gamesparks makes one call with the GameSparks client. It is built to measure its size.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
)

func main() {
	client := gamesparks.New(gamesparks.Options{Region: "us-east-1"})
	out, err := client.GetGame(context.Background(), &gamesparks.GetGameInput{GameName: aws.String(os.Args[1])})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(*out.Game.Name)
}
