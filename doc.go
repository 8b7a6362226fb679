// Package gamesparks is a client for the GameSparks API, version 2021-08-17: games, their configuration, snapshots of the
// configuration, stages, deployments of snapshots to stages, and the players connected to a stage.
//
// It has every exported name of the package that AWS removed from aws-sdk-go-v2 in October 2023, with the same types. A
// program migrates by changing its import path. The hosted service is closed; the module
// github.com/gamesparks-go/gamesparks/server implements the API for use in a test, in a tool or as a server.
//
// # Calls
//
// Create one [Client] from the application's configuration and use it everywhere:
//
//	cfg, err := config.LoadDefaultConfig(ctx) // github.com/aws/aws-sdk-go-v2/config
//	if err != nil {
//		return err
//	}
//	client := gamesparks.NewFromConfig(cfg)
//
//	out, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{
//		GameName:    new("lighthouse"),
//		Description: new("Keep the light burning"),
//	})
//	if err != nil {
//		return err
//	}
//	fmt.Println(*out.Game.Name, out.Game.State)
//
// Each operation is a method that takes a context, an input and functional options for the call. It returns an output or an
// error, never both. Optional members are pointers. The content of a configuration section is a document, which holds any
// JSON value; see package document.
//
// The strings and documents of an output share the memory of the response. To retain a few strings of a large response, copy
// them with strings.Clone.
//
// # Errors
//
// The errors that the API's model defines have types in package types, for use with [errors.As]. The functions
// [IsNotFound], [IsConflict], [IsThrottled], [IsValidation], [IsAccessDenied] and [IsQuotaExceeded] classify errors. An
// error with another code is a *smithy.GenericAPIError. The error chain also contains a *smithy.OperationError, which
// names the operation, and, if there was a response, a *http.ResponseError of aws-sdk-go-v2. [RequestID] returns the ID
// to quote in a report.
//
//	_, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new("atlantis")})
//	switch {
//	case gamesparks.IsNotFound(err):
//		return create(ctx)
//	case err != nil:
//		return fmt.Errorf("%w (request %s)", err, gamesparks.RequestID(err))
//	}
//
// An input without a required member is rejected before a request is sent, with a smithy.InvalidParamsError that names
// every such member by its path. With [Options.StrictValidation], so is an input that violates a length, range, pattern
// or enumeration of the model.
//
// # Configuration
//
// [NewFromConfig] uses the configuration of the SDK: region, credentials, HTTP client, retry mode, endpoint, logging, and so
// on. [Options] lists all settings. Functional options change them for a client or for one call:
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
// The client retries throttling, responses with status 500, 502, 503 and 504, and broken connections, with a growing
// delay and by default three attempts in total. It does not retry other errors. [Options.RetryMode] and
// [Options.RetryMaxAttempts] adjust this, and [Options.Retryer] replaces it.
//
// CreateGame, CreateStage and StartStageDeployment have a ClientToken. If it is nil, the client fills in a random one
// for all attempts of the call, so that a retry after a lost response returns the result of the first attempt, not a
// ConflictException. CreateSnapshot and StartGeneratedCodeJob have no token: a retry after a lost response may create a
// second snapshot or job.
//
// The client makes the same number of attempts as the current service clients of aws-sdk-go-v2, with two exceptions. If
// a successful response is incomplete, other clients retry if the connection was reset or timed out, but not if it was
// closed. This client retries in all of these cases, except for CreateSnapshot, StartGeneratedCodeJob and
// UpdateGameConfiguration, which may take effect a second time. If an error response is incomplete but its error type
// has arrived, other clients retry if the connection was reset or timed out. This client decides by the error type.
// Operations without output members succeed with any 2xx response, whatever its body.
//
// A Retry-After header extends the delay by at most five seconds. If a connection receives no data for five minutes,
// the attempt fails, unless [Options.HTTPClient] has its own read timeout. When its context is done, a call returns an
// error that wraps the context's error.
//
// # Conditional writes
//
// [WithIfMatch] makes UpdateGameConfiguration and ImportGameConfiguration fail with a [types.PreconditionFailedException] if
// another writer has changed the configuration since it was read. This is an extension of the API by gamesparks-server.
//
//	current, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: new("lighthouse")})
//	if err != nil {
//		return err
//	}
//	etag := gamesparks.ConfigurationETag(current.ResultMetadata)
//	_, err = client.UpdateGameConfiguration(ctx, changes(current), gamesparks.WithIfMatch(etag))
//
// Such a call is retried like any other. If a response was lost, the retry cannot distinguish the first attempt from another
// writer: the call then fails with an [UnknownOutcomeError].
//
// # Endpoints
//
// By default, requests go to the regional endpoint of the hosted service, which is closed. [Options.BaseEndpoint] sets
// another endpoint, as do the environment variables AWS_ENDPOINT_URL_GAMESPARKS and AWS_ENDPOINT_URL and the
// corresponding settings of the shared configuration file, if the SDK's config package loads the configuration. The URL
// may have a path, which precedes the path of each operation. [Options.EndpointResolverV2] decides for each request.
//
// # Logs, traces and metrics
//
// [Options.ClientLogMode] selects what is written to [Options.Logger]. Session tokens and signatures are redacted.
// [Options.TracerProvider] and [Options.MeterProvider] receive the spans and metrics of every current client of the SDK, for
// example through the OpenTelemetry adapters of smithy-go.
//
// # Testing
//
// Package servertest of the server's module starts a server for a test:
//
//	client := servertest.Start(t).Client()
//
// To mock the client, implement the interface [API], which has all operations.
package gamesparks
