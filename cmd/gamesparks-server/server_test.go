package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
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
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/cmd/internal/buildinfo"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/storagetest"
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

// TestStartErrors checks the exit code and error message of a server that fails to start.
func TestStartErrors(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	running := start(t, "--data", data)
	address := strings.TrimPrefix(running.endpoint, "http://")
	certificate, key := newCertificate(t)
	directory := t.TempDir()

	for _, tc := range []struct {
		name string
		args []string
		env  []string
		code int
		says string
	}{
		{name: "unknown flag", args: []string{"--bogus"}, code: 2, says: "unknown flag --bogus (gamesparks-server --help lists commands and flags)"},
		{name: "misspelled flag", args: []string{"--adr=127.0.0.1:0"}, code: 2, says: `unknown flag --adr, did you mean "--addr"?`},
		{name: "flag with several suggestions", args: []string{"--log"}, code: 2, says: `did you mean one of "--log-level", "--log-format"?`},
		{name: "flag with one dash", args: []string{"-region=eu-west-1"}, code: 2, says: "unknown flag -region: flags begin with two dashes, as in --region\n"},
		{name: "argument", args: []string{"start"}, code: 2, says: "unexpected argument start (gamesparks-server --help lists commands and flags)"},
		{name: "missing value", args: []string{"--region"}, code: 2, says: "--region: the value is missing"},
		{name: "missing file", args: []string{"--keys"}, code: 2, says: "--keys: the value is missing"},
		{name: "missing number", args: []string{"--max-games"}, code: 2, says: "--max-games: the value is missing"},
		{name: "address without port", args: []string{"--addr=localhost"}, code: 2, says: `--addr: "localhost" is not an address of the form HOST:PORT, such as 127.0.0.1:8770 or :8770`},
		{name: "port out of range", args: []string{"--addr=127.0.0.1:99999"}, code: 2, says: `--addr: "99999" is not a port: use a number from 0 to 65535`},
		{name: "port name", args: []string{"--addr=127.0.0.1:no-such-port"}, code: 2, says: `--addr: "no-such-port" is not a port`},
		{name: "number", args: []string{"--max-body=many"}, code: 2, says: `--max-body: "many" is not a whole number`},
		{name: "rate", args: []string{"--rate-limit=fast"}, code: 2, says: `--rate-limit: "fast" is not a number`},
		{name: "negative rate", args: []string{"--rate-limit=-1"}, code: 2, says: "--rate-limit, --rate-burst: rate -1 and burst 100: must be positive"},
		{name: "negative quota", args: []string{"--max-games=-1"}, code: 2, says: "--max-games: "},
		{name: "public URL", args: []string{"--public-url=games.example"}, code: 2, says: "--public-url: "},
		{name: "zero body", args: []string{"--max-body=0"}, code: 2, says: "--max-body: "},
		{name: "small body budget", args: []string{"--body-budget=1000"}, code: 2, says: "--body-budget: body budget 1000: must be at least twice the limit of a single body, 4194304"},
		{name: "no requests", args: []string{"--max-requests=0"}, code: 2, says: "--max-requests: "},
		{name: "no time to read", args: []string{"--read-timeout=0s"}, code: 2, says: "--read-timeout: "},
		{name: "allowed host with port", args: []string{"--allowed-host=games.example:80"}, code: 2, says: "--allowed-host: "},
		{name: "origin without scheme", args: []string{"--cors-origin=games.example"}, code: 2, says: "--cors-origin: "},
		{name: "data file and database", args: []string{"--data=data", "--store=postgres://localhost/a"}, code: 2, says: "--data and --store must not be set together"},
		{name: "database that is not a URL", args: []string{"--store=host=localhost password=mysecret"}, code: 2, says: "--store: the value is not a URL that begins with postgres://\n"},
		{name: "password without database", args: []string{"--store-password-file", write(t, "password", "a")}, code: 2, says: "--store-password-file requires --store"},
		{name: "zero connections", args: []string{"--store-conns=0"}, code: 2, says: "--store-conns: 0 is not a positive number"},
		{name: "short lease", args: []string{"--store-lease=10ms"}, code: 2, says: "--store-lease: 10ms is shorter than 500ms"},
		{name: "malformed database URL", args: []string{"--store=postgres://user:mysecret@host:port/a"}, code: 3, says: "--store: "},
		{name: "unreachable database", args: []string{"--store=postgres://user:mysecret@/a?host=/nonexistent"}, code: 3, says: "--store: cannot use the database: "},
		{name: "zero header", args: []string{"--max-header=0"}, code: 2, says: "--max-header: 0 is not a positive number"},
		{name: "duration without unit", args: []string{"--read-timeout=5"}, code: 2, says: `--read-timeout: "5" is not a duration: use a value such as 500ms, 30s or 5m`},
		{name: "negative duration", args: []string{"--idle-timeout=-1s"}, code: 2, says: `--idle-timeout: "-1s" is negative`},
		{name: "log format", args: []string{"--log-format=xml"}, code: 2, says: `--log-format must be one of "text","json" but got "xml"`},
		{name: "log level", args: []string{"--log-level=loud"}, code: 2, says: `--log-level: "loud" is not a log level: use debug, info, warn or error`},
		{name: "account", args: []string{"--account=1"}, code: 2, says: "--account: "},
		{name: "region", args: []string{"--region=Moon"}, code: 2, says: "--region: "},
		{name: "empty access key", args: []string{"--access-key="}, code: 2, says: "--access-key and --secret-key must not be empty"},
		{name: "access key with a quote", args: []string{"--access-key=it's"}, code: 2, says: `access key id "it's": must consist of ASCII letters`},
		{name: "region with a quote", args: []string{"--region=us-east-1'"}, code: 2, says: `--region: region "us-east-1'": must look like us-east-1`},
		{name: "environment", env: []string{"GAMESPARKS_SERVER_ACCOUNT=2"}, code: 2, says: "12 digits"},
		{name: "environment with a wrong number", env: []string{"GAMESPARKS_SERVER_MAX_BODY=many"}, code: 2, says: `GAMESPARKS_SERVER_MAX_BODY="many"`},

		{name: "loopback key on all IPv4 interfaces", args: []string{"--addr=0.0.0.0:0"}, code: 2, says: "--secret-key"},
		{name: "loopback key on a host name", args: []string{"--addr=example.invalid:0"}, code: 2, says: "--secret-key"},
		{name: "loopback key on all IPv6 interfaces", args: []string{"--addr=[::]:0"}, code: 2, says: "--secret-key"},
		{name: "loopback secret on all interfaces", args: []string{"--addr=:0", "--access-key=other"}, code: 2, says: "access key other has the default secret"},
		{name: "loopback key in the key file", args: []string{
			"--addr=0.0.0.0:0", "--access-key=admin", "--secret-key=own",
			"--keys", write(t, "keys", `[{"AccessKeyId":"local","SecretAccessKey":"local"}]`),
		}, code: 2, says: "access key local has the default secret"},
		{name: "anonymous on all interfaces", args: []string{"--addr=0.0.0.0:0", "--secret-key=own", "--anonymous"}, code: 2, says: "--anonymous requires a loopback address"},

		{name: "missing configuration file", args: []string{"--config=/nonexistent"}, code: 2, says: "--config: open /nonexistent: no such file or directory\n"},
		{name: "configuration file that is a list", args: []string{"--config", write(t, "c.yaml", "[a]")}, code: 2, says: "c.yaml: line 1: expected an object whose members have the names of flags\n"},
		{name: "configuration file that is not YAML", args: []string{"--config", write(t, "c.yaml", "a: b\nc: 'd\n")}, code: 2, says: "c.yaml: yaml: "},
		{name: "configuration file with an unknown flag", args: []string{"--config", write(t, "c.yaml", "region: eu-west-1\nmaxGames: 1\n")}, code: 2, says: `c.yaml: line 2: "maxGames" is not a flag (gamesparks-server --help lists the flags)`},
		{name: "configuration file with a configuration file", args: []string{"--config", write(t, "c.yaml", "config: other.yaml\n")}, code: 2, says: `c.yaml: line 1: "config" is not a flag`},
		{name: "configuration file with a wrong value", args: []string{"--config", write(t, "c.yaml", "max-games: many\n")}, code: 2, says: `--max-games: "many" is not a whole number`},
		{name: "configuration file without a value", args: []string{"--config", write(t, "c.yaml", "region: eu-west-1\naccount:\n")}, code: 2, says: "c.yaml: line 2: member account: the value is missing"},
		{name: "configuration file with duplicate flags", args: []string{"--config", write(t, "c.yaml", "region: a\nregion: b\n")}, code: 2, says: "c.yaml: line 2: duplicate member region"},
		{name: "configuration file in the environment", env: []string{"GAMESPARKS_SERVER_CONFIG=/nonexistent"}, code: 2, says: "--config: open /nonexistent"},

		{name: "certificate without key", args: []string{"--tls-cert", certificate}, code: 2, says: "--tls-cert and --tls-key must be set together"},
		{name: "key file as certificate", args: []string{"--tls-cert", key, "--tls-key", key}, code: 2, says: "--tls-cert"},
		{name: "missing certificate file", args: []string{"--tls-cert=/nonexistent", "--tls-key", key}, code: 2, says: "--tls-cert"},

		{name: "missing key file", args: []string{"--keys=/nonexistent"}, code: 2, says: "--keys: open /nonexistent: no such file or directory: create the file with gamesparks-server keys create --keys /nonexistent"},
		{name: "empty key file", args: []string{"--keys", write(t, "keys", "")}, code: 2, says: "the file is empty: expected a JSON list"},
		{name: "truncated key file", args: []string{"--keys", write(t, "keys", "[")}, code: 2, says: "not valid JSON: the file ends inside a value"},
		{name: "key file that is not JSON", args: []string{"--keys", write(t, "keys", "local:local")}, code: 2, says: "not valid JSON: invalid character 'l'"},
		{name: "key file with an object", args: []string{"--keys", write(t, "keys", `{"AccessKeyId":"a"}`)}, code: 2, says: "expected a JSON list of objects, found a JSON object"},
		{name: "key file with a wrong type", args: []string{"--keys", write(t, "keys", `[{"AccessKeyId":1}]`)}, code: 2, says: "member AccessKeyID must not be a JSON number"},
		{name: "key file with a wrong time", args: []string{"--keys", write(t, "keys", `[{"AccessKeyId":"a","Expires":"tomorrow"}]`)}, code: 2, says: `"tomorrow" is not a time: use a value such as 2026-12-31T00:00:00Z`},
		{name: "key file with an unknown member", args: []string{"--keys", write(t, "keys", `[{"AccessKeyId":"a","SecretAccessKey":"b","Readonly ":true}]`)}, code: 2, says: `: unknown member "Readonly "`},
		{name: "key file with two lists", args: []string{"--keys", write(t, "keys", "[]\n[{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"b\"}]")}, code: 2, says: ": unexpected data after the list: put all objects in one JSON list"},
		{name: "key file with trailing data", args: []string{"--keys", write(t, "keys", "[] x")}, code: 2, says: ": unexpected data after the list"},
		{name: "extension file with two lists", args: []string{"--extensions", write(t, "extensions", "[][]")}, code: 2, says: "--extensions "},
		{name: "key without secret", args: []string{"--keys", write(t, "keys", `[{"AccessKeyId":"a"}]`)}, code: 2, says: "secret"},
		{name: "duplicate key", args: []string{"--keys", write(t, "keys", `[{"AccessKeyId":"a","SecretAccessKey":"b"},{"AccessKeyId":"a","SecretAccessKey":"c"}]`)}, code: 2, says: "duplicate"},

		{name: "failing stage without game", args: []string{"--fail-deployments=chess=INVALID_ROLE_FAILURE"}, code: 2, says: `--fail-deployments: "chess" does not have the form GAME/STAGE`},
		{name: "failing stage with a success code", args: []string{"--fail-deployments=chess/dev=SUCCESS"}, code: 2, says: `"SUCCESS" is not the code of a failure: use INVALID_ROLE_FAILURE or UNSPECIFIED_FAILURE`},
		{name: "invalid extension", args: []string{"--extensions", write(t, "extensions", `[{"Name":"a b","Namespace":"a"}]`)}, code: 2, says: "a b"},
		{name: "extension with an unknown member", args: []string{"--extensions", write(t, "extensions", `[{"name":"a","space":"a"}]`)}, code: 2, says: `unknown member "space"`},

		{name: "data file in use", args: []string{"--data", data}, code: 3, says: "the file is in use by another process: stop that process or choose another file"},
		{name: "not a data file", args: []string{"--data", write(t, "data", strings.Repeat("not a database. ", 1000))}, code: 3, says: "not a gamesparks-server data file: choose another file\n"},
		{name: "data file with a nested bucket", args: []string{"--data", blockedData(t)}, code: 3, says: "damaged"},
		{name: "missing directory", args: []string{"--data=/nonexistent/data"}, code: 3, says: "--data /nonexistent/data: directory /nonexistent does not exist\n"},
		{name: "directory as data file", args: []string{"--data", directory}, code: 3, says: "--data " + directory + ": is a directory\n"},

		{name: "address in use", args: []string{"--addr", address}, code: 1, says: "--addr " + address + ": the port is in use: stop the other server or choose another port\n"},
		{name: "foreign address", args: []string{"--addr=192.0.2.1:0", "--secret-key=own"}, code: 1, says: "--addr 192.0.2.1:0: cannot listen: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"--addr=127.0.0.1:0"}, tc.args...)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a server that starts by mistake would not exit
			defer cancel()
			cmd := command(ctx, tc.env, args...)
			stderr := newBuffer()
			stdout := newBuffer()
			cmd.Stdout, cmd.Stderr = stdout, stderr
			err := cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != tc.code {
				t.Errorf("exit code %d (%v), want %d\n%s%s", code, err, tc.code, stdout, stderr)
			}
			// Log records precede the message if the data file has been opened.
			text := stderr.String()
			if _, message, ok := strings.Cut("\n"+text, "\ngamesparks-server: "); !ok || !strings.Contains(message, tc.says) {
				t.Errorf("stderr = %q, want a message that contains %q", text, tc.says)
			}
			if stdout.String() != "" || strings.Contains(stderr.String(), "mysecret") {
				t.Errorf("stdout = %q, stderr = %q", stdout, stderr)
			}
		})
	}
}

// TestHelp checks that --help shows the default and the environment variable of each flag.
func TestHelp(t *testing.T) {
	t.Parallel()
	output, err := command(t.Context(), nil, "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(output)), " ")
	want := []string{"Exit codes: 0", "3 unusable data file or database.", "(default 127.0.0.1:8770, $GAMESPARKS_SERVER_ADDR)", "(default local, $GAMESPARKS_SERVER_SECRET_KEY)"}
	visible := 0
	for field := range reflect.TypeFor[config]().Fields() {
		if _, hidden := field.Tag.Lookup("hidden"); hidden {
			continue
		}
		visible++
		fallback, ok := field.Tag.Lookup("default")
		switch {
		case fallback == "${key}":
			fallback = defaultKey
		case field.Type.Kind() == reflect.Bool:
			fallback = "false"
		case !ok:
			fallback = "none"
		}
		want = append(want, "(default "+fallback+", $"+envPrefix+"_")
	}
	for _, want := range want {
		if !strings.Contains(text, want) {
			t.Errorf("--help does not contain %q:\n%s", want, output)
		}
	}
	if got := strings.Count(text, "(default "); got != visible {
		t.Errorf("--help shows %d defaults, want %d", got, visible)
	}
}

// TestConfigFile sets flags in a file, and checks that the command line and the environment take precedence.
func TestConfigFile(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"server.yaml": "# The test server.\nregion: eu-central-1\naccess-key: filekey\nsecret-key: filesecret\naccount: 000000000017\n" +
			"max-games: 1\nanonymous: true\nlog-format: json\nfail-deployments:\n  chess/dev: INVALID_ROLE_FAILURE\n",
		"server.json": `{"region":"eu-central-1","access-key":"filekey","secret-key":"filesecret","account":"000000000017",
			"max-games":1,"anonymous":true,"log-format":"json","fail-deployments":{"chess/dev":"INVALID_ROLE_FAILURE"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startWithEnv(t, []string{"GAMESPARKS_SERVER_SECRET_KEY=variable"}, "--config", write(t, name, text), "--region=us-west-2")
			for _, line := range []string{"export AWS_REGION='us-west-2'\n", "export AWS_ACCESS_KEY_ID='filekey'\n", "# Set AWS_SECRET_ACCESS_KEY"} {
				if !strings.Contains(server.stdout, line) {
					t.Errorf("stdout = %s, want %q", server.stdout, line)
				}
			}
			client := newClient(server.endpoint, signedAs(aws.Credentials{AccessKeyID: "filekey", SecretAccessKey: "variable"}),
				func(o *gamesparks.Options) { o.Region = "us-west-2" })
			out, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("chess")})
			if err != nil {
				t.Fatal(err)
			}
			if want := "arn:aws:gamesparks:us-west-2:000000000017:game/chess"; *out.Game.Arn != want {
				t.Errorf("ARN %s, want %s", *out.Game.Arn, want)
			}
			if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("go")}); !gamesparks.IsQuotaExceeded(err) {
				t.Errorf("second game: error %v, want the quota of one game", err)
			}
			server.stderr.await(t, `"operation":"CreateGame"`)
		})
	}
}

// TestVersion checks the version in the output of the command, in the first log line and in the metrics.
func TestVersion(t *testing.T) {
	t.Parallel()
	build := buildinfo.Read()
	want := fmt.Sprintf("gamesparks-server %s\ncommit %s\n%s %s/%s\n", build.Version, build.Commit, build.Go, runtime.GOOS, runtime.GOARCH)
	for _, arg := range []string{"version", "--version"} {
		output, err := command(t.Context(), nil, arg).Output()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(output)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", arg, diff)
		}
	}

	server := start(t, "--log-format=json", "--data", filepath.Join(t.TempDir(), "data"))
	server.stderr.await(t, `"msg":"listening"`)
	var first struct{ Msg, Version, Commit, Go string }
	if err := json.NewDecoder(strings.NewReader(server.stderr.String())).Decode(&first); err != nil {
		t.Fatal(err)
	}
	if first.Msg != "starting" || first.Version != build.Version || first.Commit != build.Commit || first.Go != build.Go {
		t.Errorf("first log record: %+v, want starting and %+v", first, build)
	}
	_, metrics := fetch(t, http.DefaultClient, server.endpoint+"/metrics")
	line := fmt.Sprintf("gamesparks_build_info{goversion=%q,revision=%q,version=%q} 1\n", build.Go, build.Commit, build.Version)
	if !strings.Contains(metrics, line) {
		t.Errorf("metrics do not contain %q:\n%s", line, metrics)
	}
}

// TestRoot checks that / redirects browsers to the page, and that other requests to / are requests of the API.
func TestRoot(t *testing.T) {
	t.Parallel()
	server := start(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for method, want := range map[string]int{"GET": http.StatusFound, "HEAD": http.StatusFound, "POST": http.StatusNotFound} {
		resp, _ := fetch(t, client, server.endpoint+"/", func(r *http.Request) { r.Method = method })
		if resp.StatusCode != want || (resp.Header.Get("Location") == "/ui/") != (want == http.StatusFound) {
			t.Errorf("%s /: status %s, location %q; want status %d", method, resp.Status, resp.Header.Get("Location"), want)
		}
	}
}

// blockedData returns the name of a data file with a bucket in place of a value.
func blockedData(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data")
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta, err := tx.CreateBucket([]byte("meta"))
		if err != nil {
			return err
		}
		if err := meta.Put([]byte("schemaVersion"), []byte("1")); err != nil {
			return err
		}
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

// TestInvalidFlagCreatesNoData checks that the server validates its flags before it creates the data file.
func TestInvalidFlagCreatesNoData(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	cmd := command(t.Context(), nil, "--addr=127.0.0.1:0", "--data", data, "--max-games=-1")
	if err := cmd.Run(); cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("exit code %d (%v), want 2", cmd.ProcessState.ExitCode(), err)
	}
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Stat of the data file returned error %v, want %v", err, os.ErrNotExist)
	}
}

// TestEnvironment sets flags through environment variables, and checks that --region takes precedence over its
// variable.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	server := startWithEnv(t, []string{
		"GAMESPARKS_SERVER_REGION=eu-central-1", "GAMESPARKS_SERVER_ACCOUNT=000000000001", "GAMESPARKS_SERVER_LOG_FORMAT=json",
		"GAMESPARKS_SERVER_ACCESS_KEY=me", "GAMESPARKS_SERVER_ANONYMOUS=true",
	}, "--region=ap-south-1")
	want := "# GameSparks API endpoint: " + server.endpoint + `
export AWS_ENDPOINT_URL_GAMESPARKS='` + server.endpoint + `'
export AWS_REGION='ap-south-1'
export AWS_DEFAULT_REGION='ap-south-1'
export AWS_ACCESS_KEY_ID='me'
export AWS_SECRET_ACCESS_KEY='local'
# SDKs and tools from before July 2023 ignore AWS_ENDPOINT_URL_GAMESPARKS. Set their endpoint, as in aws --endpoint-url ` + server.endpoint + "\n"
	if diff := cmp.Diff(want, server.stdout); diff != "" {
		t.Errorf("stdout (-want +got):\n%s", diff)
	}

	// With --anonymous, unsigned requests have full access.
	client := newClient(server.endpoint, func(o *gamesparks.Options) { o.Credentials = aws.AnonymousCredentials{} })
	out, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("a")})
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
			t.Errorf("log line %q is not JSON", line)
		}
	}
}

// TestAnonymous checks that a server without authentication rejects requests that a browser sends on behalf of other
// sites.
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
			t.Errorf("%s: status %s, body %q; want status %d", tc.name, resp.Status, body, tc.status)
		}
	}
}

// TestSecrets checks that the output of the server contains no secrets.
func TestSecrets(t *testing.T) {
	t.Parallel()
	keys := write(t, "keys", `[{"AccessKeyId":"other","SecretAccessKey":"othersecret","SessionToken":"othertoken"}]`)
	server := start(t, "--secret-key=mainsecret", "--keys", keys, "--log-level=debug")
	download := exportURL(t, newClient(server.endpoint, signedAs(aws.Credentials{AccessKeyID: "local", SecretAccessKey: "mainsecret"})))
	for _, c := range []aws.Credentials{
		{AccessKeyID: "other", SecretAccessKey: "othersecret", SessionToken: "othertoken"},
		{AccessKeyID: "other", SecretAccessKey: "othersecret", SessionToken: "wrongtoken"},
		{AccessKeyID: "other", SecretAccessKey: "wrongsecret", SessionToken: "othertoken"},
	} {
		_, err := newClient(server.endpoint, signedAs(c)).GetGame(t.Context(), &gamesparks.GetGameInput{GameName: new("exported")})
		if (err == nil) != (c.SessionToken == "othertoken" && c.SecretAccessKey == "othersecret") {
			t.Errorf("%s: %v", c.SessionToken, err)
		}
	}
	if resp, body := fetch(t, http.DefaultClient, download); resp.StatusCode != http.StatusOK {
		t.Errorf("download: status %s, body %q; want status 200", resp.Status, body)
	}
	u, err := url.Parse(download)
	if err != nil {
		t.Fatal(err)
	}
	signature := u.Query().Get("X-Amz-Signature")
	if signature == "" {
		t.Fatalf("download URL %s has no signature", download)
	}
	if code := server.signal(t, os.Interrupt); code != 0 {
		t.Errorf("exit code %d", code)
	}
	output := server.stdout + server.stderr.String()
	for _, secret := range []string{"mainsecret", "othersecret", "othertoken", "wrongtoken", signature} {
		if strings.Contains(output, secret) {
			t.Errorf("the output contains the secret %q:\n%s", secret, output)
		}
	}
	if !strings.Contains(output, "operation=ExportSnapshot") {
		t.Errorf("no log record of ExportSnapshot:\n%s", output)
	}
}

// TestLogDuration checks that the server logs the duration of each request in milliseconds.
func TestLogDuration(t *testing.T) {
	t.Parallel()
	server := start(t, "--log-format=json")
	exportURL(t, newClient(server.endpoint))
	if code := server.signal(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d", code)
	}
	requests := 0
	for line := range strings.Lines(server.stderr.String()) {
		var record struct {
			Msg        string
			DurationMS float64 `json:"duration_ms"`
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		if record.Msg == "request" {
			requests++
			if record.DurationMS <= 0 || record.DurationMS > time.Minute.Seconds()*1000 {
				t.Errorf("duration_ms = %v, want more than 0 and at most a minute: %s", record.DurationMS, line)
			}
		}
	}
	if requests != 3 {
		t.Errorf("%d log records of requests, want 3", requests)
	}
}

// exportURL creates a game with a snapshot, exports the snapshot, and returns the download URL.
func exportURL(t *testing.T, client *gamesparks.Client) string {
	t.Helper()
	name := new("exported")
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

// slowRequest sends a request but stops in the middle of its body. It returns the connection and the rest of the body.
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
	// 100 Continue proves that the server has started to read the body.
	line, err := bufio.NewReaderSize(connection, 16).ReadString('\n')
	if err != nil || !strings.Contains(line, "100") {
		t.Fatalf("response = %q, error = %v; want 100 Continue", line, err)
	}
	if _, err := io.WriteString(connection, body[:5]); err != nil {
		t.Fatal(err)
	}
	return connection, body[5:]
}

// TestShutdown checks that the server completes an active request after a signal.
func TestShutdown(t *testing.T) {
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
	response, err := io.ReadAll(connection)
	if err != nil || !strings.Contains(string(response), "HTTP/1.1 200 OK") || !strings.Contains(string(response), "game/slow") {
		t.Errorf("response = %q, error = %v; want status 200 and the ARN of the game", response, err)
	}
	if code := server.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// wantUnavailable checks that the response on a connection reports that the service is shutting down.
func wantUnavailable(t *testing.T, connection net.Conn) {
	t.Helper()
	response, err := io.ReadAll(connection)
	for _, want := range []string{"HTTP/1.1 503 Service Unavailable", "X-Amzn-Errortype: ServiceUnavailableException", "The service is shutting down."} {
		if err != nil || !strings.Contains(string(response), want) {
			t.Errorf("response = %q, error = %v; want it to contain %q", response, err, want)
		}
	}
}

// TestShutdownTimeout checks that the server ends a request that is still active after --shutdown-timeout.
func TestShutdownTimeout(t *testing.T) {
	t.Parallel()
	server := start(t, "--anonymous", "--shutdown-timeout=10ms")
	connection, _ := slowRequest(t, server)
	if code := server.signal(t, syscall.SIGTERM); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	wantUnavailable(t, connection)
	for _, want := range []string{"shutdown_timeout_ms=10\n", "gamesparks-server: canceled active requests after the --shutdown-timeout of 10ms\n"} {
		if !strings.Contains(server.stderr.String(), want) {
			t.Errorf("stderr = %q, want it to contain %q", server.stderr, want)
		}
	}
}

// TestShutdownIncompleteBody checks that a request whose body does not arrive does not delay the exit until
// --shutdown-timeout.
func TestShutdownIncompleteBody(t *testing.T) {
	t.Parallel()
	server := start(t, "--anonymous", "--shutdown-timeout=1h")
	connection, _ := slowRequest(t, server)
	if code := server.signal(t, syscall.SIGTERM); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	wantUnavailable(t, connection)
}

// TestSecondSignal checks that a second signal immediately ends a server that is waiting for an active request.
func TestSecondSignal(t *testing.T) {
	t.Parallel()
	server := start(t, "--anonymous", "--shutdown-timeout=1h")
	slowRequest(t, server)
	if err := server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	server.stderr.await(t, "stopping")
	server.signal(t, syscall.SIGTERM)
	if status, ok := server.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGTERM {
		t.Errorf("state = %v, want termination by SIGTERM", server.cmd.ProcessState)
	}
}

func TestHealthAndMetrics(t *testing.T) {
	t.Parallel()
	server := start(t)
	client := newClient(server.endpoint)
	for range 2 {
		if _, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: new("missing")}); !gamesparks.IsNotFound(err) {
			t.Fatal(err)
		}
	}
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new("a")}); err != nil {
		t.Fatal(err)
	}
	if resp, body := fetch(t, http.DefaultClient, server.endpoint+"/nothing"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("unknown path: status %s, body %q; want status 404", resp.Status, body)
	}
	if resp, body := fetch(t, http.DefaultClient, server.endpoint+"/runtime/game/a/stage/b/connect?playerId=p&gameKey=k"); resp.StatusCode != http.StatusForbidden {
		t.Errorf("connection with a wrong game key: status %s, body %q; want status 403", resp.Status, body)
	}
	resp, body := fetch(t, http.DefaultClient, server.endpoint+"/healthz")
	if resp.StatusCode != http.StatusOK || body != "ok\n" {
		t.Errorf("health: status %s, body %q; want status 200 and body ok", resp.Status, body)
	}
	resp, body = fetch(t, http.DefaultClient, server.endpoint+"/metrics")
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("metrics: status %s, body %q; want status 200", resp.Status, body)
	}
	for _, line := range []string{
		`gamesparks_requests_total{code="200",error="",operation="CreateGame"} 1`,
		`gamesparks_requests_total{code="404",error="ResourceNotFoundException",operation="GetGame"} 2`,
		`gamesparks_requests_total{code="404",error="UnknownOperationException",operation="none"} 1`,
		`gamesparks_requests_total{code="403",error="AccessDeniedException",operation="Connect"} 1`,
		`gamesparks_request_duration_seconds_count{operation="GetGame"} 2`,
		`gamesparks_requests_in_flight 0`,
		`gamesparks_player_connections 0`,
		`gamesparks_body_budget_used_bytes 0`,
		`gamesparks_refused_requests_total{limit="body-budget"} 0`,
		`gamesparks_refused_requests_total{limit="max-requests"} 0`,
		`# TYPE go_goroutines gauge`,
		`# TYPE process_open_fds gauge`,
	} {
		if !strings.Contains(body, line+"\n") {
			t.Errorf("metrics do not contain %q", line)
		}
	}
	if strings.Contains(body, `gamesparks_request_duration_seconds_count{operation="Connect"}`) {
		t.Error("the duration metrics include player connections")
	}
	if t.Failed() {
		t.Log(body)
	}
}

// scannedStore records the ranges that are scanned.
type scannedStore struct {
	storage.Store
	storage.Reader
	ranges []storage.Range
}

func (s *scannedStore) View(ctx context.Context, fn func(storage.Reader) error) error {
	return s.Store.View(ctx, func(tx storage.Reader) error {
		s.Reader = tx
		return fn(s)
	})
}

func (s *scannedStore) Scan(r storage.Range) iter.Seq2[storage.Entry, error] {
	s.ranges = append(s.ranges, r)
	return s.Reader.Scan(r)
}

// TestHealthReadsOneEntry checks that /healthz reads one entry. A database would otherwise return several, which can be large.
func TestHealthReadsOneEntry(t *testing.T) {
	t.Parallel()
	store := &scannedStore{Store: storage.NewMemory()}
	defer store.Close()
	if err := store.View(t.Context(), readFirst); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]storage.Range{{Limit: 1}}, store.ranges); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
}

// TestHealth checks the responses of /healthz and /readyz, and that the command healthcheck reports those of /healthz.
func TestHealth(t *testing.T) {
	t.Parallel()
	const (
		unreadable = "The server cannot read its data. Check the data file or the database."
		unwritable = "The server cannot write its data. Check the data file or the database."
		full       = "The server cannot write its data because its disk is full. Free space on the disk."
	)
	errBroken := errors.New("input/output error")
	for name, tc := range map[string]struct {
		failures       map[storagetest.Op]error
		healthy, ready string // the problem; empty if there is none
	}{
		"healthy":     {nil, "", ""},
		"unreachable": {map[storagetest.Op]error{storagetest.View: storage.ErrUnavailable, storagetest.Update: storage.ErrUnavailable}, unreadable, unwritable},
		"unreadable":  {map[storagetest.Op]error{storagetest.Get: errBroken, storagetest.Scan: errBroken}, unreadable, ""},
		"unwritable":  {map[storagetest.Op]error{storagetest.BeforeCommit: errBroken}, "", unwritable},
		"full":        {map[storagetest.Op]error{storagetest.BeforeCommit: storage.ErrFull}, "", full},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var fails atomic.Bool
			s := newTestServer(t, &storagetest.Faulty{Store: storage.NewMemory(), Fail: func(c storagetest.Call) error {
				if fails.Load() {
					return tc.failures[c.Op]
				}
				return nil
			}})
			endpoint := httptest.NewServer(s.handler)
			defer endpoint.Close()
			fails.Store(true)
			for path, problem := range map[string]string{"/healthz": tc.healthy, "/readyz": tc.ready} {
				resp, body := fetch(t, endpoint.Client(), endpoint.URL+path)
				type response struct{ Status, Type, ErrorType, Body string }
				want := response{"200 OK", "text/plain; charset=utf-8", "", "ok\n"}
				if problem != "" {
					want = response{"503 Service Unavailable", "application/json", "ServiceUnavailableException", fmt.Sprintf(`{"Message":%q}`, problem)}
				}
				got := response{resp.Status, resp.Header.Get("Content-Type"), resp.Header.Get("X-Amzn-ErrorType"), body}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", path, diff)
				}
				if id := resp.Header.Get("X-Amzn-RequestId"); (id != "") != (problem != "") {
					t.Errorf("%s: request id %q", path, id)
				}
				if caching := resp.Header.Get("Cache-Control"); caching != "no-store" {
					t.Errorf("%s: Cache-Control: %s", path, caching)
				}
			}
			var stdout strings.Builder
			check := healthCheck{Addr: endpoint.Listener.Addr().String(), Timeout: time.Minute}
			err := check.Run(&streams{stdout: &stdout})
			if tc.healthy == "" && (err != nil || stdout.String() != "ok\n") {
				t.Errorf("healthcheck: output %q, error %v; want ok", &stdout, err)
			}
			want := "healthcheck: " + endpoint.URL + "/healthz: status 503 Service Unavailable: " + tc.healthy
			if tc.healthy != "" && (err == nil || err.Error() != want) {
				t.Errorf("healthcheck: error %v, want %s", err, want)
			}
		})
	}
}

// TestInProcessClientCanceled checks that a canceled request returns an error and no response.
func TestInProcessClientCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := inProcessClient{http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() })}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/game", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(r)
	if resp != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("response %v, error %v; want no response and error %v", resp, err, context.Canceled)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	server := start(t, "--max-games=1", "--max-body=100", "--max-header=8192", "--header-timeout=500ms")
	_, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{
		GameName: new("a"), Description: new(strings.Repeat("x", 100)),
	})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "RequestEntityTooLargeException" {
		t.Errorf("large body: error %v, want a RequestEntityTooLargeException", err)
	}

	for i, want := range []string{"", "ServiceQuotaExceededException"} {
		_, err := newClient(server.endpoint).CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: new(fmt.Sprint(i))})
		if api = nil; errors.As(err, &api) != (want != "") || api != nil && api.ErrorCode() != want {
			t.Errorf("game %d: %v", i, err)
		}
	}

	// net/http adds 4 KiB to the limit.
	resp, _ := fetch(t, http.DefaultClient, server.endpoint+"/healthz", func(r *http.Request) {
		r.Header.Set("X-Large", strings.Repeat("x", 13_000))
	})
	if resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge || resp.Header.Get("X-Amzn-ErrorType") != "RequestHeaderFieldsTooLargeException" {
		t.Errorf("large header: status %s, header %v; want 431 RequestHeaderFieldsTooLargeException", resp.Status, resp.Header)
	}

	connection, err := net.Dial("tcp", strings.TrimPrefix(server.endpoint, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, "GET /healthz HTTP/1.1\r\nHost"); err != nil {
		t.Fatal(err)
	}
	// The server may send an error response before it closes the connection.
	if response, err := io.ReadAll(connection); err != nil || strings.HasPrefix(string(response), "HTTP/1.1 200") {
		t.Errorf("slow header: response %q, error %v; want a closed connection or an error response", response, err)
	}
}

// newCertificate returns the names of two files: a self-signed certificate for 127.0.0.1 and its private key.
func newCertificate(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "127.0.0.1"}, // curl requires a name
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
		t.Fatalf("endpoint = %s, want https://127.0.0.1 and a port", server.endpoint)
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
		t.Errorf("health: %s, status %s, body %q; want HTTP/2 and status 200", resp.Proto, resp.Status, body)
	}
	if url := exportURL(t, newClient(server.endpoint, func(o *gamesparks.Options) { o.HTTPClient = client })); !strings.HasPrefix(url, server.endpoint) {
		t.Errorf("download URL = %s, want it to begin with the endpoint", url)
	} else if resp, body := fetch(t, client, url); resp.StatusCode != http.StatusOK {
		t.Errorf("download: status %s, body %q; want status 200", resp.Status, body)
	}

	for path, want := range map[string]int{"/game/%zz": http.StatusBadRequest, "/game?" + strings.Repeat("x", 100_000): http.StatusRequestHeaderFieldsTooLarge} {
		connection, err := tls.Dial("tcp", strings.TrimPrefix(server.endpoint, "https://"), &tls.Config{RootCAs: roots})
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		_, _ = fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path) // fails if the server responds early
		resp, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != want || resp.Header.Get("X-Amzn-RequestId") == "" || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("HTTP/1.1 %.20s: status %s, header %v; want status %d, a request id and JSON", path, resp.Status, resp.Header, want)
		}
	}

	plain, _ := fetch(t, http.DefaultClient, "http"+strings.TrimPrefix(server.endpoint, "https")+"/healthz")
	if plain.StatusCode != http.StatusBadRequest || plain.Header.Get("X-Amzn-RequestId") == "" {
		t.Errorf("plain HTTP: status %s, header %v; want status 400 and a request id", plain.Status, plain.Header)
	}
}

// TestPublicAddress checks that a server on a public address requires an access key of its account for the web page.
func TestPublicAddress(t *testing.T) {
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
		t.Fatalf("endpoint = %s, want http://localhost and a port", server.endpoint)
	}
	if strings.Contains(server.stdout, "own\n") || !strings.Contains(server.stdout, "# Set AWS_SECRET_ACCESS_KEY to the value of --secret-key.") {
		t.Errorf("stdout = %s", server.stdout)
	}
	server.stderr.await(t, "without TLS")
	endpoint := strings.Replace(server.endpoint, "localhost", "127.0.0.1", 1)

	client := newClient(endpoint, signedAs(aws.Credentials{AccessKeyID: "local", SecretAccessKey: "own"}))
	if url := exportURL(t, client); !strings.HasPrefix(url, "https://games.example/base/") {
		t.Errorf("download URL = %s, want it to begin with the public URL", url)
	}
	for _, tc := range []struct {
		user, password string
		status         int
	}{
		{"", "", http.StatusUnauthorized},
		{"local", "local", http.StatusUnauthorized},
		{"other", "own", http.StatusUnauthorized},
		{"stranger", "strangersecret", http.StatusUnauthorized}, // belongs to another account
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
			t.Errorf("page as %s:%s: status %s, want %d", tc.user, tc.password, resp.Status, tc.status)
		}
		if (resp.Header.Get("WWW-Authenticate") != "") != (tc.status == http.StatusUnauthorized) {
			t.Errorf("page as %s:%s: header %v, want WWW-Authenticate only with status 401", tc.user, tc.password, resp.Header)
		}
	}
}

// TestFailuresAndExtensions checks --fail-deployments and --extensions.
func TestFailuresAndExtensions(t *testing.T) {
	t.Parallel()
	extensions := write(t, "extensions", `[{"Namespace":"Studio","Name":"Chat","Description":"Chat rooms.","Versions":[{"Version":"1.0.0","Schema":"{}"}]}]`)
	server := start(t, "--deployment-pending=0s", "--deployment-in-progress=0s", "--extensions", extensions,
		"--fail-deployments=chess/dev=INVALID_ROLE_FAILURE;chess/live=UNSPECIFIED_FAILURE")
	client, game := newClient(server.endpoint), new("chess")
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
			GameName: game, StageName: &stage, Role: new("arn:aws:iam::123456789012:role/stage"),
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
			t.Errorf("stage %s: deployment result %+v, want code %s", stage, got, want)
		}
	}
	if _, err := client.GetExtensionVersion(t.Context(), &gamesparks.GetExtensionVersionInput{
		Namespace: new("Studio"), Name: new("Chat"), ExtensionVersion: new("1.0.0"),
	}); err != nil {
		t.Error(err)
	}
}
