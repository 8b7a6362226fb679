package gamesparks_test

//lint:file-ignore SA1019 The deprecated endpoint resolvers are part of the official surface.

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

func parseURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u
}

// variant selects one of a region's four endpoints.
type variant struct{ fips, dualStack bool }

// TestEndpointResolverV2 checks the endpoints in each partition.
func TestEndpointResolverV2(t *testing.T) {
	t.Parallel()
	partitions := map[string]struct {
		regions           []string
		suffix, dualStack string
	}{
		"aws": {[]string{"us-east-1", "us-west-2", "eu-central-1", "ap-southeast-4", "sa-east-1", "ca-central-1", "me-south-1", "af-south-1", "il-central-1", "mx-central-1", "aws-global"},
			"amazonaws.com", "api.aws"},
		"aws-cn":     {[]string{"cn-north-1", "cn-northwest-1", "aws-cn-global"}, "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
		"aws-us-gov": {[]string{"us-gov-west-1", "us-gov-east-1", "aws-us-gov-global"}, "amazonaws.com", "api.aws"},
		"aws-iso":    {[]string{"us-iso-east-1", "us-iso-west-1", "aws-iso-global"}, "c2s.ic.gov", "api.aws.ic.gov"},
		"aws-iso-b":  {[]string{"us-isob-east-1", "aws-iso-b-global"}, "sc2s.sgov.gov", "api.aws.scloud"},
		"aws-iso-e":  {[]string{"eu-isoe-west-1", "aws-iso-e-global"}, "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
		"aws-iso-f":  {[]string{"us-isof-south-1", "aws-iso-f-global"}, "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
		"aws-eusc":   {[]string{"eusc-de-east-1"}, "amazonaws.eu", "api.amazonwebservices.eu"},
		"unknown region": {[]string{"moon-base-1", "us-east", "local", "US-EAST-1", "eusc-fr-east-1"},
			"amazonaws.com", "api.aws"},
	}
	for name, p := range partitions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, region := range p.regions {
				for v, want := range map[variant]string{
					{false, false}: "https://gamesparks." + region + "." + p.suffix,
					{true, false}:  "https://gamesparks-fips." + region + "." + p.suffix,
					{false, true}:  "https://gamesparks." + region + "." + p.dualStack,
					{true, true}:   "https://gamesparks-fips." + region + "." + p.dualStack,
				} {
					got, err := gamesparks.NewDefaultEndpointResolverV2().ResolveEndpoint(t.Context(), gamesparks.EndpointParameters{
						Region: &region, UseFIPS: &v.fips, UseDualStack: &v.dualStack,
					})
					if err != nil {
						t.Error(err)
						continue
					}
					if diff := cmp.Diff(want, got.URI.String()); diff != "" {
						t.Errorf("%s with %+v: endpoint (-want +got):\n%s", region, v, diff)
					}

					r := &recorder{}
					client := newClient(r, func(o *gamesparks.Options) {
						o.Region = region
						if v.fips {
							o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled
						}
						if v.dualStack {
							o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled
						}
					})
					if _, err := client.ListGames(t.Context(), nil); err != nil {
						t.Error(err)
						continue
					}
					if diff := cmp.Diff(want+"/game", r.last(t).URL.String()); diff != "" {
						t.Errorf("%s with %+v: URL (-want +got):\n%s", region, v, diff)
					}
					verifySignature(t, r.last(t), signedAs{region: region})
				}
			}
		})
	}
}

// TestEndpointParameters checks ValidateRequired and WithDefaults.
func TestEndpointParameters(t *testing.T) {
	t.Parallel()
	var empty gamesparks.EndpointParameters
	if err := empty.ValidateRequired(); err == nil || !strings.Contains(err.Error(), "UseDualStack") {
		t.Errorf("got %v, want an error that mentions UseDualStack", err)
	}
	if err := (gamesparks.EndpointParameters{UseDualStack: aws.Bool(false)}).ValidateRequired(); err == nil || !strings.Contains(err.Error(), "UseFIPS") {
		t.Errorf("got %v, want an error that mentions UseFIPS", err)
	}
	want := gamesparks.EndpointParameters{UseDualStack: aws.Bool(false), UseFIPS: aws.Bool(false)}
	if diff := cmp.Diff(want, empty.WithDefaults()); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if err := empty.WithDefaults().ValidateRequired(); err != nil || empty.UseFIPS != nil {
		t.Errorf("WithDefaults returned invalid parameters (error %v) or changed its receiver: %+v", err, empty)
	}
	set := gamesparks.EndpointParameters{UseDualStack: aws.Bool(true), UseFIPS: aws.Bool(true), Region: aws.String("r"), Endpoint: aws.String("e")}
	if diff := cmp.Diff(set, set.WithDefaults()); diff != "" {
		t.Errorf("WithDefaults changed parameters that were set (-want +got):\n%s", diff)
	}
}

// TestCustomEndpoint checks the request URL when a custom endpoint is set.
func TestCustomEndpoint(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ endpoint, want string }{
		"host":                {"https://games.example.com", "https://games.example.com/game/a%2Fb/stage/s"},
		"slash":               {"https://games.example.com/", "https://games.example.com/game/a%2Fb/stage/s"},
		"port":                {"http://localhost:8080", "http://localhost:8080/game/a%2Fb/stage/s"},
		"IPv6":                {"http://[::1]:8080", "http://[::1]:8080/game/a%2Fb/stage/s"},
		"prefix":              {"https://example.com/games/v1", "https://example.com/games/v1/game/a%2Fb/stage/s"},
		"prefix with a slash": {"https://example.com/games/", "https://example.com/games/game/a%2Fb/stage/s"},
		"prefix with a space": {"https://example.com/c d", "https://example.com/c%20d/game/a%2Fb/stage/s"},
		"escaped prefix":      {"https://example.com/a%2Fb/c%20d", "https://example.com/a%2Fb/c%20d/game/a%2Fb/stage/s"},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			for kind, option := range map[string]func(*gamesparks.Options){
				"BaseEndpoint": func(o *gamesparks.Options) { o.BaseEndpoint = &test.endpoint },
				"EndpointResolverV2": gamesparks.WithEndpointResolverV2(resolverFunc(func(p gamesparks.EndpointParameters) (smithyendpoints.Endpoint, error) {
					return smithyendpoints.Endpoint{URI: *parseURL(test.endpoint), Headers: http.Header{"X-Endpoint": {"yes"}}}, nil
				})),
				"EndpointResolver": gamesparks.WithEndpointResolver(gamesparks.EndpointResolverFromURL(test.endpoint)),
			} {
				r := &recorder{}
				if _, err := newClient(r, via, option).GetStage(t.Context(), &gamesparks.GetStageInput{
					GameName: aws.String("a/b"), StageName: aws.String("s"),
				}); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, r.last(t).URL.String()); diff != "" {
					t.Errorf("%s: URL (-want +got):\n%s", kind, diff)
				}
				if got := r.last(t).Header.Get("X-Endpoint") == "yes"; got != (kind == "EndpointResolverV2") {
					t.Errorf("%s: endpoint header sent = %t", kind, got)
				}
				verifySignature(t, r.last(t), signedAs{})
			}
		})
	}
}

// TestEndpointErrors checks that a call fails before sending a request if its endpoint cannot be resolved.
func TestEndpointErrors(t *testing.T) {
	t.Parallel()
	type options = gamesparks.Options
	custom := func(o *options) { o.BaseEndpoint = aws.String("https://games.example.com") }
	fips := func(o *options) { o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateEnabled }
	dualStack := func(o *options) { o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled }
	region := func(r string) func(*options) { return func(o *options) { o.Region = r } }
	endpoint := func(e string) func(*options) { return func(o *options) { o.BaseEndpoint = &e } }
	broken := errors.New("resolver is broken")
	tests := map[string]struct {
		options []func(*options)
		want    string
	}{
		"FIPS and custom":            {[]func(*options){custom, fips}, "endpoint rule error, Invalid Configuration: FIPS and custom endpoint are not supported"},
		"dual-stack and custom":      {[]func(*options){custom, dualStack}, "endpoint rule error, Invalid Configuration: Dualstack and custom endpoint are not supported"},
		"all three":                  {[]func(*options){custom, dualStack, fips}, "endpoint rule error, Invalid Configuration: FIPS and custom endpoint are not supported"},
		"FIPS region and custom":     {[]func(*options){custom, region("fips-us-east-1")}, "endpoint rule error, Invalid Configuration: FIPS and custom endpoint are not supported"},
		"no region":                  {[]func(*options){region("")}, "region is not set: set Options.Region or AWS_REGION"},
		"region with a slash":        {[]func(*options){region("us-east-1/x")}, `invalid region "us-east-1/x"`},
		"region with an at":          {[]func(*options){region("x@evil.example.com/")}, `invalid region "x@evil.example.com/"`},
		"region with a hash":         {[]func(*options){region("evil.example.com#")}, `invalid region "evil.example.com#"`},
		"region with a space":        {[]func(*options){region("us east 1")}, `invalid region "us east 1"`},
		"region with an empty label": {[]func(*options){region("us..east")}, `invalid region "us..east"`},
		"region too long":            {[]func(*options){region(strings.Repeat("x", 64))}, `invalid region "xxx`},
		"endpoint without a scheme":  {[]func(*options){endpoint("games.example.com")}, "invalid endpoint: "},
		"endpoint without a host":    {[]func(*options){endpoint("https://")}, "invalid endpoint: "},
		"endpoint is not a URL":      {[]func(*options){endpoint("https://games.example.com:port")}, "invalid endpoint: "},
		"empty endpoint":             {[]func(*options){endpoint("")}, "invalid endpoint: "},
		"resolver": {[]func(*options){gamesparks.WithEndpointResolverV2(resolverFunc(func(gamesparks.EndpointParameters) (smithyendpoints.Endpoint, error) {
			return smithyendpoints.Endpoint{}, broken
		}))}, broken.Error()},
		"legacy resolver": {[]func(*options){gamesparks.WithEndpointResolver(gamesparks.EndpointResolverFunc(
			func(string, gamesparks.EndpointResolverOptions) (aws.Endpoint, error) { return aws.Endpoint{}, broken },
		))}, broken.Error()},
		"legacy endpoint": {[]func(*options){gamesparks.WithEndpointResolver(gamesparks.EndpointResolverFromURL("::"))}, "invalid endpoint: "},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{}
			_, err := newClient(r, with(via, test.options)...).ListGames(t.Context(), nil)
			if err == nil || !strings.Contains(err.Error(), "resolve endpoint: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if strings.Contains(test.want, broken.Error()) && !errors.Is(err, broken) {
				t.Errorf("error %v does not wrap the resolver's error", err)
			}
			if len(r.all()) != 0 {
				t.Error("a request was sent")
			}
		})
	}
}

// TestFIPSPseudoRegions checks the pseudo-regions of older configurations, which select a region's FIPS endpoint.
func TestFIPSPseudoRegions(t *testing.T) {
	t.Parallel()
	tests := []struct{ client, call, wantHost, wantRegion string }{
		{"us-east-1-fips", "", "gamesparks-fips.us-east-1.amazonaws.com", "us-east-1"},
		{"fips-us-gov-west-1", "", "gamesparks-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"},
		{"us-fips-east-1", "", "gamesparks-fips.us-east-1.amazonaws.com", "us-east-1"},
		{"us-east-1", "fips-us-west-2", "gamesparks-fips.us-west-2.amazonaws.com", "us-west-2"},
		{"us-east-1-fips", "eu-west-1", "gamesparks.eu-west-1.amazonaws.com", "eu-west-1"},
		{"us-east-1-fips", "ca-central-1-fips", "gamesparks-fips.ca-central-1.amazonaws.com", "ca-central-1"},
	}
	for _, test := range tests {
		onBothPaths(t, fmt.Sprintf("%s and %q", test.client, test.call), func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{}
			client := newClient(r, via, func(o *gamesparks.Options) { o.Region = test.client })
			var call []func(*gamesparks.Options)
			if test.call != "" {
				call = append(call, func(o *gamesparks.Options) { o.Region = test.call })
			}
			if _, err := client.ListGames(t.Context(), nil, call...); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.wantHost, r.last(t).URL.Host); diff != "" {
				t.Errorf("host (-want +got):\n%s", diff)
			}
			verifySignature(t, r.last(t), signedAs{region: test.wantRegion})
			if got := client.Options().Region; got != test.client {
				t.Errorf("the client's region is %s, want %s", got, test.client)
			}
		})
	}
}

// TestClearTextOption checks that DisableHTTPS sends requests in clear text. Signed requests are sent in clear text only to
// a custom endpoint.
func TestClearTextOption(t *testing.T) {
	t.Parallel()
	type options = gamesparks.Options
	immutable := func(e *aws.Endpoint) { e.HostnameImmutable = true }
	anonymous := func(o *options) { o.Credentials = aws.AnonymousCredentials{} }
	notFound := gamesparks.EndpointResolverFunc(func(string, gamesparks.EndpointResolverOptions) (aws.Endpoint, error) {
		return aws.Endpoint{}, &aws.EndpointNotFoundError{}
	})
	const fails = ""
	tests := map[string]struct {
		options []func(*options)
		want    string
	}{
		"region":             {nil, fails},
		"another region":     {[]func(*options){func(o *options) { o.Region = "eu-west-1" }}, fails},
		"dual-stack":         {[]func(*options){func(o *options) { o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled }}, fails},
		"region, anonymous":  {[]func(*options){anonymous}, "http://gamesparks.us-west-2.amazonaws.com/game"},
		"custom":             {[]func(*options){func(o *options) { o.BaseEndpoint = aws.String("https://games.example.com") }}, "http://games.example.com/game"},
		"custom, clear text": {[]func(*options){func(o *options) { o.BaseEndpoint = aws.String("http://games.example.com") }}, "http://games.example.com/game"},
		"resolver":           {[]func(*options){gamesparks.WithEndpointResolverV2(staticResolver("https://games.example.com"))}, "http://games.example.com/game"},
		"legacy, region":     {[]func(*options){gamesparks.WithEndpointResolver(gamesparks.NewDefaultEndpointResolver())}, fails},
		"legacy, anonymous":  {[]func(*options){anonymous, gamesparks.WithEndpointResolver(gamesparks.NewDefaultEndpointResolver())}, "http://gamesparks.us-west-2.amazonaws.com/game"},
		"legacy, not found":  {[]func(*options){gamesparks.WithEndpointResolver(notFound)}, fails},
		"legacy, immutable":  {[]func(*options){gamesparks.WithEndpointResolver(gamesparks.EndpointResolverFromURL("https://games.example.com", immutable))}, "https://games.example.com/game"},
		"legacy, mutable":    {[]func(*options){gamesparks.WithEndpointResolver(gamesparks.EndpointResolverFromURL("https://games.example.com"))}, "http://games.example.com/game"},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*options)) {
			disable := func(o *options) { o.EndpointOptions.DisableHTTPS = true }
			ofClient, ofCall := &recorder{}, &recorder{}
			_, err := newClient(ofClient, append(test.options, via, disable)...).ListGames(t.Context(), nil)
			_, callErr := newClient(ofCall, append(test.options, via)...).ListGames(t.Context(), nil, disable)
			if test.want == fails {
				for _, err := range []error{err, callErr} {
					if err == nil || !strings.Contains(err.Error(), "clear text") {
						t.Errorf("got %v, want an error that mentions clear text", err)
					}
				}
				if n := len(ofClient.all()) + len(ofCall.all()); n != 0 {
					t.Errorf("sent %d requests in clear text, want 0", n)
				}
				return
			}
			if err != nil || callErr != nil {
				t.Fatalf("got errors %v (client option) and %v (call option), want none", err, callErr)
			}
			for _, r := range []*recorder{ofClient, ofCall} {
				if diff := cmp.Diff(test.want, r.last(t).URL.String()); diff != "" {
					t.Errorf("URL (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// staticResolver returns a resolver that always resolves to the given URL.
func staticResolver(endpoint string) resolverFunc {
	return func(gamesparks.EndpointParameters) (smithyendpoints.Endpoint, error) {
		u, err := url.Parse(endpoint)
		if err != nil {
			return smithyendpoints.Endpoint{}, err
		}
		return smithyendpoints.Endpoint{URI: *u}, nil
	}
}

// TestClearTextEndpoints checks that requests to a custom endpoint with the scheme http are sent in clear text.
func TestClearTextEndpoints(t *testing.T) {
	t.Parallel()
	const endpoint = "http://games.example.com"
	tests := map[string]func(gamesparks.HTTPClient) *gamesparks.Client{
		"BaseEndpoint": func(h gamesparks.HTTPClient) *gamesparks.Client {
			return newClient(h, func(o *gamesparks.Options) { o.BaseEndpoint = aws.String(endpoint) })
		},
		"configuration": func(h gamesparks.HTTPClient) *gamesparks.Client {
			return gamesparks.NewFromConfig(aws.Config{
				Region: testRegion, Credentials: testCredentials, HTTPClient: h, BaseEndpoint: aws.String(endpoint),
			})
		},
		"resolver": func(h gamesparks.HTTPClient) *gamesparks.Client {
			return newClient(h, gamesparks.WithEndpointResolverV2(staticResolver(endpoint)))
		},
		"legacy resolver": func(h gamesparks.HTTPClient) *gamesparks.Client {
			return newClient(h, gamesparks.WithEndpointResolver(gamesparks.EndpointResolverFromURL(endpoint)))
		},
	}
	for name, client := range tests {
		r := &recorder{}
		if _, err := client(r).ListGames(t.Context(), nil); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := r.last(t).URL.String(); got != endpoint+"/game" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestLegacyResolver checks how an EndpointResolver affects requests and when the client falls back to EndpointResolverV2.
func TestLegacyResolver(t *testing.T) {
	t.Parallel()
	var regions []string
	var options gamesparks.EndpointResolverOptions
	legacy := func(e aws.Endpoint, err error) func(*gamesparks.Options) {
		return gamesparks.WithEndpointResolver(gamesparks.EndpointResolverFunc(
			func(region string, o gamesparks.EndpointResolverOptions) (aws.Endpoint, error) {
				regions = append(regions, region)
				options = o
				return e, err
			}))
	}
	tests := map[string]struct {
		options []func(*gamesparks.Options)
		want    string
		signed  signedAs
	}{
		"URL": {
			[]func(*gamesparks.Options){legacy(aws.Endpoint{URL: "https://old.example.com/base"}, nil)},
			"https://old.example.com/base/game", signedAs{},
		},
		"signing": {
			[]func(*gamesparks.Options){legacy(aws.Endpoint{URL: "https://old.example.com", SigningName: "old", SigningRegion: "old-1"}, nil)},
			"https://old.example.com/game", signedAs{name: "old", region: "old-1"},
		},
		"overridden": {
			[]func(*gamesparks.Options){
				legacy(aws.Endpoint{URL: "https://old.example.com", SigningName: "old", SigningRegion: "old-1"}, nil),
				gamesparks.WithSigV4SigningName("new"), gamesparks.WithSigV4SigningRegion("new-1"),
			},
			"https://old.example.com/game", signedAs{name: "new", region: "new-1"},
		},
		"before BaseEndpoint": {
			[]func(*gamesparks.Options){
				legacy(aws.Endpoint{URL: "https://old.example.com"}, nil),
				func(o *gamesparks.Options) { o.BaseEndpoint = aws.String("https://new.example.com") },
			},
			"https://old.example.com/game", signedAs{},
		},
		"not found": {
			[]func(*gamesparks.Options){legacy(aws.Endpoint{}, fmt.Errorf("old: %w", &aws.EndpointNotFoundError{}))},
			"https://gamesparks.us-west-2.amazonaws.com/game", signedAs{},
		},
		"not found, custom": {
			[]func(*gamesparks.Options){
				legacy(aws.Endpoint{}, &aws.EndpointNotFoundError{}),
				func(o *gamesparks.Options) { o.BaseEndpoint = aws.String("https://new.example.com") },
			},
			"https://new.example.com/game", signedAs{},
		},
	}
	for name, test := range tests {
		regions = nil
		r := &recorder{}
		logDeprecated := func(o *gamesparks.Options) { o.ClientLogMode = aws.LogDeprecatedUsage }
		if _, err := newClient(r, append(test.options, logDeprecated)...).ListGames(t.Context(), nil); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(test.want, r.last(t).URL.String()); diff != "" {
			t.Errorf("%s: URL (-want +got):\n%s", name, diff)
		}
		verifySignature(t, r.last(t), test.signed)
		if len(regions) != 1 || regions[0] != testRegion || options.Logger == nil || !options.LogDeprecated {
			t.Errorf("%s: the resolver was called for regions %q with options %+v", name, regions, options)
		}
	}
}

// TestDefaultEndpointResolver checks the endpoints returned by the default legacy resolver.
func TestDefaultEndpointResolver(t *testing.T) {
	t.Parallel()
	type options = gamesparks.EndpointResolverOptions
	tests := map[string]struct {
		region  string
		options options
		want    aws.Endpoint
	}{
		"plain": {"us-east-1", options{}, aws.Endpoint{URL: "https://gamesparks.us-east-1.amazonaws.com", PartitionID: "aws", SigningRegion: "us-east-1"}},
		"FIPS": {"us-east-1", options{UseFIPSEndpoint: aws.FIPSEndpointStateEnabled},
			aws.Endpoint{URL: "https://gamesparks-fips.us-east-1.amazonaws.com", PartitionID: "aws", SigningRegion: "us-east-1"}},
		"dual-stack": {"cn-north-1", options{UseDualStackEndpoint: aws.DualStackEndpointStateEnabled},
			aws.Endpoint{URL: "https://gamesparks.cn-north-1.api.amazonwebservices.com.cn", PartitionID: "aws-cn", SigningRegion: "cn-north-1"}},
		"both, no HTTPS": {"us-gov-west-1", options{
			UseDualStackEndpoint: aws.DualStackEndpointStateEnabled, UseFIPSEndpoint: aws.FIPSEndpointStateEnabled, DisableHTTPS: true,
		}, aws.Endpoint{URL: "http://gamesparks-fips.us-gov-west-1.api.aws", PartitionID: "aws-us-gov", SigningRegion: "us-gov-west-1"}},
		"resolved region": {"fips-us-east-1", options{ResolvedRegion: "us-east-1", UseFIPSEndpoint: aws.FIPSEndpointStateEnabled},
			aws.Endpoint{URL: "https://gamesparks-fips.us-east-1.amazonaws.com", PartitionID: "aws", SigningRegion: "us-east-1"}},
	}
	for name, test := range tests {
		test.want.SigningName, test.want.SigningMethod = "gamesparks", "v4"
		got, err := gamesparks.NewDefaultEndpointResolver().ResolveEndpoint(test.region, test.options)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: endpoint (-want +got):\n%s", name, diff)
		}
		o := test.options
		if o.GetResolvedRegion() != o.ResolvedRegion || o.GetDisableHTTPS() != o.DisableHTTPS ||
			o.GetUseDualStackEndpoint() != o.UseDualStackEndpoint || o.GetUseFIPSEndpoint() != o.UseFIPSEndpoint {
			t.Errorf("%s: the Get methods do not return the fields of %+v", name, o)
		}
	}
	var missing *aws.MissingRegionError
	if _, err := gamesparks.NewDefaultEndpointResolver().ResolveEndpoint("", options{}); !errors.As(err, &missing) {
		t.Errorf("got %v, want a MissingRegionError", err)
	}
}

// TestEndpointResolverFromURL checks that a resolver used for several regions returns the requested region as the signing
// region.
func TestEndpointResolverFromURL(t *testing.T) {
	t.Parallel()
	resolver := gamesparks.EndpointResolverFromURL("https://games.example.com", func(e *aws.Endpoint) { e.SigningName = "n" })
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		got, err := resolver.ResolveEndpoint(region, gamesparks.EndpointResolverOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := aws.Endpoint{URL: "https://games.example.com", Source: aws.EndpointSourceCustom, SigningName: "n", SigningRegion: region}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("endpoint (-want +got):\n%s", diff)
		}
	}
}
