package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

const (
	// envPrefix is the prefix of the environment variables for the flags.
	envPrefix = "GAMESPARKS_SERVER"

	// defaultKey is both the default access key ID and the default secret. It is public, so the server accepts this
	// secret on loopback addresses only.
	defaultKey = "local"
)

// config holds the flags of the command serve.
type config struct {
	Config configFile `placeholder:"FILE" help:"YAML or JSON file with values for flags: an object whose members have the names of the flags. Flags and environment variables take precedence."`

	Addr string `default:"127.0.0.1:8770" placeholder:"HOST:PORT" help:"Address to listen on. Port 0 selects a free port."`
	Data string `placeholder:"FILE" help:"Data file. The server creates it if it does not exist. Without a data file, all data is lost when the server stops."`

	Store             string `placeholder:"URL" help:"PostgreSQL database for the data, such as postgres://USER@HOST/DATABASE?sslmode=verify-full. Several servers can share it. The server creates its tables. The password can also be in PGPASSWORD, or in the files of PGPASSFILE or --store-password-file."`
	StorePasswordFile string `placeholder:"FILE" type:"existingfile" help:"File with the password for the database. The server reads it for each new connection."`
	StoreSchema       string `default:"gamesparks" placeholder:"NAME" help:"Schema of the database with the tables of the server."`
	StoreConns        int    `default:"16" placeholder:"N" help:"Maximum number of connections to the database."`

	StoreLease       time.Duration `default:"10s" placeholder:"DURATION" help:"Duration of the lease of the server in the database. A server that cannot renew it disconnects its players. The players of a server that was killed stay listed until its lease ends."`
	StoreNoListen    bool          `help:"Do not use LISTEN. A player whom another server disconnects then stays connected for up to two seconds."`
	StoreIdleTimeout time.Duration `default:"10s" placeholder:"DURATION" help:"Time after which the database ends an idle transaction. A server that hangs delays the writes of other servers by at most this time."`

	AdminSocket string `placeholder:"SOCKET" help:"Unix socket to create for gamesparks-server backup. Only the user of the server can use it. By default, a server with --data uses the name of the data file with the suffix .sock. Not available on Windows."`

	PublicURL string `name:"public-url" placeholder:"URL" help:"URL at which clients reach a server behind a proxy. Download URLs begin with it. Without it, they begin with the address that the client used."`

	Region  string `default:"us-east-1" placeholder:"REGION" help:"AWS region of the service."`
	Account string `default:"123456789012" placeholder:"ACCOUNT" help:"AWS account of the service, 12 digits."`

	Seed []string `placeholder:"DIR" help:"Project directory that the server applies when it starts, and deploys to the stages of its game.json. An unchanged directory changes nothing. Can be repeated."`

	AccessKey string `default:"${key}" placeholder:"ID" help:"ID of an access key with full access."`
	SecretKey string `default:"${key}" placeholder:"SECRET" help:"Secret of that access key. An address other than loopback requires another secret than the default."`
	Keys      string `placeholder:"FILE" type:"path" help:"JSON file with more access keys: a list of objects with AccessKeyId, SecretAccessKey and the optional members SessionToken, Account (12 digits), Expires (such as 2026-12-31T00:00:00Z), ReadOnly and Disabled (true or false). The server reloads the file when it changes; gamesparks-server keys edits it."`
	Anonymous bool   `help:"Accept unsigned requests and give them full access. Requires a loopback address."`

	AllowedHost []string `placeholder:"HOST" help:"Host name or IP address, without port, under which clients may reach a server on a loopback address or with the default secret, in addition to loopback addresses and the host of --public-url. Can be repeated."`
	CORSOrigin  []string `name:"cors-origin" placeholder:"ORIGIN" help:"Origin of web pages that may send requests, such as https://example.com. Can be repeated."`

	TLSCert string `name:"tls-cert" placeholder:"FILE" type:"existingfile" help:"PEM file with the certificate for HTTPS. Requires --tls-key. Without it, the server uses HTTP."`
	TLSKey  string `name:"tls-key" placeholder:"FILE" type:"existingfile" help:"PEM file with the private key of the certificate. Requires --tls-cert."`

	RateLimit float64 `default:"0" placeholder:"N" help:"Maximum rate of each access key, in requests per second. 0 means no limit."`
	RateBurst int     `default:"100" placeholder:"N" help:"Maximum number of requests of an access key at once. Requires --rate-limit."`

	MaxGames        int           `default:"0" placeholder:"N" help:"Maximum number of games per account. 0 means no limit."`
	MaxBody         int64         `default:"4194304" placeholder:"BYTES" help:"Maximum size of a request body."`
	BodyBudget      int64         `default:"67108864" placeholder:"BYTES" help:"Maximum memory for all request bodies that must be read before their signature can be verified, at least twice --max-body. A request beyond it fails with status 503."`
	MaxRequests     int           `default:"1000" placeholder:"N" help:"Maximum number of API requests handled at the same time, without downloads and player connections. A request beyond it fails with status 503."`
	MaxHeader       int           `default:"65536" placeholder:"BYTES" help:"Maximum size of a request header."`
	HeaderTimeout   time.Duration `default:"10s" placeholder:"DURATION" help:"Time limit for reading a request header."`
	ReadTimeout     time.Duration `default:"30s" placeholder:"DURATION" help:"Time limit for reading a whole request."`
	WriteTimeout    time.Duration `default:"5m" placeholder:"DURATION" help:"Time limit for writing a response, including a download."`
	IdleTimeout     time.Duration `default:"2m" placeholder:"DURATION" help:"Time after which the server closes an idle connection."`
	ShutdownTimeout time.Duration `default:"15s" placeholder:"DURATION" help:"Time that active requests have to finish when the server stops. Their bodies must arrive within 2s. Requests that take longer fail with status 503."`

	DeploymentPending    time.Duration `default:"1s" placeholder:"DURATION" help:"Time for which a new deployment is PENDING."`
	DeploymentInProgress time.Duration `default:"2s" placeholder:"DURATION" help:"Time for which a deployment is then IN_PROGRESS."`
	JobPending           time.Duration `default:"1s" placeholder:"DURATION" help:"Time for which a new code generation job is PENDING."`
	JobInProgress        time.Duration `default:"2s" placeholder:"DURATION" help:"Time for which a code generation job is then IN_PROGRESS."`
	DeletionTime         time.Duration `default:"1s" placeholder:"DURATION" help:"Time for which a deleted game or stage is DELETING."`

	FailDeployments map[string]string `placeholder:"GAME/STAGE=CODE;..." help:"Stages on which every deployment fails, with the result code INVALID_ROLE_FAILURE or UNSPECIFIED_FAILURE."`
	TestAPI         bool              `name:"test-api" help:"Let tests inject faults, reset their account and move the clock, with requests to /test/ that are signed like those to the API. Never use it in production: every access key that is not read-only can delete all games of its account."`

	Extensions string `placeholder:"FILE" type:"existingfile" help:"JSON file with additional extensions: a list of objects with Namespace, Name, Description and Versions. Versions is a list of objects with Version and Schema."`

	// ClockOffset is added to the time of the machine, so that a test can run servers whose clocks differ.
	ClockOffset offset `hidden:"" default:"0s"`

	LogLevel  slog.Level `default:"info" placeholder:"LEVEL" help:"Lowest level to log: debug, info, warn or error."`
	LogFormat string     `default:"text" placeholder:"FORMAT" enum:"text,json" help:"Log format: text or json."`
}

// helpText returns the help text of a flag with its default and environment variable.
func helpText(value *kong.Value) string {
	if len(value.Tag.Envs) == 0 { // --help, --version and arguments
		return value.Help
	}
	fallback := value.Default
	switch {
	case value.IsBool():
		fallback = "false"
	case !value.HasDefault:
		fallback = "none"
	}
	return fmt.Sprintf("%s (default %s, $%s)", value.Help, fallback, value.Tag.Envs[0])
}

// usageError returns a parser error with a message for the user.
func usageError(err error, args []string) error {
	text := err.Error()
	if strings.HasPrefix(text, "unknown flag -") && !strings.HasPrefix(text, "unknown flag --") {
		for _, arg := range args {
			if name, _, _ := strings.Cut(arg, "="); len(name) > 2 && name[0] == '-' && name[1] != '-' {
				return fmt.Errorf("unknown flag %s: flags begin with two dashes, as in -%s", name, name)
			}
		}
	}
	if flag, _, found := strings.Cut(text, ": expected "); found && strings.HasSuffix(text, "(<EOL>)") {
		return fmt.Errorf("%s: the value is missing", flag)
	}
	if strings.HasPrefix(text, "unknown flag") || strings.HasPrefix(text, "unexpected argument") {
		return fmt.Errorf("%w (gamesparks-server --help lists commands and flags)", err)
	}
	return err
}

// parseAs returns a mapper that parses the value of a flag with parse.
func parseAs[T any](parse func(string) (T, error)) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		token, err := ctx.Scan.PopValue("a value")
		if err != nil {
			return err
		}
		value, err := parse(token.String())
		if err != nil {
			return err
		}
		target.Set(reflect.ValueOf(value))
		return nil
	}
}

func parseInt(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", text)
	}
	return n, nil
}

func parseFloat(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return n, nil
}

func parseInt64(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", text)
	}
	return n, nil
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a duration: use a value such as 500ms, 30s or 5m", text)
	case d < 0:
		return 0, fmt.Errorf("%q is negative", text)
	}
	return d, nil
}

// offset is a duration that may be negative.
type offset time.Duration

func parseOffset(text string) (offset, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration: use a value such as -90s or 1m", text)
	}
	return offset(d), nil
}

func parseTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time: use a value such as 2026-12-31T00:00:00Z", text)
	}
	return t, nil
}

func parseLevel(text string) (level slog.Level, err error) {
	if err := level.UnmarshalText([]byte(text)); err != nil {
		return 0, fmt.Errorf("%q is not a log level: use debug, info, warn or error", text)
	}
	return level, nil
}

// check reports the first invalid flag or combination of flags.
func (c *config) check() error {
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return fmt.Errorf("--addr: %q is not an address of the form HOST:PORT, such as 127.0.0.1:8770 or :8770", c.Addr)
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		return fmt.Errorf("--addr: %q is not a port: use a number from 0 to 65535", port)
	}
	if err := c.checkStore(); err != nil {
		return err
	}
	switch {
	case c.AccessKey == "" || c.SecretKey == "":
		return errors.New("--access-key and --secret-key must not be empty")
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return errors.New("--tls-cert and --tls-key must be set together")
	case c.Anonymous && !c.isLoopback():
		return fmt.Errorf("--anonymous requires a loopback address, but --addr %s is open to the network", c.Addr)
	case c.AdminSocket != "" && runtime.GOOS == "windows":
		return errors.New("--admin-socket is not available on Windows, where permissions do not protect sockets")
	case c.StoreIdleTimeout <= 0:
		return fmt.Errorf("--store-idle-timeout: %v is not positive", c.StoreIdleTimeout)
	case c.StoreLease < minLease:
		return fmt.Errorf("--store-lease: %v is shorter than %v", c.StoreLease, minLease)
	case c.StoreConns <= 0:
		return fmt.Errorf("--store-conns: %d is not a positive number", c.StoreConns)
	case c.MaxHeader <= 0:
		return fmt.Errorf("--max-header: %d is not a positive number", c.MaxHeader)
	}
	for _, stage := range slices.Sorted(maps.Keys(c.FailDeployments)) {
		code := c.FailDeployments[stage]
		if strings.Count(stage, "/") != 1 {
			return fmt.Errorf("--fail-deployments: %q does not have the form GAME/STAGE", stage)
		}
		if c := types.ResultCode(code); c == types.ResultCodeSuccess || !slices.Contains(c.Values(), c) {
			return fmt.Errorf("--fail-deployments: %s: %q is not the code of a failure: use %s or %s",
				stage, code, types.ResultCodeInvalidRoleFailure, types.ResultCodeUnspecifiedFailure)
		}
	}
	return nil
}

// deploymentOutcome implements --fail-deployments.
func (c *config) deploymentOutcome(d server.Deployment) server.Outcome {
	return server.Outcome{Code: types.ResultCode(c.FailDeployments[d.Game+"/"+d.Stage])}
}

// isLoopback reports whether only this machine can reach the server.
func (c *config) isLoopback() bool {
	host, _, _ := net.SplitHostPort(c.Addr) // check reports the error
	return isLoopbackHost(host)
}

// isLoopbackHost reports whether host is a loopback address or "localhost". It does not resolve other names.
func isLoopbackHost(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func (c *config) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	if c.LogFormat == "json" {
		return slog.New(quietHandler{slog.NewJSONHandler(w, options)})
	}
	return slog.New(quietHandler{slog.NewTextHandler(w, options)})
}

// credentials returns the access key set by --access-key and --secret-key, followed by the keys in the --keys file. It
// ignores a key in the file that has the ID of --access-key, so that the other keys can still be changed, and reports whether
// it has ignored one. It returns an error if the server is open to the network and a key has the default secret.
func (c *config) credentials() (credentials []server.Credential, ignored bool, err error) {
	inFile, err := readList[server.Credential]("--keys", c.Keys)
	if err != nil {
		return nil, false, keysProblem(c.Keys, err)
	}
	credentials = []server.Credential{{AccessKeyID: c.AccessKey, SecretAccessKey: c.SecretKey}}
	for _, key := range inFile {
		if key.AccessKeyID == c.AccessKey {
			ignored = true
			continue
		}
		credentials = append(credentials, key)
	}
	if c.isLoopback() {
		return credentials, ignored, nil
	}
	for _, key := range credentials {
		if key.SecretAccessKey == defaultKey {
			return nil, false, fmt.Errorf("--addr %s is open to the network, but access key %s has the default secret: change the secret with --secret-key, %s_SECRET_KEY or --keys",
				c.Addr, key.AccessKeyID, envPrefix)
		}
	}
	return credentials, ignored, nil
}

// readList reads the JSON file called name, which is the value of flag. It returns nil if name is empty.
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
	decoder.DisallowUnknownFields() // a misspelled ReadOnly must not grant full access
	if err := decoder.Decode(&list); err != nil {
		return nil, fmt.Errorf("%s %s: %s", flag, name, listProblem(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) { // a second list would be ignored
		return nil, fmt.Errorf("%s %s: unexpected data after the list: put all objects in one JSON list", flag, name)
	}
	return list, nil
}

// listProblem describes an error from the JSON decoder without naming Go types.
func listProblem(err error) string {
	var (
		wrongType *json.UnmarshalTypeError
		wrongTime *time.ParseError
	)
	switch {
	case errors.Is(err, io.EOF):
		return "the file is empty: expected a JSON list"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "not valid JSON: the file ends inside a value"
	case errors.As(err, &wrongTime):
		return fmt.Sprintf("%q is not a time: use a value such as 2026-12-31T00:00:00Z", wrongTime.Value)
	case errors.As(err, &wrongType) && wrongType.Field == "":
		return fmt.Sprintf("expected a JSON list of objects, found a JSON %s", wrongType.Value)
	case errors.As(err, &wrongType):
		return fmt.Sprintf("member %s must not be a JSON %s", wrongType.Field, wrongType.Value)
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "unknown member " + field
	}
	return "not valid JSON: " + err.Error()
}

// optionFlags maps the options of the service to the flags that set them.
var optionFlags = map[string]string{
	"WithAccount":            "--account",
	"WithAllowedHosts":       "--allowed-host",
	"WithBodyBudget":         "--body-budget",
	"WithCORSOrigins":        "--cors-origin",
	"WithCodeGenerationTime": "--job-pending, --job-in-progress",
	"WithCredentials":        "--access-key, --secret-key, --keys",
	"WithDeletionTime":       "--deletion-time",
	"WithDeploymentTime":     "--deployment-pending, --deployment-in-progress",
	"WithExtensions":         "--extensions",
	"WithMaxBodyBytes":       "--max-body",
	"WithMaxGames":           "--max-games",
	"WithMaxRequests":        "--max-requests",
	"WithPublicURL":          "--public-url",
	"WithReadTimeout":        "--read-timeout",
	"WithRateLimit":          "--rate-limit, --rate-burst",
	"WithRegion":             "--region",
}

// serviceError adds the flag and the exit code to an error from server.New. Any error other than an OptionError is
// reported as an error of the data file.
func (c *config) serviceError(err error) error {
	if invalid, ok := errors.AsType[*server.OptionError](err); ok {
		return &exitError{exitUsage, fmt.Errorf("%s: %w", cmp.Or(optionFlags[invalid.Option], invalid.Option), invalid.Err)}
	}
	if c.Store != "" {
		return &exitError{exitData, databaseError("--store", err)}
	}
	return &exitError{exitData, fmt.Errorf("--data %s: %w", c.Data, err)}
}

// openStore opens the database, checks and opens the data file, or returns an in-memory store.
func (c *config) openStore(logger *slog.Logger, options storage.FileOptions) (storage.Store, error) {
	if c.Store != "" {
		return c.openDatabase(options.OnCommit)
	}
	if c.Data == "" {
		return storage.NewMemory(), nil
	}
	if err := c.checkNoPartialFile(); err != nil {
		return nil, err
	}
	if err := checkData(c.Data, logger); err != nil {
		return nil, err
	}
	store, err := storage.OpenFile(c.Data, func(o *storage.FileOptions) { *o = options })
	if err == nil {
		warnReadable(c.Data, logger)
	}
	return store, err
}

// dataError adds the --data flag and, where possible, the next step to an error from openStore.
func (c *config) dataError(err error) error {
	if c.Store != "" {
		return databaseError("--store", err)
	}
	path, _ := errors.AsType[*fs.PathError](err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("--data %s: directory %s does not exist", c.Data, filepath.Dir(c.Data))
	case errors.Is(err, errPartialFile):
		return fmt.Errorf("--data %s: %w", c.Data, err)
	case path != nil && path.Path == c.Data:
		return fmt.Errorf("--data %s: %w", c.Data, path.Err)
	case errors.Is(err, storage.ErrLocked):
		return fmt.Errorf("--data %s: the file is in use by another process: stop that process or choose another file", c.Data)
	case errors.Is(err, storage.ErrFormat):
		return fmt.Errorf("--data %s: not a gamesparks-server data file: choose another file", c.Data)
	case errors.Is(err, storage.ErrOldVersion):
		return dataFileError("--data", c.Data, err)
	case errors.Is(err, storage.ErrDamaged):
		return fmt.Errorf("--data %s: the data file is damaged: %s: keep a copy of the file and restore a backup", c.Data, damageProblem(err))
	}
	return fmt.Errorf("--data: %w", err)
}

// options returns the options for server.New.
func (c *config) options(credentials []server.Credential, extensions []server.Extension, openStore func() (storage.Store, error), metrics *metrics, logger *slog.Logger) []server.Option {
	options := []server.Option{
		server.WithStoreFunc(openStore),
		server.WithRegion(c.Region),
		server.WithAccount(c.Account),
		server.WithCredentials(credentials...),
		server.WithMaxGames(c.MaxGames),
		server.WithMaxBodyBytes(c.MaxBody),
		server.WithBodyBudget(c.BodyBudget),
		server.WithMaxRequests(c.MaxRequests),
		server.WithReadTimeout(c.ReadTimeout),
		server.WithAllowedHosts(c.AllowedHost...),
		server.WithCORSOrigins(c.CORSOrigin...),
		server.WithDeploymentTime(c.DeploymentPending, c.DeploymentInProgress),
		server.WithCodeGenerationTime(c.JobPending, c.JobInProgress),
		server.WithDeletionTime(c.DeletionTime),
		server.WithDeploymentOutcome(c.deploymentOutcome),
		server.WithExtensions(extensions...),
		server.WithLogger(logger),
		server.WithObserver(metrics.observe),
	}
	if d := time.Duration(c.ClockOffset); d != 0 {
		options = append(options, server.WithWallClock(func() time.Time { return time.Now().Add(d) }))
	}
	if c.PublicURL != "" {
		options = append(options, server.WithPublicURL(c.PublicURL))
	}
	if c.RateLimit != 0 {
		options = append(options, server.WithRateLimit(c.RateLimit, c.RateBurst))
	}
	if c.TestAPI {
		options = append(options, server.WithTestAPI())
	}
	if c.Anonymous {
		options = append(options, server.WithAnonymousAccess())
	}
	return options
}
