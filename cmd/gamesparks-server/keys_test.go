package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// keys runs gamesparks-server keys and returns the exit code and the output.
func keys(t *testing.T, file string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	out, errs := newBuffer(), newBuffer()
	cmd := command(t.Context(), []string{"GAMESPARKS_SERVER_KEYS=" + file}, append([]string{"keys"}, args...)...)
	cmd.Stdout, cmd.Stderr = out, errs
	_ = cmd.Run() // the exit code is in the state
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

var createdKey = regexp.MustCompile(`^AWS_ACCESS_KEY_ID=(\S+)\nAWS_SECRET_ACCESS_KEY=(\S+)\n$`)

// createdBy returns the access key in the output of keys create.
func createdBy(t *testing.T, file string, args ...string) aws.Credentials {
	t.Helper()
	code, stdout, stderr := keys(t, file, append([]string{"create"}, args...)...)
	m := createdKey.FindStringSubmatch(stdout)
	if code != 0 || m == nil || stderr != "" {
		t.Fatalf("keys create %v: exit code %d, stdout %q, stderr %q", args, code, stdout, stderr)
	}
	return aws.Credentials{AccessKeyID: m[1], SecretAccessKey: m[2]}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	file := filepath.Join(directory, "keys.json")
	secrets := []string{
		createdBy(t, file, "--id=admin").SecretAccessKey,
		createdBy(t, file, "--id=reader", "--read-only", "--key-account=000000000012", "--expires=2999-12-31T23:00:00+01:00").SecretAccessKey,
	}
	if err := editKeys(file, func(keys []keyEntry) ([]keyEntry, error) {
		return append(keys, keyEntry{AccessKeyID: "old", SecretAccessKey: "s", Expires: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}), nil
	}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time is a no-op
		if code, stdout, stderr := keys(t, file, "disable", "admin"); code != 0 || stdout+stderr != "" {
			t.Errorf("disable: exit code %d, stdout %q, stderr %q", code, stdout, stderr)
		}
	}
	code, stdout, stderr := keys(t, file, "list")
	want := `ACCESS KEY ID  ACCOUNT       ACCESS     EXPIRES               STATE
admin          default       full       never                 disabled
reader         000000000012  read-only  2999-12-31T22:00:00Z  enabled
old            default       full       2020-01-01T00:00:00Z  expired
`
	if diff := cmp.Diff(want, stdout); diff != "" || code != 0 || stderr != "" {
		t.Errorf("list: exit code %d, stderr %q, stdout (-want +got):\n%s", code, stderr, diff)
	}
	for i, secret := range secrets {
		if len(secret) < 40 || strings.Contains(stdout, secret) || i > 0 && secret == secrets[0] {
			t.Errorf("secret %d, %q, is short, repeated or listed", i, secret)
		}
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}

	// An edit replaces the file that a link names, with the owner of the old file.
	link := filepath.Join(t.TempDir(), "link.json")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(file, 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	createdBy(t, link, "--id=linked")
	if target, err := os.Readlink(link); err != nil || target != file {
		t.Errorf("link to %q, error %v; want a link to %s", target, err, file)
	}
	if owner := ownerOf(t, file); os.Getuid() == 0 && owner != 12345 {
		t.Errorf("owner %d, want 12345", owner)
	}
	if entries, err := filepath.Glob(filepath.Join(directory, ".keys.json-*")); err != nil || len(entries) > 0 {
		t.Errorf("temporary files %v, error %v", entries, err)
	}
}

func TestKeysErrors(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys.json")
	createdBy(t, file, "--id=admin")
	for _, tc := range []struct {
		file string
		args []string
		code int
		says string
	}{
		{"", []string{"list"}, 2, "--keys: the value is missing"},
		{"", []string{"create"}, 2, "--keys: the value is missing"},
		{"/nonexistent/keys.json", []string{"list"}, 1, "--keys: open /nonexistent/keys.json: no such file or directory: create the file with gamesparks-server keys create --keys /nonexistent/keys.json"},
		{"/nonexistent/keys.json", []string{"create"}, 1, "--keys /nonexistent/keys.json: lock the file: "},
		{write(t, "keys", "[{"), []string{"create"}, 1, "not valid JSON: the file ends inside a value"},
		{file, []string{"create", "--id=admin"}, 1, "the access key admin exists: choose another --id"},
		{file, []string{"create", "--key-account=1"}, 2, `--key-account: account "1": must have 12 digits`},
		{file, []string{"create", "--expires=2999-01-01"}, 2, `--expires: "2999-01-01" is not a time: use a value such as 2026-12-31T00:00:00Z`},
		{file, []string{"create", "--expires=2020-01-01T00:00:00Z"}, 2, "--expires: 2020-01-01T00:00:00Z is in the past"},
		{file, []string{"create", "--id=a b"}, 2, `--id: access key id "a b": must consist of ASCII letters, digits, underscores, hyphens and periods`},
		{file, []string{"create", "--id=a/b"}, 2, `--id: access key id "a/b": must consist of`},
		{file, []string{"create", "--id=x,y"}, 2, `--id: access key id "x,y": must consist of`},
		{file, []string{"create", "--id=ümlaut"}, 2, `--id: access key id "ümlaut": must consist of`},
		{file, []string{"create", "--id=local"}, 2, "--id: the access key of --access-key of the server has the id local: choose another --id"},
		{file, []string{"create", "--id=ops", "--access-key=ops"}, 2, "--id: the access key of --access-key of the server has the id ops: choose another --id"},
		{file, []string{"disable", "x"}, 1, `the access key "x" does not exist: gamesparks-server keys list shows the access keys`},
		{file, []string{"disable"}, 2, `expected "<id>"`},
		{file, nil, 2, `expected one of "create", "list", "disable"`},
	} {
		before, _ := os.ReadFile(tc.file) // it may not exist
		code, stdout, stderr := keys(t, tc.file, tc.args...)
		if code != tc.code || stdout != "" || !strings.HasPrefix(stderr, "gamesparks-server: ") || !strings.Contains(stderr, tc.says) {
			t.Errorf("keys %v: exit code %d, stdout %q, stderr %q; want exit code %d and %q", tc.args, code, stdout, stderr, tc.code, tc.says)
		}
		if after, _ := os.ReadFile(tc.file); string(after) != string(before) {
			t.Errorf("keys %v changed the file to %s", tc.args, after)
		}
	}
}

// TestKeysConcurrently checks that concurrent edits lose no access key.
func TestKeysConcurrently(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys.json")
	var group sync.WaitGroup
	const n = 10
	for i := range n {
		group.Go(func() { createdBy(t, file, fmt.Sprintf("--id=key%d", i)) })
	}
	group.Wait()
	if list, err := readKeys(file); err != nil || len(list) != n {
		t.Errorf("%d keys, error %v; want %d keys", len(list), err, n)
	}
}

// TestKeysReload edits the --keys file of a running server.
func TestKeysReload(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys.json")
	createdBy(t, file, "--id=first")
	server := start(t, "--addr=0.0.0.0:0", "--secret-key=own", "--keys", file)
	endpoint := strings.Replace(server.endpoint, "localhost", "127.0.0.1", 1)
	list := func(key aws.Credentials) error {
		_, err := newClient(endpoint, signedAs(key)).ListGames(t.Context(), nil)
		return err
	}
	page := func(key aws.Credentials) int {
		resp, _ := fetch(t, http.DefaultClient, endpoint+"/ui/", func(r *http.Request) { r.SetBasicAuth(key.AccessKeyID, key.SecretAccessKey) })
		return resp.StatusCode
	}

	key := createdBy(t, file)
	server.stderr.await(t, `msg="reloaded the access keys" keys=`+file+" access_keys=3\n")
	if err := list(key); err != nil {
		t.Errorf("new access key: %v", err)
	}
	if status := page(key); status != http.StatusOK {
		t.Errorf("page with the new access key: status %d, want 200", status)
	}

	// Invalid files, and the default secret on a network address, do not change the keys.
	valid, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ content, says string }{
		{`[{"AccessKeyId":"a","SecretAccessKey":""}]`, "credential \\\"a\\\": the access key id and the secret access key must not be empty"},
		{`[{"AccessKeyId":"a"`, "not valid JSON: the file ends inside a value"},
		{`[{"AccessKeyId":"a","SecretAccessKey":"local"}]`, "access key a has the default secret"},
	} {
		if err := os.WriteFile(file, []byte(tc.content), 0o600); err != nil {
			t.Fatal(err)
		}
		server.stderr.await(t, tc.says)
		if err := list(key); err != nil {
			t.Errorf("access key after the file became invalid: %v", err)
		}
		if _, metrics := get(t, endpoint+"/metrics"); !strings.Contains(metrics, "gamesparks_access_keys_last_reload_successful 0\n") {
			t.Error("the metrics do not report the failed reload")
		}
	}
	if err := os.WriteFile(file, valid, 0o600); err != nil {
		t.Fatal(err)
	}

	if code, _, stderr := keys(t, file, "disable", key.AccessKeyID); code != 0 {
		t.Fatalf("disable: exit code %d, %s", code, stderr)
	}
	createdBy(t, file, "--id=last")
	server.stderr.await(t, "access_keys=4\n")
	if err := list(key); gamesparks.IsThrottled(err) || err == nil || !strings.Contains(err.Error(), "UnrecognizedClientException") {
		t.Errorf("disabled access key: error %v, want an UnrecognizedClientException", err)
	}
	if _, metrics := get(t, endpoint+"/metrics"); !strings.Contains(metrics, "gamesparks_access_keys_last_reload_successful 1\n") {
		t.Error("the metrics do not report the reload")
	}
	if status := page(key); status != http.StatusUnauthorized {
		t.Errorf("page with the disabled access key: status %d, want 401", status)
	}
	if strings.Contains(server.stderr.String(), key.SecretAccessKey) {
		t.Error("the log contains a secret")
	}
}

// TestKeysOfAccessKey starts a server with a file that has a key with the ID of --access-key, and then changes the file. The
// server must ignore the key, and apply all other changes.
func TestKeysOfAccessKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "keys.json")
	other := createdBy(t, file, "--id=other")
	if err := editKeys(file, func(keys []keyEntry) ([]keyEntry, error) {
		return append(keys, keyEntry{AccessKeyID: "local", SecretAccessKey: "ignored"}), nil
	}); err != nil {
		t.Fatal(err)
	}
	server := start(t, "--keys", file)
	list := func(key aws.Credentials) error {
		_, err := newClient(server.endpoint, signedAs(key)).ListGames(t.Context(), nil)
		return err
	}
	const warning = `level=WARN msg="ignored an access key of the --keys file: --access-key has the same id; change the id in the file" access_key_id=local keys=`
	server.stderr.await(t, warning)
	for _, key := range []aws.Credentials{other, {AccessKeyID: "local", SecretAccessKey: "local"}} {
		if err := list(key); err != nil {
			t.Errorf("access key %s: %v", key.AccessKeyID, err)
		}
	}

	if code, _, stderr := keys(t, file, "disable", "other"); code != 0 {
		t.Fatalf("disable: exit code %d, %s", code, stderr)
	}
	server.stderr.await(t, "reloaded the access keys")
	if err := list(other); err == nil || !strings.Contains(err.Error(), `The access key id "other" is not known to this service or is disabled.`) {
		t.Errorf("disabled access key: error %v, want an UnrecognizedClientException", err)
	}
	if err := list(aws.Credentials{AccessKeyID: "local", SecretAccessKey: "ignored"}); err == nil {
		t.Error("the server accepts the ignored access key")
	}
	if n := strings.Count(server.stderr.String(), warning); n != 2 {
		t.Errorf("%d warnings, want one for each content of the file", n)
	}
}

// TestRateLimitFlags checks --rate-limit and --rate-burst.
func TestRateLimitFlags(t *testing.T) {
	t.Parallel()
	server := start(t, "--rate-limit=0.001", "--rate-burst=2")
	client := newClient(server.endpoint)
	for i := range 3 {
		if _, err := client.ListGames(t.Context(), nil); gamesparks.IsThrottled(err) != (i == 2) || i < 2 && err != nil {
			t.Errorf("request %d: error %v", i, err)
		}
	}
}
