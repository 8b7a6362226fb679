package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"go.yaml.in/yaml/v3"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
)

// composeFile has the members of compose.yaml that the tests use.
type composeFile struct {
	Services map[string]struct {
		Build       string
		Image       string
		Command     []string
		Environment map[string]string
		Volumes     []string
		Ports       []string
		DependsOn   any `yaml:"depends_on"`
	}
	Volumes map[string]any
}

const (
	composeSecret   = "secret-of-the-test"
	composePassword = "password-of-the-test"
)

// readCompose parses compose.yaml with values for its variables.
func readCompose(t *testing.T) composeFile {
	t.Helper()
	text, err := os.ReadFile(repository + "/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{"GAMESPARKS_SECRET_KEY": composeSecret, "POSTGRES_PASSWORD": composePassword}
	text = regexp.MustCompile(`\$\{(\w+):\?[^}]+\}`).ReplaceAllFunc(text, func(match []byte) []byte {
		name, _, _ := strings.Cut(string(match[2:]), ":")
		if variables[name] == "" {
			t.Errorf("compose.yaml: unknown variable %s", name)
		}
		return []byte(variables[name])
	})
	if strings.Contains(string(text), "${") {
		t.Error("compose.yaml has a variable without a message for a missing value")
	}
	var file composeFile
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatalf("compose.yaml: %v", err)
	}
	return file
}

// imageEnvironment returns the variables that the Dockerfile sets.
func imageEnvironment(t *testing.T) (env []string) {
	t.Helper()
	text, err := os.ReadFile(repository + "/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, last, _ := strings.Cut(string(text), "\nFROM scratch\n")
	for _, m := range regexp.MustCompile(`(?m)^ENV (.*)$`).FindAllStringSubmatch(last, -1) {
		env = append(env, strings.Fields(m[1])...)
	}
	if len(env) == 0 {
		t.Fatal("the Dockerfile sets no variables")
	}
	return env
}

// startComposed starts the replicas of compose.yaml, with the variables of the image and of the file. Only the host of the
// database and the port of the replica differ.
func startComposed(t *testing.T) map[string]*process {
	t.Helper()
	database, tcp := pgtest.StartTCP(t, "administrator")
	database.Exec(t, "postgres", "create role gamesparks login password '"+composePassword+"'")
	database.Exec(t, "postgres", "create database gamesparks owner gamesparks")
	replicas := map[string]*process{}
	for name, service := range readCompose(t).Services {
		if service.Build != "." {
			continue
		}
		env := imageEnvironment(t)
		for variable, value := range service.Environment {
			env = append(env, variable+"="+value)
		}
		args := []string{"--addr=0.0.0.0:0"}
		for _, arg := range service.Command {
			args = append(args, strings.Replace(arg, "@postgres/", "@"+tcp.Host+"/", 1))
		}
		if slices.Equal(args[1:], service.Command) {
			t.Errorf("service %s: no argument of %q has the host postgres", name, service.Command)
		}
		replicas[name] = startWithEnv(t, env, args...)
	}
	if len(replicas) != 2 {
		t.Fatalf("compose.yaml has %d replicas, want 2", len(replicas))
	}
	return replicas
}

// loadBalancer is HAProxy with the configuration of compose.yaml.
type loadBalancer struct{ endpoint string }

// startLoadBalancer starts HAProxy with the addresses of the replicas.
func startLoadBalancer(t *testing.T, addresses map[string]string) *loadBalancer {
	t.Helper()
	haproxy, err := exec.LookPath("haproxy")
	if err != nil {
		t.Skip("HAProxy is not installed: run apt-get install haproxy on Debian")
	}
	text, err := os.ReadFile(repository + "/packaging/haproxy.cfg")
	if err != nil {
		t.Fatal(err)
	}
	// HAProxy inherits the socket. Connections wait in its queue until HAProxy accepts them.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	const port = "8770"
	config := strings.Replace(string(text), "bind :"+port, "bind fd@3", 1)
	for name, replica := range addresses {
		server := fmt.Sprintf("server %s %s:%s", name, name, port)
		if !strings.Contains(config, server) {
			t.Errorf("packaging/haproxy.cfg does not have %q", server)
		}
		config = strings.Replace(config, server, "server "+name+" "+replica, 1)
	}
	if strings.Contains(config, ":"+port) {
		t.Errorf("packaging/haproxy.cfg has servers that compose.yaml does not have:\n%s", config)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), haproxy, "-db", "-f", write(t, "haproxy.cfg", config))
	log := newBuffer()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{socket}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Logf("log of HAProxy:\n%s", log)
		}
	})
	return &loadBalancer{"http://" + listener.Addr().String()}
}

func (b *loadBalancer) client(optFns ...func(*gamesparks.Options)) *gamesparks.Client {
	return newClient(b.endpoint, append([]func(*gamesparks.Options){
		signedAs(aws.Credentials{AccessKeyID: defaultKey, SecretAccessKey: composeSecret}),
	}, optFns...)...)
}

// port returns the address of a server on the loopback interface.
func port(p *process) string {
	return "127.0.0.1" + p.endpoint[strings.LastIndex(p.endpoint, ":"):]
}

// requestsOf returns the number of API requests that a server has handled.
func requestsOf(t *testing.T, p *process) (n int) {
	t.Helper()
	_, body := get(t, p.endpoint+"/metrics")
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "gamesparks_requests_total{") {
			n++
		}
	}
	return n
}

// TestCompose runs the replicas of compose.yaml behind its load balancer, kills one of them, and continues.
func TestCompose(t *testing.T) {
	t.Parallel()
	replicas := startComposed(t)
	addresses := map[string]string{}
	for name, p := range replicas {
		addresses[name] = port(p)
	}
	balancer := startLoadBalancer(t, addresses)
	client := balancer.client()
	s := deploySomething(t, client)
	for range 20 {
		if _, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: &s.game}); err != nil {
			t.Fatal(err)
		}
	}
	for name, p := range replicas {
		if requestsOf(t, p) == 0 {
			t.Errorf("%s has handled no request", name)
		}
	}
	// The export is read from a signed URL with the host of the load balancer.
	snapshots, err := client.ListSnapshots(t.Context(), &gamesparks.ListSnapshotsInput{GameName: &s.game})
	if err != nil {
		t.Fatal(err)
	}
	export, err := client.ExportSnapshot(t.Context(), &gamesparks.ExportSnapshotInput{GameName: &s.game, SnapshotId: snapshots.Snapshots[0].Id})
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := get(t, *export.S3Url); status != http.StatusOK || !strings.HasPrefix(*export.S3Url, balancer.endpoint+"/") {
		t.Errorf("download of %s: status %d", *export.S3Url, status)
	}
	awaitDeployment(t, client, s)
	connect(t, balancer.endpoint, s)

	// The load balancer may learn only from a failed request that a replica is dead. Clients retry such a request.
	replicas["replica1"].kill(t)
	retrying := balancer.client(func(o *gamesparks.Options) { o.Retryer = nil })
	for i := range 20 {
		name := fmt.Sprint("game", i)
		if _, err := retrying.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &name}); err != nil {
			t.Errorf("after the end of a replica: %v", err)
		}
	}
	if status, body := get(t, balancer.endpoint+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz: status %d, body %q", status, body)
	}
}

// awaitDeployment waits for the end of the latest deployment.
func awaitDeployment(t *testing.T, client *gamesparks.Client, s stage) {
	t.Helper()
	waiter := gamesparks.NewStageDeploymentCompletedWaiter(client, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.MinDelay = 50 * time.Millisecond
	})
	if err := waiter.Wait(t.Context(), &gamesparks.GetStageDeploymentInput{GameName: &s.game, StageName: &s.name}, time.Minute); err != nil {
		t.Fatal(err)
	}
}

// TestComposeImages checks the services of compose.yaml that are not replicas.
func TestComposeImages(t *testing.T) {
	t.Parallel()
	file := readCompose(t)
	image := regexp.MustCompile(`^docker\.io/library/[a-z]+:[\w.-]+$`)
	for name, service := range file.Services {
		if service.Build == "" && !image.MatchString(service.Image) {
			t.Errorf("service %s: image %q must have a registry and a tag", name, service.Image)
		}
		for _, volume := range service.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if path, ok := strings.CutPrefix(source, "./"); ok {
				if _, err := os.Stat(repository + "/" + path); err != nil {
					t.Errorf("service %s: %v", name, err)
				}
			} else if _, ok := file.Volumes[source]; !ok {
				t.Errorf("service %s: the volume %s is not in the file", name, source)
			}
		}
		for _, p := range service.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("service %s: port %s is open to the network without TLS", name, p)
			}
		}
	}
	if got := file.Services["postgres"].Environment; got["POSTGRES_USER"] != "gamesparks" || got["POSTGRES_PASSWORD"] != composePassword {
		t.Errorf("environment of postgres: %v", got)
	}
}

// TestLoadBalancerRetries sends a write to servers that end the connection without a response. The load balancer must not
// repeat the write, because a server may have committed it. A server that does not listen gets no request.
func TestLoadBalancerRetries(t *testing.T) {
	t.Parallel()
	var received atomic.Int64
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/readyz" {
			_, _ = io.WriteString(w, "ok\n")
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		received.Add(1)
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(broken.Close)
	closed := httptest.NewServer(nil)
	closed.Close()
	address := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	for name, addresses := range map[string]map[string]string{
		"two broken replicas":     {"replica1": address(broken), "replica2": address(broken)},
		"a replica that is ended": {"replica1": address(closed), "replica2": address(broken)},
	} {
		balancer := startLoadBalancer(t, addresses)
		const calls = 4
		before := received.Load()
		for range calls {
			_, err := balancer.client().TagResource(t.Context(), &gamesparks.TagResourceInput{
				ResourceArn: new("arn:aws:gamesparks:us-east-1:123456789012:game/chess"), Tags: map[string]string{"a": "b"},
			})
			if err == nil {
				t.Errorf("%s: a call succeeded", name)
			}
		}
		if got := received.Load() - before; got != calls {
			t.Errorf("%s: %d requests reached a replica, want %d", name, got, calls)
		}
	}
}
