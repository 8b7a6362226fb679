// Command shared sends an empty request through the code that all clients of aws-sdk-go-v2 share. It has no operation,
// shapes or protocol. The benchmark builds it to measure its size, which is a lower bound for every client.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func main() {
	stack := middleware.NewStack("NoOp", smithyhttp.NewStackRequest)
	err := errors.Join(
		awsmiddleware.AddClientRequestIDMiddleware(stack),
		awsmiddleware.AddUserAgentKey("shared")(stack),
		stack.Finalize.Add(retry.NewAttemptMiddleware(retry.NewStandard(), smithyhttp.RequestCloner), middleware.After),
		stack.Finalize.Add(&v4.ComputePayloadSHA256{}, middleware.After),
		stack.Finalize.Add(signing{}, middleware.After),
		stack.Deserialize.Add(&awsmiddleware.AddRawResponse{}, middleware.After),
		stack.Deserialize.Add(&awshttp.ResponseErrorWrapper{}, middleware.After),
		stack.Deserialize.Add(&awsmiddleware.RequestIDRetriever{}, middleware.After),
		stack.Deserialize.Add(&awsmiddleware.RecordResponseTiming{}, middleware.After),
		stack.Deserialize.Add(&smithyhttp.RequestResponseLogger{}, middleware.After),
	)
	if err == nil {
		handler := middleware.DecorateHandler(smithyhttp.NewClientHandlerWithOptions(awshttp.NewBuildableClient()), stack)
		_, _, err = handler.Handle(context.Background(), os.Args[1])
	}
	fmt.Println(err)
}

type signing struct{}

func (signing) ID() string { return "Signing" }

func (signing) HandleFinalize(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	middleware.FinalizeOutput, middleware.Metadata, error,
) {
	req, _ := in.Request.(*smithyhttp.Request)
	if err := v4.NewSigner().SignHTTP(ctx, aws.Credentials{}, req.Request, v4.GetPayloadHash(ctx), "noop", "us-east-1", time.Now()); err != nil {
		return middleware.FinalizeOutput{}, middleware.Metadata{}, err
	}
	return next.HandleFinalize(ctx, in)
}
