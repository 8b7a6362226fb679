package codegen_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/gamemodel"
	"github.com/gamesparks-go/gamesparks/server/internal/codegen"
)

const (
	modelSection         = gamemodel.ModelSection
	requestsSection      = gamemodel.RequestsSection
	eventsSection        = gamemodel.EventsSection
	notificationsSection = gamemodel.NotificationsSection
)

// readSections returns the sections of an exported configuration.
func readSections(t testing.TB, file string) map[string]json.RawMessage {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var export struct {
		Document struct{ Sections map[string]json.RawMessage }
	}
	if err := json.Unmarshal(data, &export); err != nil {
		t.Fatal(err)
	}
	return export.Document.Sections
}

// generate calls Generate and returns the files in its archive.
func generate(t testing.TB, sections map[string]json.RawMessage, g codegen.Generator) map[string]string {
	t.Helper()
	archive, err := codegen.Generate(sections, g)
	if err != nil {
		t.Fatal(err)
	}
	return unzip(t, archive)
}

func unzip(t testing.TB, archive []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, f := range r.File {
		content, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(data)
	}
	return files
}

// writeFiles writes files to a new directory and returns its path. File names can contain directories.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func run(t *testing.T, dir, command string, args ...string) string {
	t.Helper()
	cmd := exec.Command(command, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", command, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func readTestdata(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestGoRoundTrip builds, vets and tests the generated module.
func TestGoRoundTrip(t *testing.T) {
	t.Parallel()
	files := generate(t, readSections(t, "game.json"), codegen.Generator{Language: "GO"})
	files["roundtrip_test.go"] = readTestdata(t, "roundtrip.go.txt")
	run(t, writeFiles(t, files), "go", "test", "./...")
}

// TestDirectivesInDescriptions checks that no text in a description acts as a directive, wherever the line is wrapped.
func TestDirectivesInDescriptions(t *testing.T) {
	t.Parallel()
	directives := []string{
		"+build ignore", "//+build ignore", "// +build ignore", "+build", "go:build ignore", "//go:build ignore", "//go:embed secret",
		"//go:generate false", "//line x.go:1", "/*line x.go:1*/", "//export F", "*/ func init() {} /*", "#pragma warning disable",
		"#error no", "#if false", "#line 1", "</summary><evil a=\"&lt;\">&bad; ]]> <!-- --", "\ufffe\uffff\ufdd0\u0001", "Deprecated: no",
		"- +build ignore", "[x]: +build ignore", "# +build ignore", "\u200b+build ignore", "\"+build ignore", "`+build ignore`",
	}
	for _, directive := range directives {
		t.Run(directive, func(t *testing.T) {
			t.Parallel()
			// For at least one of these lengths, wrapping moves the directive to the start of a line.
			fields := make(map[string]any)
			for n := 60; n <= 101; n++ {
				fields[fmt.Sprintf("F%d", n)] = map[string]any{
					"Shape": "String", "Cardinality": "Optional", "Description": strings.Repeat("x", n) + " " + directive + " " + directive,
				}
			}
			model := marshal(t, map[string]any{"S": map[string]any{"Structure": map[string]any{"Fields": fields}}})
			requests := marshal(t, map[string]any{"R": map[string]any{
				"RequestShape": "S", "ResponseShape": "S", "AllowedSources": []string{directive}, "Description": directive,
			}})
			sections := map[string]json.RawMessage{modelSection: model, requestsSection: requests}
			files := generate(t, sections, codegen.Generator{Language: "GO"})
			checkGo(t, files)
			for name, content := range files {
				for line := range strings.Lines(content) {
					line = strings.TrimSpace(line)
					if constraint.IsGoBuild(line) || constraint.IsPlusBuild(line) || strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "// ") && line != "//" {
						t.Errorf("%s contains the directive %q", name, line)
					}
				}
			}
			files = generate(t, sections, codegen.Generator{Language: "CSHARP"})
			checkCSharp(t, files)
			for name, content := range files {
				checkXMLComments(t, name, content)
			}
		})
	}
}

// checkXMLComments checks that the documentation comments in C# code are well-formed XML and contain only known
// elements.
func checkXMLComments(t *testing.T, name, content string) {
	t.Helper()
	if path.Ext(name) != ".cs" {
		return
	}
	var comments strings.Builder
	for line := range strings.Lines(content) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			t.Errorf("%s contains the preprocessor directive %q", name, line)
		}
		if text, ok := strings.CutPrefix(line, "///"); ok {
			comments.WriteString(text + "\n")
		}
	}
	dec := xml.NewDecoder(strings.NewReader(comments.String()))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local != "summary" {
			t.Errorf("%s: unexpected XML element %s in a comment", name, start.Name.Local)
		}
	}
}

func marshal(t testing.TB, v any) json.RawMessage {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// longNames returns a configuration with names that exceed the length limit for identifiers and differ only at the end.
func longNames(t testing.TB) map[string]json.RawMessage {
	t.Helper()
	long := func(end string) string { return strings.Repeat("Long", 200) + end }
	field := func(shape string) any { return map[string]any{"Shape": shape, "Cardinality": "Required"} }
	message := map[string]any{"RequestShape": long("S"), "ResponseShape": long("T")}
	return map[string]json.RawMessage{
		modelSection: marshal(t, map[string]any{
			long("S"): map[string]any{"Structure": map[string]any{"Fields": map[string]any{long("1"): field(long("E")), long("2"): field(long("L"))}}},
			long("T"): map[string]any{"Structure": map[string]any{"Fields": map[string]any{strings.Repeat("名", 200): field(long("M"))}}},
			long("E"): map[string]any{"Enum": map[string]any{"Values": []string{long("1"), long("2"), strings.Repeat("X", 255), strings.Repeat("X", 256)}}},
			long("L"): map[string]any{"List": map[string]any{"Shape": long("T")}},
			long("M"): map[string]any{"Map": map[string]any{"Shape": long("E")}},
		}),
		requestsSection: marshal(t, map[string]any{long("1"): message, long("2"): message}),
	}
}

// TestLongIdentifiers checks that identifiers for long names are at most 255 characters long, unique, and unaffected by
// other names.
func TestLongIdentifiers(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"GO", "CSHARP"} {
		files := generate(t, longNames(t), codegen.Generator{Language: language})
		identifier := regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
		for name, content := range files {
			for line := range strings.Lines(content) {
				line = regexp.MustCompile(`"[^"]*"`).ReplaceAllString(line, "")
				if strings.HasPrefix(strings.TrimSpace(line), "//") {
					continue
				}
				for _, ident := range identifier.FindAllString(line, -1) {
					// In Go, the identifier of an enum value starts with the identifier of the enum.
					if len(ident) > 2*255 || language == "CSHARP" && len(ident) > 255 {
						t.Errorf("%s: %s contains an identifier of %d characters", language, name, len(ident))
					}
				}
			}
		}
		if language == "GO" {
			checkGo(t, files)
		}
	}
	name := strings.Repeat("Long", 200)
	structure := map[string]any{"Structure": map[string]any{}}
	alone := generate(t, map[string]json.RawMessage{
		modelSection: marshal(t, map[string]any{name + "B": structure}),
	}, codegen.Generator{Language: "GO"})
	together := generate(t, map[string]json.RawMessage{
		modelSection: marshal(t, map[string]any{name + "A": structure, name + "B": structure}),
	}, codegen.Generator{Language: "GO"})
	_, declaration, _ := strings.Cut(alone["model.go"], "\n// Long")
	if !strings.Contains(together["model.go"], declaration) {
		t.Error("adding a second long name changes the identifier for the first")
	}
}

func TestCSharpLongIdentifiers(t *testing.T) {
	t.Parallel()
	compileCSharp(t, generate(t, longNames(t), codegen.Generator{Language: "CSHARP"}), "library")
}

// TestGoHostileNames builds and vets code generated from names and descriptions that try to inject code.
func TestGoHostileNames(t *testing.T) {
	t.Parallel()
	files := generate(t, readSections(t, "hostile.json"), codegen.Generator{Language: "GO"})
	run(t, writeFiles(t, files), "go", "vet", "./...")
	checkGo(t, files)
	for name, content := range files {
		if strings.Contains(content, "\n//go:embed") || strings.Contains(content, "\n// +build") {
			t.Errorf("%s contains a directive from a description", name)
		}
	}
}

// stdlib imports the standard library packages that generated code uses.
var stdlib = &stdlibImporter{
	source:   importer.ForCompiler(token.NewFileSet(), "source", nil),
	packages: make(map[string]*types.Package),
}

// stdlibImporter imports packages from source. importer.Default would run the go command for each package. On a busy
// machine, fuzz workers would then take minutes to process the first input.
type stdlibImporter struct {
	mu       sync.Mutex
	source   types.Importer
	packages map[string]*types.Package // a cache, because the source importer reads directories on each call
}

func (i *stdlibImporter) Import(path string) (*types.Package, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if pkg := i.packages[path]; pkg != nil {
		return pkg, nil
	}
	pkg, err := i.source.Import(path)
	if err == nil {
		i.packages[path] = pkg
	}
	return pkg, err
}

// checkGo checks that the Go code compiles and contains only declarations that the generator emits.
func checkGo(t testing.TB, files map[string]string) {
	t.Helper()
	fset := token.NewFileSet()
	var parsed []*ast.File
	for name, content := range files {
		if path.Ext(name) != ".go" {
			continue
		}
		f, err := parser.ParseFile(fset, name, content, parser.ParseComments)
		if err != nil {
			t.Fatalf("%v\n%s", err, content)
		}
		if !ast.IsGenerated(f) {
			t.Errorf("%s is not marked as generated code", name)
		}
		parsed = append(parsed, f)
	}
	cfg := types.Config{Importer: stdlib}
	pkg, err := cfg.Check("gamemessages", fset, parsed, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, files["model.go"])
	}
	known := []string{"encode", "decode", "object", "readObject", "errAbsent", "fieldError", "maxDepth", "checkDepth", "field",
		"pointer", "readList", "readMap", "readValue", "timestampPattern", "readTimestamp", "inRange", "isDecimal", "errNull"}
	for _, name := range pkg.Scope().Names() {
		if !token.IsExported(name) && !slices.Contains(known, name) {
			t.Errorf("unexpected declaration: %s", name)
		}
	}
}

// newtonsoft is the path to the Newtonsoft.Json assembly on Debian.
const newtonsoft = "/usr/lib/cli/Newtonsoft.Json-5.0/Newtonsoft.Json.dll"

// compileCSharp compiles files to game.exe, treating warnings as errors, and returns the output directory.
func compileCSharp(t *testing.T, files map[string]string, target string) string {
	t.Helper()
	if _, err := exec.LookPath("mcs"); err != nil {
		t.Skip("no C# compiler: apt-get install --no-install-recommends mono-mcs mono-runtime libnewtonsoft-json5.0-cil")
	}
	if _, err := os.Stat(newtonsoft); err != nil {
		t.Skip("no Newtonsoft.Json: apt-get install --no-install-recommends libnewtonsoft-json5.0-cil")
	}
	dir := writeFiles(t, files)
	args := []string{"-warnaserror", "-langversion:7", "-doc:game.xml", "-target:" + target, "-out:game.exe", "-r:" + newtonsoft}
	for name := range files {
		if path.Ext(name) == ".cs" {
			args = append(args, name)
		}
	}
	run(t, dir, "mcs", args...)
	return dir
}

// TestCSharpRoundTrip compiles and runs a program that uses the generated code.
func TestCSharpRoundTrip(t *testing.T) {
	t.Parallel()
	files := generate(t, readSections(t, "game.json"), codegen.Generator{TargetPlatform: "Unity"})
	files["Roundtrip.cs"] = readTestdata(t, "Roundtrip.cs")
	dir := compileCSharp(t, files, "exe")
	if out := run(t, dir, "mono", "game.exe"); out != "ok\n" {
		t.Errorf("the program printed %q, want \"ok\\n\"", out)
	}
}

func TestCSharpHostileNames(t *testing.T) {
	t.Parallel()
	files := generate(t, readSections(t, "hostile.json"), codegen.Generator{Language: "CSHARP"})
	checkCSharp(t, files)
	compileCSharp(t, files, "library")
}

// checkCSharp checks that user-supplied text appears only in comments and, if escaped, in literals.
func checkCSharp(t testing.TB, files map[string]string) {
	t.Helper()
	for name, content := range files {
		if path.Ext(name) != ".cs" {
			continue
		}
		for line := range strings.Lines(content) {
			isComment := strings.HasPrefix(strings.TrimSpace(line), "///")
			for _, r := range line {
				switch {
				case r == '\r', r == '\u0085', r == '\u2028', r == '\u2029', r == '\u202e', r == 0:
					t.Errorf("%s: line break or control character %q in line %q", name, r, line)
				case r >= utf8.RuneSelf && !isComment:
					t.Errorf("%s: non-ASCII character %q outside a comment in line %q", name, r, line)
				}
			}
		}
	}
}

func TestArchiveIsDeterministic(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"GO", "CSHARP"} {
		sections := readSections(t, "hostile.json")
		first, err := codegen.Generate(sections, codegen.Generator{Language: language})
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			again, err := codegen.Generate(sections, codegen.Generator{Language: language})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first, again) {
				t.Fatalf("%s: a second Generate returned a different archive", language)
			}
		}
		r, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(r.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: the files in the archive are not sorted by name", language)
		}
		for _, f := range r.File {
			if !f.Modified.Equal(time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("%s: file %s has modification time %v", language, f.Name, f.Modified)
			}
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		generator codegen.Generator
		want      []string
	}{
		{codegen.Generator{TargetPlatform: "go"}, []string{"README.md", "go.mod", "json.go", "messages.go", "model.go"}},
		{codegen.Generator{TargetPlatform: "Unity"}, []string{"GameMessages.csproj", "Json.cs", "Messages.cs", "Model.cs", "README.md"}},
		{codegen.Generator{TargetPlatform: "Linux"}, []string{"README.md", "go.mod", "json.go", "messages.go", "model.go"}},
		{codegen.Generator{TargetPlatform: "Linux", Language: "c_sharp"}, []string{"GameMessages.csproj", "Json.cs", "Messages.cs", "Model.cs", "README.md"}},
	}
	for _, tt := range tests {
		// Code is also generated for an empty configuration.
		files := generate(t, nil, tt.generator)
		var names []string
		for name := range files {
			names = append(names, name)
		}
		slices.Sort(names)
		if diff := cmp.Diff(tt.want, names); diff != "" {
			t.Errorf("%+v: file names (-want +got):\n%s", tt.generator, diff)
		}
		if _, ok := files["go.mod"]; ok {
			checkGo(t, files)
		}
	}
}

func TestVersionAndPlatformAreRecorded(t *testing.T) {
	t.Parallel()
	sections := readSections(t, "game.json")
	files := generate(t, sections, codegen.Generator{TargetPlatform: "Linux", GameSdkVersion: "1.2.3\nfunc init() {}"})
	if want := "version 1.2.3 and the platform Linux."; !strings.Contains(files["README.md"], want) {
		t.Errorf("README.md does not contain %q:\n%s", want, files["README.md"])
	}
	checkGo(t, files)
	files = generate(t, sections, codegen.Generator{Language: "GO"})
	if want := "Game SDK version LATEST."; !strings.Contains(files["model.go"], want) {
		t.Errorf("model.go does not contain %q", want)
	}
}

func TestGeneratorErrors(t *testing.T) {
	t.Parallel()
	tests := []struct {
		generator codegen.Generator
		want      string
	}{
		{codegen.Generator{}, "Generator.TargetPlatform or Generator.Language is required: supported languages are GO, CSHARP"},
		{codegen.Generator{Language: "CPP"}, `Generator.Language "CPP" is not supported: use one of GO, CSHARP`},
		{codegen.Generator{TargetPlatform: "Unreal"}, `Generator.TargetPlatform "Unreal" is not supported: use one of Unity, DotNet, Go, Linux, MacOS, Windows`},
		{codegen.Generator{TargetPlatform: "Unity", Language: "GO"}, `Generator.Language "GO" is not supported for the target platform Unity: use one of CSHARP`},
		{codegen.Generator{TargetPlatform: "Linux", Language: "\n"}, `Generator.Language "\n" is not supported for the target platform Linux: use one of GO, CSHARP`},
	}
	for _, tt := range tests {
		err := codegen.Check(nil, tt.generator)
		var generatorError *codegen.GeneratorError
		if !errors.As(err, &generatorError) || err.Error() != tt.want {
			t.Errorf("%+v: Check returned %v, want %s", tt.generator, err, tt.want)
		}
		if _, generateErr := codegen.Generate(nil, tt.generator); generateErr == nil || generateErr.Error() != tt.want {
			t.Errorf("%+v: Generate returned %v, want %s", tt.generator, generateErr, tt.want)
		}
	}
	if err := codegen.Check(nil, codegen.Generator{Language: "go"}); err != nil {
		t.Error(err)
	}
}

// TestConfigurationErrors checks that Check and Generate return parser errors.
func TestConfigurationErrors(t *testing.T) {
	t.Parallel()
	sections := map[string]json.RawMessage{modelSection: json.RawMessage(`{"a": {}}`), requestsSection: json.RawMessage(`[]`)}
	g := codegen.Generator{Language: "GO"}
	_, generateErr := codegen.Generate(sections, g)
	for function, err := range map[string]error{"Check": codegen.Check(sections, g), "Generate": generateErr} {
		var problems *gamemodel.Error
		if !errors.As(err, &problems) {
			t.Errorf("%s returned error %v, want a *gamemodel.Error", function, err)
			continue
		}
		want := `GameSparks.Core.Model: /a: must have exactly one of "Structure", "Enum", "List", "Map", but is empty (and 1 more)`
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("error from %s (-want +got):\n%s", function, diff)
		}
	}
}

// TestInvalidHandlers checks that Generate ignores invalid handlers, because generated code does not depend on them.
func TestInvalidHandlers(t *testing.T) {
	t.Parallel()
	sections := map[string]json.RawMessage{gamemodel.RequestHandlersSection: json.RawMessage(`[]`)}
	if err := codegen.Check(sections, codegen.Generator{Language: "GO"}); err != nil {
		t.Error(err)
	}
}

// TestValidIdentifiersArePreserved checks that a name that is already a valid identifier is kept, even if an earlier
// name maps to the same identifier.
func TestValidIdentifiersArePreserved(t *testing.T) {
	t.Parallel()
	files := generate(t, map[string]json.RawMessage{modelSection: json.RawMessage(`{
		"Foo-Bar": {"Structure": {"Fields": {}}}, "FooBar": {"Structure": {"Fields": {}}},
		"Zoo": {"Enum": {"Values": ["a_b", "in_progress", "IN_PROGRESS", "9", "ü"]}}}`)}, codegen.Generator{Language: "GO"})
	for _, want := range []string{
		"// FooBar is the structure FooBar.",
		"// FooBar2 is the structure Foo-Bar.",
		`ZooAB Zoo = "a_b"`,
		`ZooInProgress Zoo = "in_progress"`,
		`ZooIN_PROGRESS Zoo = "IN_PROGRESS"`,
		`ZooX9 Zoo = "9"`,
		`ZooU00FC Zoo = "\u00fc"`,
	} {
		if code := strings.Join(strings.Fields(files["model.go"]), " "); !strings.Contains(code, want) {
			t.Errorf("model.go does not contain %s:\n%s", want, files["model.go"])
		}
	}
}

// TestManyEqualIdentifiers checks that finding unique identifiers for many colliding names takes linear time. With a
// quadratic algorithm, this test would take many seconds.
func TestManyEqualIdentifiers(t *testing.T) {
	t.Parallel()
	values := make([]string, 20_000)
	for i := range values {
		values[i] = strings.Repeat("-", i%300) + "x" + strings.Repeat("-", i/300)
	}
	text, err := json.Marshal(map[string]any{"E": map[string]any{"Enum": map[string]any{"Values": values}}})
	if err != nil {
		t.Fatal(err)
	}
	files := generate(t, map[string]json.RawMessage{modelSection: text}, codegen.Generator{Language: "CSHARP"})
	if want := fmt.Sprintf("X%d,", len(values)); !strings.Contains(files["Model.cs"], want) {
		t.Errorf("Model.cs does not contain the value %s", want)
	}
}
