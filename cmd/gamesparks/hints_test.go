package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/server"
)

// TestEndpointHints checks the message and the next step for endpoints, regions and keys that are wrong.
func TestEndpointHints(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/moved") {
			w.Header().Set("Location", "https://example.com/")
			w.WriteHeader(http.StatusMovedPermanently)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(other.Close)
	sh.mustRun("api", "create-game", "--game-name", "lighthouse")
	writeFile(t, sh, "game/game.json", `{"name": "lighthouse"}`)
	https := ""
	for _, variable := range sh.env {
		if url, ok := strings.CutPrefix(variable, "AWS_ENDPOINT_URL_GAMESPARKS=http://"); ok {
			https = "https://" + url
		}
	}
	const flags = "--endpoint-url and AWS_ENDPOINT_URL_GAMESPARKS"
	tests := map[string]struct {
		env    string
		args   []string
		status int
		want   []string
		not    string
	}{
		"not GameSparks": {"", []string{"plan", "game", "--endpoint-url", other.URL}, 1, []string{
			"404 Not Found (GetGame, UnknownError)\nThe response from " + other.URL + "/game/lighthouse is not one of the GameSparks API. Check " + flags + ".",
		}, ""},
		"redirect": {"", []string{"status", "--endpoint-url", other.URL + "/moved"}, 1, []string{
			"The response from " + other.URL + "/moved/game is not one of the GameSparks API.",
		}, ""},
		"not GameSparks, api": {"", []string{"api", "list-games", "--endpoint-url", other.URL}, 1, []string{"is not one of the GameSparks API"}, ""},
		"HTTPS": {"AWS_MAX_ATTEMPTS=1", []string{"status", "--endpoint-url", https}, 1, []string{
			`gamesparks: Get "` + https + `/game": http: server gave HTTP response to HTTPS client` + "\nThe server does not use TLS: begin the URL in ",
		}, "exceeded maximum"},
		"refused": {"AWS_MAX_ATTEMPTS=2", []string{"plan", "game", "--endpoint-url", "http://127.0.0.1:1"}, 1, []string{
			`gamesparks: read the game "lighthouse": Get "http://127.0.0.1:1/game/lighthouse": dial tcp 127.0.0.1:1: `, "No server listens on this address.",
		}, "exceeded maximum"},
		"no URL":         {"", []string{"status", "--endpoint-url", "127.0.0.1:8770"}, 2, []string{`endpoint "127.0.0.1:8770" is not a URL`, "--endpoint-url", "AWS_ENDPOINT_URL"}, ""},
		"another scheme": {"", []string{"status", "--endpoint-url", "ftp://games.example.com"}, 2, []string{"is not a URL such as https://"}, ""},
		"no region name": {"", []string{"status", "--region", "us east"}, 2, []string{`region "us east" is not a name such as us-east-1: check --region, AWS_REGION`}, ""},
		"other region":   {"", []string{"status", "--region", "eu-west-1"}, 1, []string{"Check AWS_SECRET_ACCESS_KEY and AWS_REGION"}, ""},
		"key ID":         {"AWS_ACCESS_KEY_ID=x", []string{"status"}, 1, []string{"to the server: gamesparks-server has --access-key", "\nCheck AWS_ACCESS_KEY_ID, or the profile in --profile"}, ""},
		"secret":         {"AWS_SECRET_ACCESS_KEY=x", []string{"status"}, 1, []string{"\nCheck AWS_SECRET_ACCESS_KEY"}, ""},
		"no credentials": {"AWS_ACCESS_KEY_ID=", []string{"status"}, 2, []string{
			"gamesparks: no credentials are set: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or --profile\n",
		}, "IMDS"},
		"snapshot ID": {"", []string{"fetch", "game", "--snapshot", "S"}, 1, []string{"\nTo list the IDs of snapshots, run: gamesparks api list-snapshots --game-name NAME\n"}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := sh.with(tt.env).run(tt.args...)
			if r.status != tt.status {
				t.Errorf("exit status %d, want %d", r.status, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(r.stderr, want) {
					t.Errorf("stderr lacks %q:\n%s", want, r.stderr)
				}
			}
			if tt.not != "" && strings.Contains(r.stderr, tt.not) {
				t.Errorf("stderr has %q:\n%s", tt.not, r.stderr)
			}
		})
	}
}

// TestApplyHints checks that the next steps after a failed apply agree with the error of the service.
func TestApplyHints(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"ThrottlingException": "\nRun apply again later to continue.\n",
		"AccessDeniedException": "\nRun apply again with an access key that has this permission.\n" +
			"Check the access key and its permissions: AWS_ACCESS_KEY_ID, --profile or AWS_PROFILE selects it.\n",
		"ServiceQuotaExceededException": "\nRun apply again to continue.\n",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			srv, sh := newServerShell(t)
			writeProject(t, sh, `{"North": "White"}`)
			for _, operation := range []string{"CreateStage", "StartStageDeployment"} {
				remove, err := srv.Inject(server.Fault{Operation: operation, Code: code})
				if err != nil {
					t.Fatal(err)
				}
				r := sh.with("AWS_MAX_ATTEMPTS=1").run("apply", "game", "--yes", "--stage", "live")
				remove()
				if r.status == 0 || !strings.HasSuffix(r.stderr, want) || strings.Count(r.stderr, "again") != 1 {
					t.Errorf("%s: exit status %d, want standard error to end with %q:\n%s", operation, r.status, want, r.stderr)
				}
			}
		})
	}
}

// TestTerminalWithoutSize checks that a terminal without a size shows the progress line by line.
func TestTerminalWithoutSize(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	writeProject(t, sh, `{"North": "White"}`)
	p := sh.startInTerminal(0, "apply", "game", "--yes", "--stage", "live")
	if status := p.wait(); status != 0 || !strings.Contains(p.output(), "COMPLETED\n") || !strings.Contains(p.output(), "create stage live  done\n") {
		t.Errorf("exit status %d\n%s", status, p.output())
	}
}

// TestAPIFlags checks flags of the AWS CLI and values that are wrong.
func TestAPIFlags(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	sh.mustRun("api", "create-game", "--game-name", "lighthouse")
	for _, flag := range []string{"--cli-input-json", "--input-json"} {
		if out := sh.mustRun("api", "get-game", flag, `{"GameName": "lighthouse"}`); !strings.Contains(out, `"lighthouse"`) {
			t.Errorf("%s: the output is %s", flag, out)
		}
	}
	r := sh.run("api", "list-snapshots", "--game-name", "lighthouse", "--page-size", "1000")
	if want := "\nThe value of MaxResults is that of --page-size, 1000.\n"; r.status != statusFailure || !strings.HasSuffix(r.stderr, want) {
		t.Errorf("exit status %d\n%s", r.status, r.stderr)
	}
	for want, args := range map[string][]string{
		`"get-gam" is not a command of gamesparks api, did you mean get-game or `: {"api", "get-gam", "--game-name", "x"},
		`"aply" is not a command of gamesparks, did you mean api or apply: `:      {"aply", "--yes"},
		"--max-items -1: the value must not be negative":                          {"api", "list-games", "--max-items", "-1"},
		"--page-size -1: the value must not be negative":                          {"api", "list-games", "--page-size", "-1"},
		"unknown flag: --nosuch: see gamesparks --help":                           {"--nosuch"},
	} {
		if r := sh.run(args...); r.status != statusUsage || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: exit status %d, want %d and %q\n%s", args, r.status, statusUsage, want, r.stderr)
		}
	}
	if got, want := sh.mustRun("--version"), sh.mustRun("version"); got != want {
		t.Errorf("--version printed\n%s\nversion printed\n%s", got, want)
	}
}
