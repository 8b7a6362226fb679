// Command errors shows what a program can read from the errors of the client.
//
// Each call fails on purpose. Look for the details that each kind of error provides.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
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
	client := srv.Client()

	// Functions of the package classify the common errors.
	_, err = client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new("atlantis")})
	fmt.Printf("unknown game: IsNotFound %t, request ID %s\n", gamesparks.IsNotFound(err), gamesparks.RequestID(err))

	// The errors of the API's model have types, which carry the message of the service.
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new("lighthouse")}); err != nil {
		return err
	}
	_, err = client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new("lighthouse")})
	var conflict *types.ConflictException
	if errors.As(err, &conflict) {
		fmt.Println("name in use: ConflictException:", conflict.ErrorMessage())
	}

	// Every error of the service is a smithy.APIError, also one that the model does not define. Its chain has the
	// operation and the HTTP response. This access key is unknown to the service.
	_, err = client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new("lighthouse")}, func(o *gamesparks.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "unknown", SecretAccessKey: "secret"}, nil
		})
	})
	var (
		api       smithy.APIError
		operation *smithy.OperationError
		response  *awshttp.ResponseError
	)
	if errors.As(err, &api) && errors.As(err, &operation) && errors.As(err, &response) {
		fmt.Printf("unknown access key: %s: %s, HTTP status %d, fault %s\n",
			operation.Operation(), api.ErrorCode(), response.HTTPStatusCode(), api.ErrorFault())
	}

	// The client checks required members before it sends a request, and reports all that are missing.
	_, err = client.CreateStage(ctx, &gamesparks.CreateStageInput{StageName: new("rehearsal")})
	var invalid smithy.InvalidParamsError
	if errors.As(err, &invalid) {
		fmt.Printf("missing members: %v", invalid)
	}

	// With StrictValidation, the client also checks the other constraints of the model, such as patterns and lengths.
	_, err = client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new("light house")},
		func(o *gamesparks.Options) { o.StrictValidation = true })
	fmt.Printf("invalid name: IsValidation %t\n", gamesparks.IsValidation(err))
	return nil
}
