package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

const (
	description = "Serves the GameSparks API to unchanged clients of any AWS SDK."

	// envPrefix begins the names of the environment variables of all flags.
	envPrefix = "GAMESPARKS_SERVER"

	// defaultKey is the access key id and the secret that everybody knows.
	defaultKey = "local"
)

// config is what the flags say.
type config struct {
	Addr string `default:"127.0.0.1:8770" placeholder:"HOST:PORT" help:"Where to listen. Port 0 means any free one."`
	Data string `placeholder:"FILE" help:"The data file, made when it does not exist. Without it data is kept in memory."`

	PublicURL string `name:"public-url" placeholder:"URL" help:"Where clients reach the server, when it is behind a proxy: what download URLs begin with."`

	Region  string `default:"us-east-1" help:"The region of the service."`
	Account string `default:"123456789012" help:"The account of the service, 12 digits."`

	AccessKey string `default:"${key}" help:"The id of an access key with full rights."`
	SecretKey string `default:"${key}" help:"The secret of that access key."`
	Keys      string `placeholder:"FILE" type:"existingfile" help:"A JSON file with more access keys: a list of objects with AccessKeyId, SecretAccessKey and, if need be, SessionToken, Account (12 digits), Expires (2026-12-31T00:00:00Z, say) and ReadOnly (true or false)."`
	Anonymous bool   `help:"Let requests that are not signed do everything."`

	TLSCert string `name:"tls-cert" placeholder:"FILE" type:"existingfile" help:"The certificate to serve HTTPS with, in PEM."`
	TLSKey  string `name:"tls-key" placeholder:"FILE" type:"existingfile" help:"The private key of the certificate, in PEM."`

	MaxGames        int           `placeholder:"N" help:"How many games an account can have. 0 means any number."`
	MaxBody         int64         `default:"4194304" placeholder:"BYTES" help:"The limit of a request's body."`
	MaxHeader       int           `default:"65536" placeholder:"BYTES" help:"The limit of a request's header."`
	HeaderTimeout   time.Duration `default:"10s" help:"How long a request's header may take to come."`
	ReadTimeout     time.Duration `default:"30s" help:"How long a request may take to come."`
	WriteTimeout    time.Duration `default:"5m" help:"How long a response, a download for example, may take to be sent."`
	IdleTimeout     time.Duration `default:"2m" help:"How long a connection may wait for its next request."`
	ShutdownTimeout time.Duration `default:"15s" help:"How long requests may take to finish when the server is asked to stop."`

	DeploymentPending    time.Duration `default:"1s" help:"How long a deployment is PENDING."`
	DeploymentInProgress time.Duration `default:"2s" help:"How long it is IN_PROGRESS then."`
	JobPending           time.Duration `default:"1s" help:"How long a job that generates code is PENDING."`
	JobInProgress        time.Duration `default:"2s" help:"How long it is IN_PROGRESS then."`
	DeletionTime         time.Duration `default:"1s" help:"How long a deleted game or stage is DELETING."`

	FailDeployments map[string]string `placeholder:"GAME/STAGE=CODE;..." help:"Stages to which deployments are FAILED in the end, with INVALID_ROLE_FAILURE or UNSPECIFIED_FAILURE."`
	Extensions      string            `placeholder:"FILE" type:"existingfile" help:"A JSON file with more extensions to list: a list of objects with Namespace, Name, Description and Versions, a list of objects with Version and Schema."`

	LogLevel  slog.Level `default:"info" help:"The lowest level that is logged: debug, info, warn or error."`
	LogFormat string     `default:"text" enum:"text,json" help:"The format of the log: text or json."`
}

// parseConfig returns what the flags and the environment say. Done means that there is no more to do: help was asked
// for and given.
func parseConfig(args []string, stdout io.Writer) (c *config, done bool, err error) {
	c = new(config)
	parser, err := kong.New(c,
		kong.Name("gamesparks-server"),
		kong.Description(description+"\n\nExit codes: 0 stopped when asked to, 1 failure, 2 wrong flags, 3 unusable data file."),
		kong.Vars{"key": defaultKey},
		kong.DefaultEnvars(envPrefix),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { done = true }),
	)
	if err != nil {
		return nil, false, err
	}
	_, err = parser.Parse(args)
	if done {
		return nil, true, nil
	}
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return nil, false, &exitError{exitUsage, err}
	}
	return c, false, nil
}

func (c *config) check() error {
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return fmt.Errorf("--addr: %w", err)
	}
	switch {
	case c.AccessKey == "" || c.SecretKey == "":
		return errors.New("--access-key and --secret-key must not be empty")
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case c.Anonymous && !c.isLocal():
		return fmt.Errorf("--addr %s is open to the network, which --anonymous must not be", c.Addr)
	}
	for stage, code := range c.FailDeployments {
		if strings.Count(stage, "/") != 1 {
			return fmt.Errorf("--fail-deployments: %q is not the name of a game, a slash, and the name of a stage", stage)
		}
		if c := types.ResultCode(code); c == types.ResultCodeSuccess || !slices.Contains(c.Values(), c) {
			return fmt.Errorf("--fail-deployments: deployments to %s cannot fail with %q", stage, code)
		}
	}
	return nil
}

// outcome is how a deployment ends.
func (c *config) outcome(d server.Deployment) server.Outcome {
	return server.Outcome{Code: types.ResultCode(c.FailDeployments[d.Game+"/"+d.Stage])}
}

// isLocal reports whether nothing but this machine can reach the server.
func (c *config) isLocal() bool {
	host, _, _ := net.SplitHostPort(c.Addr) // check has looked at the error
	return isLoopback(host)
}

// isLoopback reports whether nothing but this machine can reach the host. Of names only localhost is known to be so.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (c *config) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// credentials returns all access keys, that of the flags first. Those that everybody knows are an error when the server
// is open to the network.
func (c *config) credentials() ([]server.Credential, error) {
	credentials, err := c.readCredentials()
	if err != nil || c.isLocal() {
		return credentials, err
	}
	for _, key := range credentials {
		if key.SecretAccessKey == defaultKey {
			return nil, fmt.Errorf("--addr %s is open to the network, but the access key %s has the default secret: change it in --secret-key, %s_SECRET_KEY or --keys",
				c.Addr, key.AccessKeyID, envPrefix)
		}
	}
	return credentials, nil
}

func (c *config) readCredentials() ([]server.Credential, error) {
	more, err := readList[server.Credential]("--keys", c.Keys)
	return append([]server.Credential{{AccessKeyID: c.AccessKey, SecretAccessKey: c.SecretKey}}, more...), err
}

// readList reads the JSON file that a flag names, if it does.
func readList[T any](flag, name string) (list []T, err error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields() // a misspelt ReadOnly must not give full rights
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, name, err)
	}
	return list, nil
}

// optionFlags are the flags that set the options of the service.
var optionFlags = map[string]string{
	"WithAccount":            "--account",
	"WithCodeGenerationTime": "--job-pending, --job-in-progress",
	"WithCredentials":        "--access-key, --secret-key, --keys",
	"WithDeletionTime":       "--deletion-time",
	"WithDeploymentTime":     "--deployment-pending, --deployment-in-progress",
	"WithExtensions":         "--extensions",
	"WithMaxBodyBytes":       "--max-body",
	"WithMaxGames":           "--max-games",
	"WithPublicURL":          "--public-url",
	"WithRegion":             "--region",
}

// optionError adds the exit code to an error of server.New. If an option is invalid, it names the flags that set it; any
// other error is one of the data file.
func optionError(err error) error {
	var invalid *server.OptionError
	if !errors.As(err, &invalid) {
		return &exitError{exitData, err}
	}
	return &exitError{exitUsage, fmt.Errorf("%s: %w", cmp.Or(optionFlags[invalid.Option], invalid.Option), invalid.Err)}
}

// options returns the options of the service.
func (c *config) options(credentials []server.Credential, extensions []server.Extension, openStore func() (storage.Store, error), metrics *metrics, logger *slog.Logger) []server.Option {
	options := []server.Option{
		server.WithStoreFunc(openStore),
		server.WithRegion(c.Region),
		server.WithAccount(c.Account),
		server.WithCredentials(credentials...),
		server.WithMaxGames(c.MaxGames),
		server.WithMaxBodyBytes(c.MaxBody),
		server.WithDeploymentTime(c.DeploymentPending, c.DeploymentInProgress),
		server.WithCodeGenerationTime(c.JobPending, c.JobInProgress),
		server.WithDeletionTime(c.DeletionTime),
		server.WithDeploymentOutcome(c.outcome),
		server.WithExtensions(extensions...),
		server.WithLogger(logger),
		server.WithObserver(metrics.observe),
	}
	if c.PublicURL != "" {
		options = append(options, server.WithPublicURL(c.PublicURL))
	}
	if c.Anonymous {
		options = append(options, server.WithAnonymousAccess())
	}
	return options
}
