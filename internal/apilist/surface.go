package main

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/gamesparks-go/gamesparks/internal/exportdata"
)

// Compare compares the exported surface with a listing. The removed lines are in the listing, but neither in the surface
// nor in except. The added lines are in the surface, but not in the listing.
func Compare(surface, listing, except []string) (removed, added []string) {
	for _, line := range listing {
		if !slices.Contains(surface, line) && !slices.Contains(except, line) {
			removed = append(removed, line)
		}
	}
	for _, line := range surface {
		if !slices.Contains(listing, line) {
			added = append(added, line)
		}
	}
	return removed, added
}

// Surface returns sorted lines, one for each exported identifier of the modules in dirs. It includes an internal package
// if another of the modules imports it, because a build may combine different versions of the modules. It skips commands.
func Surface(dirs ...string) (lines []string, err error) {
	for _, dir := range dirs {
		packages, err := exportdata.Public(dir)
		if err != nil {
			return nil, err
		}
		shared, err := exportdata.Shared(dir)
		if err != nil {
			return nil, err
		}
		for _, pkg := range append(packages, shared...) {
			lines = append(lines, exported(pkg)...)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines), nil
}

// lister lists the exported identifiers of a package.
type lister struct {
	pkg   *types.Package
	lines []string
}

func exported(pkg *types.Package) []string {
	l := &lister{pkg: pkg}
	for _, name := range pkg.Scope().Names() {
		if token.IsExported(name) {
			l.object(pkg.Scope().Lookup(name))
		}
	}
	return l.lines
}

func (l *lister) addf(format string, args ...any) {
	l.lines = append(l.lines, l.pkg.Path()+", "+fmt.Sprintf(format, args...))
}

// text returns the string form of a type without parameter names, because no program can depend on them.
func (l *lister) text(t types.Type) string {
	return types.TypeString(withoutNames(t), func(p *types.Package) string {
		if p == l.pkg {
			return ""
		}
		return p.Path()
	})
}

// typeParams returns the type parameters of a function with their constraints.
func (l *lister) typeParams(s *types.Signature) string {
	var params []string
	for param := range s.TypeParams().TypeParams() {
		params = append(params, param.Obj().Name()+" "+l.text(param.Constraint()))
	}
	if params == nil {
		return ""
	}
	return "[" + strings.Join(params, ", ") + "]"
}

func (l *lister) object(object types.Object) {
	switch o := object.(type) {
	case *types.Const:
		l.addf("const %s %s = %s", o.Name(), l.text(o.Type()), o.Val().ExactString())
	case *types.Var:
		l.addf("var %s %s", o.Name(), l.text(o.Type()))
	case *types.Func:
		l.addf("func %s%s%s", o.Name(), l.typeParams(o.Signature()), strings.TrimPrefix(l.text(o.Type()), "func"))
	case *types.TypeName:
		if o.IsAlias() {
			l.alias(o.Name(), types.Unalias(o.Type()))
			return
		}
		if named, ok := o.Type().(*types.Named); ok {
			l.named(named)
		}
	}
}

func (l *lister) alias(name string, of types.Type) {
	if named, ok := of.(*types.Named); ok && exportdata.IsInternal(named.Obj().Pkg().Path()) {
		of = of.Underlying() // other modules cannot use the internal name
	}
	l.addf("type %s = %s", name, l.text(of))
}

func (l *lister) named(t *types.Named) {
	name := t.Obj().Name()
	declared := name
	if params := t.TypeParams(); params.Len() > 0 {
		declared = l.text(t) // includes the type parameters with their constraints
		for i := range params.Len() {
			l.addf("type %s, parameter %d %s", name, i, l.text(params.At(i).Constraint()))
		}
	}
	switch under := t.Underlying().(type) {
	case *types.Struct:
		l.addf("type %s struct", declared)
		for field := range under.Fields() {
			switch {
			case field.Embedded():
				l.addf("type %s struct, embedded %s", name, l.text(field.Type()))
			case field.Exported():
				l.addf("type %s struct, %s %s", name, field.Name(), l.text(field.Type()))
			}
		}
	case *types.Interface:
		// One line for all methods, because a new method breaks implementations.
		l.addf("type %s %s", declared, l.text(under))
		return
	default:
		l.addf("type %s %s", declared, l.text(under))
	}
	values := types.NewMethodSet(t)
	for method := range types.NewMethodSet(types.NewPointer(t)).Methods() {
		if !method.Obj().Exported() {
			continue
		}
		receiver := "*" + name
		if values.Lookup(l.pkg, method.Obj().Name()) != nil {
			receiver = name
		}
		l.addf("method (%s) %s%s", receiver, method.Obj().Name(), strings.TrimPrefix(l.text(method.Type()), "func"))
	}
}

// withoutNames removes the names of parameters and results from all function types within a type.
func withoutNames(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Signature:
		return unnamed(t)
	case *types.Pointer:
		return types.NewPointer(withoutNames(t.Elem()))
	case *types.Slice:
		return types.NewSlice(withoutNames(t.Elem()))
	case *types.Array:
		return types.NewArray(withoutNames(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(withoutNames(t.Key()), withoutNames(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), withoutNames(t.Elem()))
	case *types.Interface:
		if t.NumExplicitMethods() == 0 {
			return t
		}
		var methods []*types.Func
		for m := range t.ExplicitMethods() {
			methods = append(methods, types.NewFunc(token.NoPos, m.Pkg(), m.Name(), unnamed(m.Signature())))
		}
		return types.NewInterfaceType(methods, slices.Collect(t.EmbeddedTypes())).Complete()
	}
	return t
}

// unnamed returns a copy of the signature without parameter and result names. The copy has no type parameters, because a
// type parameter can belong to only one signature.
func unnamed(s *types.Signature) *types.Signature {
	tuple := func(from *types.Tuple) *types.Tuple {
		var vars []*types.Var
		for v := range from.Variables() {
			vars = append(vars, types.NewParam(token.NoPos, nil, "", withoutNames(v.Type())))
		}
		return types.NewTuple(vars...)
	}
	return types.NewSignatureType(nil, nil, nil, tuple(s.Params()), tuple(s.Results()), s.Variadic())
}
