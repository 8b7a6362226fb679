package main

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmespath/go-jmespath"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/cmd/gamesparks/internal/awscli"
	"github.com/gamesparks-go/gamesparks/server"
)

// awsCLICalls are the calls that the AWS CLI and the command make, in order. The capture is the name of a variable and the
// JMESPath expression of its value in the output, for {NAME} in later calls.
var awsCLICalls = []struct {
	args    string // separated by spaces; "␣" is a space
	capture string
}{
	{args: `create-game --game-name lighthouse --description A␣lamp --tags team=lamp,quoted="a,␣b",empty=`},
	{args: `create-game --game-name harbour --tags {"team":"harbour","a":"b"} --client-token ` + strings.Repeat("a", 40)},
	{args: `create-game --input-json {"GameName":"pier","Description":"from␣JSON"} --description from␣the␣flag`},
	{args: `get-game --game-name lighthouse`, capture: "arn=Game.Arn"},
	{args: `get-game --game-name lighthouse --query Game.Name`},
	{args: `get-game --game-name lighthouse --query Game`},
	{args: `get-game --game-name lighthouse --query Game.[Name,State,Nothing]`},
	{args: `get-game --game-name lighthouse --query Game.Nothing`},
	{args: `update-game --game-name lighthouse --description Ein␣Leuchtturm␣ä\"␣<b>` + "\u2028"},
	{args: `tag-resource --resource-arn {arn} --tags a=1,b=x␣y`},
	{args: `list-tags-for-resource --resource-arn {arn}`},
	{args: `untag-resource --resource-arn {arn} --tag-keys a b`},
	{args: `untag-resource --resource-arn {arn} --tag-keys ["quoted"]`},
	{args: `list-tags-for-resource --resource-arn {arn}`},
	{args: `list-games`},
	{args: `list-games --page-size 1`},
	{args: `list-games --max-items 2`, capture: "rest=NextToken"},
	{args: `list-games --max-items 2 --starting-token {rest}`},
	{args: `list-games --max-items 1 --page-size 2`, capture: "rest=NextToken"},
	{args: `list-games --max-items 1 --page-size 2 --starting-token {rest}`, capture: "rest=NextToken"},
	{args: `list-games --starting-token {rest}`},
	{args: `list-games --max-items 0`},
	{args: `list-games --no-paginate`},
	{args: `list-games --max-results 1`, capture: "token=NextToken"},
	{args: `list-games --next-token={token}`},
	{args: `list-games --starting-token={token}`},
	{args: `list-games --query Games[?Tags.team=='lamp'].Name`},
	{args: `list-games --query length(Games)`},
	{args: `list-games --query sort_by(Games,&Name)[*].{N:Name,S:State}`},
	{args: `import-game-configuration --game-name lighthouse --import-source file://import.json`},
	{args: `import-game-configuration --game-name lighthouse --import-source {"File":"{file}"}`},
	{args: `import-game-configuration --game-name lighthouse --import-source File={file}`},
	{args: `update-game-configuration --game-name lighthouse --modifications file://modifications.json`},
	{args: `update-game-configuration --game-name lighthouse --modifications {"Section":"Lighthouse.Lamps","Operation":"ADD","Path":"/Large","Value":12345678901234567890} {"Section":"Lighthouse.Lamps","Operation":"ADD","Path":"/N","Value":{"b":[],"a":{},"n":null,"x":2}}`},
	{args: `update-game-configuration --game-name lighthouse --modifications Section=Lighthouse.Lamps,Operation=REMOVE,Path=/N`},
	{args: `get-game-configuration --game-name lighthouse`},
	{args: `get-game-configuration --game-name lighthouse --sections Lighthouse.Numbers Lighthouse.Nothing`},
	{args: `get-game-configuration --game-name lighthouse --sections Lighthouse.Lamps Lighthouse.Fog`},
	{args: `get-game-configuration --game-name lighthouse --query GameConfiguration.Sections."Lighthouse.Lamps".Attributes`},
	{args: `get-game-configuration --game-name lighthouse --query sort(GameConfiguration.Sections.*.Size)`},
	{args: "get-game-configuration --game-name lighthouse --query sort_by(GameConfiguration.Sections.*[],&Name)|[?Size>`20`].Name"},
	{args: `create-snapshot --game-name lighthouse --description first`, capture: "snapshot=Snapshot.Id"},
	{args: `get-snapshot --game-name lighthouse --snapshot-id {snapshot} --sections ["Lighthouse.Fog"]`},
	{args: `update-snapshot --game-name lighthouse --snapshot-id {snapshot} --description second`},
	{args: `list-snapshots --game-name lighthouse`},
	{args: `export-snapshot --game-name lighthouse --snapshot-id {snapshot}`},
	{args: `create-stage --game-name lighthouse --stage-name live --role arn:aws:iam::123456789012:role/lamp --tags a=b`},
	{args: `get-stage --game-name lighthouse --stage-name live`},
	{args: `update-stage --game-name lighthouse --stage-name live --description live`},
	{args: `list-stages --game-name lighthouse`},
	{args: `start-stage-deployment --game-name lighthouse --stage-name live --snapshot-id {snapshot}`, capture: "deployment=StageDeployment.DeploymentId"},
	{args: `get-stage-deployment --game-name lighthouse --stage-name live --deployment-id {deployment}`},
	{args: `list-stage-deployments --game-name lighthouse --stage-name live`},
	{args: `get-player-connection-status --game-name lighthouse --stage-name live --player-id p1`},
	{args: `disconnect-player --game-name lighthouse --stage-name live --player-id p1`},
	{args: `start-generated-code-job --game-name lighthouse --snapshot-id {snapshot} --generator TargetPlatform=Unity,Language=C_SHARP,GameSdkVersion=LATEST`, capture: "job=GeneratedCodeJobId"},
	{args: `get-generated-code-job --game-name lighthouse --snapshot-id {snapshot} --job-id {job}`},
	{args: `list-generated-code-jobs --game-name lighthouse --snapshot-id {snapshot}`},
	{args: `list-extensions`},
	{args: `get-extension --namespace GameSparks --name Core`},
	{args: `list-extension-versions --namespace GameSparks --name Core --page-size 1`},
	{args: `get-extension-version --namespace GameSparks --name Core --extension-version 1.0.0`},
	{args: `get-game --game-name nowhere`},
	{args: `create-game --game-name lighthouse`},
	{args: `create-game --game-name not␣valid`},
	{args: `delete-stage --game-name lighthouse --stage-name live`},
	{args: `delete-game --game-name harbour`},
}

// TestAWSCLIEquality calls all operations with the AWS CLI and with the command, and compares requests, outputs and errors.
func TestAWSCLIEquality(t *testing.T) {
	t.Parallel()
	srv, sh := newServerShell(t)
	cli := newAWSCLI(t, sh)
	writeFile(t, sh, "import.json", `{"File":"`+exportFile+`"}`)
	writeFile(t, sh, "modifications.json", `[{"Section":"Lighthouse.Fog","Operation":"ADD","Path":"/Horn","Value":{"Hz":180,"Loud":true}}]`)
	proxy := newReplayer(t, srv)
	variables := map[string]string{"file": exportFile}
	called := map[string]bool{}
	for _, call := range awsCLICalls {
		var args []string
		for _, arg := range strings.Fields(call.args) {
			for name, value := range variables {
				arg = strings.ReplaceAll(arg, "{"+name+"}", value)
			}
			args = append(args, strings.ReplaceAll(arg, "␣", " "))
		}
		called[args[0]] = true
		theirs := append([]string(nil), args...)
		for i, arg := range theirs {
			if arg == "--input-json" {
				theirs[i] = "--cli-input-json"
			}
		}
		proxy.record()
		want := cli.run(t, proxy.URL, theirs...)
		proxy.replay()
		got := sh.run(append([]string{"--show-keys", "--endpoint-url", proxy.URL, "api"}, args...)...)
		for _, difference := range proxy.differences() {
			t.Errorf("%s\n%s", call.args, difference)
		}
		if diff := compareOutput(want.stdout, got.stdout); diff != "" {
			t.Errorf("%s\nstandard output differs (-AWS CLI +gamesparks):\n%s%s", call.args, diff, got.stderr)
		}
		// The command adds the next step to the message.
		if message := strings.TrimSpace(want.stderr); !strings.HasPrefix(strings.TrimSpace(got.stderr), message) || (message == "") != (got.stderr == "") {
			t.Errorf("%s\nstandard error = %q, want %q", call.args, got.stderr, want.stderr)
		}
		if (want.status == 0) != (got.status == 0) {
			t.Errorf("%s\nexit status = %d, AWS CLI: %d", call.args, got.status, want.status)
		}
		if name, expression, ok := strings.Cut(call.capture, "="); ok {
			variables[name] = search(t, want.stdout, expression)
		}
	}
	for _, op := range awscli.Operations() {
		if !called[op.Command] {
			t.Errorf("%s is not compared", op.Command)
		}
	}
}

// TestAWSCLIParameters compares the names of all parameters with those of the AWS CLI.
func TestAWSCLIParameters(t *testing.T) {
	t.Parallel()
	requireAWSCLI(t)
	out, err := exec.CommandContext(t.Context(), debianPython, filepath.Join("testdata", "awscli_parameters.py")).Output()
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]string
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, op := range awscli.Operations() {
		for _, p := range op.Parameters {
			name := p.Flag
			if p.Required {
				name += "!"
			}
			got[op.Command] = append(got[op.Command], name)
		}
		slices.Sort(got[op.Command])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters differ (-AWS CLI +gamesparks):\n%s", diff)
	}
}

// TestAPIParameters checks the messages for invalid parameters, which must name the parameter and the next step.
func TestAPIParameters(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	_, sh := newServerShell(t, server.WithObserver(func(server.RequestRecord) { requests.Add(1) }))
	modify := []string{"api", "update-game-configuration", "--game-name", "lighthouse", "--modifications"}
	run := func(args ...string) result { return sh.run(args...) }
	golden(t, "api-parameters", transcript(
		run("api"),
		run("api", "get-gamee"),
		run("api", "get-game"),
		run("api", "get-game", "--game-name"),
		run("api", "get-game", "--name", "x"),
		run("api", "get-game", "--game-name", "x", "--query", "Game.["),
		run("api", "list-games", "--max-results", "many"),
		run("api", "list-games", "--max-items", "many"),
		run("api", "list-games", "--max-items", "1", "--no-paginate"),
		run("api", "create-game", "--game-name", "x", "--tags", "a"),
		run("api", "create-game", "--game-name", "x", "--tags", "a=1,a=2"),
		run("api", "create-game", "--game-name", "x", "--tags", "a='1"),
		run("api", "create-game", "--game-name", "x", "--tags", `{"a":1}`),
		run("api", "create-game", "--game-name", "x", "--tags", `{"a":`),
		run("api", "create-game", "--game-name", "file://missing.txt"),
		run("api", "create-game", "--input-json", `{"Name":"x"}`),
		run("api", "create-game", "--input-json", `["x"]`),
		run("api", "create-game", "--input-json", "missing.json"),
		run("api", "import-game-configuration", "--game-name", "x", "--import-source", "File=%"),
		run("api", "import-game-configuration", "--game-name", "x", "--import-source", "File=fileb://missing.json"),
		run("api", "import-game-configuration", "--game-name", "x", "--import-source", "Content=x"),
		run(append(modify, "Section=S,Operation=ADD,Path=/a,Value=1")...),
		run(append(modify, `[{"Section":"S","Operation":"ADD","Path":5}]`)...),
	))
	if n := requests.Load(); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestAPIInput checks the ways to pass files.
func TestAPIInput(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	const configuration = `{"Document":{"Type":"Game","Sections":{"Lighthouse.Lamps":{"North":"White"}}}}`
	writeFile(t, sh, "game.json", `{"GameName":"lighthouse"}`)
	writeFile(t, sh, "export.json", configuration)
	writeFile(t, sh, "export.base64", base64.StdEncoding.EncodeToString([]byte(configuration)))
	writeFile(t, sh, "name.txt", "lighthouse")
	sh.mustRun("api", "create-game", "--input-json", "game.json")
	for _, name := range []string{"file://game.json", "file://~/game.json", "file://$HOME/game.json"} {
		if got := sh.mustRun("api", "get-game", "--input-json", name, "--query", "Game.Name"); got != "\"lighthouse\"\n" {
			t.Errorf("%s: the name is %s", name, got)
		}
	}
	if r := sh.runWithInput(`{"GameName":"pier"}`, "api", "create-game", "--input-json", "-"); r.status != 0 {
		t.Error(r.stderr)
	}
	for _, source := range []string{"File=fileb://export.json", "File=file://export.base64", "File@=fileb://export.json", `{"File":"fileb://export.json"}`} {
		sh.mustRun("api", "delete-game", "--game-name", "file://name.txt")
		sh.mustRun("api", "create-game", "--game-name", "file://name.txt")
		sh.mustRun("api", "import-game-configuration", "--game-name", "lighthouse", "--import-source", source)
		query := `GameConfiguration.Sections."Lighthouse.Lamps".Attributes.North`
		if got := sh.mustRun("api", "get-game-configuration", "--game-name", "lighthouse", "--query", query); got != "\"White\"\n" {
			t.Errorf("%s: section has %s", source, got)
		}
	}
}

// TestGameKeysAreHidden checks that a game key is printed only with --show-keys.
func TestGameKeysAreHidden(t *testing.T) {
	t.Parallel()
	srv, sh := newServerShell(t)
	sh.mustRun("api", "create-game", "--game-name", "lighthouse")
	sh.mustRun("api", "create-stage", "--game-name", "lighthouse", "--stage-name", "live", "--role", "arn:aws:iam::123456789012:role/lamp")
	stage, err := srv.Client().GetStage(t.Context(), &gamesparks.GetStageInput{GameName: new("lighthouse"), StageName: new("live")})
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"api", "get-stage", "--game-name", "lighthouse", "--stage-name", "live", "--query", "Stage.GameKey"},
		{"api", "list-stages", "--game-name", "lighthouse", "--query", "Stages[0].GameKey"},
	} {
		if got := sh.mustRun(args...); got != "\"***\"\n" {
			t.Errorf("%v prints %s", args, got)
		}
		if got, want := sh.mustRun(append(args, "--show-keys")...), strconv.Quote(*stage.Stage.GameKey)+"\n"; got != want {
			t.Errorf("%v --show-keys prints %s, want %s", args, got, want)
		}
	}
}

// exportFile is a configuration in base64.
const exportFile = "eyJEb2N1bWVudCI6eyJUeXBlIjoiR2FtZSIsIlNlY3Rpb25zIjp7IkxpZ2h0aG91c2UuTGFtcHMiOnsiTm9ydGgiOiJXaGl0ZSIsIk4iOjF9LCJMaWdodGhvdXNlLkZvZyI6e30sIkxpZ2h0aG91c2UuTm90aGluZyI6bnVsbCwiTGlnaHRob3VzZS5OdW1iZXJzIjpbMC41LC0xMiwxLjI1LDEyMzQ1Njc4OTAxMjM0NTY3ODkwLHsiw6kiOiJcdTIwMjhcdTAwMDdcIlxcLyJ9LFtdLHt9XX19fQ=="

// compareOutput compares outputs byte by byte, or as JSON if a query created objects, whose members JMESPath for Go does not
// keep in order.
func compareOutput(want, got string) string {
	if want == got {
		return ""
	}
	var wantValue, gotValue []map[string]any
	if json.Unmarshal([]byte(want), &wantValue) == nil && json.Unmarshal([]byte(got), &gotValue) == nil {
		return cmp.Diff(wantValue, gotValue)
	}
	return cmp.Diff(want, got)
}

func search(t *testing.T, text, expression string) string {
	t.Helper()
	var output any
	if err := json.Unmarshal([]byte(text), &output); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	value, err := jmespath.Search(expression, output)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := value.(string)
	if !ok {
		t.Fatalf("%s is not a string in %s", expression, text)
	}
	return s
}

func writeFile(t *testing.T, s *shell, name, content string) {
	t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
