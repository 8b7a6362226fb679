// Package exportdata loads type information of the repository's packages from the export data of the go command.
package exportdata

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Public returns the packages that the module in dir exports to other modules. It omits internal packages and commands.
func Public(dir string) ([]*types.Package, error) {
	all, err := list(dir)
	if err != nil {
		return nil, err
	}
	return load(all, func(p listed) bool { return !p.DepOnly && !IsInternal(p.ImportPath) })
}

// Shared returns the internal packages of other modules that the module in dir imports.
func Shared(dir string) ([]*types.Package, error) {
	all, err := list(dir)
	if err != nil {
		return nil, err
	}
	imported := map[string]bool{}
	for _, p := range all {
		if !p.DepOnly {
			for _, path := range p.Imports {
				imported[path] = true
			}
		}
	}
	return load(all, func(p listed) bool {
		return p.DepOnly && imported[p.ImportPath] && strings.HasPrefix(p.ImportPath, "github.com/gamesparks-go/") && IsInternal(p.ImportPath)
	})
}

// load loads the packages for which wanted returns true. It skips commands.
func load(all []listed, wanted func(listed) bool) ([]*types.Package, error) {
	exports := map[string]string{}
	for _, p := range all {
		exports[p.ImportPath] = p.Export
	}
	imported := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	var packages []*types.Package
	for _, p := range all {
		if p.Export == "" || p.Name == "main" || !wanted(p) {
			continue
		}
		pkg, err := imported.Import(p.ImportPath)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		packages = append(packages, pkg)
	}
	return packages, nil
}

// IsInternal reports whether path is the import path of an internal package.
func IsInternal(path string) bool { return slices.Contains(strings.Split(path, "/"), "internal") }

// listed is a package as reported by go list.
type listed struct {
	ImportPath, Name, Export string
	DepOnly                  bool
	Imports                  []string
}

func list(dir string) (packages []listed, err error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Name,Export,DepOnly,Imports", "./...")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%v: %w\n%s", cmd, err, &stderr)
	}
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
}
