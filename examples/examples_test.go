package examples_test

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// build builds all examples and returns the directory of their programs.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "examples")
	if err != nil {
		return "", err
	}
	return dir, exec.Command("go", "build", "-o", dir, "./...").Run()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := build(); dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// run runs an example with the environment, which has no other AWS settings.
func run(t *testing.T, name string, env ...string) (string, error) {
	t.Helper()
	return runWithFlags(t, name, nil, env...)
}

func runWithFlags(t *testing.T, name string, flags []string, env ...string) (string, error) {
	t.Helper()
	dir, err := build()
	if err != nil {
		t.Fatalf("build the examples: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, name), flags...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "AWS_EC2_METADATA_DISABLED=true", "HOME="+t.TempDir())
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestExamples(t *testing.T) {
	t.Parallel()
	// The patterns of the examples' outputs, and the exit statuses that are not 0. An example without a pattern fails.
	outputs := map[string]string{
		"deploy": `(done: check (calm|storm|winter)
){3}done: import 
done: snapshot 
(done: deploy (calm|winter)
){2}calm: deployed
storm: FAILED: deployment \S+ failed: INVALID_ROLE_FAILURE: the role is not there
winter: deployed
\S+ \S+ deploy lighthouse: deploy: 1 of 3 stages failed; stage storm: .*the role is not there`,
		"download": `(?s:.*)download 100% (?s:.*)
lighthouse.json has 300\d\d\d bytes
(generated .+
)+generated .+`,
		"errors": `not found: true
request id: true
conflict: .*lighthouse.*
GetGame: UnrecognizedClientException, status 403, fault of the client
not sent, for 2 reasons:
.*
.*CreateStageInput.GameName.*
.*CreateStageInput.Role.*
not valid: true`,
		"httpclient": `requests through the proxy: 3
and past it: 3`,
		"logging": `(?s:.*)msg=Request detail="POST /game (?s:.*)msg=Response detail="HTTP/1.1 200 OK(?s:.*)`,
		"mock":    `\[lighthouse shipwreck\]`,
		"pagination": `page of 10
page of 10
page of 5
items: 25
first: 12, game-00 to game-11
rest: 13, game-12 to game-24`,
		"quickstart": quickstart(`start local service http://127\.0\.0\.1:\d+`),
		"retries": `lighthouse is there after 3 attempts
gave up after attempt 4, throttled: true
gave up after attempt 2
failed at once: true
failed at once: true`,
		"wait": `(?s:.*)calm: COMPLETED(?s:.*)calm is deployed(?s:.*)storm: FAILED(?s:.*)storm: deployment .* failed: INVALID_ROLE_FAILURE: the role is not there`,
	}
	statuses := map[string]int{"deploy": 1}
	mains, err := filepath.Glob("*/main.go")
	if err != nil || len(mains) == 0 {
		t.Fatalf("found no examples: %v", err)
	}
	for _, main := range mains {
		name := filepath.Dir(main)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := run(t, name)
			status := 0
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				status = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if status != statuses[name] {
				t.Fatalf("exit status %d, want %d\n%s", status, statuses[name], out)
			}
			matches(t, out, outputs[name])
		})
	}
}

// TestPaginationEnds has lists that end with the first part, at its last game and before.
func TestPaginationEnds(t *testing.T) {
	t.Parallel()
	for games, want := range map[string]string{
		"13": "first: 12, game-00 to game-11\nrest: 1, game-12 to game-12",
		"12": "first: 12, game-00 to game-11\nrest: none",
		"5":  "first: 5, game-00 to game-04\nrest: none",
		"0":  "first: none\nrest: none",
	} {
		out, err := runWithFlags(t, "pagination", []string{"-games", games})
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if !strings.HasSuffix(out, "items: "+games+"\n"+want+"\n") {
			t.Errorf("the output for %s games is\n%s\nand does not end with\n%s", games, out, want)
		}
	}
}

func TestQuickstartAtConfiguredEndpoint(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	out, err := run(t, "quickstart", "AWS_ENDPOINT_URL_GAMESPARKS="+srv.URL, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	matches(t, out, quickstart(`connect `+regexp.QuoteMeta(srv.URL)))
	games, err := srv.Client().ListGames(t.Context(), nil)
	if err != nil || len(games.Games) != 0 {
		t.Errorf("the quickstart left %v, error %v", games, err)
	}
}

func TestQuickstartFails(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // nobody listens there any more
	out, err := run(t, "quickstart", "AWS_ENDPOINT_URL_GAMESPARKS=http://"+listener.Addr().String(), "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_MAX_ATTEMPTS=1")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(out, "quickstart: operation error GameSparks: CreateGame") {
		t.Errorf("quickstart without a service ended with %v:\n%s", err, out)
	}
}

// quickstart returns the pattern of the quickstart's output, which begins with a line that tells the endpoint.
func quickstart(endpoint string) string {
	return endpoint + `
create game lighthouse-\w+ is ACTIVE
import configuration GameSparks.Core.Events, \d+ bytes
import configuration GameSparks.Core.Model, \d+ bytes
import configuration GameSparks.Core.RequestHandlers, \d+ bytes
import configuration GameSparks.Core.Requests, \d+ bytes
change configuration /LightLamp/Enabled is true
create snapshot \S+
create stage rehearsal is ACTIVE
deploy \S+ is PENDING
( (PENDING|IN_PROGRESS) after .*
)* COMPLETED after .*
list games lighthouse-\w+, ACTIVE
list snapshots \S+, "First night"
list stages rehearsal, game key \S+
read configuration LightLamp: enabled true, 11 lines of Javascript_ES5_1
tag game map\[season:winter\]
delete game lighthouse-\w+ is gone, with its stage and snapshot`
}

// matches fails the test if the output, with single spaces in place of many, is not all that the pattern says.
func matches(t *testing.T, out, pattern string) {
	t.Helper()
	out = regexp.MustCompile(` +`).ReplaceAllString(out, " ")
	if pattern == "" || !regexp.MustCompile(`\A`+pattern+`\n\z`).MatchString(out) {
		t.Errorf("the output is\n%s\nand does not match\n%s", out, pattern)
	}
}
