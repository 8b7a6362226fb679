// Command lambda is a program with one call to a current client of aws-sdk-go-v2. The benchmark builds it to measure its
// size.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

func main() {
	client := lambda.New(lambda.Options{Region: "us-east-1"})
	out, err := client.GetFunction(context.Background(), &lambda.GetFunctionInput{FunctionName: new(os.Args[1])})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(*out.Configuration.FunctionName)
}
