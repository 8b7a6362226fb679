package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUsage checks the exit status and the message of invalid commands, flags and arguments.
func TestUsage(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	golden(t, "usage", transcript(
		sh.run(),
		sh.run("versoin"),
		sh.run("version", "now"),
		sh.run("version", "--jsn"),
		sh.run("completion"),
		sh.run("completion", "tcsh"),
	))
}

func TestHelp(t *testing.T) {
	t.Parallel()
	r := newShell(t).run("--help")
	if r.status != 0 || r.stderr != "" {
		t.Errorf("exit status %d, stderr %q", r.status, r.stderr)
	}
	golden(t, "help", transcript(r))
}

func TestVersion(t *testing.T) {
	t.Parallel()
	r := newShell(t).run("version")
	lines := strings.Split(r.stdout, "\n")
	if r.status != 0 || len(lines) != 5 || !strings.HasPrefix(lines[0], "gamesparks ") || !strings.HasPrefix(lines[1], "commit ") ||
		lines[2] != "API 2021-08-17" || !strings.HasPrefix(lines[3], "go1.") {
		t.Errorf("exit status %d, output %q", r.status, r.stdout)
	}
}

func TestBashCompletion(t *testing.T) {
	t.Parallel()
	requireBashCompletion(t)
	sh := newShell(t)
	for line, want := range map[string]string{
		"gamesparks vers":              "version",
		"gamesparks completion ":       "bash fish zsh",
		"gamesparks version --endp":    "--endpoint-url",
		"gamesparks completion bash -": "--endpoint-url --help --profile --region --show-keys -h",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			if got := sh.complete(t, line); got != want {
				t.Errorf("completions = %q, want %q", got, want)
			}
		})
	}
}

// TestNameCompletion checks that bash completes names from the server, and offers nothing if the server is unreachable.
func TestNameCompletion(t *testing.T) {
	t.Parallel()
	requireBashCompletion(t)
	_, sh := newServerShell(t)
	newLighthouse(t, sh, "beta", "live")
	snapshot := createSnapshot(t, sh)
	sh.mustRun("api", "create-game", "--game-name", "harbour")
	unreachable := sh.with("AWS_ENDPOINT_URL_GAMESPARKS=http://127.0.0.1:1")
	for _, tt := range []struct {
		sh         *shell
		line, want string
	}{
		{sh, "gamesparks status --game ", "harbour lighthouse"},
		{sh, "gamesparks deploy --stage ", "beta live"},
		{sh, "gamesparks deploy --stage live --from b", "beta"},
		{sh, "gamesparks deploy --stage live --game harbour --from ", ""},
		{sh, "gamesparks generate --snapshot ", snapshot},
		{unreachable, "gamesparks rollback --stage ", ""},
	} {
		t.Run(tt.line, func(t *testing.T) {
			t.Parallel()
			if got := tt.sh.complete(t, tt.line); got != tt.want {
				t.Errorf("completions = %q, want %q", got, tt.want)
			}
		})
	}
}

// TestCompletionScripts checks that the scripts of the other shells call the command to complete words.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	for _, name := range []string{"zsh", "fish"} {
		if script := sh.mustRun("completion", name); !strings.Contains(script, "__complete") {
			t.Errorf("the script for %s does not call __complete:\n%s", name, script)
		}
	}
}

// TestConfiguration checks that endpoint, region, profile and credentials are read from the same sources as in other AWS
// tools, and that the error for a missing one names the next step.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	srv, configured := newServerShell(t)
	cfg := srv.Config()
	credentials, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bare := newShell(t)
	if err := os.Mkdir(filepath.Join(bare.dir, ".aws"), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(bare.dir, ".aws", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("config", "[profile studio]\nregion = "+cfg.Region+"\nservices = own\n[services own]\ngamesparks =\n  endpoint_url = "+srv.URL+"\n"+
		"[profile mfa]\nregion = us-east-1\nendpoint_url = "+srv.URL+"\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = studio\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n")
	write("credentials", "[studio]\naws_access_key_id = "+credentials.AccessKeyID+"\naws_secret_access_key = "+credentials.SecretAccessKey+"\n")

	list := []string{"api", "list-games"}
	for name, r := range map[string]result{
		"environment":  configured.run(list...),
		"profile flag": bare.run(append(list, "--profile", "studio")...),
		"AWS_PROFILE":  bare.with("AWS_PROFILE=studio").run(list...),
		"flags":        bare.with("AWS_ACCESS_KEY_ID="+credentials.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+credentials.SecretAccessKey).run("--region", cfg.Region, "--endpoint-url", srv.URL, "api", "list-games"),
	} {
		if r.status != 0 {
			t.Errorf("%s: exit status %d: %s", name, r.status, r.stderr)
		}
	}
	golden(t, "configuration", transcript(
		bare.run(list...),
		bare.run("api", "list-games", "--region", "us-east-1"),
		bare.run("api", "list-games", "--region", "us-east-1", "--endpoint-url", srv.URL),
		bare.run("api", "list-games", "--profile", "nosuch"),
		bare.run("api", "list-games", "--profile", "mfa"),
		configured.with("AWS_ENDPOINT_URL_GAMESPARKS=http://127.0.0.1:1").run(list...),
		configured.with("AWS_SECRET_ACCESS_KEY=wrong").run(list...),
	))
}
