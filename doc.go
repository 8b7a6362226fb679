// Package gamesparks is a client for the GameSparks API, version 2021-08-17: games, their configuration, snapshots of
// it, stages that snapshots are deployed to, and the players connected there.
//
// It has every exported name of the package of aws-sdk-go-v2 that AWS withdrew in October 2023, with the same types, so
// that a program moves over by changing its import path. The hosted service is closed; the package local of this module
// answers the API instead, in a test, in a tool or as a server.
//
// # Calls
//
// Make one [Client] from the configuration of the application and use it everywhere:
//
//	cfg, err := config.LoadDefaultConfig(ctx) // github.com/aws/aws-sdk-go-v2/config
//	if err != nil {
//		return err
//	}
//	client := gamesparks.NewFromConfig(cfg)
//
//	out, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{
//		GameName:    aws.String("lighthouse"),
//		Description: aws.String("Keep the light burning"),
//	})
//	if err != nil {
//		return err
//	}
//	fmt.Println(*out.Game.Name, out.Game.State)
//
// Each operation is a method that takes a context, an input and functional options for this call. It returns an output
// or an error, never both. Optional members are pointers, for which the aws package has functions: aws.String,
// aws.ToString and others. The content of a configuration section is a document, which can hold any JSON value; see
// the package document.
//
// The strings and documents of an output are parts of the response that they came in, and keep all of it in memory. Who
// keeps a few strings of many responses clones them, by strings.Clone.
//
// # Errors
//
// The errors that the API's model knows have types in the package types, for use with [errors.As], and the functions
// [IsNotFound], [IsConflict], [IsThrottled], [IsValidation], [IsAccessDenied] and [IsQuotaExceeded] answer the daily
// questions. Any other code arrives as a *smithy.GenericAPIError. The chain of an error also has a
// *smithy.OperationError, which names the operation, and a *http.ResponseError of aws-sdk-go-v2 when there was a
// response. [RequestID] returns what to quote in a report.
//
//	_, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: aws.String("atlantis")})
//	switch {
//	case gamesparks.IsNotFound(err):
//		return create(ctx)
//	case err != nil:
//		return fmt.Errorf("%w (request %s)", err, gamesparks.RequestID(err))
//	}
//
// An input that lacks a required member is refused before anything is sent, with a smithy.InvalidParamsError that names
// every such member by its path. With [Options.StrictValidation], so is one that breaks a length, range, pattern or
// enumeration of the model.
//
// # Configuration
//
// [NewFromConfig] takes over what the configuration of the SDK has: region, credentials, HTTP client, retry mode,
// endpoint, logging, and so on. [Options] has all of it. Functional options change it for a client or for one call:
//
//	client := gamesparks.NewFromConfig(cfg, func(o *gamesparks.Options) {
//		o.Region = "eu-west-1"
//	})
//	out, err := client.ListGames(ctx, &gamesparks.ListGamesInput{}, func(o *gamesparks.Options) {
//		o.RetryMaxAttempts = 5
//	})
//
// # Retries
//
// Throttling, responses of status 500, 502, 503 and 504, and broken connections are retried with a growing delay, three
// attempts in all by default; other errors are not. [Options.RetryMode] and [Options.RetryMaxAttempts] adjust that, and
// [Options.Retryer] replaces it.
//
// CreateGame, CreateStage and StartStageDeployment have a ClientToken. When it is nil, the client fills in a random one
// for all attempts of the call, so that a retry after a lost answer gets that answer, not a ConflictException.
// CreateSnapshot and StartGeneratedCodeJob have none: a retry after a lost response may create a second one.
//
// The number of attempts is that of the current service clients of aws-sdk-go-v2, with two exceptions. When a successful
// response breaks off, other clients retry if the connection was reset or timed out, but not if it was closed. This client
// retries in all of these cases, except for CreateSnapshot, StartGeneratedCodeJob and UpdateGameConfiguration, which may
// have another effect when they are repeated. When an error response breaks off after its error type has arrived, other
// clients retry if the connection was reset or timed out. This client decides by the error type.
//
// A Retry-After in a response lengthens the delay, by five seconds at most. A connection that is silent for five minutes
// counts as broken, unless [Options.HTTPClient] has a read timeout of its own. The context of a call bounds all of it:
// when it ends, so does the call, and errors.Is finds the context's error in that of the call.
//
// # Endpoints
//
// Without further configuration, requests go to the region's endpoint in its partition, which for the hosted service no
// longer answers. [Options.BaseEndpoint] points a client somewhere else, as do the environment variables
// AWS_ENDPOINT_URL_GAMESPARKS and AWS_ENDPOINT_URL and their counterparts in the shared configuration file when the
// config package of the SDK loaded the configuration. The URL may have a path, which then comes before the path of each
// operation. [Options.EndpointResolverV2] decides for each request.
//
// # Logs, traces and metrics
//
// [Options.ClientLogMode] selects what is written to [Options.Logger]. Session tokens and signatures are left out.
// [Options.TracerProvider] and [Options.MeterProvider] take the spans and metrics that every current client of the SDK
// has, for example through the OpenTelemetry adapters of smithy-go.
//
// # A local service
//
// The package local runs the service in the process. In a test:
//
//	srv := servertest.Start(t)
//	client := srv.Client()
//
// The command cmd/gamesparks-server is the same as a server, for programs in any language.
package gamesparks
