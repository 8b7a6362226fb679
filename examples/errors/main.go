// Command errors shows what a program can learn from the errors of the client.
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
	ctx := context.Background()
	srv, err := server.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()
	client := srv.Client()

	// The functions of the package answer the daily questions.
	_, err = client.GetGame(ctx, &gamesparks.GetGameInput{GameName: aws.String("atlantis")})
	fmt.Println("not found:", gamesparks.IsNotFound(err))
	fmt.Println("request id:", gamesparks.RequestID(err) != "")

	// The errors of the API's model have types. They carry what the service says.
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String("lighthouse")}); err != nil {
		log.Fatal(err)
	}
	_, err = client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String("lighthouse")})
	var conflict *types.ConflictException
	if errors.As(err, &conflict) {
		fmt.Println("conflict:", conflict.ErrorMessage())
	}

	// Every error of the service, of the model or not, is a smithy.APIError. The chain also tells the operation, and
	// the response when there was one. Here the access key is one that the service does not know.
	_, err = client.GetGame(ctx, &gamesparks.GetGameInput{GameName: aws.String("lighthouse")}, func(o *gamesparks.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "nobody", SecretAccessKey: "knows"}, nil
		})
	})
	var (
		api       smithy.APIError
		operation *smithy.OperationError
		response  *awshttp.ResponseError
	)
	if errors.As(err, &api) && errors.As(err, &operation) && errors.As(err, &response) {
		fmt.Printf("%s: %s, status %d, fault of the %s\n",
			operation.Operation(), api.ErrorCode(), response.HTTPStatusCode(), api.ErrorFault())
	}

	// What is missing in an input is found before anything is sent, all of it.
	_, err = client.CreateStage(ctx, &gamesparks.CreateStageInput{StageName: aws.String("rehearsal")})
	var invalid smithy.InvalidParamsError
	if errors.As(err, &invalid) {
		fmt.Printf("not sent, for %d reasons:\n%v", invalid.Len(), invalid)
	}

	// With strict validation, so is what breaks the other rules of the model.
	_, err = client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String("light house")},
		func(o *gamesparks.Options) { o.StrictValidation = true })
	fmt.Println("not valid:", gamesparks.IsValidation(err))
}
