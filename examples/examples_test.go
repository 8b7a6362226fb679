package examples_test

import (
	"errors"
	"fmt"
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

// build builds all examples and returns the directory that contains the programs.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "examples")
	if err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "build", "-o", dir, "./...").CombinedOutput(); err != nil {
		return dir, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := build(); dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// result is the output and exit status of a program.
type result struct {
	stdout, stderr string
	status         int
}

// run runs an example in the test's environment, without its AWS variables and with env added.
func run(t *testing.T, name string, flags []string, env ...string) result {
	t.Helper()
	dir, err := build()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, name), flags...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "AWS_EC2_METADATA_DISABLED=true", "HOME="+t.TempDir())
	cmd.Env = append(cmd.Env, env...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	// want has patterns of each example's stdout and stderr, and its exit status. An example without an entry fails.
	want := map[string]result{
		"deploy": {
			stdout: `(check (calm|storm|winter): done
){3}import: done
snapshot: done
(deploy (calm: done|storm: failed|winter: done)
){3}calm: deployed
storm: deployment \S+ failed: INVALID_ROLE_FAILURE: the role does not exist
winter: deployed
`,
			stderr: `deploy lighthouse: .*1 of 3 stages failed; stage storm: .*the role does not exist
`,
			status: 1,
		},
		"download": {
			stdout: `lighthouse\.json: 300\d\d\d bytes
(generated code: \S+
){2,}`,
			stderr: `(?s:.*)downloading 100% (?s:.*)
`,
		},
		"errors": {stdout: `unknown game: IsNotFound true, request ID [0-9a-f-]{36}
name in use: ConflictException: .*lighthouse.*
unknown access key: GetGame: UnrecognizedClientException, HTTP status 403, fault client
missing members: 2 validation error\(s\) found\.
- .*CreateStageInput\.GameName\.
- .*CreateStageInput\.Role\.
invalid name: IsValidation true
`},
		"httpclient": {stdout: `three calls through the proxy; requests at the proxy: 3
one call without the proxy; requests at the proxy: 3
`},
		"logging": {stdout: logged("Request", "POST /game HTTP/1.1", `{"ClientToken":"\S+","GameName":"lighthouse"}`) +
			logged("Response", "HTTP/1.1 429 Too Many Requests", `{"Message":".+"}`) +
			logged("retrying request GameSparks/CreateGame, attempt 2") +
			logged("Request", "POST /game HTTP/1.1", `{"ClientToken":"\S+","GameName":"lighthouse"}`) +
			logged("Response", "HTTP/1.1 200 OK", `{"Game":{.+}}`)},
		"mock": {stdout: `active games: lighthouse, shipwreck
`},
		"pagination": {stdout: `games on this page: 10
games on this page: 10
games on this page: 5
games on all pages: 25
games in the first part: 12 \(game-00 to game-11\)
games in the rest: 13 \(game-12 to game-24\)
`},
		"quickstart": {stdout: quickstart("start server", `http://127\.0\.0\.1:\d+`)},
		"retries": {stdout: `two lost responses: success after 3 attempts, 1 game created
throttled: attempts 4, IsThrottled true
throttled, RetryMaxAttempts 2: attempts 2
throttled, NopRetryer: attempts 1
unknown game: attempts 1, IsNotFound true
`},
		"wait": {
			stdout: `calm: deployed
storm: deployment \S+ failed: INVALID_ROLE_FAILURE: the role does not exist
`,
			stderr: spinner("calm", "COMPLETED") + spinner("storm", "FAILED"),
		},
	}
	mains, err := filepath.Glob("*/main.go")
	if err != nil || len(mains) == 0 {
		t.Fatalf("found %d examples, error %v", len(mains), err)
	}
	for _, main := range mains {
		name := filepath.Dir(main)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, ok := want[name]
			if !ok {
				t.Fatal("the test has no patterns for this example")
			}
			got := run(t, name, nil)
			if got.status != want.status {
				t.Errorf("exit status %d, want %d", got.status, want.status)
			}
			match(t, "stdout", got.stdout, want.stdout)
			match(t, "stderr", got.stderr, want.stderr)
			if regexp.MustCompile(`(?m)[ \t]$`).MatchString(got.stdout) {
				t.Errorf("stdout has trailing whitespace: %q", got.stdout)
			}
		})
	}
}

// TestPaginationParts lists too few games to fill both parts.
func TestPaginationParts(t *testing.T) {
	t.Parallel()
	for games, want := range map[string]string{
		"13": "games in the first part: 12 (game-00 to game-11)\ngames in the rest: 1 (game-12 to game-12)\n",
		"12": "games in the first part: 12 (game-00 to game-11)\ngames in the rest: 0\n",
		"5":  "games in the first part: 5 (game-00 to game-04)\ngames in the rest: 0\n",
		"0":  "games in the first part: 0\ngames in the rest: 0\n",
	} {
		got := run(t, "pagination", []string{"-games", games})
		if want = "games on all pages: " + games + "\n" + want; got.status != 0 || !strings.HasSuffix(got.stdout, want) {
			t.Errorf("-games %s: got %+v, want stdout to end with\n%s", games, got, want)
		}
	}
}

func TestQuickstartConfiguredEndpoint(t *testing.T) {
	t.Parallel()
	srv := servertest.Start(t)
	got := run(t, "quickstart", nil, "AWS_ENDPOINT_URL_GAMESPARKS="+srv.URL, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local")
	if got.status != 0 {
		t.Errorf("exit status %d, want 0", got.status)
	}
	match(t, "stdout", got.stdout, quickstart("connect", regexp.QuoteMeta(srv.URL)))
	match(t, "stderr", got.stderr, "")
	out, err := srv.Client().ListGames(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Games) != 0 {
		t.Errorf("the quickstart did not delete the games %v", out.Games)
	}
}

func TestQuickstartUnreachableEndpoint(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	got := run(t, "quickstart", nil, "AWS_ENDPOINT_URL_GAMESPARKS=http://"+listener.Addr().String(), "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_MAX_ATTEMPTS=1")
	if got.status != 1 || !strings.Contains(got.stderr, "quickstart: operation error GameSparks: CreateGame") {
		t.Errorf("got %+v, want exit status 1 and the error from CreateGame", got)
	}
}

// quickstart returns a pattern for the quickstart's stdout. The first line of stdout has the operation and the
// endpoint.
func quickstart(operation, endpoint string) string {
	var pattern strings.Builder
	for _, line := range [][2]string{
		{operation, endpoint},
		{"create game", `lighthouse-\w+ is ACTIVE`},
		{"import configuration", `GameSparks\.Core\.Events, \d+ bytes`},
		{"import configuration", `GameSparks\.Core\.Model, \d+ bytes`},
		{"import configuration", `GameSparks\.Core\.RequestHandlers, \d+ bytes`},
		{"import configuration", `GameSparks\.Core\.Requests, \d+ bytes`},
		{"change configuration", `/LightLamp/Enabled is true`},
		{"create snapshot", `\S+`},
		{"create stage", `rehearsal is ACTIVE`},
		{"deploy", `\S+ is PENDING`},
		{"", `((PENDING|IN_PROGRESS) after .*
 +)*COMPLETED after .*`},
		{"list games", `lighthouse-\w+, ACTIVE`},
		{"list snapshots", `\S+, "First night"`},
		{"list stages", `rehearsal is ACTIVE`},
		{"read configuration", `LightLamp: enabled true, 11 lines of Javascript_ES5_1`},
		{"tag game", `season=winter`},
		{"delete game", `lighthouse-\w+ is deleted, with its stage and snapshot`},
	} {
		fmt.Fprintf(&pattern, "%-22s%s\n", line[0], line[1])
	}
	return pattern.String()
}

// logged returns a pattern for a log record. An HTTP message is given as its first line and a pattern for its body; the
// pattern matches any headers.
func logged(message string, firstLineAndBody ...string) string {
	pattern := `\S+ \S+ DEBUG ` + message + "\n"
	if len(firstLineAndBody) == 2 {
		pattern += "    " + regexp.QuoteMeta(firstLineAndBody[0]) + "\n(    [A-Z][A-Za-z-]+: .*\n)+    " + firstLineAndBody[1] + "\n"
	}
	return pattern
}

// spinner returns a pattern for the spinner of a stage whose last deployment state is last.
func spinner(stage, last string) string {
	frame := func(description string) string { return `\r[|/\\-] ` + description + ` +\[\d+s\] ` }
	const erase = `\r +\r`
	return fmt.Sprintf("(%s|%s)+(%s|%s)*(%s|%s)+",
		frame(stage), erase, frame(stage+": (PENDING|IN_PROGRESS)"), erase, frame(stage+": "+last), erase)
}

// match fails the test unless the pattern matches the entire output.
func match(t *testing.T, stream, output, pattern string) {
	t.Helper()
	if !regexp.MustCompile(`\A(?:` + pattern + `)\z`).MatchString(output) {
		t.Errorf("%s is\n%s\nwant a match for\n%s", stream, output, pattern)
	}
}
