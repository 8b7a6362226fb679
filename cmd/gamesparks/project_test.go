package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks"
)

// export is an exported configuration with a script with CRLF line ends.
const export = `{"Document" : {"Type" : "Game", "Sections" : {
  "Lighthouse.Lamps" : {"South" : 1.50, "North" : "White"},
  "GameSparks.Core.RequestHandlers" : {"GameSparks.Identity.GetPlayerToken" : {"Code" : {
    "Script" : "// Returns no token.\r\nreturn null;\r\n", "ScriptLanguage" : "Javascript_ES5_1"
  }}}
}}}`

func readFile(t *testing.T, sh *shell, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(sh.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestInit(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	writeFile(t, sh, "export.json", export)
	writeFile(t, sh, "damaged.json", `{"Document": {"Type": "Game",`+"\n}}")
	writeFile(t, sh, "invalid.json", `{"Document": {"Type": "Game", "Sections": {"GameSparks.Core.Requests": {"Greet": {}}}}}`)
	golden(t, "init", transcript(
		sh.run("init", "game", "--game", "lighthouse"),
		sh.run("validate", "game"),
		sh.run("init", "game", "--game", "lighthouse"),
		sh.run("init", "imported", "--game", "lighthouse", "--from", "export.json"),
		sh.run("init", "damaged", "--game", "lighthouse", "--from", "damaged.json"),
		sh.run("init", "invalid", "--game", "lighthouse", "--from", "invalid.json"),
		sh.run("validate", "invalid"),
		sh.run("init", "game2", "--game", "light house"),
		sh.run("init", "game2"),
		sh.run("init"),
		sh.run("init", "game2", "--game", "lighthouse", "--from", "nosuch.json"),
	))
	if script := readFile(t, sh, "imported/sections/GameSparks.Core.RequestHandlers/GameSparks.Identity.GetPlayerToken.js"); script != "// Returns no token.\r\nreturn null;\r\n" {
		t.Errorf("the script is %q", script)
	}
	for _, dir := range []string{"damaged", "game2"} {
		if _, err := os.Stat(filepath.Join(sh.dir, dir)); err == nil {
			t.Errorf("a failed init created %s", dir)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	sh := newShell(t)
	sh.mustRun("init", "game", "--game", "lighthouse")
	writeFile(t, sh, "game/sections/Lighthouse.Lamps.json", "{\n  \"North\": White\n}\n")
	writeFile(t, sh, "game/sections/GameSparks.Core.RequestHandlers/Greet.js", "if (message.Name) {\n  return 1 2;\n}\n")
	writeFile(t, sh, "game/sections/GameSparks.Core.RequestHandlers/Leave.js", "return;\n")
	writeFile(t, sh, "empty/README.md", "")
	golden(t, "validate", transcript(
		sh.run("validate", "game"),
		sh.run("validate", "nosuch"),
		sh.run("validate", "empty"),
		sh.run("validate"),
	))
}

func TestFetch(t *testing.T) {
	t.Parallel()
	srv, sh := newServerShell(t)
	sh.mustRun("api", "create-game", "--game-name", "lighthouse", "--description", "A lamp")
	sh.mustRun("api", "create-stage", "--game-name", "lighthouse", "--stage-name", "live", "--role", "arn:aws:iam::123456789012:role/lamp")
	importSections := func(text string) {
		writeFile(t, sh, "export.json", text)
		sh.mustRun("api", "import-game-configuration", "--game-name", "lighthouse", "--import-source", "File=fileb://export.json")
	}
	importSections(export)
	snapshot := createSnapshot(t, sh)
	results := []result{
		sh.run("fetch", "game"),
		sh.run("fetch", "game", "--game", "lighthouse", "--dry-run"),
		sh.run("fetch", "game", "--game", "lighthouse"),
		sh.run("fetch", "game"),
		sh.run("validate", "game"),
	}
	importSections(`{"Document": {"Type": "Game", "Sections": {"Lighthouse.Lamps": {"North": "Red"}, "Lighthouse.Fog": null}}}`)
	results = append(results, sh.run("fetch", "game"))
	writeFile(t, sh, "game/sections/Lighthouse.Lamps.json", `{"North": "Green"}`)
	results = append(results,
		sh.run("fetch", "game"),
		sh.run("fetch", "game", "--force", "--prune", "--dry-run"),
		sh.run("fetch", "game", "--force", "--prune"),
		sh.run("fetch", "game", "--prune"),
		sh.run("fetch", "game", "--game", "harbor"),
		sh.run("fetch", "harbor", "--game", "harbor"),
		sh.run("fetch", "old", "--game", "lighthouse", "--snapshot", snapshot),
		sh.run("fetch", "game", "--game", "lighthouse", "--snapshot", "S"),
	)
	golden(t, "fetch", transcript(results...))
	if _, err := os.Stat(filepath.Join(sh.dir, "harbor")); err == nil {
		t.Error("a failed fetch created the directory")
	}

	out, err := srv.Client().GetStage(t.Context(), &gamesparks.GetStageInput{GameName: new("lighthouse"), StageName: new("live")})
	if err != nil {
		t.Fatal(err)
	}
	sh.mustRun("fetch", "keys", "--game", "lighthouse", "--show-keys")
	err = filepath.WalkDir(sh.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), *out.Stage.GameKey) {
			t.Errorf("%s contains the key of a stage", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFetchAfterApply restores the configuration before an edit, without --force: after an apply, the files of the directory
// are equal to the server's.
func TestFetchAfterApply(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	sh.mustRun("init", "game", "--game", "lighthouse")
	sh.mustRun("apply", "game", "--yes")
	snapshot := createSnapshot(t, sh)
	script := "game/sections/GameSparks.Core.RequestHandlers/Greet.js"
	before := readFile(t, sh, script)
	writeFile(t, sh, script, "return null;\n")
	if r := sh.run("fetch", "game", "--snapshot", snapshot); r.status != 1 || !strings.Contains(r.stderr, "Greet.js") {
		t.Errorf("before the apply, the fetch returned status %d\n%s", r.status, r.stderr)
	}
	sh.mustRun("apply", "game", "--yes")
	sh.mustRun("fetch", "game", "--snapshot", snapshot)
	if after := readFile(t, sh, script); after != before {
		t.Errorf("the script is %q, want %q", after, before)
	}
}

// TestFetchInterrupted interrupts a fetch during a request.
func TestFetchInterrupted(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}))
	defer srv.Close()
	sh := newShell(t).with("AWS_ENDPOINT_URL_GAMESPARKS="+srv.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=s")
	cmd := sh.command("fetch", "game", "--game", "lighthouse")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-arrived
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, exited := errors.AsType[*exec.ExitError](cmd.Wait()); !exited || cmd.ProcessState.ExitCode() != statusFailure {
		t.Errorf("exit status %d, want %d", cmd.ProcessState.ExitCode(), statusFailure)
	}
	if want := "gamesparks: interrupted: nothing was written: "; !strings.HasPrefix(stderr.String(), want) {
		t.Errorf("stderr is %q, want it to begin with %q", &stderr, want)
	}
	if _, err := os.Stat(filepath.Join(sh.dir, "game")); err == nil {
		t.Error("the interrupted fetch created the directory")
	}
}

// TestFetchInTerminal checks the colors of a terminal, and NO_COLOR.
func TestFetchInTerminal(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	sh.mustRun("api", "create-game", "--game-name", "lighthouse")
	out, status := sh.runInTerminal(80, "", "fetch", "game", "--game", "lighthouse", "--dry-run")
	if want := "\x1b[32m  + game.json\x1b[0m\n"; status != 0 || !strings.Contains(out, want) {
		t.Errorf("exit status %d, output %q, want %q in it", status, out, want)
	}
	out, status = sh.with("NO_COLOR=1").runInTerminal(80, "", "fetch", "game", "--game", "lighthouse", "--dry-run")
	if status != 0 || strings.Contains(out, "\x1b") {
		t.Errorf("with NO_COLOR: exit status %d, output %q", status, out)
	}
}
