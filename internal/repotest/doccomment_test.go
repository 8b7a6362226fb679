package repotest

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocComments checks that all packages in the repository have doc comments, and that all of their exported types,
// fields, methods, functions, constants and variables do.
func TestDocComments(t *testing.T) {
	t.Parallel()
	files := goFiles(t, ".")
	if len(files) < 50 {
		t.Fatalf("found only %d Go files", len(files))
	}
	fset := gotoken.NewFileSet()
	packages := map[string]bool{} // whether a file in the directory documents the package
	for _, name := range files {
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Error(err)
			continue
		}
		packages[filepath.Dir(name)] = packages[filepath.Dir(name)] || file.Doc != nil
		for _, at := range undocumented(fset, file) {
			t.Errorf("%s: %s has no doc comment", fset.Position(at.Pos()), at.Name)
		}
	}
	for dir, documented := range packages {
		if !documented {
			t.Errorf("the package in %s has no doc comment", dir)
		}
	}
}

func TestUndocumented(t *testing.T) {
	t.Parallel()
	const src = `package p

// A is documented.
type A struct {
	// B is.
	B int
	C int

	D int // is too
	E int
	f int

	// F is.
	F int

	G int
}

func (A) F() {}
func (a) G() {}
func H() {}
func i() {}

type J interface { K() }

// These are documented together.
const (
	L = 1
	M = 2
)
const N = 1
var (
	// O is.
	O int
	P int
)
`
	fset := gotoken.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, ident := range undocumented(fset, file) {
		names = append(names, ident.Name)
	}
	if got, want := strings.Join(names, " "), "E G F H J N P"; got != want {
		t.Errorf("undocumented identifiers: %q, want %q", got, want)
	}
}

// goFiles returns the Go files below dir, without tests.
func goFiles(t *testing.T, dir string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == "testdata" || name == "node_modules" || len(name) > 1 && name[0] == '.'):
			return filepath.SkipDir
		case strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go"):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// undocumented returns the exported identifiers that the file declares without a doc comment.
func undocumented(fset *gotoken.FileSet, file *ast.File) (names []*ast.Ident) {
	line := func(field *ast.Field) int { return fset.Position(field.Type.Pos()).Line }
	check := func(idents []*ast.Ident, docs ...*ast.CommentGroup) {
		for _, doc := range docs {
			if doc.Text() != "" {
				return
			}
		}
		for _, ident := range idents {
			if ident.IsExported() {
				names = append(names, ident)
			}
		}
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil || receiver(decl).IsExported() {
				check([]*ast.Ident{decl.Name}, decl.Doc)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.ValueSpec:
					check(spec.Names, decl.Doc, spec.Doc, spec.Comment)
				case *ast.TypeSpec:
					check([]*ast.Ident{spec.Name}, decl.Doc, spec.Doc, spec.Comment)
					// The comment of an interface covers its methods.
					if structure, ok := spec.Type.(*ast.StructType); ok && spec.Name.IsExported() {
						var above *ast.CommentGroup // covers the following fields up to an empty line
						for i, field := range structure.Fields.List {
							if i > 0 && line(field) > line(structure.Fields.List[i-1])+1 {
								above = nil
							}
							if field.Doc != nil {
								above = field.Doc
							}
							check(field.Names, above, field.Comment)
						}
					}
				}
			}
		}
	}
	return names
}

// receiver returns the name of a method's receiver type.
func receiver(method *ast.FuncDecl) *ast.Ident {
	typ := method.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.ParenExpr:
			typ = t.X
		default:
			return t.(*ast.Ident)
		}
	}
}
