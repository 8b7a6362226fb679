package document

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"

	smithydocument "github.com/aws/smithy-go/document"
)

// structType describes how a struct type maps to a JSON object.
type structType struct {
	fields []structField  // in the order of their indexes
	byName map[string]int // indexes into fields

	// opaque reports whether the struct has fields and all of them are unexported.
	opaque bool
	// hidden is an embedded type whose value the JSON object would omit, or nil.
	hidden reflect.Type
	// noSerde reports whether the type opts out of documents (smithydocument.NoSerde).
	noSerde bool
}

// structField describes a struct field that maps to a member of the JSON object.
type structField struct {
	name      string
	tagged    bool // name comes from the tag
	omitEmpty bool
	index     []int
}

var structTypes sync.Map // reflect.Type -> *structType

func structTypeOf(t reflect.Type) *structType {
	if s, ok := structTypes.Load(t); ok {
		return s.(*structType)
	}
	s, _ := structTypes.LoadOrStore(t, newStructType(t))
	return s.(*structType)
}

// newStructType collects fields level by level, so that a field hides fields of the same name in more deeply embedded
// structs.
func newStructType(t reflect.Type) *structType {
	s := &structType{byName: map[string]int{}, noSerde: smithydocument.IsNoSerde(reflect.Zero(t).Interface())}
	type embedded struct {
		t     reflect.Type
		index []int
	}
	var candidates []structField
	visited := map[reflect.Type]bool{}
	unexported, excluded := false, false
	for level := []embedded{{t: t}}; len(level) > 0; {
		var next []embedded
		for _, e := range level {
			visited[e.t] = true
		}
		for _, e := range level {
			for i := range e.t.NumField() {
				f := e.t.Field(i)
				index := append(slices.Clone(e.index), i)
				ft := f.Type
				if ft.Name() == "" && ft.Kind() == reflect.Pointer {
					ft = ft.Elem()
				}
				name, options, _ := strings.Cut(f.Tag.Get("document"), ",")
				switch {
				case name == "-":
					excluded = true
				case f.Anonymous && ft.Kind() == reflect.Struct:
					if !visited[ft] {
						next = append(next, embedded{ft, index})
					}
					if s.hidden == nil && hasEncoding(ft) && hasOnlyUnexportedFields(ft) {
						s.hidden = ft
					}
				case !f.IsExported() && !f.Anonymous:
					unexported = unexported || f.Name != "_"
				default:
					candidates = append(candidates, structField{
						name: orDefault(name, f.Name), tagged: name != "", index: index,
						omitEmpty: slices.Contains(strings.Split(options, ","), "omitempty"),
					})
				}
			}
		}
		level = next
	}
	s.opaque = unexported && !excluded && len(candidates) == 0
	s.fields = dominant(candidates)
	for i, f := range s.fields {
		s.byName[f.name] = i
	}
	return s
}

func orDefault(name, fallback string) string {
	if name == "" {
		return fallback
	}
	return name
}

// dominant returns the field with the shortest index for each name. If several fields have the shortest index, it returns
// the one that has a tag. If not exactly one of them has a tag, it returns none of them, as encoding/json does.
func dominant(candidates []structField) []structField {
	groups := map[string][]structField{}
	for _, f := range candidates { // shortest indexes first
		if g := groups[f.name]; len(g) == 0 || len(g[0].index) == len(f.index) {
			groups[f.name] = append(g, f)
		}
	}
	var fields []structField
	for _, group := range groups {
		if len(group) > 1 {
			group = slices.DeleteFunc(group, func(f structField) bool { return !f.tagged })
		}
		if len(group) == 1 {
			fields = append(fields, group[0])
		}
	}
	slices.SortFunc(fields, func(a, b structField) int { return slices.Compare(a.index, b.index) })
	return fields
}

// find returns the index of the field for a member name. It prefers an exact match to the first case-insensitive match.
func (s *structType) find(name string) (int, bool) {
	if i, ok := s.byName[name]; ok {
		return i, true
	}
	i := slices.IndexFunc(s.fields, func(f structField) bool { return strings.EqualFold(f.name, name) })
	return i, i >= 0
}

var (
	jsonMarshalerType   = reflect.TypeFor[json.Marshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func hasOnlyUnexportedFields(t reflect.Type) bool {
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() || f.Anonymous {
			return false
		}
	}
	return t.NumField() > 0
}

// hasEncoding reports whether t or *t has a MarshalJSON or MarshalText method.
func hasEncoding(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(jsonMarshalerType) || p.Implements(textMarshalerType)
}
