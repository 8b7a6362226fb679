package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// Access keys of two accounts, and a read-only key of the first.
var (
	reader = aws.Credentials{AccessKeyID: "reader", SecretAccessKey: "reader-secret"}
	other  = aws.Credentials{AccessKeyID: "other", SecretAccessKey: "other-secret"}
)

func withTestKeys() server.Option {
	return server.WithCredentials(
		server.Credential{AccessKeyID: "local", SecretAccessKey: "local"},
		server.Credential{AccessKeyID: reader.AccessKeyID, SecretAccessKey: reader.SecretAccessKey, ReadOnly: true},
		server.Credential{AccessKeyID: other.AccessKeyID, SecretAccessKey: other.SecretAccessKey, Account: "210987654321"},
	)
}

func signedAs(key aws.Credentials) func(*gamesparks.Options) {
	return func(o *gamesparks.Options) { o.Credentials = static(key.AccessKeyID, key.SecretAccessKey, "") }
}

// TestTestAPIDisabled checks that the paths of the test API are unknown without the option.
func TestTestAPIDisabled(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	for _, request := range []string{
		"GET /test/faults", "POST /test/faults", "DELETE /test/faults", "DELETE /test/faults/1", "POST /test/reset", "GET /test/clock", "POST /test/clock",
	} {
		method, path, _ := strings.Cut(request, " ")
		if got := testRequest(t, srv, local, method, path, ""); got.status != http.StatusNotFound || got.code != "UnknownOperationException" {
			t.Errorf("%s: status %d, code %s", request, got.status, got.code)
		}
	}
}

// TestTestAPIWarning checks that a service with the test API logs a warning.
func TestTestAPIWarning(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	servertest.Start(t, server.WithTestAPI(), server.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "THE TEST API IS ENABLED") {
		t.Errorf("the log has no warning:\n%s", &log)
	}
}

// TestTestAPIFaults adds, lists and removes faults. They affect only requests of the caller's account.
func TestTestAPIFaults(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithTestAPI(), withTestKeys())
	client, foreign := srv.Client(once), srv.Client(once, signedAs(other))
	type result struct{ Fault object }
	type list struct{ Faults []object }
	const faults = "/test/faults"

	if got := testRequest(t, srv, local, http.MethodGet, faults, ""); got.body != `{"Faults":[]}` {
		t.Errorf("faults of a new account: %s", got.body)
	}
	first := mustTest[result](t, srv, http.MethodPost, faults, `{"Operation":"ListGames","Code":"ThrottlingException","Count":2}`).Fault
	second := mustTest[result](t, srv, http.MethodPost, faults, `{"LatencySeconds":0.001,"Probability":1,"DropConnection":true,"DropResponse":true,"Truncate":true,"Malformed":true}`).Fault
	want := []object{
		{"Id": first["Id"], "Operation": "ListGames", "Code": "ThrottlingException", "Status": 429.0, "Count": 2.0},
		{
			"Id": second["Id"], "LatencySeconds": 0.001, "Probability": 1.0,
			"DropConnection": true, "DropResponse": true, "Truncate": true, "Malformed": true,
		},
	}
	if diff := cmp.Diff(want, []object{first, second}); diff != "" || first["Id"] == second["Id"] || first["Id"] == "" {
		t.Errorf("added faults (-want +got):\n%s", diff)
	}
	if _, err := client.ListGames(t.Context(), nil); !gamesparks.IsThrottled(err) {
		t.Errorf("ListGames: error %v, want a ThrottlingException", err)
	}
	if _, err := foreign.ListGames(t.Context(), nil); err != nil {
		t.Errorf("ListGames in another account: %v", err)
	}
	if _, err := client.ListExtensions(t.Context(), nil); err == nil {
		t.Error("ListExtensions is not affected by the fault of all operations")
	}
	want[0]["Count"] = 1.0
	if diff := cmp.Diff(want, mustTest[list](t, srv, http.MethodGet, faults, "").Faults); diff != "" {
		t.Errorf("faults after two requests (-want +got):\n%s", diff)
	}
	if got := testRequest(t, srv, reader, http.MethodGet, faults, ""); got.status != http.StatusOK || !strings.Contains(got.body, first["Id"].(string)) {
		t.Errorf("read-only key: %d %s", got.status, got.body)
	}
	if got := testRequest(t, srv, other, http.MethodGet, faults, ""); got.body != `{"Faults":[]}` {
		t.Errorf("faults of another account: %s", got.body)
	}
	path := faults + "/" + first["Id"].(string)
	if got := testRequest(t, srv, other, http.MethodDelete, path, ""); got.code != "ResourceNotFoundException" {
		t.Errorf("removing a fault of another account: %d %s", got.status, got.body)
	}
	mustTest[object](t, srv, http.MethodDelete, path, "")
	if got := testRequest(t, srv, local, http.MethodDelete, path, ""); got.status != http.StatusNotFound || got.code != "ResourceNotFoundException" {
		t.Errorf("removing a fault twice: %d %s", got.status, got.body)
	}
	mustTest[object](t, srv, http.MethodDelete, faults, "")
	if _, err := client.ListGames(t.Context(), nil); err != nil {
		t.Errorf("ListGames after removing the faults: %v", err)
	}
}

// TestTestAPIFaultPrecedence checks that a fault of all accounts takes precedence, and that the test API does not see it.
func TestTestAPIFaultPrecedence(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithTestAPI())
	mustTest[object](t, srv, http.MethodPost, "/test/faults", `{"Code":"ThrottlingException"}`)
	remove := inject(t, srv, server.Fault{Code: "InternalServerException"})
	_, err := srv.Client(once).ListGames(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "InternalServerException") {
		t.Errorf("error %v, want an InternalServerException", err)
	}
	if got := mustTest[struct{ Faults []object }](t, srv, http.MethodGet, "/test/faults", "").Faults; len(got) != 1 {
		t.Errorf("got faults %v, want those of the test API", got)
	}
	remove()
	if _, err := srv.Client(once).ListGames(t.Context(), nil); !gamesparks.IsThrottled(err) {
		t.Errorf("error %v, want a ThrottlingException", err)
	}
	remove = inject(t, srv, server.Fault{Latency: time.Nanosecond})
	if _, err := srv.Client(once).ListGames(t.Context(), nil); err != nil {
		t.Errorf("both faults affect a request: error %v", err)
	}
	remove()
	mustTest[object](t, srv, http.MethodDelete, "/test/faults", "")
	inject(t, srv, server.Fault{Code: "AccessDeniedException"})
	mustTest[object](t, srv, http.MethodDelete, "/test/faults", "")
	if _, err := srv.Client(once).ListGames(t.Context(), nil); !gamesparks.IsAccessDenied(err) {
		t.Errorf("the test API removed a fault of the program: error %v", err)
	}
}

// TestTestAPIFaultAuthentication checks that a fault of an account does not affect requests that are not authenticated.
func TestTestAPIFaultAuthentication(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithTestAPI())
	mustTest[object](t, srv, http.MethodPost, "/test/faults", `{"Code":"ThrottlingException","Count":1}`)
	_, err := srv.Client(once, signedAs(impostor)).ListGames(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "InvalidSignatureException") {
		t.Errorf("wrong secret: error %v", err)
	}
	if _, err := srv.Client(once).ListGames(t.Context(), nil); !gamesparks.IsThrottled(err) {
		t.Errorf("error %v, want a ThrottlingException", err)
	}
}

// TestTestAPIFaultsOutsideOperations applies faults of an account to downloads and player connections.
func TestTestAPIFaultsOutsideOperations(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithTestAPI())
	e.createGame("chess")
	stage := e.deployed("dev")
	exported := ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{
		GameName: aws.String("chess"), SnapshotId: e.createSnapshot("chess").Id,
	}))
	mustTest[object](t, e.srv, http.MethodPost, "/test/faults", `{"Operation":"Download","Code":"SlowDown","Status":503,"Count":1}`)
	mustTest[object](t, e.srv, http.MethodPost, "/test/faults", `{"Operation":"Connect","Code":"ServiceUnavailableException","Status":503,"Count":1}`)
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusOK} {
		resp, err := http.Get(*exported.S3Url)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("download: status %s, want %d", resp.Status, want)
		}
	}
	for _, want := range []int{http.StatusServiceUnavailable, http.StatusSwitchingProtocols} {
		conn, resp, err := e.dial("chess", "dev", "ann", *stage.GameKey)
		if resp == nil || resp.StatusCode != want {
			t.Errorf("connect: %v, error %v; want status %d", resp, err, want)
		}
		if conn != nil {
			conn.Close(websocket.StatusNormalClosure, "")
		}
	}
}

// TestTestAPIErrors checks the errors for requests that are not valid or not permitted.
func TestTestAPIErrors(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithTestAPI(), withTestKeys())
	const faults, clock = "POST /test/faults", "POST /test/clock"
	for _, test := range []struct {
		key           aws.Credentials
		request, body string
		status        int
		code, says    string
	}{
		{impostor, "GET /test/faults", "", 403, "InvalidSignatureException", ""},
		{reader, faults, `{"Truncate":true}`, 403, "AccessDeniedException", "reader is not authorized to perform gamesparks:TestAddFault"},
		{reader, "DELETE /test/faults", "", 403, "AccessDeniedException", "TestRemoveFaults"},
		{reader, "DELETE /test/faults/1", "", 403, "AccessDeniedException", "TestRemoveFault"},
		{reader, "POST /test/reset", "", 403, "AccessDeniedException", "TestReset"},
		{reader, clock, `{"AdvanceSeconds":1}`, 403, "AccessDeniedException", "TestAdvanceClock"},
		{local, "PUT /test/faults", "", 405, "UnknownOperationException", "Use DELETE or GET or POST."},
		{local, "GET /test/other", "", 404, "UnknownOperationException", ""},
		{local, faults, "", 400, "SerializationException", "The request has no body. Send a JSON object."},
		{local, faults, "{", 400, "SerializationException", "The body is not valid JSON: "},
		{local, faults, `[1]`, 400, "SerializationException", "The body must be a JSON object, but is a JSON array."},
		{local, faults, `{"Code":{}}`, 400, "SerializationException", "The member /Code must not be a JSON object."},
		{local, faults, `{"code":"X"}`, 400, "SerializationException", "The member /code is unknown."},
		{local, faults, `{"Account":"123456789012"}`, 400, "SerializationException", "The member /Account is unknown."},
		{local, faults, `{"Code":"X","Code":"Y"}`, 400, "SerializationException", "duplicate"},
		{local, faults, `{"Count":"1"}`, 400, "SerializationException", "The member /Count must not be a JSON string."},
		{local, faults, `{"Count":1.5}`, 400, "SerializationException", "The member /Count must not be 1.5."},
		{local, faults, `{"Id":"1","Truncate":true}`, 400, "ValidationException", "Id must not be set"},
		{local, faults, `{"Operation":"GetGame"}`, 400, "ValidationException", "The fault has no effect: set "},
		{local, faults, `{"Operation":"GetGames","Truncate":true}`, 400, "ValidationException", `operation "GetGames" is unknown`},
		{local, faults, `{"Code":"Oops"}`, 400, "ValidationException", `code "Oops" is unknown: set Status, or use one of `},
		{local, faults, `{"Code":"O ops","Status":500}`, 400, "ValidationException", `code "O ops": must consist of`},
		{local, faults, `{"Status":500}`, 400, "ValidationException", "status 500 has no error code"},
		{local, faults, `{"Code":"X","Status":200}`, 400, "ValidationException", "status 200: must be from 400 to 599"},
		{local, faults, `{"LatencySeconds":1e9}`, 400, "ValidationException", "LatencySeconds 1e+09: must be from 0 to 3600"},
		{local, faults, `{"LatencySeconds":-1}`, 400, "ValidationException", "LatencySeconds -1: must be from 0 to 3600"},
		{local, faults, `{"Probability":2,"Truncate":true}`, 400, "ValidationException", "probability 2: must be from 0 to 1"},
		{local, faults, `{"Count":-1,"Truncate":true}`, 400, "ValidationException", "count -1: must not be negative"},
		{local, clock, "", 400, "SerializationException", "The request has no body."},
		{local, clock, "{}", 400, "ValidationException", "AdvanceSeconds 0: must be greater than 0"},
		{local, clock, `{"AdvanceSeconds":-60}`, 400, "ValidationException", "The clock cannot be moved back."},
		{local, clock, `{"AdvanceSeconds":1e300}`, 400, "ValidationException", "AdvanceSeconds 1e+300: must be greater than 0 and at most 3153600000."},
	} {
		method, path, _ := strings.Cut(test.request, " ")
		got := testRequest(t, srv, test.key, method, path, test.body)
		if got.status != test.status || got.code != test.code || !strings.Contains(got.body, strings.ReplaceAll(test.says, `"`, `\"`)) {
			t.Errorf("%s %s: status %d, code %s, body %s; want %d, %s and %q", test.request, test.body, got.status, got.code, got.body, test.status, test.code, test.says)
		}
	}
	if got := send(t, srv, http.MethodGet, "/test/faults", ""); got.code != "MissingAuthenticationTokenException" {
		t.Errorf("unsigned request: %d %s", got.status, got.body)
	}
}

// TestTestAPIFaultLimit checks that the number of faults that an account adds is limited. Those of the program do not count,
// since the test API can neither list nor remove them.
func TestTestAPIFaultLimit(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithTestAPI(), withTestKeys())
	const fault = `{"Operation":"GetGame","Truncate":true}`
	inject(t, srv, server.Fault{Account: "123456789012", Operation: "GetGame", Truncate: true})
	for range 100 {
		mustTest[object](t, srv, http.MethodPost, "/test/faults", fault)
	}
	if got := testRequest(t, srv, local, http.MethodPost, "/test/faults", fault); got.code != "ServiceQuotaExceededException" || got.status != 402 {
		t.Errorf("fault over the limit: %d %s", got.status, got.body)
	}
	if got := testRequest(t, srv, other, http.MethodPost, "/test/faults", fault); got.status != http.StatusOK {
		t.Errorf("fault of another account: %d %s", got.status, got.body)
	}
}

// TestAccountFault injects a fault of one account from a program.
func TestAccountFault(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, withTestKeys())
	inject(t, srv, server.Fault{Account: "210987654321", Code: "ThrottlingException"})
	if _, err := srv.Client(once, signedAs(other)).ListGames(t.Context(), nil); !gamesparks.IsThrottled(err) {
		t.Errorf("error %v, want a ThrottlingException", err)
	}
	if _, err := srv.Client(once).ListGames(t.Context(), nil); err != nil {
		t.Errorf("another account: %v", err)
	}
	if _, err := srv.Inject(server.Fault{Account: "1"}); err == nil || !strings.Contains(err.Error(), `account "1": must have 12 digits`) {
		t.Errorf("invalid account: error %v", err)
	}
}

// TestTestAPIOrigin checks that a web page of another origin cannot use the test API, even without a signature.
func TestTestAPIOrigin(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithTestAPI(), server.WithAnonymousAccess())
	if _, err := srv.Client().CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")}); err != nil {
		t.Fatal(err)
	}
	got := sendWith(t, srv, http.MethodPost, "/test/reset", http.Header{"Origin": {"https://attacker.example"}}, "")
	if got.status != http.StatusForbidden || got.code != "AccessDeniedException" {
		t.Errorf("request of another origin: %d %s", got.status, got.body)
	}
	if _, err := srv.Client().GetGame(t.Context(), &gamesparks.GetGameInput{GameName: new("chess")}); err != nil {
		t.Errorf("the page reset the account: %v", err)
	}
	if got := send(t, srv, http.MethodPost, "/test/reset", ""); got.status != http.StatusOK {
		t.Errorf("unsigned request: %d %s", got.status, got.body)
	}
}
