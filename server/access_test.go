package server_test

import (
	"context"
	"errors"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/types"
)

func static(id, secret, token string) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token}, nil
	})
}

// anonymous configures a client not to sign its requests.
func anonymous(o *gamesparks.Options) { o.Credentials = aws.AnonymousCredentials{} }

// lateSigner signs requests with a clock that is off by a fixed duration.
type lateSigner struct{ by time.Duration }

func (s lateSigner) SignHTTP(ctx context.Context, credentials aws.Credentials, r *http.Request, hash, service, region string, at time.Time, opts ...func(*v4.SignerOptions)) error {
	return v4.NewSigner().SignHTTP(ctx, credentials, r, hash, service, region, at.Add(s.by), opts...)
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithCredentials(
		server.Credential{AccessKeyID: "full", SecretAccessKey: "secret"},
		server.Credential{AccessKeyID: "session", SecretAccessKey: "secret", SessionToken: "token"},
		server.Credential{AccessKeyID: "good", SecretAccessKey: "secret", SessionToken: "token", Expires: time.Now().Add(time.Hour)},
		server.Credential{AccessKeyID: "expired", SecretAccessKey: "secret", SessionToken: "token", Expires: time.Now()},
	))
	tests := map[string]struct {
		option func(*gamesparks.Options)
		code   string
		status int
	}{
		"valid":         {func(*gamesparks.Options) {}, "", 200},
		"session":       {func(o *gamesparks.Options) { o.Credentials = static("session", "secret", "token") }, "", 200},
		"not expired":   {func(o *gamesparks.Options) { o.Credentials = static("good", "secret", "token") }, "", 200},
		"expired":       {func(o *gamesparks.Options) { o.Credentials = static("expired", "secret", "token") }, "ExpiredTokenException", 403},
		"unknown key":   {func(o *gamesparks.Options) { o.Credentials = static("none", "secret", "") }, "UnrecognizedClientException", 403},
		"wrong secret":  {func(o *gamesparks.Options) { o.Credentials = static("full", "other", "") }, "InvalidSignatureException", 403},
		"no token":      {func(o *gamesparks.Options) { o.Credentials = static("session", "secret", "") }, "UnrecognizedClientException", 403},
		"wrong token":   {func(o *gamesparks.Options) { o.Credentials = static("session", "secret", "x") }, "UnrecognizedClientException", 403},
		"not signed":    {anonymous, "MissingAuthenticationTokenException", 403},
		"other region":  {func(o *gamesparks.Options) { o.Region = "us-west-2" }, "InvalidSignatureException", 403},
		"four min late": {func(o *gamesparks.Options) { o.HTTPSignerV4 = lateSigner{4 * time.Minute} }, "", 200},
		"six min late":  {func(o *gamesparks.Options) { o.HTTPSignerV4 = lateSigner{6 * time.Minute} }, "InvalidSignatureException", 403},
		"six min early": {func(o *gamesparks.Options) { o.HTTPSignerV4 = lateSigner{-6 * time.Minute} }, "InvalidSignatureException", 403},
	}
	for name, test := range tests {
		client := srv.Client(test.option, func(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} })
		_, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: aws.String(strings.ReplaceAll(name, " ", "_"))})
		var api smithy.APIError
		var resp interface{ HTTPStatusCode() int }
		switch {
		case test.code == "":
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case !errors.As(err, &api) || !errors.As(err, &resp) || api.ErrorCode() != test.code || resp.HTTPStatusCode() != test.status:
			t.Errorf("%s: got error %v, want %d %s", name, err, test.status, test.code)
		}
	}
	games, err := srv.Client().ListGames(t.Context(), nil)
	if err != nil || len(games.Games) != 4 {
		t.Errorf("ListGames = %v, %v; want four games, one for each authorized call", games, err)
	}
}

// tampering is an HTTP client that changes a signed request before sending it.
type tampering func(*http.Request)

func (f tampering) Do(r *http.Request) (*http.Response, error) {
	f(r)
	return http.DefaultClient.Do(r)
}

func TestTamperedRequests(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	for name, change := range map[string]tampering{
		"body":  func(r *http.Request) { r.Body = http.NoBody; r.ContentLength = 0 },
		"path":  func(r *http.Request) { r.URL.Path += "x" },
		"query": func(r *http.Request) { r.URL.RawQuery = "x=y" },
		"header": func(r *http.Request) {
			r.Header.Set("X-Amz-Date", time.Now().UTC().Add(time.Second).Format("20060102T150405Z"))
		},
		"method": func(r *http.Request) { r.Method = http.MethodDelete },
	} {
		client := srv.Client(func(o *gamesparks.Options) {
			o.Retryer = aws.NopRetryer{}
			o.HTTPClient = change
		})
		_, err := client.UpdateGame(t.Context(), &gamesparks.UpdateGameInput{GameName: aws.String("chess"), Description: aws.String("d")})
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != "InvalidSignatureException" {
			t.Errorf("%s: got error %v, want an InvalidSignatureException", name, err)
		}
	}
}

func TestReadOnlyCredentials(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithCredentials(
		server.Credential{AccessKeyID: "full", SecretAccessKey: "a"},
		server.Credential{AccessKeyID: "read", SecretAccessKey: "b", ReadOnly: true},
	))
	e.createGame("chess")
	reader := e.srv.Client(e.strict, func(o *gamesparks.Options) { o.Credentials = static("read", "b", "") })
	ok[*gamesparks.GetGameOutput](e)(reader.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: aws.String("chess")}))
	_, err := reader.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")})
	wantError[*types.AccessDeniedException](e, err, "read", "gamesparks:DeleteGame")
	_, err = reader.DisconnectPlayer(e.ctx, &gamesparks.DisconnectPlayerInput{GameName: aws.String("chess"), StageName: aws.String("s"), PlayerId: aws.String("p")})
	wantError[*types.AccessDeniedException](e, err, "gamesparks:DisconnectPlayer")
	if got := ok[*gamesparks.GetGameOutput](e)(e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: aws.String("chess")})); got.Game.State != types.GameStateActive {
		t.Errorf("got state %s, want ACTIVE", got.Game.State)
	}
}

// TestReadOnlyCredentialsPerOperation sends a request for each operation with a read-only key. The service must allow
// exactly the read operations, which are those that use GET.
func TestReadOnlyCredentialsPerOperation(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithCredentials(server.Credential{AccessKeyID: "read", SecretAccessKey: "b", ReadOnly: true}))
	credentials, err := srv.Config().Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	label := regexp.MustCompile(`\{[^}]*\}`)
	for _, op := range schemas.Operations() {
		r, err := http.NewRequestWithContext(t.Context(), op.Method, srv.URL+label.ReplaceAllString(op.URI, "x"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hashOf(""), "gamesparks", srv.Config().Region, time.Now()); err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		denied := resp.Header.Get("X-Amzn-ErrorType") == "AccessDeniedException"
		if want := op.Method != http.MethodGet; denied != want {
			t.Errorf("%s: got %s %q; access denied = %v, want %v",
				op.Name, resp.Status, resp.Header.Get("X-Amzn-ErrorType"), denied, want)
		}
	}
}

func TestAnonymousAccess(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithAnonymousAccess())
	nobody := e.srv.Client(e.strict, anonymous)
	ok[*gamesparks.CreateGameOutput](e)(nobody.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess")}))
	ok[*gamesparks.GetGameOutput](e)(e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: aws.String("chess")}))
	_, err := e.srv.Client(func(o *gamesparks.Options) { o.Credentials = static("local", "wrong", "") }).ListGames(e.ctx, nil)
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "InvalidSignatureException" {
		t.Errorf("wrong secret: got error %v, want an InvalidSignatureException", err)
	}
}

// TestUncleanPaths sends requests for all operations to paths with empty and dot segments. Their signatures are valid,
// because some clients sign the path without these segments. The service must still reject the requests.
func TestUncleanPaths(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	credentials, err := srv.Config().Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	label := regexp.MustCompile(`\{[^}]*\}`)
	sent := 0
	for _, op := range schemas.Operations() {
		clean := label.ReplaceAllString(op.URI, "chess")
		segments := strings.Split(clean, "/")[1:]
		for i := range len(segments) + 1 {
			for _, more := range [][]string{{""}, {"."}, {"chess", ".."}, {"..", ""}} {
				unclean := "/" + strings.Join(slices.Concat(segments[:i], more, segments[i:]), "/")
				r, err := http.NewRequestWithContext(t.Context(), op.Method, srv.URL+path.Clean(unclean), nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hashOf(""), "gamesparks", srv.Config().Region, time.Now()); err != nil {
					t.Fatal(err)
				}
				r.URL.Opaque = strings.TrimPrefix(srv.URL, "http:") + unclean
				resp, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				sent++
				switch code := resp.Header.Get("X-Amzn-ErrorType"); code {
				case "UnknownOperationException", "ValidationException", "InvalidSignatureException":
				case "ResourceNotFoundException":
					if op.Name != "ListExtensionVersions" { // a dot is a valid version in the model, but no extension has it
						t.Errorf("%s %s: %d %s", op.Method, unclean, resp.StatusCode, code)
					}
				default:
					t.Errorf("%s %s: %d %s", op.Method, unclean, resp.StatusCode, code)
				}
			}
		}
	}
	if sent < 33*8 {
		t.Errorf("only %d requests were sent", sent)
	}
}
