package repotest

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/exportdata"
)

// TestExportedTypesAreNotInternal checks that no exported identifier of the SDK refers to a type in an internal package.
// It checks functions, methods, fields, variables, type constraints and aliases.
func TestExportedTypesAreNotInternal(t *testing.T) {
	t.Parallel()
	packages, err := exportdata.Public(".")
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, pkg := range packages {
		paths = append(paths, pkg.Path())
		for _, finding := range internalTypes(pkg) {
			t.Errorf("%s: %s", pkg.Path(), finding)
		}
	}
	slices.Sort(paths)
	const module = "github.com/gamesparks-go/gamesparks"
	want := []string{module, module + "/deploy", module + "/document", module + "/download", module + "/types"}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("packages of the SDK (-want +got):\n%s", diff)
	}
}

func TestInternalTypes(t *testing.T) {
	t.Parallel()
	const src = `package p

import "example.com/m/internal/q"

type Good struct { Name string; hidden q.T }
func (Good) Fine(func(string) []error) {}
func (Good) unexported(q.T) {}
func private(q.T) {}
type unused struct { Field q.T }

type Field struct { F map[string][]*q.T }
type Embedded struct { q.T }
type Promoted struct { inner }
type inner struct{}
func (inner) Promoted(q.T) {}
type Method struct{}
func (*Method) Internal(chan q.T) {}
type Interface interface { Internal() (q.T, error) }
type Inherited interface { q.I }
type Constraint[T q.I] struct{}
type Generic[T any] struct{}
type Func func(...q.T)
type Alias = q.T
type Instance = Generic[q.T]
type Local = q.Alias
var Var [2]q.T
var Literal struct { A, b q.T }
func Parameter(f func(q.T)) {}
func Result() Generic[func() q.T] { panic(0) }
func TypeParameter[T interface{ *q.T }]() {}
func Hidden() *hidden { return nil }
type hidden struct{}
func (*hidden) Internal(q.T) {}
`
	const internal = `package q

type T struct{}
type I interface { M(T) }
type Alias = map[string]T
`
	fset := token.NewFileSet()
	check := func(path, src string, imports types.Importer) *types.Package {
		file, err := parser.ParseFile(fset, path+".go", src, 0)
		if err != nil {
			t.Fatal(err)
		}
		config := types.Config{Importer: imports}
		pkg, err := config.Check(path, fset, []*ast.File{file}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return pkg
	}
	q := check("example.com/m/internal/q", internal, importer.Default())
	p := check("example.com/m/p", src, importerFunc(func(string) (*types.Package, error) { return q, nil }))

	var names []string
	for _, finding := range internalTypes(p) {
		name, _, _ := strings.Cut(finding, " ")
		names = append(names, name)
	}
	want := []string{
		"Alias", "Constraint", "Embedded.T", "Field.F", "Func", "Hidden.Internal", "Inherited", "Instance", "Interface.Internal", "Literal",
		"Local", "Method.Internal", "Parameter", "Promoted.Promoted", "Result", "TypeParameter", "Var",
	}
	if diff := cmp.Diff(want, slices.Compact(names)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

type importerFunc func(string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// internalTypes returns a line for each exported identifier of the package whose type refers to an internal package,
// sorted by name.
func internalTypes(pkg *types.Package) (findings []string) {
	for _, name := range pkg.Scope().Names() {
		object := pkg.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		s := &search{pkg: pkg, seen: map[types.Type]bool{}}
		if typeName, ok := object.(*types.TypeName); ok {
			s.declaration(name, typeName)
		} else {
			s.find(name, object.Type())
		}
		slices.Sort(s.findings)
		findings = append(findings, s.findings...)
	}
	return findings
}

// search collects references to internal packages. It also searches unexported types of the package, because callers can
// reach their exported members. It does not search the types of other packages.
type search struct {
	pkg      *types.Package
	seen     map[types.Type]bool
	findings []string
}

// declaration searches a type declaration.
func (s *search) declaration(name string, typeName *types.TypeName) {
	switch t := typeName.Type().(type) {
	case *types.Alias:
		s.find(name, t.Rhs())
	case *types.Named:
		s.named(name, t)
	}
}

func (s *search) named(name string, t *types.Named) {
	if s.seen[t] {
		return
	}
	s.seen[t] = true
	for param := range t.TypeParams().TypeParams() {
		s.find(name, param.Constraint())
	}
	if structure, ok := t.Underlying().(*types.Struct); ok {
		for field := range structure.Fields() {
			if field.Exported() {
				s.find(name+"."+field.Name(), field.Type())
			}
		}
	} else {
		s.find(name, t.Underlying())
	}
	for method := range types.NewMethodSet(types.NewPointer(t)).Methods() {
		if method.Obj().Exported() {
			s.find(name+"."+method.Obj().Name(), method.Type())
		}
	}
}

// find searches a type to which the identifier refers.
func (s *search) find(name string, t types.Type) {
	switch t := t.(type) {
	case *types.Alias:
		s.reference(name, t.Obj(), t.TypeArgs())
		if t.Obj().Pkg() != s.pkg || !t.Obj().Exported() {
			s.find(name, t.Rhs())
		}
	case *types.Named:
		s.reference(name, t.Obj(), t.TypeArgs())
		if t.Obj().Pkg() == s.pkg && !t.Obj().Exported() {
			s.named(name, t)
		}
	case *types.Signature:
		for param := range t.TypeParams().TypeParams() {
			s.find(name, param.Constraint())
		}
		for param := range t.Params().Variables() {
			s.find(name, param.Type())
		}
		for result := range t.Results().Variables() {
			s.find(name, result.Type())
		}
	case *types.Struct:
		for field := range t.Fields() {
			if field.Exported() {
				s.find(name, field.Type())
			}
		}
	case *types.Interface:
		for method := range t.ExplicitMethods() {
			if method.Exported() {
				s.find(name+"."+method.Name(), method.Type())
			}
		}
		for embedded := range t.EmbeddedTypes() {
			s.find(name, embedded)
		}
	case *types.Union:
		for term := range t.Terms() {
			s.find(name, term.Type())
		}
	case *types.Map:
		s.find(name, t.Key())
		s.find(name, t.Elem())
	case interface{ Elem() types.Type }: // pointers, slices, arrays and channels
		s.find(name, t.Elem())
	}
}

// reference reports the type if it belongs to an internal package, and searches its type arguments.
func (s *search) reference(name string, object *types.TypeName, args *types.TypeList) {
	if object.Pkg() != nil && exportdata.IsInternal(object.Pkg().Path()) {
		s.findings = append(s.findings, name+" refers to "+object.Pkg().Path()+"."+object.Name())
	}
	for arg := range args.Types() {
		s.find(name, arg)
	}
}
