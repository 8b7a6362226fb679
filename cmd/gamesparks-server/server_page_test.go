package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/cmd/internal/docpage"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
)

const serverPage = repository + "/docs/server.md"

// notRun has the programs that TestServerPage does not run, with the reasons. Their commands are in blocks with the word
// host.
var notRun = map[string]string{
	"docker":     "requires a container runtime; .ci/image-test builds and runs the image, and TestCompose runs the commands of compose.yaml",
	"go":         "installs commands for the user; TestServerPage builds them",
	"install":    "writes system directories; TestUnit starts the server with the arguments of the unit",
	"useradd":    "creates a user",
	"chown":      "requires the user of the unit; TestKeys checks that the owner is kept",
	"systemctl":  "requires systemd as the first process; TestUnit verifies the unit",
	"journalctl": "requires systemd as the first process",
	"runuser":    "requires the user of the unit; TestServerPage runs the command in the section Backup",
}

// otherFlags has flags on the pages, in commands that the tests do not run, that are not flags of gamesparks-server.
var otherFlags = map[string][]string{
	"docker":     {"--detach", "--name", "--publish", "--volume", "--env", "--stop-timeout", "--build", "--wait"},
	"useradd":    {"--system", "--home-dir", "--shell"},
	"systemctl":  {"--now"},
	"journalctl": {"--unit"},
	"runuser":    {"--user"},
	"gamesparks": {"--overwrite", "--advance", "--all", "--count"},
}

// TestServerPage runs the commands in docs/server.md and compares their output with the page.
func TestServerPage(t *testing.T) {
	t.Parallel()
	requireCurl(t)
	sections := readServerPage(t)
	setup := "" // the environment of clients
	for _, section := range sections {
		for _, block := range section.Blocks {
			if block.Is("sh", "environment") {
				setup += block.Content
			}
		}
	}
	if setup == "" {
		t.Fatalf("%s does not set the environment of clients", serverPage)
	}
	path := pageCommands(t)
	for _, section := range sections {
		if !slices.ContainsFunc(section.Blocks, func(b docpage.Block) bool { return !b.Is("sh", "host") }) {
			continue
		}
		t.Run(section.Title, func(t *testing.T) {
			t.Parallel()
			port := pagePort(t)
			shell := &pageShell{page: serverPage, env: []string{"PATH=" + path, "PAGE_ADDR=127.0.0.1:" + port}}
			replacements := append([]string{"/etc/gamesparks/", "", "8770", port, "8771", pagePort(t), "8772", pagePort(t)}, databases(t, shell, section)...)
			shell.replace = strings.NewReplacer(replacements...)
			shell.setup = shell.replace.Replace(setup)
			shell.files["server.pem"], shell.files["server.key"] = certificateFiles(t)
			if mentions(section, "old.db") {
				_, content := version1File(t)
				shell.files["old.db"] = string(content)
			}
			shell.run(t, section)
		})
	}
}

func readServerPage(t *testing.T) []docpage.Section {
	t.Helper()
	page, err := os.ReadFile(serverPage)
	if err != nil {
		t.Fatal(err)
	}
	sections, err := docpage.Parse(string(page))
	if err != nil {
		t.Fatalf("%s: %v", serverPage, err)
	}
	if len(sections) < 15 {
		t.Fatalf("%s has %d sections with code, want at least 15", serverPage, len(sections))
	}
	return sections
}

// pageCommands returns a PATH with the commands gamesparks-server and gamesparks.
func pageCommands(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	executable, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	wrapper := fmt.Sprintf(`#!/bin/sh
[ -z "$PAGE_SERVER" ] || echo $$ >"$PAGE_SERVER.pid"
case $* in
*--config*) ;;
*) export %s_ADDR=${%[1]s_ADDR:-$PAGE_ADDR} ;; # the default address
esac
export %[2]s=1
exec %[3]q "$@"
`, envPrefix, runVariable, executable)
	if err := os.WriteFile(filepath.Join(dir, "gamesparks-server"), []byte(wrapper), 0o700); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", dir, "../gamesparks")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return dir + ":" + os.Getenv("PATH")
}

func certificateFiles(t *testing.T) (certificate, key string) {
	t.Helper()
	certificateFile, keyFile := newCertificate(t)
	texts := [2]string{}
	for i, name := range []string{certificateFile, keyFile} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	return texts[0], texts[1]
}

// mentions reports whether a block of the section contains the text.
func mentions(section docpage.Section, text string) bool {
	return slices.ContainsFunc(section.Blocks, func(b docpage.Block) bool { return strings.Contains(b.Content, text) })
}

// databases starts the PostgreSQL servers that a section mentions, and returns replacements of their addresses.
//
//   - db.example is a server with TLS, whose certificate db-ca.pem verifies, and an administrator with a password. On its
//     machine, it is localhost. If the section does not create the database, it exists, as does the password file of its role.
//   - db1.example and db2.example are a primary and its synchronous standby, with a database gamesparks. A block with the
//     words lost and db1 kills the primary.
func databases(t *testing.T, shell *pageShell, section docpage.Section) (replacements []string) {
	t.Helper()
	shell.files = map[string]string{}
	if mentions(section, "db.example") {
		const password = "administrator"
		database, tcp := pgtest.StartTCP(t, password)
		ca, err := os.ReadFile(tcp.CA)
		if err != nil {
			t.Fatal(err)
		}
		shell.files["db-ca.pem"] = string(ca)
		shell.env = append(shell.env, "PGPASSFILE="+write(t, "pgpass", "*:*:*:postgres:"+password+"\n"))
		if !mentions(section, "create database gamesparks") {
			const password = "change-me"
			database.Exec(t, "postgres", "create role gamesparks login password '"+password+"'")
			database.Exec(t, "postgres", "create database gamesparks owner gamesparks")
			shell.files["db-password"] = password + "\n"
		}
		replacements = append(replacements, "db.example", tcp.Host, "localhost", tcp.Host)
	}
	if mentions(section, "db1.example") {
		primary := pgtest.Start(t)
		primary.Exec(t, "postgres", "create database gamesparks")
		standby := pgtest.StartStandby(t, primary, true)
		const url = "postgres://gamesparks@db1.example,db2.example/gamesparks?sslmode=verify-full&sslrootcert=db-ca.pem"
		replacements = append(replacements, url, primary.FailoverURL(standby, "gamesparks"), "db1.example", primary.Dir(), "db2.example", standby.Dir())
		shell.env = append(shell.env, "PAGE_DATABASE_db1="+filepath.Join(primary.Dir(), "data"))
	}
	return replacements
}

// TestServerPageHost checks that notRun has the programs of the commands that TestServerPage does not run. TestPageFlags checks
// the flags and variables in them.
func TestServerPageHost(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, section := range readServerPage(t) {
		for _, block := range section.Blocks {
			if !block.Is("sh", "host") {
				continue
			}
			for line := range strings.Lines(block.Content) {
				program, _, _ := strings.Cut(line, " ")
				found[program] = true
				if notRun[program] == "" {
					t.Errorf("%s:%d: the test does not run %q: run it, or add its program and the reason to notRun", serverPage, block.Line, line)
				}
			}
		}
	}
	for program := range notRun {
		if !found[program] {
			t.Errorf("notRun: %s has no command with the program %s", serverPage, program)
		}
	}
}

var (
	pageFlag     = regexp.MustCompile(`--[a-z][a-z0-9-]*`)
	pageVariable = regexp.MustCompile(envPrefix + `_\w+`)
)

// inlineCommand matches a command with its subcommand in a code span, such as `gamesparks-server keys create`.
var inlineCommand = regexp.MustCompile("`gamesparks-server ([a-z]+)")

// TestServerPageDropIn checks that the drop-in for the systemd unit runs the command of the unit without --data.
func TestServerPageDropIn(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile(repository + "/packaging/gamesparks-server.service")
	if err != nil {
		t.Fatal(err)
	}
	command := execStart.FindString(string(unit))
	want, _, found := strings.Cut(command, " --data=")
	if !found {
		t.Fatalf("the command of the unit has no --data: %s", command)
	}
	for _, section := range readServerPage(t) {
		for _, block := range section.Blocks {
			if block.Is("ini", "override.conf") {
				if got := execStart.FindString(block.Content); got != want {
					t.Errorf("%s:%d: %s, want %s", serverPage, block.Line, got, want)
				}
				return
			}
		}
	}
	t.Errorf("%s has no drop-in", serverPage)
}

// TestPageFlags checks that the flags, variables and commands that pages mention exist. TestServerPage runs the commands in the other blocks of code.
func TestPageFlags(t *testing.T) {
	t.Parallel()
	help := helpTexts(t)
	known := pageFlag.FindAllString(help, -1)
	for _, flags := range otherFlags {
		known = append(known, flags...)
	}
	used := map[string]bool{}
	for _, name := range []string{"docs/server.md", "docs/fidelity.md", "docs/metrics.md", "server/README.md"} {
		page, err := os.ReadFile(filepath.Join(repository, name))
		if err != nil {
			t.Fatal(err)
		}
		text := string(page)
		if strings.Contains(text, "\n\n    ") && name == "docs/server.md" {
			t.Errorf("%s: no test runs indented blocks: use a fence", name)
		}
		for _, m := range inlineCommand.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(help, "\nUsage: gamesparks-server "+m[1]+" ") && !strings.Contains(help, "\n  "+m[1]+" ") {
				t.Errorf("%s: gamesparks-server %s is not a command", name, m[1])
			}
		}
		sections, err := docpage.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, variable := range pageVariable.FindAllString(text, -1) {
			if !strings.Contains(help, "$"+variable+")") {
				t.Errorf("%s: the variable %s does not exist", name, variable)
			}
		}
		lines := strings.Split(text, "\n")
		for _, section := range sections {
			for _, block := range section.Blocks {
				if block.Is("sh") && !block.Is("sh", "host") {
					clear(lines[block.Line : block.Line+strings.Count(block.Content, "\n")])
				}
			}
		}
		for _, flag := range pageFlag.FindAllString(strings.Join(lines, "\n"), -1) {
			used[flag] = true
			if !slices.Contains(known, flag) {
				t.Errorf("%s: %s is not a flag of gamesparks-server", name, flag)
			}
		}
	}
	for program, flags := range otherFlags {
		for _, flag := range flags {
			if !used[flag] {
				t.Errorf("otherFlags: no page has %s %s", program, flag)
			}
		}
	}
}

// helpTexts returns the help texts of all commands.
func helpTexts(t *testing.T) (texts string) {
	t.Helper()
	help := func(args ...string) string {
		output, err := command(t.Context(), nil, append(args, "--help")...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(output)
	}
	texts = help()
	for _, line := range regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)*) .*\[flags\]$`).FindAllStringSubmatch(texts, -1) {
		texts += help(strings.Fields(line[1])...)
	}
	if strings.Count(texts, "Usage: ") < 8 {
		t.Fatalf("the help does not list the commands:\n%s", texts)
	}
	return texts
}
