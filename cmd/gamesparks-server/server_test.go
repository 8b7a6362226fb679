package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestExitCodes starts servers that must not start.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	running := start(t, "--data", data)
	address := strings.TrimPrefix(running.endpoint, "http://")
	certificate, key := newCertificate(t)

	for _, tc := range []struct {
		name string
		args []string
		env  []string
		code int
		says string
	}{
		{name: "unknown flag", args: []string{"--bogus"}, code: 2, says: "--bogus"},
		{name: "argument", args: []string{"serve"}, code: 2, says: "serve"},
		{name: "address", args: []string{"--addr=localhost"}, code: 2, says: "--addr"},
		{name: "number", args: []string{"--max-body=many"}, code: 2, says: "max-body"},
		{name: "quota", args: []string{"--max-games=-1"}, code: 2, says: "--max-games"},
		{name: "public URL", args: []string{"--public-url=games.example"}, code: 2, says: "--public-url"},
		{name: "limit", args: []string{"--max-body=0"}, code: 2, says: "--max-body"},
		{name: "duration", args: []string{"--read-timeout=5"}, code: 2, says: "read-timeout"},
		{name: "log format", args: []string{"--log-format=xml"}, code: 2, says: "log-format"},
		{name: "log level", args: []string{"--log-level=loud"}, code: 2, says: "log-level"},
		{name: "account", args: []string{"--account=1"}, code: 2, says: "--account"},
		{name: "region", args: []string{"--region=Moon"}, code: 2, says: "--region"},
		{name: "empty key", args: []string{"--access-key="}, code: 2, says: "--access-key"},
		{name: "environment", env: []string{"GAMESPARKS_SERVER_ACCOUNT=2"}, code: 2, says: "12 digits"},

		{name: "open with the default secret", args: []string{"--addr=0.0.0.0:0"}, code: 2, says: "--secret-key"},
		{name: "open by name", args: []string{"--addr=example.invalid:0"}, code: 2, says: "--secret-key"},
		{name: "open on IPv6", args: []string{"--addr=[::]:0"}, code: 2, says: "--secret-key"},
		{name: "open on all", args: []string{"--addr=:0", "--access-key=other"}, code: 2, says: "--secret-key"},
		{
			name: "open with the default key in a file",
			args: []string{
				"--addr=0.0.0.0:0", "--access-key=admin", "--secret-key=own",
				"--keys", write(t, "keys", `[{"AccessKeyId":"local","SecretAccessKey":"local"}]`),
			},
			code: 2, says: "access key local",
		},
		{name: "open and anonymous", args: []string{"--addr=0.0.0.0:0", "--secret-key=own", "--anonymous"}, code: 2, says: "--anonymous"},

		{name: "certificate without key", args: []string{"--tls-cert", certificate}, code: 2, says: "go together"},
		{name: "no certificate", args: []string{"--tls-cert", key, "--tls-key", key}, code: 2, says: "--tls-cert"},
		{name: "no certificate file", args: []string{"--tls-cert=/nonexistent", "--tls-key", key}, code: 2, says: "tls-cert"},

		{name: "no file of keys", args: []string{"--keys=/nonexistent"}, code: 2, says: "keys"},
		{name: "keys that are not JSON", args: []string{"--keys", write(t, "keys", "[")}, code: 2, says: "--keys"},
		{name: "misspelt member", args: []string{"--keys", write(t, "keys", `[{"AccessKeyId":"a","SecretAccessKey":"b","Readonly ":true}]`)}, code: 2, says: "Readonly"},
		{name: "key without secret", args: []string{"--keys", write(t, "keys", `[{"AccessKeyId":"a"}]`)}, code: 2, says: "secret"},
		{name: "key twice", args: []string{"--keys", write(t, "keys", `[{"AccessKeyId":"local","SecretAccessKey":"b"}]`)}, code: 2, says: "duplicate"},

		{name: "stage to fail", args: []string{"--fail-deployments=chess=INVALID_ROLE_FAILURE"}, code: 2, says: "chess"},
		{name: "failure", args: []string{"--fail-deployments=chess/dev=SUCCESS"}, code: 2, says: "SUCCESS"},
		{name: "extensions that are none", args: []string{"--extensions", write(t, "extensions", `[{"Name":"a b","Namespace":"a"}]`)}, code: 2, says: "a b"},
		{name: "extensions, misspelt", args: []string{"--extensions", write(t, "extensions", `[{"name":"a","space":"a"}]`)}, code: 2, says: "--extensions"},

		{name: "data in use", args: []string{"--data", data}, code: 3, says: "in use"},
		{name: "no data file", args: []string{"--data", write(t, "data", strings.Repeat("not a database. ", 1000))}, code: 3, says: "open"},
		{name: "data that cannot be written", args: []string{"--data", blockedData(t)}, code: 3, says: "incompatible"},
		{name: "no directory", args: []string{"--data=/nonexistent/data"}, code: 3, says: "/nonexistent/data"},

		{name: "address in use", args: []string{"--addr", address}, code: 1, says: "in use"},
		{name: "help", args: []string{"--help"}, code: 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"--addr=127.0.0.1:0"}, tc.args...)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a server that starts would go on
			defer cancel()
			cmd := command(ctx, tc.env, args...)
			stderr := newBuffer()
			stdout := newBuffer()
			cmd.Stdout, cmd.Stderr = stdout, stderr
			err := cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != tc.code {
				t.Errorf("exit code %d (%v), want %d\n%s%s", code, err, tc.code, stdout, stderr)
			}
			if tc.code == 0 {
				if !strings.Contains(stdout.String(), "$GAMESPARKS_SERVER_SHUTDOWN_TIMEOUT") || !strings.Contains(stdout.String(), "Exit codes") {
					t.Errorf("help = %s", stdout)
				}
				return
			}
			if text := stderr.String(); !strings.Contains(text, tc.says) || !strings.HasPrefix(text, "gamesparks-server: ") {
				t.Errorf("stderr = %q, want %q in it", text, tc.says)
			}
			if stdout.String() != "" {
				t.Errorf("stdout = %q", stdout)
			}
		})
	}
}

// blockedData returns a data file whose secret cannot be written: a bucket has its key.
func blockedData(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		data, err := tx.CreateBucket([]byte("data"))
		if err != nil {
			return err
		}
		_, err = data.CreateBucket([]byte("service/secret"))
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWrongFlagMakesNoData has a wrong flag be found before the data file is made.
func TestWrongFlagMakesNoData(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	cmd := command(t.Context(), nil, "--addr=127.0.0.1:0", "--data", data, "--max-games=-1")
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("exit: %v, want code 2", err)
	}
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the data file: %v, want none", err)
	}
}

// TestEnvironment sets flags by their variables, and one of them by both.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	server := startWithEnv(t, []string{
		"GAMESPARKS_SERVER_REGION=eu-central-1", "GAMESPARKS_SERVER_ACCOUNT=000000000001", "GAMESPARKS_SERVER_LOG_FORMAT=json",
		"GAMESPARKS_SERVER_ACCESS_KEY=it's me", "GAMESPARKS_SERVER_ANONYMOUS=true",
	}, "--region=ap-south-1")
	want := "# GameSparks is at " + server.endpoint + `
export AWS_ENDPOINT_URL_GAMESPARKS='` + server.endpoint + `'
export AWS_REGION='ap-south-1'
export AWS_DEFAULT_REGION='ap-south-1'
export AWS_ACCESS_KEY_ID='it'\''s me'
export AWS_SECRET_ACCESS_KEY='local'
# SDKs and tools of before July 2023 do not know AWS_ENDPOINT_URL_GAMESPARKS: give them the endpoint, as in aws --endpoint-url ` + server.endpoint + "\n"
	if diff := cmp.Diff(want, server.stdout); diff != "" {
		t.Errorf("stdout (-want +got):\n%s", diff)
	}

	// An unsigned client may do everything.
	client := newClient(server.endpoint, func(o *gamesparks.Options) { o.Credentials = aws.AnonymousCredentials{} })
	out, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: aws.String("a")})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *out.Game.Arn, "arn:aws:gamesparks:ap-south-1:000000000001:game/a"; got != want {
		t.Errorf("ARN = %s, want %s", got, want)
	}
	if code := server.signal(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for line := range strings.Lines(server.stderr.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("the log has the line %q", line)
		}
	}
}

// TestAnonymous keeps the pages of other sites from what programs on this machine may do.
func TestAnonymous(t *testing.T) {
	t.Parallel()
	server := start(t, "--anonymous")
	for i, tc := range []struct {
		name, host, origin string
		status             int
	}{
		{"program", "", "", http.StatusOK},
		{"other site", "", "https://evil.example", http.StatusForbidden},
		{"other name", "evil.example:8770", "", http.StatusForbidden},
		{"IPv6", "[::1]:8770", "", http.StatusOK},
	} {
		resp, body := fetch(t, http.DefaultClient, server.endpoint+"/game", func(r *http.Request) {
			r.Method, r.Body = http.MethodPost, io.NopCloser(strings.NewReader(fmt.Sprintf(`{"GameName":"game-%d"}`, i)))
			if tc.origin != "" {
				r.Header.Set("Origin", tc.origin)
			}
			if tc.host != "" {
				r.Host = tc.host
			}
		})
		if resp.StatusCode != tc.status {
			t.Errorf("%s: %s %s, want %d", tc.name, resp.Status, body, tc.status)
		}
	}
}

// TestSecrets looks for secrets in what the server writes.
func TestSecrets(t *testing.T) {
	t.Parallel()
	keys := write(t, "keys", `[{"AccessKeyId":"other","SecretAccessKey":"othersecret","SessionToken":"othertoken"}]`)
	server := start(t, "--secret-key=mainsecret", "--keys", keys, "--log-level=debug")
	download := exported(t, newClient(server.endpoint, signedAs(aws.Credentials{AccessKeyID: "local", SecretAccessKey: "mainsecret"})))
	for _, c := range []aws.Credentials{
		{AccessKeyID: "other", SecretAccessKey: "othersecret", SessionToken: "othertoken"},
		{AccessKeyID: "other", SecretAccessKey: "othersecret", SessionToken: "wrongtoken"},
		{AccessKeyID: "other", SecretAccessKey: "wrongsecret", SessionToken: "othertoken"},
	} {
		_, err := newClient(server.endpoint, signedAs(c)).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("exported")})
		if (err == nil) != (c.SessionToken == "othertoken" && c.SecretAccessKey == "othersecret") {
			t.Errorf("%s: %v", c.SessionToken, err)
		}
	}
	if resp, body := fetch(t, http.DefaultClient, download); resp.StatusCode != http.StatusOK {
		t.Errorf("download: %s %s", resp.Status, body)
	}
	u, err := url.Parse(download)
	if err != nil {
		t.Fatal(err)
	}
	signature := u.Query().Get("X-Amz-Signature")
	if signature == "" {
		t.Fatalf("%s has no signature", download)
	}
	if code := server.signal(t, os.Interrupt); code != 0 {
		t.Errorf("exit code %d", code)
	}
	written := server.stdout + server.stderr.String()
	for _, secret := range []string{"mainsecret", "othersecret", "othertoken", "wrongtoken", signature} {
		if strings.Contains(written, secret) {
			t.Errorf("%q is in what the server wrote:\n%s", secret, written)
		}
	}
	if !strings.Contains(written, "operation=ExportSnapshot") {
		t.Errorf("the log has no record of ExportSnapshot:\n%s", written)
	}
}

// exported makes the game exported and returns the URL of the export of a snapshot.
func exported(t *testing.T, client *gamesparks.Client) string {
	t.Helper()
	name := aws.String("exported")
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: name}); err != nil {
		t.Fatal(err)
	}
	snapshot, err := client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: name})
	if err != nil {
		t.Fatal(err)
	}
	export, err := client.ExportSnapshot(t.Context(), &gamesparks.ExportSnapshotInput{GameName: name, SnapshotId: snapshot.Snapshot.Id})
	if err != nil {
		t.Fatal(err)
	}
	return *export.S3Url
}

// slowRequest sends a request up to the middle of its body, and returns the connection to go on with.
func slowRequest(t *testing.T, server *process) (connection net.Conn, rest string) {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(server.endpoint, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	const body = `{"GameName":"slow"}`
	if _, err := fmt.Fprintf(connection, "POST /game HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(body)); err != nil {
		t.Fatal(err)
	}
	// Being told to go on proves that the server has begun to read.
	line, err := bufio.NewReaderSize(connection, 16).ReadString('\n')
	if err != nil || !strings.Contains(line, "100") {
		t.Fatalf("response = %q, %v", line, err)
	}
	if _, err := io.WriteString(connection, body[:5]); err != nil {
		t.Fatal(err)
	}
	return connection, body[5:]
}

// TestStop stops the server in the middle of a request, which it finishes.
func TestStop(t *testing.T) {
	t.Parallel()
	server := start(t, "--anonymous")
	connection, rest := slowRequest(t, server)
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	server.stderr.await(t, "stopping")
	if _, err := io.WriteString(connection, rest); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(connection)
	if err != nil || !strings.Contains(string(answer), "HTTP/1.1 200 OK") || !strings.Contains(string(answer), "game/slow") {
		t.Errorf("answer = %q, %v", answer, err)
	}
	if code := server.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestStopTimeout stops the server in the middle of a request that never ends.
func TestStopTimeout(t *testing.T) {
	t.Parallel()
	server := start(t, "--anonymous", "--shutdown-timeout=10ms")
	slowRequest(t, server)
	if code := server.signal(t, syscall.SIGTERM); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if !strings.Contains(server.stderr.String(), "cut off") {
		t.Errorf("stderr = %s", server.stderr)
	}
}

// TestStopTwice loses patience with a server that waits for a request to end.
func TestStopTwice(t *testing.T) {
	t.Parallel()
	server := start(t, "--anonymous", "--shutdown-timeout=1h")
	slowRequest(t, server)
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	server.stderr.await(t, "stopping")
	server.signal(t, syscall.SIGTERM)
	if status, ok := server.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGTERM {
		t.Errorf("state = %v, want it to have died of the signal", server.cmd.ProcessState)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	t.Parallel()
	server := start(t)
	client := newClient(server.endpoint)
	for range 2 {
		_, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("missing")})
		var missing *types.ResourceNotFoundException
		if !errors.As(err, &missing) {
			t.Fatal(err)
		}
	}
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: aws.String("a")}); err != nil {
		t.Fatal(err)
	}
	if resp, body := fetch(t, http.DefaultClient, server.endpoint+"/nothing"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("unknown path: %s %s", resp.Status, body)
	}
	if resp, body := fetch(t, http.DefaultClient, server.endpoint+"/runtime/game/a/stage/b/connect?playerId=p&gameKey=k"); resp.StatusCode != http.StatusForbidden {
		t.Errorf("connection with a wrong key: %s %s", resp.Status, body)
	}
	resp, body := fetch(t, http.DefaultClient, server.endpoint+"/healthz")
	if resp.StatusCode != http.StatusOK || body != "ok\n" {
		t.Errorf("health = %s %q", resp.Status, body)
	}
	resp, body = fetch(t, http.DefaultClient, server.endpoint+"/metrics")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("metrics = %s %q", resp.Status, body)
	}
	for _, line := range []string{
		`gamesparks_requests_total{code="",operation="CreateGame",status="200"} 1`,
		`gamesparks_requests_total{code="ResourceNotFoundException",operation="GetGame",status="404"} 2`,
		`gamesparks_requests_total{code="UnknownOperationException",operation="none",status="404"} 1`,
		`gamesparks_requests_total{code="AccessDeniedException",operation="Connect",status="403"} 1`,
		`gamesparks_request_duration_seconds_count{operation="GetGame"} 2`,
		`gamesparks_requests_in_flight 0`,
		`# TYPE go_goroutines gauge`,
		`# TYPE process_open_fds gauge`,
	} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("the metrics have not %s", line)
		}
	}
	if strings.Contains(body, `gamesparks_request_duration_seconds_count{operation="Connect"}`) {
		t.Error("the durations have those of players' connections")
	}
	if t.Failed() {
		t.Log(body)
	}
}

// unreadable is a store whose transactions begin but cannot read.
type unreadable struct{ storage.Store }

func (s unreadable) View(ctx context.Context, fn func(storage.Reader) error) error {
	return s.Store.View(ctx, func(tx storage.Reader) error { return fn(unreadableTx{tx}) })
}

type unreadableTx struct{ storage.Reader }

var errUnreadable = errors.New("input/output error")

func (unreadableTx) Get(string) ([]byte, error) { return nil, errUnreadable }

func (unreadableTx) Scan(storage.Range) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) { yield(storage.Entry{}, errUnreadable) }
}

func TestHealthReads(t *testing.T) {
	t.Parallel()
	closed := storage.NewMemory()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		store  storage.Store
		status int
	}{
		{"empty", storage.NewMemory(), http.StatusOK},
		{"closed", closed, http.StatusServiceUnavailable},
		{"unreadable", unreadable{storage.NewMemory()}, http.StatusServiceUnavailable},
	} {
		w := httptest.NewRecorder()
		health(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", nil), tc.store)
		if w.Code != tc.status {
			t.Errorf("%s: %d %s, want %d", tc.name, w.Code, w.Body, tc.status)
		}
	}
}

// TestInProcessCanceled has a request end that nobody waits for any more: with an error and nothing else.
func TestInProcessCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := inProcess{http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() })}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/game", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if resp != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("response %v, error %v, want only %v", resp, err, context.Canceled)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	server := start(t, "--max-games=1", "--max-body=100", "--max-header=8192", "--header-timeout=500ms")
	_, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{
		GameName: aws.String("a"), Description: aws.String(strings.Repeat("x", 100)),
	})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "RequestEntityTooLargeException" {
		t.Errorf("large body: %v", err)
	}

	for i, want := range []string{"", "ServiceQuotaExceededException"} {
		_, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: aws.String(fmt.Sprint(i))})
		if api = nil; errors.As(err, &api) != (want != "") || api != nil && api.ErrorCode() != want {
			t.Errorf("game %d: %v", i, err)
		}
	}

	// The standard library gives 4 KiB more than it is told.
	resp, _ := fetch(t, http.DefaultClient, server.endpoint+"/healthz", func(r *http.Request) {
		r.Header.Set("X-Large", strings.Repeat("x", 13_000))
	})
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("large header: %s", resp.Status)
	}

	connection, err := net.Dial("tcp", strings.TrimPrefix(server.endpoint, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "GET /healthz HTTP/1.1\r\nHost"); err != nil {
		t.Fatal(err)
	}
	// The server closes the connection, and may say before that it understood nothing.
	if answer, err := io.ReadAll(connection); err != nil || strings.HasPrefix(string(answer), "HTTP/1.1 200") {
		t.Errorf("slow header: %q, %v", answer, err)
	}
}

// newCertificate returns the files of a certificate for 127.0.0.1 that signs itself, and of its key.
func newCertificate(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return write(t, "cert.pem", encode("CERTIFICATE", der)), write(t, "key.pem", encode("PRIVATE KEY", keyDER))
}

func TestTLS(t *testing.T) {
	t.Parallel()
	certificate, key := newCertificate(t)
	server := start(t, "--tls-cert", certificate, "--tls-key", key)
	if !strings.HasPrefix(server.endpoint, "https://127.0.0.1:") {
		t.Fatalf("endpoint = %s", server.endpoint)
	}
	trusted, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(trusted)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}}
	t.Cleanup(client.CloseIdleConnections)

	resp, body := fetch(t, client, server.endpoint+"/healthz")
	if resp.StatusCode != http.StatusOK || resp.ProtoMajor != 2 {
		t.Errorf("health = %s %s %q", resp.Proto, resp.Status, body)
	}
	if url := exported(t, newClient(server.endpoint, func(o *gamesparks.Options) { o.HTTPClient = client })); !strings.HasPrefix(url, server.endpoint) {
		t.Errorf("download URL = %s", url)
	} else if resp, body := fetch(t, client, url); resp.StatusCode != http.StatusOK {
		t.Errorf("download = %s %s", resp.Status, body)
	}

	plain, _ := fetch(t, http.DefaultClient, "http"+strings.TrimPrefix(server.endpoint, "https")+"/healthz")
	if plain.StatusCode != http.StatusBadRequest {
		t.Errorf("plain HTTP: %s", plain.Status)
	}
}

// TestOpenServer lets a server be reached from elsewhere, whose page then takes a key.
func TestOpenServer(t *testing.T) {
	t.Parallel()
	keys := write(t, "keys", `[
		{"AccessKeyId":"reader","SecretAccessKey":"readersecret","ReadOnly":true},
		{"AccessKeyId":"named","SecretAccessKey":"namedsecret","Account":"123456789012"},
		{"AccessKeyId":"stranger","SecretAccessKey":"strangersecret","Account":"000000000002"},
		{"AccessKeyId":"session","SecretAccessKey":"sessionsecret","SessionToken":"token"},
		{"AccessKeyId":"expired","SecretAccessKey":"expiredsecret","Expires":"2023-10-31T00:00:00Z"},
		{"AccessKeyId":"lasting","SecretAccessKey":"lastingsecret","Expires":"9999-01-01T00:00:00Z"}
	]`)
	server := start(t, "--addr=0.0.0.0:0", "--secret-key=own", "--keys", keys, "--public-url=https://games.example/base")
	if !strings.HasPrefix(server.endpoint, "http://localhost:") {
		t.Fatalf("endpoint = %s", server.endpoint)
	}
	if strings.Contains(server.stdout, "own\n") || !strings.Contains(server.stdout, "# and AWS_SECRET_ACCESS_KEY") {
		t.Errorf("stdout = %s", server.stdout)
	}
	server.stderr.await(t, "without TLS")
	endpoint := strings.Replace(server.endpoint, "localhost", "127.0.0.1", 1)

	client := newClient(endpoint, signedAs(aws.Credentials{AccessKeyID: "local", SecretAccessKey: "own"}))
	if url := exported(t, client); !strings.HasPrefix(url, "https://games.example/base/") {
		t.Errorf("download URL = %s", url)
	}
	for _, tc := range []struct {
		user, password string
		status         int
	}{
		{"", "", http.StatusUnauthorized},
		{"local", "local", http.StatusUnauthorized},
		{"other", "own", http.StatusUnauthorized},
		{"stranger", "strangersecret", http.StatusUnauthorized}, // the page does not show what its account has
		{"session", "sessionsecret", http.StatusUnauthorized},
		{"expired", "expiredsecret", http.StatusUnauthorized},
		{"lasting", "lastingsecret", http.StatusOK},
		{"reader", "readersecret", http.StatusOK},
		{"named", "namedsecret", http.StatusOK},
		{"local", "own", http.StatusOK},
	} {
		resp, _ := fetch(t, http.DefaultClient, endpoint+"/ui/", func(r *http.Request) {
			if tc.user != "" {
				r.SetBasicAuth(tc.user, tc.password)
			}
		})
		if resp.StatusCode != tc.status {
			t.Errorf("page as %s:%s: %s, want %d", tc.user, tc.password, resp.Status, tc.status)
		}
		if (resp.Header.Get("WWW-Authenticate") != "") != (tc.status == http.StatusUnauthorized) {
			t.Errorf("page as %s:%s: header %v", tc.user, tc.password, resp.Header)
		}
	}
}

// TestFailuresAndExtensions has deployments fail on demand, and lists extensions of its own.
func TestFailuresAndExtensions(t *testing.T) {
	t.Parallel()
	extensions := write(t, "extensions", `[{"Namespace":"Studio","Name":"Chat","Description":"Chat rooms.","Versions":[{"Version":"1.0.0","Schema":"{}"}]}]`)
	server := start(t, "--deployment-pending=0s", "--deployment-in-progress=0s", "--extensions", extensions,
		"--fail-deployments=chess/dev=INVALID_ROLE_FAILURE;chess/live=UNSPECIFIED_FAILURE")
	client, game := newClient(server.endpoint), aws.String("chess")
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: game}); err != nil {
		t.Fatal(err)
	}
	snapshot, err := client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: game})
	if err != nil {
		t.Fatal(err)
	}
	for stage, want := range map[string]types.ResultCode{
		"dev": types.ResultCodeInvalidRoleFailure, "live": types.ResultCodeUnspecifiedFailure, "test": types.ResultCodeSuccess,
	} {
		if _, err := client.CreateStage(t.Context(), &gamesparks.CreateStageInput{
			GameName: game, StageName: &stage, Role: aws.String("arn:aws:iam::123456789012:role/stage"),
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.StartStageDeployment(t.Context(), &gamesparks.StartStageDeploymentInput{
			GameName: game, StageName: &stage, SnapshotId: snapshot.Snapshot.Id,
		}); err != nil {
			t.Fatal(err)
		}
		out, err := client.GetStageDeployment(t.Context(), &gamesparks.GetStageDeploymentInput{GameName: game, StageName: &stage})
		if err != nil {
			t.Fatal(err)
		}
		if got := out.StageDeployment.DeploymentResult; got == nil || got.ResultCode != want {
			t.Errorf("stage %s: %+v, want %s", stage, got, want)
		}
	}
	if _, err := client.GetExtensionVersion(t.Context(), &gamesparks.GetExtensionVersionInput{
		Namespace: aws.String("Studio"), Name: aws.String("Chat"), ExtensionVersion: aws.String("1.0.0"),
	}); err != nil {
		t.Error(err)
	}
}
