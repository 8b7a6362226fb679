package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/server"
)

// debianPython is the interpreter that finds Debian's Python packages. Another Python in PATH does not find them.
const debianPython = "/usr/bin/python3"

// awsCLI runs commands of the AWS CLI, version 2.
type awsCLI struct {
	stdin  io.Writer
	stdout *bufio.Reader
}

func requireAWSCLI(t *testing.T) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), debianPython, "-c", "import awscli").Run(); err != nil {
		t.Skip("the AWS CLI is not installed: apt-get install awscli")
	}
}

// newAWSCLI starts Debian's AWS CLI, which still has the service, with the environment of a shell.
func newAWSCLI(t *testing.T, s *shell) *awsCLI {
	t.Helper()
	requireAWSCLI(t)
	script, err := filepath.Abs(filepath.Join("testdata", "awscli_session.py"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), debianPython, script)
	// This version does not support AWS_ENDPOINT_URL_GAMESPARKS.
	cmd.Dir, cmd.Env = s.dir, append([]string{"PYTHONDONTWRITEBYTECODE=1"}, s.env...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait() // killed by the test's context
		if t.Failed() {
			t.Logf("AWS CLI session:\n%s", &stderr)
		}
	})
	return &awsCLI{stdin: stdin, stdout: bufio.NewReader(stdout)}
}

// run runs an operation at the endpoint.
func (c *awsCLI) run(t *testing.T, endpoint string, args ...string) result {
	t.Helper()
	line, err := json.Marshal(append([]string{"--endpoint-url", endpoint, "--no-cli-pager", "gamesparks"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.stdin.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	reply, err := c.stdout.ReadBytes('\n')
	if err != nil {
		t.Fatalf("aws gamesparks %q: %v", args, err)
	}
	r := result{args: args}
	if err := json.Unmarshal(reply, &[]any{&r.stdout, &r.stderr, &r.status}); err != nil {
		t.Fatalf("aws gamesparks %q: %v\n%s", args, err, reply)
	}
	return r
}

// request holds the significant parts of a request. It omits the signature, random tokens and the formatting of the body.
type request struct {
	Method, Path string
	Query        url.Values
	Body         map[string]any
}

// exchange is a request and its response.
type exchange struct {
	request request
	header  http.Header
	status  int
	body    []byte
}

// replayer is a server that passes requests to a service and records them, and then gives the same responses to the same
// requests of another client.
type replayer struct {
	URL     string
	service http.Handler

	mu        sync.Mutex
	replaying bool
	exchanges []exchange
	replayed  int
	problems  []string
}

func newReplayer(t *testing.T, service *server.Server) *replayer {
	r := &replayer{service: service.Service}
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	r.URL = srv.URL
	return r
}

// record discards all exchanges and records new ones.
func (r *replayer) record() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replaying, r.exchanges, r.replayed, r.problems = false, nil, 0, nil
}

// replay expects the recorded requests again.
func (r *replayer) replay() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.replaying = true
}

// differences returns how the requests since replay differ from the recorded ones.
func (r *replayer) differences() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.replayed < len(r.exchanges) {
		return append(r.problems, "requests are missing: "+cmp.Diff(r.exchanges[r.replayed].request, request{}))
	}
	return r.problems
}

func (r *replayer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	got := request{Method: req.Method, Path: req.URL.EscapedPath(), Query: req.URL.Query()}
	for _, values := range got.Query {
		slices.Sort(values) // the order of a list is not significant in this API
	}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &got.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		delete(got.Body, "ClientToken")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.replaying {
		recorder := httptest.NewRecorder()
		r.service.ServeHTTP(recorder, req)
		r.exchanges = append(r.exchanges, exchange{got, recorder.Header(), recorder.Code, recorder.Body.Bytes()})
		r.write(w, r.exchanges[len(r.exchanges)-1])
		return
	}
	if r.replayed == len(r.exchanges) {
		r.problems = append(r.problems, "unexpected request: "+cmp.Diff(request{}, got))
		http.Error(w, "unexpected request", http.StatusBadRequest)
		return
	}
	e := r.exchanges[r.replayed]
	r.replayed++
	if diff := cmp.Diff(e.request, got); diff != "" {
		r.problems = append(r.problems, "requests differ (-AWS CLI +gamesparks):\n"+diff)
	}
	r.write(w, e)
}

func (r *replayer) write(w http.ResponseWriter, e exchange) {
	maps.Copy(w.Header(), e.header)
	w.WriteHeader(e.status)
	_, _ = w.Write(e.body)
}
