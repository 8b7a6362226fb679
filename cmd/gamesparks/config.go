package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/cmd/internal/socket"
)

// newClient returns a client for the endpoint, region and credentials of the flags, the environment and the shared
// configuration files. It fails, and says what to set, if one of them is missing.
func (a *app) newClient(ctx context.Context) (*gamesparks.Client, error) {
	options := []func(*config.LoadOptions) error{
		config.WithAppID("gamesparks-cli"),
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
	case o.Credentials != nil:
		if _, err := o.Credentials.Retrieve(ctx); err != nil {
			return nil, fmt.Errorf("no credentials: %w: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --profile", err)
		}
	}
	return client, nil
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
	switch {
	case socket.IsConnectionRefused(err):
		return "No server listens on this address. Check --endpoint-url and AWS_ENDPOINT_URL_GAMESPARKS, or start gamesparks-server."
	case gamesparks.IsNotFound(err):
		return "Check the names; gamesparks status lists the games, and gamesparks status --game NAME the stages of a game."
	case gamesparks.IsAccessDenied(err):
		return "Check the access key and its permissions: AWS_ACCESS_KEY_ID, --profile or AWS_PROFILE selects it."
	case gamesparks.IsThrottled(err):
		return "Run the command again later."
	}
	return ""
}
