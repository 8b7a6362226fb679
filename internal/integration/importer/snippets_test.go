package importer_test

import (
	"bytes"
	"fmt"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// preamble has the imports and declarations that the snippets omit.
const preamble = `package snippets

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/download"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

var (
	ctx         context.Context
	cfg         aws.Config
	client      *gamesparks.Client
	srv         *server.Server
	t           *testing.T
	file        []byte
	create      func(context.Context) error
	game, stage *string
	snapshot    *string
	section     types.Section
	changes     func(*gamesparks.GetGameConfigurationOutput) *gamesparks.UpdateGameConfigurationInput

	_, _, _, _ = fmt.Println, errors.As, aws.String, config.LoadDefaultConfig
	_, _, _, _ = deploy.Run, document.NewLazyDocument, download.New, servertest.Start
	_, _, _    = storage.NewMemory, time.Now, log.Fatal
)
`

// snippets returns the Go code in the READMEs and package comments, keyed by position.
func snippets(t *testing.T, root string) map[string]string {
	found := map[string]string{}
	for _, page := range []string{"README.md", filepath.Join("server", "README.md")} {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatchIndex(text, -1) {
			found[fmt.Sprintf("%s:%d", page, bytes.Count(text[:m[2]], []byte("\n"))+1)] = string(text[m[2]:m[3]])
		}
	}
	for _, dir := range []string{".", "types", "document", "download", "deploy", "server", "server/servertest", "server/storage"} {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.PackageClauseOnly)
			if err != nil {
				t.Fatal(err)
			}
			if parsed.Doc == nil || strings.HasSuffix(name, "_test.go") {
				continue
			}
			for i, block := range new(comment.Parser).Parse(parsed.Doc.Text()).Content {
				if code, ok := block.(*comment.Code); ok && isProgram(code.Text) {
					found[fmt.Sprintf("%s, block %d", filepath.Join(dir, filepath.Base(name)), i)] = code.Text
				}
			}
		}
	}
	return found
}

// isProgram reports whether a code block in a comment is Go code rather than a table.
func isProgram(code string) bool {
	return strings.Contains(code, ":= ") && !strings.Contains(code, "...\n")
}

// TestSnippets compiles the Go code in the READMEs and package comments. A snippet may declare unused variables.
func TestSnippets(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	found := snippets(t, root)
	if len(found) < 10 {
		t.Errorf("found only %d snippets, want at least 10", len(found))
	}
	dir := t.TempDir()
	replaced := []string{}
	n := 0
	for at, code := range found {
		n++
		source := code
		switch {
		case strings.HasPrefix(code, "package "):
		case strings.HasPrefix(code, "func "):
			source = fmt.Sprintf("%s\n//line %s:1\n%s", preamble, at, code)
		default:
			source = fmt.Sprintf("%s\nfunc _() error {\n//line %s:1\n%s\nreturn nil\n}\n", preamble, at, code)
		}
		name := filepath.Join(dir, fmt.Sprintf("%d.go", n))
		if err := os.WriteFile(name, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		replaced = append(replaced, fmt.Sprintf("%q:%q", filepath.Join(root, "internal", "integration", fmt.Sprintf("snippet%d", n), "snippet.go"), name))
	}
	overlay := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, []byte(`{"Replace":{`+strings.Join(replaced, ",")+`}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"build", "-overlay", overlay, "-gcflags=-e"}
	for i := range n {
		args = append(args, fmt.Sprintf("./snippet%d", i+1))
	}
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = filepath.Join(root, "internal", "integration")
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(root, "go.work")) // has the requirements of all modules
	out, err := cmd.CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "# ") && !strings.Contains(line, "declared and not used: ") {
			t.Errorf("a snippet does not compile: %s", line)
		}
	}
	if err != nil && len(out) == 0 {
		t.Error(err)
	}
}
