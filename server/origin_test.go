package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server"
)

// own is an access key whose secret is not the default.
var own = server.Credential{AccessKeyID: "own", SecretAccessKey: "own secret"}

func newService(t *testing.T, options ...server.Option) *server.Service {
	t.Helper()
	service, err := server.New(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	return service
}

// listener describes where a request arrives.
type listener struct {
	address string // of the http.Server; "" if it is not set
	local   string // IP address of the connection; "" if the handler is called directly
}

func (l listener) context() context.Context {
	ctx := context.WithValue(context.Background(), http.ServerContextKey, &http.Server{Addr: l.address})
	if l.local != "" {
		ctx = context.WithValue(ctx, http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(l.local), Port: 8770})
	}
	return ctx
}

// TestHosts checks for which listeners and access keys the service refuses requests to a foreign host.
func TestHosts(t *testing.T) {
	t.Parallel()
	loopback, network, direct := listener{local: "127.0.0.1"}, listener{local: "192.0.2.1"}, listener{}
	ownKey := []server.Option{server.WithCredentials(own)}
	mixed := []server.Option{server.WithCredentials(own, server.Credential{AccessKeyID: "other", SecretAccessKey: "local"})}
	public := []server.Option{server.WithPublicURL("https://Games.example:8443/base")}
	allowed := []server.Option{server.WithAllowedHosts("games.example", "192.0.2.7"), server.WithAllowedHosts("::2")}
	for name, tc := range map[string]struct {
		options  []server.Option
		listener listener
		host     string
		refused  bool
	}{
		"loopback address":                      {nil, loopback, "127.0.0.1:8770", false},
		"other loopback address":                {nil, loopback, "127.8.9.1", false},
		"localhost":                             {nil, loopback, "LocalHost.:8770", false},
		"IPv6":                                  {nil, loopback, "[::1]:8770", false},
		"IPv6 without port":                     {nil, loopback, "[::1]", false},
		"IPv6 listener":                         {nil, listener{local: "::1"}, "evil.example", true},
		"no host":                               {nil, loopback, "", false},
		"foreign host":                          {nil, loopback, "evil.example:8770", true},
		"host with loopback prefix":             {nil, loopback, "127.0.0.1.evil.example", true},
		"host with localhost suffix":            {nil, loopback, "evil.localhost.example", true},
		"network address":                       {nil, loopback, "192.0.2.7:8770", true},
		"own key on loopback":                   {ownKey, loopback, "evil.example", true},
		"own key on the network":                {ownKey, network, "evil.example", false},
		"own key, called directly":              {ownKey, direct, "evil.example", false},
		"own key, listener on loopback by name": {ownKey, listener{"localhost:8770", "127.0.0.1"}, "evil.example", true},
		"own key, listener on all interfaces":   {ownKey, listener{":8770", "127.0.0.1"}, "evil.example", false},
		"own key, listener on all interfaces by address":   {ownKey, listener{"0.0.0.0:8770", "127.0.0.1"}, "evil.example", false},
		"default secret on the network":                    {nil, network, "evil.example", true},
		"default secret, called directly":                  {nil, direct, "example.com", true},
		"default secret of one key on the network":         {mixed, network, "evil.example", true},
		"anonymous access on the network":                  {append(ownKey, server.WithAnonymousAccess()), network, "evil.example", true},
		"public URL":                                       {public, loopback, "games.EXAMPLE", false},
		"public URL with port":                             {public, loopback, "games.example:8443", false},
		"other host than the public URL":                   {public, loopback, "evil.example", true},
		"subdomain of the public URL":                      {public, loopback, "evil.games.example", true},
		"allowed host":                                     {allowed, loopback, "games.example:1234", false},
		"allowed address":                                  {allowed, network, "192.0.2.7", false},
		"allowed IPv6 address":                             {allowed, network, "[::2]:8770", false},
		"other host than the allowed ones":                 {allowed, network, "evil.example", true},
		"default secret, reached under a loopback address": {nil, network, "localhost", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := newService(t, tc.options...)
			next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
			for _, target := range []struct {
				path    string
				handler http.Handler
			}{
				{"/game", service}, {"/nowhere", service}, {"/download/123456789012/chess/snapshot/x", service},
				{"/runtime/game/chess/stage/dev/connect", service}, {"/metrics", service.HostCheck(next)},
			} {
				r := httptest.NewRequestWithContext(tc.listener.context(), http.MethodGet, target.path, nil)
				r.Host = tc.host
				w := httptest.NewRecorder()
				target.handler.ServeHTTP(w, r)
				refused := w.Code == 403 && strings.Contains(w.Body.String(), "--allowed-host")
				if refused != tc.refused {
					t.Errorf("%s: got %d %s, want refused = %t", target.path, w.Code, w.Body, tc.refused)
				}
				if !refused {
					continue
				}
				if !requestID.MatchString(w.Header().Get("X-Amzn-RequestId")) || w.Header().Get("X-Amzn-ErrorType") != "AccessDeniedException" || !json.Valid(w.Body.Bytes()) {
					t.Errorf("%s: response without request id, error type or JSON: %v %s", target.path, w.Header(), w.Body)
				}
			}
		})
	}
}

// presigned returns the path and query of a presigned POST /game, which needs no header that requires a preflight.
func presigned(t *testing.T, host, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host+"/game", nil)
	if err != nil {
		t.Fatal(err)
	}
	uri, _, err := v4.NewSigner().PresignHTTP(t.Context(), local, r, hashOf(body), "gamesparks", "us-east-1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(uri, "http://"+host)
}

// TestForeignPages sends the requests that web pages can send without a preflight, signed with the default secret.
func TestForeignPages(t *testing.T) {
	t.Parallel()
	const host, body = "127.0.0.1:8770", `{"GameName":"chess"}`
	for name, tc := range map[string]struct {
		options []server.Option
		header  http.Header
		status  int
		names   string // part of the message
	}{
		"program":                {nil, http.Header{}, 200, ""},
		"own page":               {nil, http.Header{"Origin": {"http://" + host}, "Sec-Fetch-Site": {"same-origin"}}, 200, ""},
		"address bar":            {nil, http.Header{"Sec-Fetch-Site": {"none"}}, 200, ""},
		"foreign page":           {nil, http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}, 403, "--cors-origin https://evil.example"},
		"page of an old browser": {nil, http.Header{"Origin": {"https://evil.example"}}, 403, "--cors-origin https://evil.example"},
		"page without origin":    {nil, http.Header{"Origin": {"null"}}, 403, "--cors-origin"},
		"cross-site request":     {nil, http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403, "--cors-origin"},
		"page on another port":   {nil, http.Header{"Origin": {"http://127.0.0.1:3000"}, "Sec-Fetch-Site": {"same-site"}}, 403, "--cors-origin http://127.0.0.1:3000"},
		"same-site request":      {nil, http.Header{"Sec-Fetch-Site": {"same-site"}}, 403, "--cors-origin"},
		"allowed page": {[]server.Option{server.WithCORSOrigins("https://good.example")},
			http.Header{"Origin": {"https://good.example"}, "Sec-Fetch-Site": {"cross-site"}}, 200, ""},
		"page that is not allowed": {[]server.Option{server.WithCORSOrigins("https://good.example")},
			http.Header{"Origin": {"http://good.example"}, "Sec-Fetch-Site": {"cross-site"}}, 403, "--cors-origin http://good.example"},
		"page of the public URL": {[]server.Option{server.WithPublicURL("https://games.example/base")},
			http.Header{"Origin": {"https://games.example"}, "Sec-Fetch-Site": {"same-origin"}}, 200, ""},
		"insecure page of the public host": {[]server.Option{server.WithPublicURL("https://games.example/base")},
			http.Header{"Origin": {"http://games.example"}}, 403, "--cors-origin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := newService(t, tc.options...)
			r := httptest.NewRequestWithContext(listener{local: "127.0.0.1"}.context(), http.MethodPost, presigned(t, host, body), strings.NewReader(body))
			r.Host, r.Header = host, tc.header
			w := httptest.NewRecorder()
			service.ServeHTTP(w, r)
			if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.names) {
				t.Errorf("got %d %s, want %d with a message that contains %q", w.Code, w.Body, tc.status, tc.names)
			}
			if refused := w.Header().Get("X-Amzn-ErrorType") == "AccessDeniedException"; refused != (tc.status == 403) {
				t.Errorf("got header %v, want an AccessDeniedException = %t", w.Header(), tc.status == 403)
			}
		})
	}
}

// TestForeignPageReads checks that the origin is also checked for reads, but not for URLs that carry their own
// authorization.
func TestForeignPageReads(t *testing.T) {
	t.Parallel()
	service := newService(t, server.WithAnonymousAccess())
	for path, want := range map[string]string{
		"/game": "AccessDeniedException",
		"/download/123456789012/chess/snapshot/x":                          "", // an S3 error
		"/runtime/game/chess/stage/dev/connect?gameKey=wrong&playerId=ann": "AccessDeniedException",
	} {
		r := httptest.NewRequestWithContext(listener{local: "127.0.0.1"}.context(), http.MethodGet, path, nil)
		r.Host = "localhost:8770"
		r.Header = http.Header{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}}
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		refused := strings.Contains(w.Body.String(), "--cors-origin")
		if refused != (path == "/game") || w.Header().Get("X-Amzn-ErrorType") != want {
			t.Errorf("%s: got %d %v %s", path, w.Code, w.Header(), w.Body)
		}
	}
}

// TestCORS checks preflight requests and the CORS headers of responses.
func TestCORS(t *testing.T) {
	t.Parallel()
	const origin = "http://localhost:3000"
	for name, options := range map[string][]server.Option{
		"loopback":    {server.WithCORSOrigins("https://games.example", origin)},
		"own network": {server.WithCORSOrigins(origin), server.WithCredentials(own)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := newService(t, options...)
			where := listener{local: "127.0.0.1"}
			if name != "loopback" {
				where = listener{local: "192.0.2.1"}
			}
			call := func(method, path string, header http.Header) *httptest.ResponseRecorder {
				r := httptest.NewRequestWithContext(where.context(), method, path, nil)
				r.Host, r.Header = "127.0.0.1:8770", header
				w := httptest.NewRecorder()
				service.ServeHTTP(w, r)
				w.Header().Del("X-Amzn-RequestId")
				return w
			}
			// Names of request headers in a preflight are in lower case and sorted.
			preflight := call(http.MethodOptions, "/game/chess", http.Header{
				"Origin": {origin}, "Sec-Fetch-Site": {"same-site"}, "Access-Control-Request-Method": {"PATCH"},
				"Access-Control-Request-Private-Network": {"true"},
				"Access-Control-Request-Headers": {"amz-sdk-invocation-id,amz-sdk-request,authorization,content-type,cookie," +
					"x-amz-content-sha256,x-amz-date,x-amz-security-token,x-amz-user-agent,x-secret"},
			})
			want := http.Header{
				"Vary":                         {"Origin"},
				"Access-Control-Allow-Origin":  {origin},
				"Access-Control-Allow-Methods": {"GET, POST, PUT, PATCH, DELETE"},
				"Access-Control-Allow-Headers": {"amz-sdk-invocation-id, amz-sdk-request, authorization, content-type, " +
					"x-amz-content-sha256, x-amz-date, x-amz-security-token, x-amz-user-agent"},
				"Access-Control-Allow-Private-Network": {"true"},
				"Access-Control-Max-Age":               {"7200"},
			}
			if diff := cmp.Diff(want, preflight.Header()); diff != "" || preflight.Code != http.StatusNoContent {
				t.Errorf("preflight: status %d, header (-want +got):\n%s", preflight.Code, diff)
			}

			failed := call(http.MethodGet, "/game", http.Header{"Origin": {origin}, "Sec-Fetch-Site": {"same-site"}})
			if failed.Header().Get("Access-Control-Allow-Origin") != origin || failed.Header().Get("X-Amzn-ErrorType") != "MissingAuthenticationTokenException" ||
				!strings.Contains(failed.Header().Get("Access-Control-Expose-Headers"), "X-Amzn-ErrorType") {
				t.Errorf("error: got %d %v", failed.Code, failed.Header())
			}
			for _, header := range []http.Header{
				{"Origin": {"https://evil.example"}, "Access-Control-Request-Method": {"PATCH"}},
				{"Access-Control-Request-Method": {"PATCH"}},
				{"Origin": {origin}},
			} {
				w := call(http.MethodOptions, "/game", header)
				if w.Code/100 != 4 || header.Get("Origin") != origin && w.Header().Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("preflight %v: got %d %v", header, w.Code, w.Header())
				}
				if header.Get("Origin") == "https://evil.example" && name == "loopback" && !strings.Contains(w.Body.String(), "--cors-origin https://evil.example") {
					t.Errorf("preflight %v: got %s, want a message that names the flag", header, w.Body)
				}
			}
		})
	}
}

// TestLimitOptions checks the errors of options for limits, hosts and origins.
func TestLimitOptions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		option  server.Option
		name    string
		message string
	}{
		{server.WithMaxBodyBytes(0), "WithMaxBodyBytes", "positive"},
		{server.WithBodyBudget(0), "WithBodyBudget", "positive"},
		{server.WithBodyBudget(1000), "WithBodyBudget", "at least twice the limit of a single body, 4194304"},
		{server.WithMaxRequests(0), "WithMaxRequests", "positive"},
		{server.WithReadTimeout(0), "WithReadTimeout", "positive"},
		{server.WithAllowedHosts("games.example:80"), "WithAllowedHosts", "without a port"},
		{server.WithAllowedHosts("good.example", ""), "WithAllowedHosts", "games.example"},
		{server.WithAllowedHosts("http://games.example"), "WithAllowedHosts", "games.example"},
		{server.WithAllowedHosts("*"), "WithAllowedHosts", "games.example"},
		{server.WithCORSOrigins("games.example"), "WithCORSOrigins", "a scheme and a host"},
		{server.WithCORSOrigins("https://games.example/"), "WithCORSOrigins", "a scheme and a host"},
		{server.WithCORSOrigins("*"), "WithCORSOrigins", "a scheme and a host"},
	} {
		service, err := server.New(tc.option)
		var invalid *server.OptionError
		if !errors.As(err, &invalid) || invalid.Option != tc.name || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("%s: got error %v, want an *OptionError that contains %q", tc.name, err, tc.message)
		}
		if service != nil {
			_ = service.Close()
		}
	}
	newService(t, server.WithMaxBodyBytes(100<<20)) // the default budget is at least as large
}
