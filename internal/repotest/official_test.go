package repotest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestOfficialAPI compiles a program that uses every identifier of the official package with its exact type. The program
// also uses identifiers that official clients gained later.
func TestOfficialAPI(t *testing.T) {
	t.Parallel()
	p := newAPIProgram(t)
	for _, list := range []string{"official-api.txt", "later-api.txt"} {
		data, err := os.ReadFile(filepath.Join("testdata", list))
		if err != nil {
			t.Fatal(err)
		}
		if n := p.add(list, string(data)); n == 0 {
			t.Errorf("%s lists no identifiers", list)
		}
	}
	if out := p.compile(); out != "" {
		t.Errorf("the official surface does not compile:\n%s", out)
	}
}

// TestOfficialAPIFindsDifferences checks that TestOfficialAPI detects each kind of difference.
func TestOfficialAPIFindsDifferences(t *testing.T) {
	t.Parallel()
	const right = `package gamesparks
type Options struct
type CreateGameInput struct
type Client struct
type DeleteGameOutput struct
package gamesparks/types
type GameState string
type GameDetails struct
`
	wrong := []string{
		"package gamesparks/types",
		"type Lobby struct",                                 // no such type
		"type Operation struct",                             // a string
		"type Section string",                               // a structure
		"GameDetails.Colour *string",                        // no such member
		"GameDetails.Name string",                           // a pointer
		"GameDetails.Tags map[string]*string",               // values, not pointers
		"method (GameState) Names() []GameState",            // no such method
		"method (GameState) Values() []string",              // another result
		"const GameStateAsleep GameState = \"ASLEEP\"",      // no such constant
		"const GameStateActive GameState = \"INACTIVE\"",    // another value
		"const GameStateActive string = \"ACTIVE\"",         // another type
		"const GameStateActive untyped string = \"ACTIVE\"", // typed
		"package gamesparks",
		"CreateGameInput.GameName string", // a pointer
		"method (Client) CreateGame(ctx context.Context, params *CreateGameInput) (*CreateGameOutput, error)", // lacks options
		"method (Options) Copy() *Options",                                                    // by value
		"func New(options *Options, optFns ...func(*Options)) *Client",                        // by value
		"func NewFromFile(name string) *Client",                                               // no such function
		"const ServiceID untyped string = \"Gamesparks\"",                                     // another value
		"type HTTPClient interface{Do(*http.Request) error}",                                  // another result
		"type HTTPClient interface{Do(*http.Request) (*http.Response, error); Close() error}", // has more methods
		"type HTTPClient interface{}",                                                         // has fewer methods
		"type EndpointResolverFunc func(region string) (aws.Endpoint, error)",                 // another parameter list
		"type EndpointResolver = EndpointResolverV2",                                          // another interface
	}

	p := newAPIProgram(t)
	p.add("right", right)
	p.add("wrong", strings.Join(wrong, "\n"))
	out := p.compile()
	for i, line := range wrong {
		if at := fmt.Sprintf("wrong:%d:", i+1); !strings.HasPrefix(line, "package ") && !strings.Contains(out, at) {
			t.Errorf("%q compiles", line)
		}
	}
	if strings.Contains(out, "right:") {
		t.Errorf("the correct lines do not compile:\n%s", out)
	}
}

// apiProgram is a program generated from lists of identifiers with their types. Each package of a list becomes a file with
// a dot import of the package, so that the names of the list need no qualifier.
type apiProgram struct {
	t       *testing.T
	files   map[string]*bytes.Buffer
	structs map[string]bool
}

func newAPIProgram(t *testing.T) *apiProgram {
	return &apiProgram{t: t, files: map[string]*bytes.Buffer{}, structs: map[string]bool{}}
}

// apiImports maps the package names in the lists to import paths.
var apiImports = map[string]string{
	"aws":             "github.com/aws/aws-sdk-go-v2/aws",
	"context":         "context",
	"document":        "github.com/gamesparks-go/gamesparks/document",
	"http":            "net/http",
	"logging":         "github.com/aws/smithy-go/logging",
	"metrics":         "github.com/aws/smithy-go/metrics",
	"middleware":      "github.com/aws/smithy-go/middleware",
	"smithy":          "github.com/aws/smithy-go",
	"smithyauth":      "github.com/aws/smithy-go/auth",
	"smithyendpoints": "github.com/aws/smithy-go/endpoints",
	"smithyhttp":      "github.com/aws/smithy-go/transport/http",
	"time":            "time",
	"tracing":         "github.com/aws/smithy-go/tracing",
	"types":           "github.com/gamesparks-go/gamesparks/types",
	"v4":              "github.com/aws/aws-sdk-go-v2/aws/signer/v4",
}

var (
	// ownNames maps types in internal packages of aws-sdk-go-v2 to their counterparts in this module.
	ownNames = strings.NewReplacer(
		"endpoints.Options", "EndpointResolverOptions",
		"endpoints.Resolver", "DefaultEndpointResolver",
	)

	// withoutCounterpart matches middleware that the official package exports although only its own code uses it.
	withoutCounterpart = regexp.MustCompile(`^(type ResolveEndpoint struct|ResolveEndpoint\.|method \(ResolveEndpoint\) )`)

	// valueReceivers contains the structures whose methods have value receivers. All others have pointer receivers.
	valueReceivers = []string{"EndpointParameters", "EndpointResolverOptions", "Options"}

	typeLine   = regexp.MustCompile(`^type (\w+) (.+)$`)
	fieldLine  = regexp.MustCompile(`^(\w+)\.(\w+) (.+)$`)
	methodLine = regexp.MustCompile(`^method \((\w+)\) (\w+)\((.*)$`)
	funcLine   = regexp.MustCompile(`^func (\w+)(\(.*)$`)
	constLine  = regexp.MustCompile(`^const (\w+) (untyped )?(\w+) = (".*")$`)
)

// add writes declarations that use each identifier of the list, and returns the number of identifiers.
func (p *apiProgram) add(name, list string) (used int) {
	pkg := ""
	for i, line := range strings.Split(list, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || withoutCounterpart.MatchString(line) {
			continue
		}
		if path, ok := strings.CutPrefix(line, "package "); ok {
			pkg = "github.com/gamesparks-go/" + path
			if p.files[pkg] == nil {
				p.files[pkg] = new(bytes.Buffer)
			}
			continue
		}
		use := p.use(ownNames.Replace(line))
		if use == "" {
			p.t.Errorf("%s:%d: cannot parse %q", name, i+1, line)
			continue
		}
		for _, statement := range strings.Split(use, "\n") {
			fmt.Fprintf(p.files[pkg], "//line %s:%d\n%s\n", name, i+1, statement)
		}
		used++
	}
	return used
}

// use returns declarations that compile only if the identifier in the line exists and has exactly that type. They assign
// pointers and function values, because Go does not convert these implicitly.
func (p *apiProgram) use(line string) string {
	if m := constLine.FindStringSubmatch(line); m != nil {
		name, untyped, typ, value := m[1], m[2] != "", m[3], m[4]
		sameValue := fmt.Sprintf("var _ = map[bool]int{false: 0, %s == %s: 1}", name, value)
		if untyped {
			return fmt.Sprintf("func _() { type t %s; const _ t = %s }\n%s", typ, name, sameValue)
		}
		return fmt.Sprintf("const _ %s = %s\nfunc _() { c := %s; var _ *%s = &c }\n%s", typ, name, name, typ, sameValue)
	}
	if m := typeLine.FindStringSubmatch(line); m != nil {
		name, typ := m[1], m[2]
		alias, isAlias := strings.CutPrefix(typ, "= ")
		switch {
		case typ == "struct":
			p.structs[name] = true
			return fmt.Sprintf("var _ = %s{}", name)
		case isAlias:
			return fmt.Sprintf("var _ *%s = new(%s)", name, alias)
		case typ == "string":
			return fmt.Sprintf("const _ = %s(\"\")", name)
		default:
			return fmt.Sprintf("func _() { var a %s; var b %s; a = b; b = a }", name, typ)
		}
	}
	if m := methodLine.FindStringSubmatch(line); m != nil {
		receiver, name, signature := m[1], m[2], m[3]
		if p.structs[receiver] && !slices.Contains(valueReceivers, receiver) {
			receiver = "*" + receiver
		}
		// The receiver becomes the first parameter. It needs a name if the others have names.
		first := receiver
		if named.MatchString(signature) {
			first = "_ " + receiver
		}
		if !strings.HasPrefix(signature, ")") {
			first += ", "
		}
		return fmt.Sprintf("var _ func(%s%s = (%s).%s", first, signature, receiver, name)
	}
	if m := funcLine.FindStringSubmatch(line); m != nil {
		return fmt.Sprintf("var _ func%s = %s", m[2], m[1])
	}
	if m := fieldLine.FindStringSubmatch(line); m != nil {
		return fmt.Sprintf("var _ *%s = &new(%s).%s", m[3], m[1], m[2])
	}
	return ""
}

// named matches a parameter list with named parameters.
var named = regexp.MustCompile(`^\w+ `)

// compile compiles the program and returns all compiler errors, with their positions in the lists.
func (p *apiProgram) compile() string {
	dir := p.t.TempDir()
	args := []string{"build", "-gcflags=-e"}
	for pkg, uses := range p.files {
		var src bytes.Buffer
		fmt.Fprintf(&src, "package program\n\nimport . %q\n", pkg)
		for name, path := range apiImports {
			if regexp.MustCompile(`\b` + name + `\.`).Match(uses.Bytes()) {
				fmt.Fprintf(&src, "import %s %q\n", name, path)
			}
		}
		src.Write(uses.Bytes())
		file := filepath.Join(dir, strings.ReplaceAll(pkg, "/", "_")+".go")
		if err := os.WriteFile(file, src.Bytes(), 0o600); err != nil {
			p.t.Fatal(err)
		}
		args = append(args, file)
	}
	out, err := exec.CommandContext(p.t.Context(), "go", args...).CombinedOutput()
	switch {
	case err == nil:
		return ""
	case len(out) == 0:
		p.t.Fatal(err)
	}
	return string(out)
}
