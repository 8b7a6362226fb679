package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/chromedp/chromedp"

	"github.com/gamesparks-go/gamesparks"
)

// TestHosts checks under which hosts each path of the server can be reached.
func TestHosts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args    []string
		allowed []string
	}{
		"default":    {nil, []string{"localhost", "127.0.0.1:1", "[::1]:8770"}},
		"anonymous":  {[]string{"--anonymous"}, []string{"localhost"}},
		"own secret": {[]string{"--secret-key=own"}, []string{"localhost"}},
		"by name":    {[]string{"--secret-key=own", "--addr=localhost:0"}, []string{"localhost"}},
		"flags": {[]string{"--public-url=https://public.example/base", "--allowed-host=a.example", "--allowed-host", "b.example"},
			[]string{"localhost", "public.example", "a.example", "b.example:8770"}},
		"open to the network": {[]string{"--secret-key=own", "--addr=0.0.0.0:0"}, []string{"localhost", "evil.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, tc.args...)
			hosts := map[string]bool{"evil.example": false, "localhost.evil.example:8770": name == "open to the network"}
			for _, host := range tc.allowed {
				hosts[host] = true
			}
			for host, allowed := range hosts {
				for _, path := range []string{"/healthz", "/readyz", "/metrics", "/ui", "/ui/", "/ui/game/x", "/game", "/nowhere"} {
					resp, body := fetch(t, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
						server.endpoint+path, func(r *http.Request) { r.Host = host })
					refused := strings.Contains(body, "--allowed-host")
					if refused == allowed {
						t.Errorf("%s at host %s: got %s %s, want allowed = %t", path, host, resp.Status, body, allowed)
					}
					if refused && (resp.StatusCode != 403 || resp.Header.Get("X-Amzn-RequestId") == "" || resp.Header.Get("X-Amzn-ErrorType") != "AccessDeniedException" || !json.Valid([]byte(body))) {
						t.Errorf("%s at host %s: got %s %v %s, want a 403 with request id, error type and JSON", path, host, resp.Status, resp.Header, body)
					}
				}
			}
		})
	}
}

// presignedCreate returns a presigned URL of CreateGame, signed with the default secret, and the request body. A page can
// send it without a preflight.
func presignedCreate(t *testing.T, endpoint, name string) (url, body string) {
	t.Helper()
	body = fmt.Sprintf(`{"GameName":%q}`, name)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint+"/game", nil)
	if err != nil {
		t.Fatal(err)
	}
	url, _, err = v4.NewSigner().PresignHTTP(t.Context(), aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, r,
		hashOf(body), "gamesparks", "us-east-1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return url, body
}

// signedHeaders returns the headers with which a client signs an UpdateGame request.
func signedHeaders(t *testing.T, url, body string) map[string]string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Amz-Sdk-Invocation-Id": "1", "Amz-Sdk-Request": "attempt=1; max=3", "Content-Type": "application/json", "X-Amz-User-Agent": "aws-sdk-js/3",
		"X-Amz-Content-Sha256": hashOf(body),
	} {
		r.Header.Set(name, value)
	}
	if err := v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, r,
		hashOf(body), "gamesparks", "us-east-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	headers := map[string]string{}
	for name := range r.Header {
		headers[name] = r.Header.Get(name)
	}
	return headers
}

// TestBrowserOrigins sends requests from a web page of another origin in a browser, to a server that allows the origin
// and to a server that does not.
func TestBrowserOrigins(t *testing.T) {
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not installed: apt-get install chromium")
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<title>game</title>"))
	}))
	t.Cleanup(page.Close)
	browser := newBrowser(t, chromium)
	if err := chromedp.Do(browser, chromedp.Navigate(page.URL)); err != nil {
		t.Fatal(err)
	}
	// request runs fetch in the page. It returns the status, error type and request id, or "blocked" if the browser blocks
	// the request or its response.
	request := func(url, method, body string, headers map[string]string, mode string) string {
		t.Helper()
		options, err := json.Marshal(map[string]any{"method": method, "body": body, "headers": headers, "mode": mode})
		if err != nil {
			t.Fatal(err)
		}
		script := fmt.Sprintf(`fetch(%q, %s).then(
			r => [r.status, r.headers.get("x-amzn-errortype"), r.headers.get("x-amzn-requestid") !== null].join(" "), () => "blocked")`, url, options)
		return evaluate(t, browser, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	}
	for _, tc := range []struct {
		args    []string
		allowed bool
	}{
		{nil, false},
		{[]string{"--cors-origin=" + page.URL}, true},
	} {
		server := start(t, tc.args...)
		create, body := presignedCreate(t, server.endpoint, "foreign")
		got := request(create, "POST", body, map[string]string{"Content-Type": "text/plain"}, "no-cors")
		t.Logf("%v: presigned POST of a page: %s", tc.args, got)
		games, err := newClient(server.endpoint).ListGames(t.Context(), &gamesparks.ListGamesInput{})
		if err != nil || !tc.allowed && len(games.Games) != 0 {
			t.Errorf("%v: games = %v, error = %v; want no game", tc.args, games, err)
		}

		if _, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")}); err != nil {
			t.Fatal(err)
		}
		const update = `{"Description":"new"}`
		want := "blocked"
		if tc.allowed {
			want = "200  true"
		}
		if got := request(server.endpoint+"/game/chess", "PATCH", update, signedHeaders(t, server.endpoint+"/game/chess", update), "cors"); got != want {
			t.Errorf("%v: UpdateGame = %q, want %q", tc.args, got, want)
		}
		if tc.allowed {
			want = "404 ResourceNotFoundException true"
		}
		if got := request(server.endpoint+"/game/none", "PATCH", update, signedHeaders(t, server.endpoint+"/game/none", update), "cors"); got != want {
			t.Errorf("%v: UpdateGame of a missing game = %q, want %q", tc.args, got, want)
		}
	}
}

// TestSlowBodies checks that the limits of the flags apply, and that the metrics report refused requests.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	server := start(t, "--anonymous", "--max-body=50", "--body-budget=100", "--max-requests=3", "--read-timeout=1m")
	hold := func(length int) (conn net.Conn, status string) {
		t.Helper()
		conn, err := net.Dial("tcp", strings.TrimPrefix(server.endpoint, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if _, err := fmt.Fprintf(conn, "POST /game HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", length); err != nil {
			t.Fatal(err)
		}
		line := make([]byte, len("HTTP/1.1 100"))
		if _, err := conn.Read(line); err != nil { // the first segment has the whole status line
			t.Fatal(err)
		}
		return conn, string(line[len("HTTP/1.1 "):])
	}
	for i, tc := range []struct {
		length int
		status string
	}{{50, "100"}, {20, "100"}, {31, "503"}, {30, "100"}, {1, "503"}} {
		if _, status := hold(tc.length); status != tc.status {
			t.Errorf("request %d: got status %s, want %s", i, status, tc.status)
		}
	}
	_, body := fetch(t, http.DefaultClient, server.endpoint+"/metrics")
	for _, line := range []string{
		`gamesparks_body_budget_used_bytes 100`,
		`gamesparks_refused_requests_total{limit="body-budget"} 1`,
		`gamesparks_refused_requests_total{limit="max-requests"} 1`,
	} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("metrics do not contain %q:\n%s", line, body)
		}
	}
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}
