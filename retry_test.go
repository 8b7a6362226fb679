package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

func failure(status int, code string) answer {
	return answer{status: status, body: `{"message":"m"}`, header: http.Header{"X-Amzn-Errortype": {code}}}
}

var success = answer{body: `{}`}

// TestRetries checks which errors are retried.
func TestRetries(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers  []answer
		attempts int
		fails    bool
	}{
		"success":                 {[]answer{success}, 1, false},
		"429 ThrottlingException": {[]answer{failure(429, "ThrottlingException"), failure(429, "ThrottlingException"), success}, 3, false},
		"400 ThrottlingException": {[]answer{failure(400, "ThrottlingException"), success}, 2, false},
		"500":                     {[]answer{failure(500, "InternalServerException"), success}, 2, false},
		"500 without a body":      {[]answer{{status: 500}, success}, 2, false},
		"502 of a proxy":          {[]answer{{status: 502, body: "<html></html>"}, success}, 2, false},
		"503":                     {[]answer{{status: 503}, success}, 2, false},
		"504":                     {[]answer{{status: 504}, success}, 2, false},
		"connection reset":        {[]answer{{err: syscall.ECONNRESET}, success}, 2, false},
		"different errors":        {[]answer{failure(429, "ThrottlingException"), {status: 503}, success}, 3, false},
		"persistent 500":          {[]answer{failure(500, "InternalServerException")}, 3, true},
		"400":                     {[]answer{failure(400, "ValidationException"), success}, 1, true},
		"402":                     {[]answer{failure(402, "ServiceQuotaExceededException"), success}, 1, true},
		"403":                     {[]answer{failure(403, "AccessDeniedException"), success}, 1, true},
		"404":                     {[]answer{failure(404, "ResourceNotFoundException"), success}, 1, true},
		"409":                     {[]answer{failure(409, "ConflictException"), success}, 1, true},
		"500 with a client code":  {[]answer{failure(500, "ConflictException"), success}, 2, false},
		"503 with a client code":  {[]answer{failure(503, "AccessDeniedException"), success}, 2, false},
		"400 RequestTimeout":      {[]answer{failure(400, "RequestTimeout"), success}, 2, false},
		"400 of a proxy":          {[]answer{{status: 400, body: "<html></html>"}, success}, 1, true},
		"501":                     {[]answer{{status: 501}, success}, 1, true},
		"500, then 400":           {[]answer{failure(500, "InternalServerException"), failure(400, "ValidationException"), success}, 2, true},
		"malformed 200":           {[]answer{{body: "<html></html>"}, success}, 1, true},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{answers: test.answers}
			in := &gamesparks.UpdateGameInput{GameName: aws.String("g"), Description: aws.String("d")}
			out, err := newClient(r, via).UpdateGame(t.Context(), in)
			if (err != nil) != test.fails {
				t.Errorf("error %v", err)
			}
			all := r.all()
			if len(all) != test.attempts {
				t.Fatalf("%d attempts, want %d", len(all), test.attempts)
			}
			if err == nil {
				results, _ := retry.GetAttemptResults(out.ResultMetadata)
				if len(results.Results) != test.attempts {
					t.Errorf("metadata lists %d attempts, want %d", len(results.Results), test.attempts)
				}
			}
			var max *retry.MaxAttemptsError
			if exhausted := errors.As(err, &max); exhausted != (test.attempts == 3 && test.fails) {
				t.Errorf("error %v: attempts exhausted = %t", err, exhausted)
			}
			for i, sent := range all {
				if got, want := sent.Header.Get("Amz-Sdk-Invocation-Id"), all[0].Header.Get("Amz-Sdk-Invocation-Id"); got != want || got == "" {
					t.Errorf("invocation ID %q, want the first attempt's, %q", got, want)
				}
				if got, want := sent.Header.Get("Amz-Sdk-Request"), fmt.Sprintf("attempt=%d; max=3", i+1); got != want {
					t.Errorf("Amz-Sdk-Request is %q, want %q", got, want)
				}
				if got, want := sent.body, `{"Description":"d"}`; got != want {
					t.Errorf("attempt %d has body %q, want %q", i+1, got, want)
				}
				if sent.URL.String() != testEndpoint+"/game/g" {
					t.Errorf("attempt %d was sent to %s", i+1, sent.URL)
				}
				verifySignature(t, sent, signedAs{})
			}
		})
	}
}

// TestInvocationIDs checks that every call has its own invocation ID.
func TestInvocationIDs(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	client := newClient(r)
	seen := map[string]bool{}
	for range 3 {
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		seen[r.last(t).Header.Get("Amz-Sdk-Invocation-Id")] = true
	}
	if len(seen) != 3 {
		t.Errorf("got invocation IDs %v for three calls, want three different IDs", seen)
	}
}

// TestRetryOptions checks the client and call options that limit the number of attempts.
func TestRetryOptions(t *testing.T) {
	t.Parallel()
	type options = gamesparks.Options
	attempts := func(n int) func(*options) { return func(o *options) { o.RetryMaxAttempts = n } }
	tests := map[string]struct {
		client, call []func(*options)
		want         int
	}{
		"default":                  {nil, nil, 3},
		"client":                   {[]func(*options){attempts(5)}, nil, 5},
		"call":                     {nil, []func(*options){attempts(4)}, 4},
		"call over client":         {[]func(*options){attempts(5)}, []func(*options){attempts(2)}, 2},
		"call over client, more":   {[]func(*options){attempts(2)}, []func(*options){attempts(6)}, 6},
		"once":                     {nil, []func(*options){attempts(1)}, 1},
		"no retries":               {[]func(*options){func(o *options) { o.Retryer = aws.NopRetryer{} }}, nil, 1},
		"no retries for a call":    {nil, []func(*options){func(o *options) { o.Retryer = aws.NopRetryer{} }}, 1},
		"retryer that retries 404": {[]func(*options){func(o *options) { o.Retryer = retry.AddWithErrorCodes(noBackoff(), "ResourceNotFoundException") }}, nil, 3},
		"retryer with 7 attempts":  {nil, []func(*options){func(o *options) { o.Retryer = retry.AddWithMaxAttempts(noBackoff(), 7) }}, 7},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			a := failure(503, "InternalServerException")
			if strings.Contains(name, "404") {
				a = failure(404, "ResourceNotFoundException")
			}
			r := &recorder{answers: []answer{a}}
			client := newClient(r, with(via, test.client)...)
			if _, err := client.ListGames(t.Context(), nil, test.call...); err == nil {
				t.Error("no error")
			}
			if got := len(r.all()); got != test.want {
				t.Errorf("%d attempts, want %d", got, test.want)
			}
			// Call options apply only to that call.
			before := len(r.all())
			client.ListGames(t.Context(), nil, func(o *options) { o.Retryer = aws.NopRetryer{} })
			if got := len(r.all()) - before; got != 1 {
				t.Errorf("%d attempts with a no-op retryer, want 1", got)
			}
		})
	}
}

// TestCallOptionsDoNotPersist checks that the options of a call do not affect later calls.
func TestCallOptionsDoNotPersist(t *testing.T) {
	t.Parallel()
	r := &recorder{answers: []answer{failure(503, "InternalServerException")}}
	client := newClient(r)
	client.ListGames(t.Context(), nil, once, func(o *gamesparks.Options) {
		o.Region = "eu-west-1"
		o.AppID = "other"
		o.Credentials = aws.AnonymousCredentials{}
	})
	if got := r.last(t); got.URL.Host != "gamesparks.eu-west-1.amazonaws.com" || got.Header.Get("Authorization") != "" {
		t.Errorf("the call's options had no effect: sent to %s with headers %v", got.URL, got.Header)
	}
	before := len(r.all())
	client.ListGames(t.Context(), nil)
	got := r.last(t)
	if len(r.all())-before != 3 || got.URL.Host != "gamesparks.us-west-2.amazonaws.com" ||
		got.Header.Get("Authorization") == "" || strings.Contains(got.Header.Get("User-Agent"), "app/") {
		t.Errorf("the previous call's options still apply: %d attempts, sent to %s with headers %v",
			len(r.all())-before, got.URL, got.Header)
	}
}

// TestRetryModes checks that each retry mode uses the right retryer, as identified by the feature in the User-Agent header.
func TestRetryModes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options gamesparks.Options
		mode    aws.RetryMode
		feature string
		max     int
	}{
		"default":           {gamesparks.Options{}, aws.RetryModeStandard, "m/E", 3},
		"standard":          {gamesparks.Options{RetryMode: aws.RetryModeStandard}, aws.RetryModeStandard, "m/E", 3},
		"adaptive":          {gamesparks.Options{RetryMode: aws.RetryModeAdaptive}, aws.RetryModeAdaptive, "m/F", 3},
		"by defaults mode":  {gamesparks.Options{DefaultsMode: aws.DefaultsModeInRegion}, aws.RetryModeStandard, "m/E", 3},
		"standard, limited": {gamesparks.Options{RetryMaxAttempts: 6}, aws.RetryModeStandard, "", 6},
		"adaptive, limited": {gamesparks.Options{RetryMode: aws.RetryModeAdaptive, RetryMaxAttempts: 6}, aws.RetryModeAdaptive, "", 6},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{}
			test.options.Region, test.options.HTTPClient = testRegion, r
			client := gamesparks.New(test.options)
			if _, err := client.ListGames(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if got := client.Options(); got.RetryMode != test.mode || got.Retryer.MaxAttempts() != test.max {
				t.Errorf("got mode %s with at most %d attempts, want %s with %d",
					got.RetryMode, got.Retryer.MaxAttempts(), test.mode, test.max)
			}
			agent := r.last(t).Header.Get("User-Agent")
			if !strings.Contains(agent+" ", test.feature+" ") && !strings.Contains(agent, test.feature+",") {
				t.Errorf("User-Agent %q does not contain %s", agent, test.feature)
			}
		})
	}
}

// TestMessagesDoNotCauseRetries checks that the message of a service error does not affect whether the error is retried.
func TestMessagesDoNotCauseRetries(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"OtherException", "ValidationException", ""} {
		onBothPaths(t, code, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{answers: []answer{{status: 400, body: `{"code":"` + code + `","message":"connection reset by peer"}`}}}
			_, err := newClient(r, via, func(o *gamesparks.Options) { o.Retryer = nil }).ListGames(t.Context(), nil)
			if err == nil || len(r.all()) != 1 {
				t.Errorf("got %d attempts and error %v, want one attempt and an error", len(r.all()), err)
			}
		})
	}
}

// TestRetryModeOfFunctionalOption checks that a functional option can select the client's retry mode.
func TestRetryModeOfFunctionalOption(t *testing.T) {
	t.Parallel()
	adaptive := func(o *gamesparks.Options) { o.RetryMode = aws.RetryModeAdaptive }
	client := gamesparks.NewFromConfig(aws.Config{Region: testRegion}, adaptive)
	if _, ok := client.Options().Retryer.(*retry.AdaptiveMode); !ok {
		t.Errorf("retryer is a %T, want *retry.AdaptiveMode", client.Options().Retryer)
	}
	own := noBackoff()
	for _, client := range []*gamesparks.Client{
		gamesparks.New(gamesparks.Options{Region: testRegion, Retryer: own}, adaptive),
		gamesparks.New(gamesparks.Options{Region: testRegion}, adaptive, func(o *gamesparks.Options) { o.Retryer = own }),
	} {
		if got := client.Options().Retryer; got != own {
			t.Errorf("retryer is a %T, want the caller's retryer", got)
		}
	}
}

// TestAdaptiveMode checks that a client in adaptive mode limits its attempts after throttling. With FailOnNoAttemptTokens,
// it returns an error instead of waiting.
func TestAdaptiveMode(t *testing.T) {
	t.Parallel()
	r := &recorder{answers: []answer{failure(429, "ThrottlingException")}}
	client := newClient(r, func(o *gamesparks.Options) {
		o.Retryer = retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.FailOnNoAttemptTokens = true
			o.StandardOptions = append(o.StandardOptions, func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
				o.RateLimiter = ratelimit.None
				o.MaxAttempts = 1000
			})
		})
	})
	_, err := client.ListGames(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "attempt token") {
		t.Errorf("got %v, want an error that mentions attempt tokens", err)
	}
	if n := len(r.all()); n < 1 || n > 100 {
		t.Errorf("%d attempts, want 1 to 100", n)
	}
}

// TestCancelBackoff checks that canceling the context ends the wait for the next attempt.
func TestCancelBackoff(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", testCancelBackoff)
}

func testCancelBackoff(t *testing.T, via func(*gamesparks.Options)) {
	ctx, cancel := context.WithCancel(t.Context())
	r := &recorder{answers: []answer{{status: 503}}}
	client := newClient(r, via, func(o *gamesparks.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxBackoff = time.Hour
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
				cancel()
				return time.Hour, nil
			})
		})
	})
	_, err := client.ListGames(ctx, nil)
	var canceled interface{ CanceledError() bool }
	if !errors.Is(err, context.Canceled) || !errors.As(err, &canceled) {
		t.Errorf("got %v, want a CanceledError", err)
	}
	if len(r.all()) != 1 {
		t.Errorf("%d attempts", len(r.all()))
	}
}

// idempotentCall describes an operation whose input has a ClientToken.
type idempotentCall struct {
	// token returns the ClientToken of the input passed to call.
	token func() *string
	call  func(context.Context, *gamesparks.Client, ...func(*gamesparks.Options)) error
}

func idempotentCalls(token *string) map[string]idempotentCall {
	game := &gamesparks.CreateGameInput{GameName: aws.String("g"), ClientToken: token}
	stage := &gamesparks.CreateStageInput{GameName: aws.String("g"), StageName: aws.String("s"), Role: aws.String(roleARN), ClientToken: token}
	deployment := &gamesparks.StartStageDeploymentInput{
		GameName: aws.String("g"), StageName: aws.String("s"), SnapshotId: aws.String(snapshotID), ClientToken: token,
	}
	return map[string]idempotentCall{
		"CreateGame": {func() *string { return game.ClientToken }, func(ctx context.Context, c *gamesparks.Client, fns ...func(*gamesparks.Options)) error {
			_, err := c.CreateGame(ctx, game, fns...)
			return err
		}},
		"CreateStage": {func() *string { return stage.ClientToken }, func(ctx context.Context, c *gamesparks.Client, fns ...func(*gamesparks.Options)) error {
			_, err := c.CreateStage(ctx, stage, fns...)
			return err
		}},
		"StartStageDeployment": {func() *string { return deployment.ClientToken }, func(ctx context.Context, c *gamesparks.Client, fns ...func(*gamesparks.Options)) error {
			_, err := c.StartStageDeployment(ctx, deployment, fns...)
			return err
		}},
	}
}

var tokenInBody = regexp.MustCompile(`"ClientToken":"([^"]*)"`)

func sentTokens(r *recorder) (tokens []string) {
	for _, sent := range r.all() {
		if m := tokenInBody.FindStringSubmatch(sent.body); m != nil {
			tokens = append(tokens, m[1])
		} else {
			tokens = append(tokens, "none")
		}
	}
	return tokens
}

// TestClientToken checks that a nil ClientToken is set once per call. All attempts of a call use the same token, so that a
// write retried after a lost response takes effect exactly once. Each call uses a different token.
func TestClientToken(t *testing.T) {
	t.Parallel()
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for name, op := range idempotentCalls(nil) {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			r := &recorder{answers: []answer{{err: syscall.ECONNRESET}, {status: 503}, success, {status: 500}, success}}
			client := newClient(r, via)
			for range 2 {
				if err := op.call(t.Context(), client); err != nil {
					t.Fatal(err)
				}
				if op.token() != nil {
					t.Errorf("token %q in the caller's input, want nil", *op.token())
				}
			}
			got := sentTokens(r)
			if len(got) != 5 || !uuid.MatchString(got[0]) || !uuid.MatchString(got[3]) {
				t.Fatalf("sent tokens %q, want five tokens that are UUIDs", got)
			}
			if diff := cmp.Diff([]string{got[0], got[0], got[0], got[3], got[3]}, got); diff != "" || got[0] == got[3] {
				t.Errorf("sent tokens %q, want one distinct token per call", got)
			}
		})
	}
}

// TestClientTokenGiven checks that a token set by the caller is sent unchanged, even if it is empty.
func TestClientTokenGiven(t *testing.T) {
	t.Parallel()
	for _, given := range []string{token, ""} {
		for name, op := range idempotentCalls(aws.String(given)) {
			r := &recorder{answers: []answer{{status: 503}, success}}
			if err := op.call(t.Context(), newClient(r)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{given, given}, sentTokens(r)); diff != "" {
				t.Errorf("%s: tokens (-want +got):\n%s", name, diff)
			}
		}
	}
}

type tokenProvider func() (string, error)

func (f tokenProvider) GetIdempotencyToken() (string, error) { return f() }

// TestIdempotencyTokenProvider checks that tokens come from the provider set for the client or for the call, and that no
// request is sent if the provider fails.
func TestIdempotencyTokenProvider(t *testing.T) {
	t.Parallel()
	n := 0
	provider := tokenProvider(func() (string, error) { n++; return fmt.Sprint("token-", n), nil })
	broken := errors.New("no entropy")
	for name, op := range idempotentCalls(nil) {
		n = 0
		r := &recorder{}
		client := newClient(r, func(o *gamesparks.Options) { o.IdempotencyTokenProvider = provider })
		own := func(o *gamesparks.Options) {
			o.IdempotencyTokenProvider = tokenProvider(func() (string, error) { return "own", nil })
		}
		for _, fns := range [][]func(*gamesparks.Options){nil, {own}, nil} {
			if err := op.call(t.Context(), client, fns...); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"token-1", "own", "token-2"}, sentTokens(r)); diff != "" {
			t.Errorf("%s: tokens (-want +got):\n%s", name, diff)
		}
		err := op.call(t.Context(), client, func(o *gamesparks.Options) {
			o.IdempotencyTokenProvider = tokenProvider(func() (string, error) { return "", broken })
		})
		if !errors.Is(err, broken) || len(r.all()) != 3 {
			t.Errorf("%s: got error %v after %d requests, want the provider's error and no requests", name, err, len(r.all()))
		}
	}
}

// TestRetriedConflict checks that a retry after a lost response sends the same token, so that the service recognizes it.
func TestRetriedConflict(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", testRetriedConflict)
}

func testRetriedConflict(t *testing.T, via func(*gamesparks.Options)) {
	byToken := map[string]bool{}
	attempts := 0
	client := newClient(doFunc(func(req *http.Request) (*http.Response, error) {
		attempts++
		sent := record(t, req)
		token := tokenInBody.FindStringSubmatch(sent.body)[1]
		if len(byToken) > 0 && !byToken[token] {
			return failure(409, "ConflictException").response(req)
		}
		byToken[token] = true
		if attempts == 1 {
			return nil, syscall.ECONNRESET
		}
		return answer{body: `{"Game":` + gameJSON + `}`}.response(req)
	}), via)
	in := &gamesparks.CreateGameInput{GameName: aws.String("space-race")}
	out, err := client.CreateGame(t.Context(), in)
	if err != nil || out.Game.State != types.GameStateActive || attempts != 2 {
		t.Errorf("got %+v and error %v after %d attempts, want an active game after 2", out, err, attempts)
	}
	if _, err := client.CreateGame(t.Context(), in); !gamesparks.IsConflict(err) {
		t.Errorf("the second call returned error %v, want a conflict", err)
	}
}
