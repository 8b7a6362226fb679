package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// response is an HTTP response from the service.
type response struct {
	status int
	code   string
	body   string
	header http.Header
}

// send is like sendWith without headers.
func send(t testing.TB, srv *server.Server, method, path, body string) response {
	t.Helper()
	return sendWith(t, srv, method, path, nil, body)
}

// sendWith sends a request with headers and an exact path and body, without an SDK client.
func sendWith(t testing.TB, srv *server.Server, method, path string, header http.Header, body string) response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, srv.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Opaque = strings.TrimPrefix(srv.URL, "http:") + path // sent without cleaning or escaping
	r.Header = header.Clone()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{resp.StatusCode, resp.Header.Get("X-Amzn-ErrorType"), string(text), resp.Header}
}

var requestID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func TestBadRequests(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithAnonymousAccess(), server.WithMaxBodyBytes(1000))
	if got := send(t, srv, "POST", "/game", `{"GameName":"chess"}`); got.status != 200 {
		t.Fatal(got)
	}
	tests := map[string]struct {
		method, path, body string
		status             int
		code, message      string
	}{
		"no path":              {"GET", "/", "", 404, "UnknownOperationException", ""},
		"unknown path":         {"GET", "/games", "", 404, "UnknownOperationException", ""},
		"path too long":        {"GET", "/game/chess/x", "", 404, "UnknownOperationException", ""},
		"empty label":          {"GET", "/game/", "", 404, "UnknownOperationException", ""},
		"empty label within":   {"GET", "/game//stage", "", 404, "UnknownOperationException", ""},
		"dots":                 {"GET", "/game/../game", "", 404, "UnknownOperationException", ""},
		"method":               {"PUT", "/game", "{}", 405, "UnknownOperationException", "PUT"},
		"method of a download": {"POST", "/download/a/b/snapshot/c", "{}", 405, "UnknownOperationException", "POST"},
		"not JSON":             {"POST", "/game", "GameName=x", 400, "SerializationException", "request body"},
		"truncated JSON":       {"POST", "/game", `{"GameName":"x"`, 400, "SerializationException", "request body"},
		"data after JSON":      {"POST", "/game", `{"GameName":"x"}{}`, 400, "SerializationException", "request body"},
		"array":                {"POST", "/game", `["x"]`, 400, "SerializationException", "expected object, got array"},
		"wrong type":           {"POST", "/game", `{"GameName":5}`, 400, "SerializationException", "GameName: expected string, got number"},
		"wrong type of map":    {"POST", "/game", `{"GameName":"x","Tags":["a"]}`, 400, "SerializationException", "Tags: expected object, got array"},
		"wrong type in map":    {"POST", "/game", `{"GameName":"x","Tags":{"a":1}}`, 400, "SerializationException", "expected string, got number"},
		"wrong type of list":   {"PATCH", "/game/chess/configuration", `{"Modifications":{}}`, 400, "SerializationException", "Modifications: expected array, got object"},
		"wrong type in list":   {"PATCH", "/game/chess/configuration", `{"Modifications":["x"]}`, 400, "SerializationException", "expected object, got string"},
		"not base64":           {"PUT", "/game/chess/configuration", `{"ImportSource":{"File":"%%%"}}`, 400, "SerializationException", "File"},
		"blob of wrong type":   {"PUT", "/game/chess/configuration", `{"ImportSource":{"File":{}}}`, 400, "SerializationException", "File: expected string, got object"},
		"not UTF-8":            {"POST", "/game", "{\"GameName\":\"\xff\"}", 400, "SerializationException", "UTF-8"},
		"not UTF-8 in path":    {"GET", "/game/%ff", "", 400, "SerializationException", "GameName: not valid UTF-8"},
		"not UTF-8 in query":   {"GET", "/game?NextToken=%ff", "", 400, "SerializationException", "NextToken: not valid UTF-8"},
		"not a number":         {"GET", "/game?MaxResults=many", "", 400, "SerializationException", `MaxResults: "many"`},
		"large number":         {"GET", "/game?MaxResults=99999999999", "", 400, "SerializationException", "MaxResults"},
		"fraction":             {"GET", "/game?MaxResults=1.5", "", 400, "SerializationException", "MaxResults"},
		"broken query":         {"GET", "/game?%zz", "", 400, "IncompleteSignatureException", "query"},
		"large body":           {"POST", "/game", `{"GameName":"` + strings.Repeat("x", 1000) + `"}`, 413, "RequestEntityTooLargeException", "1000"},
		"missing member":       {"POST", "/game", `{}`, 400, "ValidationException", "CreateGame.GameName"},
		"null member":          {"POST", "/game", `{"GameName":null}`, 400, "ValidationException", "CreateGame.GameName"},
		"no body":              {"POST", "/game", "", 400, "ValidationException", "CreateGame.GameName"},
		"bad label":            {"GET", "/game/a%20b", "", 400, "ValidationException", "GetGame.GameName"},
		"slash in label":       {"GET", "/game/a%2Fb", "", 400, "ValidationException", "GetGame.GameName"},
		"dots as a label":      {"GET", "/game/%2e%2e", "", 400, "ValidationException", "GetGame.GameName"},
		"several violations":   {"POST", "/game", `{"GameName":"a b","ClientToken":"short","Description":" x","Tags":{"aws:a":"1"}}`, 400, "ValidationException", "4 validation error(s)"},
	}
	for name, test := range tests {
		got := send(t, srv, test.method, test.path, test.body)
		var body struct{ Message string }
		err := json.Unmarshal([]byte(got.body), &body)
		if got.status != test.status || got.code != test.code || !strings.Contains(body.Message, test.message) || err != nil {
			t.Errorf("%s: got %d %s %s, want %d %s with a message that contains %q",
				name, got.status, got.code, got.body, test.status, test.code, test.message)
		}
		if id := got.header.Get("X-Amzn-RequestId"); !requestID.MatchString(id) {
			t.Errorf("%s: invalid request id %q", name, id)
		}
		if got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: got content type %q, want application/json", name, got.header.Get("Content-Type"))
		}
	}
	if got := send(t, srv, "PUT", "/game", ""); got.header.Get("Allow") != "GET, POST" {
		t.Errorf("got Allow header %q, want \"GET, POST\"", got.header.Get("Allow"))
	}
	if got := send(t, srv, "GET", "/game", ""); got.body != `{"Games":[{"Name":"chess","State":"ACTIVE"}]}` {
		t.Errorf("unexpected ListGames response: %s", got.body)
	}
}

// TestLenientRequests checks that the service accepts unusual but unambiguous requests.
func TestLenientRequests(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithAnonymousAccess())
	for name, test := range map[string]struct{ method, path, body string }{
		"unknown members":         {"POST", "/game", `{"GameName":"a","Unknown":{"x":[1]}}`},
		"body for a label":        {"PATCH", "/game/a", `{"GameName":"other","Description":"d"}`},
		"white space":             {"POST", "/game", " \n{ \"GameName\" :\t\"b\" }\r\n"},
		"escapes":                 {"POST", "/game", `{"Gam\u0065Name":"\u0063"}`},
		"null members":            {"POST", "/game", `{"GameName":"d","Tags":null,"Description":null}`},
		"escaped label":           {"GET", "/game/%61", ""},
		"unknown query":           {"GET", "/game/a?x=y&%E2%82%AC", ""},
		"body of a GET":           {"GET", "/game/a", "not JSON"},
		"label with a colon":      {"GET", "/tags/arn:aws:gamesparks:us-east-1:123456789012:game%2Fa", ""},
		"label escaped in full":   {"GET", "/tags/arn%3Aaws%3Agamesparks%3Aus-east-1%3A123456789012%3Agame%2Fa", ""},
		"lists in a query":        {"GET", "/game/a/configuration?Sections=A&Sections=B", ""},
		"keys of tags in a query": {"DELETE", "/tags/arn:aws:gamesparks:us-east-1:123456789012:game%2Fd?tagKeys=a&tagKeys=b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if test.method != "POST" { // games a and d may not exist yet
				for _, body := range []string{`{"GameName":"a"}`, `{"GameName":"d"}`} {
					_ = send(t, srv, "POST", "/game", body)
				}
			}
			if got := send(t, srv, test.method, test.path, test.body); got.status != 200 && got.status != 409 {
				t.Errorf("got status %d, want 200 or 409: %s", got.status, got.body)
			}
		})
	}
}

// TestResponses checks the JSON of response bodies.
func TestResponses(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithAnonymousAccess())
	const times = `"Created":"2026-03-04T05:06:07.008Z"`
	for _, test := range []struct{ method, path, body, want string }{
		{"POST", "/game", `{"GameName":"chess","Tags":{"b":"2","a":"1"}}`, `{"Game":{"Arn":"arn:aws:gamesparks:us-east-1:123456789012:game/chess",` + times +
			`,"EnableTerminationProtection":false,"LastUpdated":"2026-03-04T05:06:07.008Z","Name":"chess","State":"ACTIVE","Tags":{"a":"1","b":"2"}}}`},
		{"GET", "/game/chess/configuration", "", `{"GameConfiguration":{` + times + `,"LastUpdated":"2026-03-04T05:06:07.008Z","Sections":{}}}`},
		{"PATCH", "/game/chess/configuration", `{"Modifications":[{"Section":"A","Operation":"ADD","Path":"/x","Value":null}]}`,
			`{"GameConfiguration":{` + times + `,"LastUpdated":"2026-03-04T05:06:07.008Z","Sections":{"A":{"Attributes":{"x":null},"Name":"A","Size":10}}}}`},
		{"GET", "/game/chess/stage", "", `{"Stages":[]}`},
		{"DELETE", "/game/chess", "", `{}`},
	} {
		got := send(t, e.srv, test.method, test.path, test.body)
		if diff := cmp.Diff(test.want, got.body); diff != "" {
			t.Errorf("%s %s: response body (-want +got):\n%s", test.method, test.path, diff)
		}
		if got.status != 200 || got.header.Get("Content-Type") != "application/json" || !requestID.MatchString(got.header.Get("X-Amzn-RequestId")) {
			t.Errorf("%s %s: unexpected status %d or header %v", test.method, test.path, got.status, got.header)
		}
	}
}

// TestEveryOperationIsServed sends an empty request for each operation in the model and checks that the service routes
// it.
func TestEveryOperationIsServed(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t, server.WithAnonymousAccess())
	label := regexp.MustCompile(`\{\w+\}`)
	for _, op := range schemas.Operations() {
		got := send(t, srv, op.Method, label.ReplaceAllString(op.URI, "x"), "")
		if got.code == "UnknownOperationException" || got.status >= 500 {
			t.Errorf("%s: the operation is not served: %d %s", op.Name, got.status, got.body)
		}
	}
}

// TestObserverErrorCodes checks the error codes that an observer receives for requests outside the modeled API.
func TestObserverErrorCodes(t *testing.T) {
	t.Parallel()
	seen := make(chan server.RequestRecord, 100)
	e := newEnv(t, server.WithObserver(func(r server.RequestRecord) { seen <- r }))
	e.createGame("chess")
	stage := e.deployed("dev")
	e.createGame("go")
	export := func(game string) string {
		return *ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{
			GameName: &game, SnapshotId: e.createSnapshot(game).Id,
		})).S3Url
	}
	existing, deleted := export("chess"), export("go")
	ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("go")}))
	connect := e.srv.URL + "/runtime/game/chess/stage/dev/connect?playerId=ann&gameKey=" + *stage.GameKey
	for _, test := range []struct{ url, rng, want string }{
		{existing, "", "Download 200 "},
		{existing + "0", "", "Download 403 SignatureDoesNotMatch"},
		{existing, "bytes=1000000-", "Download 416 InvalidRange"},
		{deleted, "", "Download 404 NoSuchKey"},
		{connect, "", "Connect 426 UpgradeRequired"},
		{connect + "0", "", "Connect 403 AccessDeniedException"},
	} {
		r, err := http.NewRequestWithContext(e.ctx, http.MethodGet, test.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Range", test.rng)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		got := <-seen
		for got.Operation != "Download" && got.Operation != "Connect" {
			got = <-seen
		}
		if s := fmt.Sprint(got.Operation, " ", got.Status, " ", got.ErrorCode); s != test.want || resp.StatusCode != got.Status {
			t.Errorf("observer received %q and client received status %d, want %q", s, resp.StatusCode, test.want)
		}
	}
}

func TestObserver(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []server.RequestRecord
	var log bytes.Buffer
	srv := servertest.Start(t, server.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), server.WithObserver(func(r server.RequestRecord) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r)
	}))
	client := srv.Client(once)
	_, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: aws.String("chess")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("none")})
	if !gamesparks.IsNotFound(err) {
		t.Fatal(err)
	}
	id := gamesparks.RequestID(err)
	inject(t, srv, server.Fault{DropConnection: true, Count: 1})
	_, _ = client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: aws.String("chess")})
	_ = send(t, srv, "GET", "/nowhere", "")
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}

	want := []server.RequestRecord{
		{Operation: "CreateGame", Method: "POST", Path: "/game", Account: "123456789012", AccessKeyID: "local", Status: 200},
		{Operation: "GetGame", Method: "GET", Path: "/game/none", Account: "123456789012", AccessKeyID: "local", Status: 404, ErrorCode: "ResourceNotFoundException"},
		{Operation: "CreateSnapshot", Method: "POST", Path: "/game/chess/snapshot"},
		{Method: "GET", Path: "/nowhere", Status: 404, ErrorCode: "UnknownOperationException"},
	}
	mu.Lock()
	defer mu.Unlock()
	for i := range seen {
		if i == 1 && seen[i].ID != id {
			t.Errorf("got request id %s, want %s", seen[i].ID, id)
		}
		if seen[i].Duration <= 0 || !requestID.MatchString(seen[i].ID) {
			t.Errorf("observed request without a duration or valid id: %+v", seen[i])
		}
		seen[i].ID, seen[i].Duration = "", 0
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("observed requests (-want +got):\n%s", diff)
	}
	for _, want := range []string{"operation=GetGame", "status=404", "error_code=ResourceNotFoundException", id} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not contain %s:\n%s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "Signature") {
		t.Errorf("the log contains a signature:\n%s", log.String())
	}
}
