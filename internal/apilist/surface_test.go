package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSurfaceOnlyGrows compares the exported names of the modules with the listing in the repository.
func TestSurfaceOnlyGrows(t *testing.T) {
	t.Chdir("../..")
	surface, err := Surface(modules...)
	if err != nil {
		t.Fatal(err)
	}
	listing, err := readLines(listingFile)
	if err != nil {
		t.Fatal(err)
	}
	if len(listing) < 500 {
		t.Fatalf("%s has only %d lines", listingFile, len(listing))
	}
	except, err := readLines(exceptFile)
	if err != nil {
		t.Fatal(err)
	}
	removed, added := Compare(surface, listing, except)
	for _, line := range removed {
		t.Errorf("removed or changed: %s", line)
	}
	for _, line := range added {
		t.Errorf("not in the listing: %s (run go run ./internal/apilist -w to add it)", line)
	}
	for _, path := range []string{"", "/types", "/document", "/download", "/deploy", "/project", "/server", "/server/servertest", "/server/storage"} {
		pkg := "github.com/gamesparks-go/gamesparks" + path + ", "
		if !strings.Contains(strings.Join(surface, "\n"), pkg) {
			t.Errorf("the surface has no identifier from %s", pkg)
		}
	}
}

const before = `package shop

import "time"

const Limit = 3
const Name string = "shop"
var Default *Client
type State string
type Hidden struct{ secret int }
type Client struct { Timeout time.Duration; Name string; inner }
type inner struct{}
func (inner) Ping() error { return nil }
func (c *Client) Get(id int, opts ...func(*Client)) (string, error) { return "", nil }
func (c Client) Copy() Client { return c }
func (c *Client) internal() {}
func New(name string) *Client { return nil }
type Doer interface { Do(id int) error }
type Pair[K comparable, V any] struct { Key K; Value V }
func (p *Pair[K, V]) Swap(other Pair[K, V]) {}
type Alias = Client
type Handler func(next func(id int) error, all []func(name string))
func First[K comparable, V any](pairs map[K]func(value V)) (key K) { return key }
func helper() {}
`

// TestSurface checks the lines for each kind of exported name.
func TestSurface(t *testing.T) {
	t.Parallel()
	want := `const Limit untyped int = 3
const Name string = "shop"
func First[K comparable, V any](map[K]func(V)) K
func New(string) *Client
method (*Client) Get(int, ...func(*Client)) (string, error)
method (*Pair) Swap(Pair[K, V])
method (Client) Copy() Client
method (Client) Ping() error
type Alias = Client
type Client struct
type Client struct, Name string
type Client struct, Timeout time.Duration
type Client struct, embedded inner
type Doer interface{Do(int) error}
type Handler func(func(int) error, []func(string))
type Hidden struct
type Pair struct, Key K
type Pair struct, Value V
type Pair, parameter 0 comparable
type Pair, parameter 1 any
type Pair[K comparable, V any] struct
type State string
var Default *Client`
	if diff := cmp.Diff(strings.Split(want, "\n"), surfaceOf(t, before)); diff != "" {
		t.Errorf("surface (-want +got):\n%s", diff)
	}
}

// TestCompare checks how many lines each change to an exported identifier removes and adds.
func TestCompare(t *testing.T) {
	t.Parallel()
	old := surfaceOf(t, before)
	tests := map[string]struct {
		from, to       string
		removed, added int
	}{
		"no change":                {"", "", 0, 0},
		"new function":             {"func helper", "func Helper", 0, 1},
		"new field":                {"Name string; inner", "Name string; Size int; inner", 0, 1},
		"new method":               {"internal()", "External()", 0, 1},
		"parameter name":           {"New(name string)", "New(title string)", 0, 0},
		"interface parameter":      {"Do(id int)", "Do(number int)", 0, 0},
		"nested parameter":         {"next func(id int)", "next func(number int)", 0, 0},
		"generic parameter":        {"pairs map[K]func(value V)", "all map[K]func(v V)", 0, 0},
		"nested parameter's type":  {"next func(id int)", "next func(id string)", 1, 1},
		"constraint of a function": {"First[K comparable, V any", "First[K, V comparable", 1, 1},
		"unexported field":         {"secret int", "secret string", 0, 0},
		"function removed":         {"func New", "func create", 1, 0},
		"parameter":                {"New(name string)", "New(name []byte)", 1, 1},
		"new parameter":            {"New(name string)", "New(name string, size int)", 1, 1},
		"variadic":                 {"New(name string)", "New(name ...string)", 1, 1},
		"result":                   {"New(name string) *Client", "New(name string) any", 1, 1},
		"field removed":            {"Name string; inner", "inner", 1, 0},
		"field's type":             {"Timeout time.Duration", "Timeout *time.Duration", 1, 1},
		"no longer embedded":       {"; inner }", " }", 2, 0},
		"method removed":           {"Get(", "get(", 1, 0},
		"receiver":                 {"(c Client) Copy() Client { return c }", "(c *Client) Copy() Client { return *c }", 1, 1},
		"constant's value":         {"Limit = 3", "Limit = 4", 1, 1},
		"constant's type":          {"Limit = 3", "Limit int = 3", 1, 1},
		"variable's type":          {"Default *Client", "Default Client", 1, 1},
		"kind of type":             {"State string", "State int", 1, 1},
		"type removed":             {"type Hidden", "type hidden", 1, 0},
		"interface's new method":   {"Do(id int) error", "Do(id int) error; Undo() error", 1, 1},
		"constraint":               {"V any", "V comparable", 2, 2},
		"alias":                    {"Alias = Client", "Alias = Hidden", 1, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			removed, added := Compare(surfaceOf(t, strings.Replace(before, test.from, test.to, 1)), old, nil)
			if len(removed) != test.removed || len(added) != test.added {
				t.Errorf("removed %q and added %q, want %d removed and %d added lines", removed, added, test.removed, test.added)
			}
			if removed, _ := Compare(nil, old, old); removed != nil {
				t.Errorf("Compare reports removed lines that are in except: %q", removed)
			}
		})
	}
}

// surfaceOf returns the surface of a module that contains the package shop, an internal package and a command.
func surfaceOf(t *testing.T, source string) (lines []string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                "module example.com/shop\n\ngo 1.26\n",
		"shop.go":               source,
		"internal/till/t.go":    "package till\n\nfunc Open() {}\n",
		"cmd/shop/main.go":      "package main\n\nfunc Exported() {}\n\nfunc main() {}\n",
		"examples/some_test.go": "package examples\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	surface, err := Surface(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range surface {
		lines = append(lines, strings.TrimPrefix(line, "example.com/shop, "))
	}
	return lines
}
