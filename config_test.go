package gamesparks_test

//lint:file-ignore SA1019 The deprecated endpoint resolvers are part of the official surface.

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/defaults"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// loadConfig loads a configuration from the given environment variables and shared configuration file, and from nothing
// else.
func loadConfig(t *testing.T, env map[string]string, file string, optFns ...func(*config.LoadOptions) error) aws.Config {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "") // restores it after the test
			os.Unsetenv(name)
		}
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "config")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", dir)
	t.Setenv("AWS_CONFIG_FILE", path)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_REGION", testRegion)
	t.Setenv("AWS_ACCESS_KEY_ID", testAccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", testSecretKey)
	t.Setenv("AWS_SESSION_TOKEN", testSessionToken)
	for name, value := range env {
		t.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context(), optFns...)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// TestConfigEndpoint checks the precedence of endpoint settings.
func TestConfigEndpoint(t *testing.T) {
	const (
		one      = "https://one.example.com/base"
		all      = "https://all.example.com"
		fileOne  = "https://file-one.example.com"
		fileAll  = "https://file-all.example.com"
		regional = testEndpoint
	)
	const services = "[default]\nservices = mine\n[services mine]\ngamesparks =\n  endpoint_url = " + fileOne + "\n"
	const both = "[default]\nservices = mine\nendpoint_url = " + fileAll + "\n[services mine]\ngamesparks =\n  endpoint_url = " + fileOne + "\n"
	tests := map[string]struct {
		env    map[string]string
		file   string
		load   []func(*config.LoadOptions) error
		option func(*gamesparks.Options)
		want   string
	}{
		"none":                       {want: regional},
		"service variable":           {env: map[string]string{"AWS_ENDPOINT_URL_GAMESPARKS": one}, want: one},
		"global variable":            {env: map[string]string{"AWS_ENDPOINT_URL": all}, want: all},
		"both variables":             {env: map[string]string{"AWS_ENDPOINT_URL_GAMESPARKS": one, "AWS_ENDPOINT_URL": all}, want: one},
		"another service's variable": {env: map[string]string{"AWS_ENDPOINT_URL_GAMELIFT": one}, want: regional},
		"file, services":             {file: services, want: fileOne},
		"file, global":               {file: "[default]\nendpoint_url = " + fileAll + "\n", want: fileAll},
		"file, both":                 {file: both, want: fileOne},
		"file, another service": {
			file: "[default]\nservices = mine\n[services mine]\ngamelift =\n  endpoint_url = " + fileOne + "\n", want: regional,
		},
		"variable over file":        {env: map[string]string{"AWS_ENDPOINT_URL_GAMESPARKS": one}, file: both, want: one},
		"global variable over file": {env: map[string]string{"AWS_ENDPOINT_URL": all}, file: both, want: all},
		"empty global variable":     {env: map[string]string{"AWS_ENDPOINT_URL": ""}, file: services, want: fileOne},
		"ignored variables": {
			env:  map[string]string{"AWS_ENDPOINT_URL_GAMESPARKS": one, "AWS_ENDPOINT_URL": all, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
			want: regional,
		},
		"ignored file":        {env: map[string]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, file: both, want: regional},
		"ignored by the file": {file: strings.Replace(both, "[default]\n", "[default]\nignore_configured_endpoint_urls = true\n", 1), want: regional},
		"ignored, but set": {
			env:    map[string]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ENDPOINT_URL_GAMESPARKS": one},
			option: func(o *gamesparks.Options) { o.BaseEndpoint = aws.String("https://option.example.com") },
			want:   "https://option.example.com",
		},
		"not ignored":      {env: map[string]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false", "AWS_ENDPOINT_URL": all}, want: all},
		"endpoint in code": {env: map[string]string{"AWS_ENDPOINT_URL_GAMESPARKS": one}, file: both, load: []func(*config.LoadOptions) error{config.WithBaseEndpoint("https://code.example.com")}, want: "https://code.example.com"},
		"client option":    {env: map[string]string{"AWS_ENDPOINT_URL_GAMESPARKS": one}, option: func(o *gamesparks.Options) { o.BaseEndpoint = aws.String("https://option.example.com") }, want: "https://option.example.com"},
		"dual-stack":       {env: map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "true"}, want: "https://gamesparks.us-west-2.api.aws"},
		"FIPS":             {env: map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"}, want: "https://gamesparks-fips.us-west-2.amazonaws.com"},
		"both variants":    {file: "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n", want: "https://gamesparks-fips.us-west-2.api.aws"},
		"variants in code": {
			env:  map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"},
			load: []func(*config.LoadOptions) error{config.WithUseFIPSEndpoint(aws.FIPSEndpointStateDisabled), config.WithUseDualStackEndpoint(aws.DualStackEndpointStateEnabled)},
			want: "https://gamesparks.us-west-2.api.aws",
		},
		"region in the file": {env: map[string]string{"AWS_REGION": ""}, file: "[default]\nregion = eu-west-1\n", want: "https://gamesparks.eu-west-1.amazonaws.com"},
		"region in code":     {load: []func(*config.LoadOptions) error{config.WithRegion("ap-south-1")}, want: "https://gamesparks.ap-south-1.amazonaws.com"},
		"profile": {
			env:  map[string]string{"AWS_PROFILE": "other"},
			file: "[profile other]\nservices = mine\n[services mine]\ngamesparks =\n  endpoint_url = " + fileOne + "\n", want: fileOne,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := loadConfig(t, test.env, test.file, test.load...)
			r := &recorder{}
			cfg.HTTPClient = r
			option := test.option
			if option == nil {
				option = func(*gamesparks.Options) {}
			}
			if _, err := gamesparks.NewFromConfig(cfg, option).ListGames(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want+"/game", r.last(t).URL.String()); diff != "" {
				t.Errorf("URL (-want +got):\n%s", diff)
			}
			verifySignature(t, r.last(t), signedAs{region: cfg.Region})
		})
	}
}

// brokenSource is a configuration source that fails.
type brokenSource struct{}

func (brokenSource) GetServiceBaseEndpoint(context.Context, string) (string, bool, error) {
	return "https://broken.example.com", true, errors.New("broken")
}

func (brokenSource) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	return aws.FIPSEndpointStateEnabled, true, errors.New("broken")
}

// TestConfigSourceFails checks that the value from a configuration source is ignored if the source also returns an error.
func TestConfigSourceFails(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	client := gamesparks.NewFromConfig(aws.Config{Region: testRegion, HTTPClient: r, ConfigSources: []any{"unrelated", brokenSource{}}})
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(testEndpoint+"/game", r.last(t).URL.String()); diff != "" {
		t.Errorf("URL (-want +got):\n%s", diff)
	}
}

// TestConfigValues checks settings other than the endpoint that come from the environment and from files.
func TestConfigValues(t *testing.T) {
	agentHas := func(part string) func(*testing.T, gamesparks.Options, *recordedRequest) {
		return func(t *testing.T, _ gamesparks.Options, sent *recordedRequest) {
			if agent := sent.Header.Get("User-Agent"); !strings.Contains(agent, part) {
				t.Errorf("User-Agent %q does not contain %s", agent, part)
			}
		}
	}
	retries := func(mode aws.RetryMode, attempts int) func(*testing.T, gamesparks.Options, *recordedRequest) {
		return func(t *testing.T, o gamesparks.Options, sent *recordedRequest) {
			if o.RetryMode != mode || o.Retryer.MaxAttempts() != attempts {
				t.Errorf("got mode %q and %d attempts, want %q and %d", o.RetryMode, o.Retryer.MaxAttempts(), mode, attempts)
			}
		}
	}
	timeouts := func(mode aws.DefaultsMode) func(*testing.T, gamesparks.Options, *recordedRequest) {
		return func(t *testing.T, o gamesparks.Options, _ *recordedRequest) {
			c, err := defaults.GetModeConfiguration(mode)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := c.GetConnectTimeout()
			wantTLS, _ := c.GetTLSNegotiationTimeout()
			client, ok := gamesparks.NewFromConfig(aws.Config{DefaultsMode: o.DefaultsMode, Region: o.Region, RuntimeEnvironment: o.RuntimeEnvironment}).Options().HTTPClient.(*awshttp.BuildableClient)
			if !ok {
				t.Fatal("the default HTTP client is not a BuildableClient")
			}
			if got := client.GetDialer().Timeout; want == 0 || got != want {
				t.Errorf("connect timeout %v, want %v", got, want)
			}
			if got := client.GetTransport().TLSHandshakeTimeout; wantTLS == 0 || got != wantTLS {
				t.Errorf("TLS handshake timeout %v, want %v", got, wantTLS)
			}
		}
	}
	tests := map[string]struct {
		env   map[string]string
		file  string
		load  []func(*config.LoadOptions) error
		check func(*testing.T, gamesparks.Options, *recordedRequest)
	}{
		"app ID":           {env: map[string]string{"AWS_SDK_UA_APP_ID": "space-tool"}, check: agentHas(" app/space-tool")},
		"app ID in file":   {file: "[default]\nsdk_ua_app_id = file-tool\n", check: agentHas(" app/file-tool")},
		"retry mode":       {env: map[string]string{"AWS_RETRY_MODE": "adaptive"}, check: retries(aws.RetryModeAdaptive, 3)},
		"max attempts":     {env: map[string]string{"AWS_MAX_ATTEMPTS": "7"}, check: retries(aws.RetryModeStandard, 7)},
		"retries in file":  {file: "[default]\nretry_mode = adaptive\nmax_attempts = 4\n", check: retries(aws.RetryModeAdaptive, 4)},
		"adaptive feature": {env: map[string]string{"AWS_RETRY_MODE": "adaptive"}, check: agentHas("m/F")},
		"retryer in code": {
			load:  []func(*config.LoadOptions) error{config.WithRetryer(func() aws.Retryer { return retry.AddWithMaxAttempts(noBackoff(), 9) })},
			check: retries("", 9),
		},
		"defaults mode in-region":          {env: map[string]string{"AWS_DEFAULTS_MODE": "in-region"}, check: timeouts(aws.DefaultsModeInRegion)},
		"defaults mode mobile":             {file: "[default]\ndefaults_mode = mobile\n", check: timeouts(aws.DefaultsModeMobile)},
		"defaults mode auto, other region": {env: map[string]string{"AWS_DEFAULTS_MODE": "auto"}, check: timeouts(aws.DefaultsModeStandard)},
		"defaults mode auto, same region": {
			env:   map[string]string{"AWS_DEFAULTS_MODE": "auto", "AWS_EXECUTION_ENV": "AWS_Lambda_go1.x", "AWS_DEFAULT_REGION": testRegion},
			check: timeouts(aws.DefaultsModeInRegion),
		},
		"credentials": {check: func(t *testing.T, _ gamesparks.Options, sent *recordedRequest) {
			verifySignature(t, sent, signedAs{})
		}},
		"credentials in the file": {
			env:  map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""},
			file: "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = file-secret\n",
			check: func(t *testing.T, _ gamesparks.Options, sent *recordedRequest) {
				verifySignature(t, sent, signedAs{credentials: aws.Credentials{AccessKeyID: "AKIDFILE", SecretAccessKey: "file-secret"}})
			},
		},
		"credentials source in the user agent": {check: agentHas(" m/E,g")},
		"anonymous credentials": {
			load: []func(*config.LoadOptions) error{config.WithCredentialsProvider(aws.AnonymousCredentials{})},
			check: func(t *testing.T, o gamesparks.Options, sent *recordedRequest) {
				requireAnonymous(t, sent)
				if o.Credentials != nil {
					t.Errorf("unexpected credentials %v", o.Credentials)
				}
			},
		},
		"auth scheme preference": {
			env: map[string]string{"AWS_AUTH_SCHEME_PREFERENCE": "noAuth, sigv4"},
			check: func(t *testing.T, o gamesparks.Options, sent *recordedRequest) {
				requireAnonymous(t, sent)
				if diff := cmp.Diff([]string{"noAuth", "sigv4"}, o.AuthSchemePreference); diff != "" {
					t.Error(diff)
				}
			},
		},
		"log mode": {
			load: []func(*config.LoadOptions) error{config.WithClientLogMode(aws.LogRetries | aws.LogRequest), config.WithLogger(logging.Nop{})},
			check: func(t *testing.T, o gamesparks.Options, _ *recordedRequest) {
				if !o.ClientLogMode.IsRetries() || !o.ClientLogMode.IsRequest() || o.ClientLogMode.IsResponse() {
					t.Errorf("log mode %b", o.ClientLogMode)
				}
			},
		},
		"clock skew correction": {
			env: map[string]string{"AWS_DISABLE_CLOCK_SKEW_CORRECTION": "true"},
			check: func(t *testing.T, o gamesparks.Options, _ *recordedRequest) {
				if !o.DisableClockSkewCorrection {
					t.Error("clock skew correction is not disabled")
				}
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := loadConfig(t, test.env, test.file, test.load...)
			r := &recorder{}
			cfg.HTTPClient = r
			client := gamesparks.NewFromConfig(cfg)
			if _, err := client.ListGames(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			test.check(t, client.Options(), r.last(t))
		})
	}
}

// TestConfigMembers checks that the API options, service options and interceptors in a configuration take effect.
func TestConfigMembers(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*middleware.Stack) error {
		return smithyhttp.AddHeaderValue(name, value)
	}
	var services []string
	cfg := aws.Config{
		Region:      testRegion,
		Credentials: testCredentials,
		APIOptions:  []func(*middleware.Stack) error{header("X-Api-Option", "yes")},
		ServiceOptions: []func(string, any){func(service string, o any) {
			services = append(services, service)
			o.(*gamesparks.Options).AppID = "service-option"
		}},
	}
	cfg.Interceptors.AfterSerialization = append(cfg.Interceptors.AfterSerialization, interceptor(func(in *smithyhttp.InterceptorContext) {
		in.Request.Header.Set("X-Intercepted", "yes")
	}))
	r := &recorder{}
	cfg.HTTPClient = r
	client := gamesparks.NewFromConfig(cfg, func(o *gamesparks.Options) {
		if o.AppID != "service-option" {
			t.Errorf("app ID is %q, want the one set by the service options, which run first", o.AppID)
		}
		o.AppID = "option"
	})
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	sent := r.last(t)
	if sent.Header.Get("X-Api-Option") != "yes" || sent.Header.Get("X-Intercepted") != "yes" ||
		!strings.Contains(sent.Header.Get("User-Agent"), "app/option") {
		t.Errorf("headers %v", sent.Header)
	}
	if diff := cmp.Diff([]string{"GameSparks"}, services); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	verifySignature(t, sent, signedAs{})
}

type interceptor func(*smithyhttp.InterceptorContext)

func (f interceptor) AfterSerialization(_ context.Context, in *smithyhttp.InterceptorContext) error {
	f(in)
	return nil
}

// TestConfigLegacyResolver checks that a configuration's endpoint resolvers are called with the service ID.
func TestConfigLegacyResolver(t *testing.T) {
	t.Parallel()
	withOptions := aws.EndpointResolverWithOptionsFunc(func(service, region string, options ...any) (aws.Endpoint, error) {
		dualStack, found := aws.GetUseDualStackEndpoint(options...)
		if service != "GameSparks" || region != testRegion || !found || dualStack != aws.DualStackEndpointStateUnset {
			t.Errorf("resolver called for service %s in region %s with options %v", service, region, options)
		}
		return aws.Endpoint{URL: "https://with-options.example.com"}, nil
	})
	plain := aws.EndpointResolverFunc(func(service, region string) (aws.Endpoint, error) {
		if service != "GameSparks" || region != testRegion {
			t.Errorf("resolver called for service %s in region %s", service, region)
		}
		return aws.Endpoint{URL: "https://plain.example.com"}, nil
	})
	for name, test := range map[string]struct {
		cfg  aws.Config
		want string
	}{
		"with options": {aws.Config{EndpointResolverWithOptions: withOptions, EndpointResolver: plain}, "with-options.example.com"},
		"plain":        {aws.Config{EndpointResolver: plain}, "plain.example.com"},
		"none":         {aws.Config{}, "gamesparks.us-west-2.amazonaws.com"},
	} {
		r := &recorder{}
		test.cfg.Region, test.cfg.HTTPClient = testRegion, r
		if _, err := gamesparks.NewFromConfig(test.cfg).ListGames(t.Context(), nil); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, r.last(t).URL.Host); diff != "" {
			t.Errorf("%s: host (-want +got):\n%s", name, diff)
		}
	}
}

// TestOptionsAreCopied checks that the client is not affected by changes to the options passed to New or returned by
// Options.
func TestOptionsAreCopied(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	given := gamesparks.Options{Region: testRegion, HTTPClient: r, APIOptions: make([]func(*middleware.Stack) error, 0, 4)}
	client := gamesparks.New(given)
	modify := func(o *gamesparks.Options) {
		o.Region = "elsewhere-1"
		o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { return errors.New("modified") })
		o.Interceptors.BeforeSigning = append(o.Interceptors.BeforeSigning, nil)
	}
	modify(&given)
	returned := client.Options()
	modify(&returned)
	copied := client.Options().Copy()
	modify(&copied)
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := client.Options(); got.Region != testRegion || len(got.APIOptions) != 0 || len(got.Interceptors.BeforeSigning) != 0 {
		t.Errorf("the client's options changed to %+v", got)
	}
	_, err := client.ListGames(t.Context(), nil, modify)
	if err == nil || !strings.Contains(err.Error(), "modified") {
		t.Errorf("got %v, want the error set up by the call's option", err)
	}
}

// TestDefaultOptions checks that New sets every option that has a default.
func TestDefaultOptions(t *testing.T) {
	t.Parallel()
	o := gamesparks.New(gamesparks.Options{}).Options()
	for name, missing := range map[string]bool{
		"AuthSchemeResolver": o.AuthSchemeResolver == nil, "AuthSchemes": len(o.AuthSchemes) == 0,
		"EndpointResolverV2": o.EndpointResolverV2 == nil, "HTTPClient": o.HTTPClient == nil,
		"HTTPSignerV4": o.HTTPSignerV4 == nil, "IdempotencyTokenProvider": o.IdempotencyTokenProvider == nil,
		"Logger": o.Logger == nil, "MeterProvider": o.MeterProvider == nil, "Retryer": o.Retryer == nil,
		"TracerProvider": o.TracerProvider == nil, "RetryMode": o.RetryMode == "",
	} {
		if missing {
			t.Errorf("%s has no default", name)
		}
	}
	if o.StrictValidation {
		t.Error("StrictValidation is true, want false")
	}
	var _ gamesparks.HTTPClient = http.DefaultClient
}

// TestNilOptions checks that the default applies if a functional option sets a field to nil.
func TestNilOptions(t *testing.T) {
	t.Parallel()
	r := &recorder{answers: []answer{{body: `{"Game":{"Name":"g"}}`}}}
	for name, unset := range map[string]func(*gamesparks.Options){
		"IdempotencyTokenProvider": func(o *gamesparks.Options) { o.IdempotencyTokenProvider = nil },
		"Logger":                   func(o *gamesparks.Options) { o.Logger, o.ClientLogMode = nil, aws.LogRequest },
		"TracerProvider":           func(o *gamesparks.Options) { o.TracerProvider = nil },
		"MeterProvider":            func(o *gamesparks.Options) { o.MeterProvider = nil },
		"Retryer":                  func(o *gamesparks.Options) { o.Retryer = nil },
		"EndpointResolverV2":       func(o *gamesparks.Options) { o.EndpointResolverV2 = nil },
		"AuthSchemeResolver":       func(o *gamesparks.Options) { o.AuthSchemeResolver = nil },
		"AuthSchemes":              func(o *gamesparks.Options) { o.AuthSchemes = nil },
		"HTTPSignerV4":             func(o *gamesparks.Options) { o.HTTPSignerV4 = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := &gamesparks.CreateGameInput{GameName: aws.String("g")}
			if _, err := newClient(r, unset).CreateGame(t.Context(), in); err != nil {
				t.Errorf("client: %v", err)
			}
			if _, err := newClient(r).CreateGame(t.Context(), in, unset); err != nil {
				t.Errorf("call: %v", err)
			}
		})
	}
	t.Run("HTTPClient", func(t *testing.T) {
		t.Parallel()
		unset := func(o *gamesparks.Options) { o.HTTPClient = nil }
		if newClient(r, unset).Options().HTTPClient == nil {
			t.Error("HTTPClient is nil, want the default")
		}
		// The call uses the client's HTTP client, the recorder.
		if _, err := newClient(r).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")}, unset); err != nil {
			t.Errorf("call: %v", err)
		}
	})
}
