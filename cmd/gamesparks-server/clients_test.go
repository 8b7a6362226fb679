package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// debianPython is the interpreter that finds Debian's Python packages. Another Python in PATH does not find them.
const debianPython = "/usr/bin/python3"

// debianPackages is the directory in which Debian installs Python packages.
const debianPackages = "/usr/lib/python3/dist-packages"

// TestBoto3 calls all operations with boto3, once with each of its two signers.
func TestBoto3(t *testing.T) {
	t.Parallel()
	requireBoto3(t)
	for name, disableCRT := range map[string]string{"botocore": "true", "common runtime": "false"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runBoto3(t, "BOTO_DISABLE_CRT="+disableCRT)
		})
	}
}

func runBoto3(t *testing.T, env ...string) {
	keys := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(keys, []byte(`[
		{"AccessKeyId": "reader", "SecretAccessKey": "s3cret/+=", "ReadOnly": true},
		{"AccessKeyId": "temporary", "SecretAccessKey": "s3cret/+=", "SessionToken": "token/+="}
	]`), 0o600); err != nil {
		t.Fatal(err)
	}
	srv := start(t, "--data", filepath.Join(t.TempDir(), "data"), "--region=eu-west-1", "--keys", keys,
		"--access-key=full", "--secret-key=s3cret/+=",
		"--deployment-pending=10ms", "--deployment-in-progress=10ms", "--job-pending=10ms", "--job-in-progress=10ms", "--deletion-time=10ms")

	credential := server.Credential{AccessKeyID: "full", SecretAccessKey: "s3cret/+="}
	options := []server.Option{server.WithRegion("eu-west-1"), server.WithCredentials(credential)}
	quota := servertest.Start(t, append(options, server.WithMaxGames(1))...)
	slow := servertest.Start(t, append(options, server.WithDeploymentTime(time.Hour, time.Hour), server.WithCodeGenerationTime(time.Hour, time.Hour),
		server.WithDeletionTime(time.Hour))...)
	faulty := servertest.Start(t, options...)
	control := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fault := server.Fault{Operation: r.FormValue("operation"), Code: r.FormValue("code"), Count: 1}
		if _, err := faulty.Inject(fault); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}))
	t.Cleanup(control.Close)

	script := exec.CommandContext(t.Context(), debianPython, filepath.Join("testdata", "boto3_client.py"))
	script.Env = append(cleanEnv(), "ENDPOINT="+srv.endpoint, "QUOTA_ENDPOINT="+quota.URL, "SLOW_ENDPOINT="+slow.URL)
	script.Env = append(script.Env, "FAULTY_ENDPOINT="+faulty.URL, "INJECT="+control.URL)
	script.Env = append(script.Env, env...)
	output, err := script.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if got, want := string(output), "33 operations\n"; got != want {
		t.Errorf("output = %q, want %q", got, want)
	}
}

// TestBoto3TestAPI injects faults, moves the clock and resets the account with requests that botocore signs.
func TestBoto3TestAPI(t *testing.T) {
	t.Parallel()
	requireBoto3(t)
	srv := start(t, "--test-api", "--deployment-pending=1h", "--deployment-in-progress=1h")
	script := exec.CommandContext(t.Context(), debianPython, filepath.Join("testdata", "boto3_testapi.py"))
	script.Env = append(cleanEnv(), "ENDPOINT="+srv.endpoint)
	output, err := script.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if got, want := string(output), "test API complete\n"; got != want {
		t.Errorf("output = %q, want %q", got, want)
	}
	if log := srv.stderr.String(); !strings.Contains(log, "THE TEST API IS ENABLED") || strings.Contains(log, "OPEN TO THE NETWORK") {
		t.Errorf("want only the warning that the test API is enabled:\n%s", log)
	}
}

// TestTestAPIOnNetwork checks that a server warns about a test API that other machines can reach.
func TestTestAPIOnNetwork(t *testing.T) {
	t.Parallel()
	start(t, "--test-api", "--addr=0.0.0.0:0", "--secret-key=own").stderr.await(t, "THE TEST API IS OPEN TO THE NETWORK")
}

// TestAWSCLI runs a game through its lifecycle with the AWS CLI.
func TestAWSCLI(t *testing.T) {
	t.Parallel()
	requireAWSCLI(t)
	srv := start(t, "--data", filepath.Join(t.TempDir(), "data"), "--deployment-pending=10ms", "--deployment-in-progress=10ms", "--deletion-time=10ms")
	path, err := filepath.Abs(filepath.Join("testdata", "awscli.sh"))
	if err != nil {
		t.Fatal(err)
	}
	// The shell evaluates the output of the server.
	script := exec.CommandContext(t.Context(), "bash", "-c", srv.stdout+"exec bash "+path)
	script.Env = append(cleanEnv(), "ENDPOINT="+srv.endpoint)
	script.Dir = t.TempDir()
	output, err := script.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if got, want := string(output), "lifecycle complete\n"; got != want {
		t.Errorf("output = %q, want %q", got, want)
	}
}

// TestJavaScript calls all operations with the last release of the AWS SDK for JavaScript that includes the service.
func TestJavaScript(t *testing.T) {
	t.Parallel()
	requireJavaScript(t)
	srv := start(t, "--deployment-pending=10ms", "--deployment-in-progress=10ms", "--job-pending=10ms", "--job-in-progress=10ms", "--deletion-time=10ms")
	script := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "js_client.js"))
	script.Env = append(cleanEnv(), "ENDPOINT="+srv.endpoint, "NODE_PATH="+os.Getenv("NODE_PATH"))
	output, err := script.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if got, want := string(output), "33 operations\n"; got != want {
		t.Errorf("output = %q, want %q", got, want)
	}
}

func requireBoto3(t *testing.T) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), debianPython, "-c", "import boto3").Run(); err != nil {
		t.Skip("boto3 is not installed: apt-get install python3-boto3")
	}
}

func requireAWSCLI(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/usr/bin/aws"); err != nil {
		t.Skip("the AWS CLI is not installed: apt-get install awscli")
	}
}

func requireCurl(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed: apt-get install curl")
	}
}

func requireJavaScript(t *testing.T) {
	t.Helper()
	find := exec.CommandContext(t.Context(), "node", "-e", `require("@aws-sdk/client-gamesparks")`)
	if err := find.Run(); err != nil {
		t.Skip("@aws-sdk/client-gamesparks is not installed: apt-get install nodejs npm, " +
			"npm install --prefix DIR @aws-sdk/client-gamesparks@3.431.0, and set NODE_PATH to DIR/node_modules")
	}
}

// hasCurrentClients reports whether PATH has releases of boto3 and AWS CLI version 1 that lack the service.
func hasCurrentClients(t *testing.T) bool {
	t.Helper()
	const lacksService = `import boto3; assert "gamesparks" not in boto3.session.Session().get_available_services()`
	boto3 := exec.CommandContext(t.Context(), "python3", "-c", lacksService)
	boto3.Env = cleanEnv()
	if boto3.Run() != nil {
		return false
	}
	cli := exec.CommandContext(t.Context(), "aws", "--version")
	cli.Env = cleanEnv()
	version, err := cli.CombinedOutput()
	return err == nil && strings.HasPrefix(string(version), "aws-cli/1.")
}

// clientsWithoutService returns a directory with aws and python3 commands that run copies of Debian's packages without
// the service's model. Like current releases, they report that the service is unknown.
func clientsWithoutService(t *testing.T) string {
	t.Helper()
	packages, bin := t.TempDir(), t.TempDir()
	for _, name := range []string{"boto3", "botocore", "awscli"} {
		link := exec.CommandContext(t.Context(), "cp", "--recursive", "--symbolic-link", filepath.Join(debianPackages, name), packages)
		if output, err := link.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
	for _, botocore := range []string{"botocore", "awscli/botocore"} {
		model := filepath.Join(packages, botocore, "data", "gamesparks")
		if _, err := os.Stat(model); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(model); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"aws", "python3"} {
		script := "#!/bin/sh\nPYTHONPATH=" + packages + " exec /usr/bin/" + name + " \"$@\"\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

// cleanEnv returns an environment without AWS configuration, AWS credentials or proxy settings.
func cleanEnv() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "AWS_EC2_METADATA_DISABLED=true", "PYTHONDONTWRITEBYTECODE=1"}
}
