package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/cmd/internal/socket"
	"github.com/gamesparks-go/gamesparks/project"
)

// newClient returns a client for the endpoint, region and credentials of the flags, the environment and the shared
// configuration files. It fails, and says what to set, if one of them is missing.
func (a *app) newClient(ctx context.Context) (*gamesparks.Client, error) {
	options := []func(*config.LoadOptions) error{
		config.WithAppID("gamesparks-cli"),
		config.WithLogger(logging.Nop{}), // the errors have what matters
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			o.TokenProvider = func() (string, error) { return a.readMFAToken(ctx) }
		}),
	}
	if a.region != "" {
		options = append(options, config.WithRegion(a.region))
	}
	if a.profile != "" {
		options = append(options, config.WithSharedConfigProfile(a.profile))
	}
	if a.endpointURL != "" {
		options = append(options, config.WithBaseEndpoint(a.endpointURL))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, configError(err)
	}
	client := gamesparks.NewFromConfig(cfg)
	switch o := client.Options(); {
	case o.Region == "":
		return nil, usageErrorf("region is not set: set --region, AWS_REGION or region in the profile")
	case o.BaseEndpoint == nil:
		return nil, usageErrorf("endpoint is not set, and the hosted service was closed in October 2023: " +
			"start a server with gamesparks-server, and set --endpoint-url, AWS_ENDPOINT_URL_GAMESPARKS or endpoint_url in the profile")
	case !isEndpoint(*o.BaseEndpoint):
		return nil, usageErrorf("endpoint %q is not a URL such as https://games.example.com: "+
			"check --endpoint-url, AWS_ENDPOINT_URL_GAMESPARKS, AWS_ENDPOINT_URL and endpoint_url in the profile", *o.BaseEndpoint)
	case !isRegion(o.Region):
		return nil, usageErrorf("region %q is not a name such as us-east-1: check --region, AWS_REGION and region in the profile", o.Region)
	case o.Credentials != nil:
		if _, err := o.Credentials.Retrieve(ctx); err != nil {
			return nil, credentialsError(err)
		}
	}
	return client, nil
}

// isEndpoint reports whether an endpoint is an absolute URL of HTTP.
func isEndpoint(endpoint string) bool {
	u, err := url.Parse(endpoint)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// isRegion reports whether a region is a sequence of host labels, as the SDK requires.
func isRegion(region string) bool {
	for label := range strings.SplitSeq(region, ".") {
		if !smithyhttp.ValidHostLabel(label) {
			return false
		}
	}
	return true
}

// credentialsError adds the next step to an error of a credentials provider.
func credentialsError(err error) error {
	// The last provider of the SDK requests a role from the metadata service of EC2. Its errors do not help elsewhere.
	if o, ok := errors.AsType[*smithy.OperationError](err); ok && o.Service() == "ec2imds" {
		return usageErrorf("no credentials are set: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --profile")
	}
	return fmt.Errorf("no credentials: %w: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --profile", err)
}

// configError adds the next step to an error of [config.LoadDefaultConfig].
func configError(err error) error {
	if missing, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		return usageErrorf("profile %q does not exist in the shared AWS configuration: check --profile and AWS_PROFILE, or add it to ~/.aws/config", missing.Profile)
	}
	return fmt.Errorf("read the AWS configuration: %w", err)
}

// readMFAToken asks for the code of a multi-factor authentication device, for a profile with mfa_serial.
func (a *app) readMFAToken(ctx context.Context) (string, error) {
	if !a.isInteractive() {
		return "", errors.New("the profile requires a code of an MFA device, and there is no terminal to enter it: use a profile without mfa_serial")
	}
	return a.ask(ctx, "MFA code: ")
}

// nextStep returns the next step for an error of the service or the network, or "".
func nextStep(err error) string {
	_, isUnknownHost := errors.AsType[*net.DNSError](err)
	switch {
	case socket.IsConnectionRefused(err):
		return "No server listens on this address. Check --endpoint-url and AWS_ENDPOINT_URL_GAMESPARKS, or start gamesparks-server."
	case isUnknownHost:
		return "Check the host name in --endpoint-url or AWS_ENDPOINT_URL_GAMESPARKS."
	case errors.Is(err, http.ErrSchemeMismatch):
		return "The server does not use TLS: begin the URL in --endpoint-url or AWS_ENDPOINT_URL_GAMESPARKS with http://."
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return ""
	}
	operation, isOperation := errors.AsType[*smithy.OperationError](err)
	isTest := isOperation && strings.HasPrefix(operation.Operation(), "Test")
	switch code := api.ErrorCode(); {
	case isTest && code == "UnknownOperationException":
		return "The server does not have the test API. Start gamesparks-server with --test-api."
	case isTest && code == "ResourceNotFoundException":
		return "To list the faults of the account, run: gamesparks test faults list"
	case code == unknownError:
		return "The response" + from(err) + " is not one of the GameSparks API. Check --endpoint-url and AWS_ENDPOINT_URL_GAMESPARKS."
	case code == "UnrecognizedClientException":
		return "Check AWS_ACCESS_KEY_ID, or the profile in --profile or AWS_PROFILE."
	case code == "InvalidSignatureException":
		return "Check AWS_SECRET_ACCESS_KEY and AWS_REGION, or the profile in --profile or AWS_PROFILE."
	case gamesparks.IsNotFound(err):
		return "Check the names; gamesparks status lists the games, and gamesparks status --game NAME the stages of a game."
	case gamesparks.IsAccessDenied(err):
		return "Check the access key and its permissions: AWS_ACCESS_KEY_ID, --profile or AWS_PROFILE selects it."
	case gamesparks.IsThrottled(err):
		if _, isApply := errors.AsType[*project.ApplyError](err); isApply {
			return "" // its message has the next step
		}
		return "Run the command again later."
	case gamesparks.IsValidation(err) && strings.Contains(api.ErrorMessage(), "SnapshotId"):
		return "To list the IDs of snapshots, run: gamesparks api list-snapshots --game-name NAME"
	}
	return ""
}

// unknownError is the code of a response that does not have the form of an error of the API.
const unknownError = "UnknownError"

// from returns " from" and the URL of the request whose response is err, or "".
func from(err error) string {
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || response.Response == nil || response.Response.Response == nil || response.Response.Request == nil {
		return ""
	}
	u := response.Response.Request.URL
	return " from " + u.Scheme + "://" + u.Host + u.Path
}
