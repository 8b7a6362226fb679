package server_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// as returns a client option that signs with an access key and does not retry.
func as(id, secret string) func(*gamesparks.Options) {
	return func(o *gamesparks.Options) {
		o.Credentials, o.Retryer = static(id, secret, ""), aws.NopRetryer{}
	}
}

// games returns the names of the games that an access key can read, or the code of the error.
func games(t *testing.T, client *gamesparks.Client) string {
	t.Helper()
	out, err := client.ListGames(t.Context(), nil)
	if apiError := smithy.APIError(nil); errors.As(err, &apiError) {
		return apiError.ErrorCode()
	}
	if err != nil {
		t.Error(err)
		return ""
	}
	var names []string
	for _, game := range out.Games {
		names = append(names, *game.Name)
	}
	return strings.Join(names, " ")
}

func TestSetCredentials(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithCredentials(server.Credential{AccessKeyID: "a", SecretAccessKey: "1"}))
	a, rotated, b := srv.Client(as("a", "1")), srv.Client(as("a", "2")), srv.Client(as("b", "1"))
	create := func(client *gamesparks.Client, name string) {
		t.Helper()
		if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	set := func(credentials ...server.Credential) {
		t.Helper()
		if err := srv.SetCredentials(credentials...); err != nil {
			t.Fatal(err)
		}
	}
	check := func(name string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, []string{games(t, a), games(t, rotated), games(t, b)}); diff != "" {
			t.Errorf("%s: results of key a, of a with the new secret, and of key b (-want +got):\n%s", name, diff)
		}
	}
	const invalid, unknown = "InvalidSignatureException", "UnrecognizedClientException"
	create(a, "chess")
	check("initial", "chess", invalid, unknown)

	set(server.Credential{AccessKeyID: "a", SecretAccessKey: "2"}, server.Credential{AccessKeyID: "b", SecretAccessKey: "1", Account: "000000000002"})
	create(b, "go")
	check("rotated and added", invalid, "chess", "go")
	if games := games(t, srv.Client()); games != "chess" {
		t.Errorf("Client uses another access key than the first: %s", games)
	}

	for _, tc := range []struct {
		credentials []server.Credential
		want        string
	}{
		{nil, "server: SetCredentials: credentials must not be empty"},
		{[]server.Credential{{AccessKeyID: "a"}}, `server: SetCredentials: credential "a": the access key id and the secret access key must not be empty`},
	} {
		if err := srv.SetCredentials(tc.credentials...); err == nil || err.Error() != tc.want {
			t.Errorf("SetCredentials(%+v) returned error %v, want %s", tc.credentials, err, tc.want)
		}
	}
	check("after errors", invalid, "chess", "go")

	set(server.Credential{AccessKeyID: "a", SecretAccessKey: "2", Disabled: true}, server.Credential{AccessKeyID: "b", SecretAccessKey: "1", Account: "000000000002", ReadOnly: true})
	check("disabled", unknown, unknown, "go")
	if _, err := b.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("hex")}); !gamesparks.IsAccessDenied(err) {
		t.Errorf("read-only key: error %v, want an AccessDeniedException", err)
	}
}

// TestSetCredentialsAdmitsPlayers checks that players can connect to the stages of an account whose only key was added
// with SetCredentials and then disabled.
func TestSetCredentialsAdmitsPlayers(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	key := server.Credential{AccessKeyID: "b", SecretAccessKey: "1", Account: "000000000002"}
	set := func(key server.Credential) {
		t.Helper()
		if err := srv.SetCredentials(server.Credential{AccessKeyID: "a", SecretAccessKey: "1"}, key); err != nil {
			t.Fatal(err)
		}
	}
	set(key)
	client := srv.Client(as("b", "1"))
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("go")}); err != nil {
		t.Fatal(err)
	}
	stage, err := client.CreateStage(t.Context(), &gamesparks.CreateStageInput{GameName: new("go"), StageName: new("dev"), Role: new(role)})
	if err != nil {
		t.Fatal(err)
	}
	key.Disabled = true
	set(key)
	resp, err := http.Get(srv.URL + "/runtime/game/go/stage/dev/connect?playerId=p&gameKey=" + *stage.Stage.GameKey)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusConflict { // the stage has no deployment
		t.Errorf("status %s, body %s, error %v; want status 409", resp.Status, body, err)
	}
}

// onRead calls a function when it is read for the first time.
type onRead struct {
	io.ReadCloser
	once sync.Once
	fn   func()
}

func (r *onRead) Read(p []byte) (int, error) {
	r.once.Do(r.fn)
	return r.ReadCloser.Read(p)
}

// TestSetCredentialsWhileReading removes the access key of a request while the service reads the body. The request must
// fail; it must not get the permissions of unsigned requests.
func TestSetCredentialsWhileReading(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithCredentials(server.Credential{AccessKeyID: "b", SecretAccessKey: "1", Account: "000000000002"}))
	transport := &handlerClient{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = &onRead{ReadCloser: r.Body, fn: func() {
			if err := srv.SetCredentials(server.Credential{AccessKeyID: "a", SecretAccessKey: "1"}); err != nil {
				t.Error(err)
			}
		}}
		srv.ServeHTTP(w, r)
	})}
	client := srv.Client(as("b", "1"), func(o *gamesparks.Options) { o.HTTPClient = transport })
	_, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("go")})
	if apiError, ok := errors.AsType[smithy.APIError](err); !ok || apiError.ErrorCode() != "UnrecognizedClientException" {
		t.Errorf("error %v, want an UnrecognizedClientException", err)
	}
	if games := games(t, srv.Client(as("a", "1"))); games != "" {
		t.Errorf("the request created the game %s in the default account", games)
	}
}

// TestSetCredentialsWhileServing replaces the access keys while requests are served. A request whose key is removed
// must fail; it must never get the permissions of unsigned requests.
func TestSetCredentialsWhileServing(t *testing.T) {
	t.Parallel()
	admin := server.Credential{AccessKeyID: "a", SecretAccessKey: "1"}
	other := server.Credential{AccessKeyID: "b", SecretAccessKey: "1", Account: "000000000002"}
	srv := servertest.Start(t, server.WithCredentials(admin, other))
	if _, err := srv.Client(as("a", "1")).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")}); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 4 {
		client := srv.Client(as("b", "1"))
		group.Go(func() {
			for range 50 {
				if got := games(t, client); got != "" && got != "UnrecognizedClientException" {
					t.Errorf("key of an account without games: %q", got)
				}
			}
		})
	}
	for i := range 200 {
		credentials := []server.Credential{admin, other}
		if err := srv.SetCredentials(credentials[:1+i%2]...); err != nil {
			t.Fatal(err)
		}
	}
	group.Wait()
}
