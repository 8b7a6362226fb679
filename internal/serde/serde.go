// Package serde serializes, deserializes and validates the structures of the API. A function of type [Members] lists the
// members of a structure once. A [Visitor] walks the list and serializes, deserializes or validates each member.
package serde

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"time"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks/document"
	internaldocument "github.com/gamesparks-go/gamesparks/internal/document"
)

// Members lists the members of the structure T. For each member, it calls the [Visitor] method or the function in this
// package that visits the member's type.
type Members[T any] func(*Visitor, *T)

// Type is a [Members] function without type parameters, for code that does not depend on the structure's Go type. Values
// are pointers to the structure.
type Type interface {
	// New returns a pointer to a zero value.
	New() any

	// Copy returns a pointer to a shallow copy of the value.
	Copy(value any) any

	// Holds reports whether the value is a non-nil pointer to this structure.
	Holds(value any) bool

	visit(v *Visitor, value any)
}

// New implements Type.
func (Members[T]) New() any { return new(T) }

// Copy implements Type.
func (Members[T]) Copy(value any) any {
	structure := *value.(*T)
	return &structure
}

// Holds implements Type.
func (Members[T]) Holds(value any) bool {
	p, ok := value.(*T)
	return ok && p != nil
}

func (m Members[T]) visit(v *Visitor, value any) { m(v, value.(*T)) }

// Writer writes values of all types that the API uses.
type Writer interface {
	WriteStruct(*smithy.Schema)
	CloseStruct()
	WriteList(*smithy.Schema)
	CloseList()
	WriteMap(*smithy.Schema)
	WriteKey(s *smithy.Schema, key string)
	CloseMap()
	WriteString(*smithy.Schema, string)
	WriteInt32(*smithy.Schema, int32)
	WriteBool(*smithy.Schema, bool)
	WriteTime(*smithy.Schema, time.Time)
	WriteBlob(*smithy.Schema, []byte)
	WriteDocument(*smithy.Schema, document.Interface) error
}

// Reader reads values of all types that the API uses.
type Reader interface {
	// Size returns the length of the input in bytes.
	Size() int

	ReadStruct(*smithy.Schema) error
	// ReadStructMember returns the member whose value follows, or nil at the end of the structure. It skips members that
	// are not in the schema, and null members other than documents.
	ReadStructMember() (*smithy.Schema, error)
	ReadList(*smithy.Schema) error
	// ReadListItem reports whether another list item follows.
	ReadListItem(*smithy.Schema) (bool, error)
	ReadMap(*smithy.Schema) error
	// ReadMapKey returns the next key, whose value follows. It returns false at the end of the map.
	ReadMapKey(*smithy.Schema) (string, bool, error)
	// ReadNil reports whether the next list item, map value or body is null. If it is, ReadNil consumes it, or returns an
	// error if null is not allowed.
	ReadNil(*smithy.Schema) (bool, error)
	ReadString(*smithy.Schema, *string) error
	ReadInt32(*smithy.Schema, *int32) error
	ReadBool(*smithy.Schema, *bool) error
	ReadTime(*smithy.Schema, *time.Time) error
	ReadBlob(*smithy.Schema, *[]byte) error
	// ReadDocument returns the JSON encoding of the document.
	ReadDocument() ([]byte, error)
}

// Shape is a structure with its schema and members, ready to be serialized, deserialized or checked.
type Shape struct {
	Schema *smithy.Schema // Schema is the schema of Value.
	Type   Type           // Type is the type of Value.
	Value  any            // Value is a pointer to the structure.
}

// Serialize writes the structure to w.
func (s *Shape) Serialize(w Writer) error {
	v := newVisitor()
	v.writer = w
	w.WriteStruct(s.Schema)
	s.Type.visit(v, s.Value)
	w.CloseStruct()
	return v.release()
}

// Deserialize reads the structure from r. It does not change members for which r has no value.
func (s *Shape) Deserialize(r Reader) error {
	v := newVisitor()
	v.reader = r
	v.budget = minBudget + budgetPerByte*r.Size()
	v.readStruct(s.Schema, s.Type, s.Value)
	return v.release()
}

// The memory for lists and maps is limited to 1 MiB plus twice the length of the input, because an empty structure is
// only two bytes of input, but takes far more memory. Building a map temporarily doubles its memory. Responses of the
// service stay far below the limit, because their values have names and descriptions.
const (
	budgetPerByte = 2
	minBudget     = 1 << 20
)

var errBudget = errors.New("too many list or map values for the length of the input")

// Visitor serializes, deserializes or validates each member that it visits: exactly one of writer, reader and checker is
// set. After an error, it ignores all calls.
type Visitor struct {
	writer  Writer
	reader  Reader
	checker *checker

	err error

	structure *smithy.Schema // the structure being read

	// member is the member whose value follows in reader. It is nil if the next member has not been read yet, and
	// noMember at the end of the structure or after an error.
	member *smithy.Schema

	// taken reports whether a member has been read in the current pass over the structure's members.
	taken bool

	budget int // remaining memory for values of lists and maps, in bytes

	scratch   string // for enumerations and values of string maps; a local variable would escape to the heap
	strings   slab[string]
	times     slab[time.Time]
	documents slab[internaldocument.Raw]
}

var visitors = sync.Pool{New: func() any { return new(Visitor) }}

func newVisitor() *Visitor {
	v, _ := visitors.Get().(*Visitor)
	return v
}

// release returns the visitor's error and puts the visitor into the pool. It clears the visitor first, because its slabs
// would keep responses alive.
func (v *Visitor) release() error {
	err := v.err
	*v = Visitor{}
	visitors.Put(v)
	return err
}

// visitFunc visits a value that is present.
type visitFunc[T any] func(*Visitor, *smithy.Schema, *T)

// String visits a string member; nil means absent.
func (v *Visitor) String(s *smithy.Schema, p **string) { fromSlab(v, s, p, &v.strings, stringValue) }

// Int32 visits an integer member; nil means absent.
func (v *Visitor) Int32(s *smithy.Schema, p **int32) { optional(v, s, p, int32Value) }

// Time visits a timestamp member; nil means absent.
func (v *Visitor) Time(s *smithy.Schema, p **time.Time) { fromSlab(v, s, p, &v.times, timeValue) }

// Int32Value visits an integer member that is always present.
func (v *Visitor) Int32Value(s *smithy.Schema, p *int32) {
	if v.reader == nil || v.take(s) {
		int32Value(v, s, p)
	}
}

// BoolValue visits a boolean member that is always present.
func (v *Visitor) BoolValue(s *smithy.Schema, p *bool) {
	switch {
	case v.writer != nil:
		v.writer.WriteBool(s, *p)
	case v.reader != nil && v.take(s):
		v.fail(s, v.reader.ReadBool(s, p))
	}
}

// Blob visits a blob member; nil means absent.
func (v *Visitor) Blob(s *smithy.Schema, p *[]byte) {
	switch {
	case v.reader != nil:
		if v.take(s) {
			v.fail(s, v.reader.ReadBlob(s, p))
		}
	case *p == nil:
		v.absent(s)
	case v.writer != nil:
		v.writer.WriteBlob(s, *p)
	default:
		v.checker.length(s, len(*p))
	}
}

// Document visits a document member; nil means absent.
func (v *Visitor) Document(s *smithy.Schema, p *document.Interface) {
	switch {
	case v.reader != nil:
		if v.take(s) {
			data, err := v.reader.ReadDocument()
			v.fail(s, err)
			d := v.documents.next()
			*d = *internaldocument.NewRaw(data)
			*p = d
		}
	case *p == nil:
		v.absent(s)
	case v.writer != nil:
		v.fail(s, v.writer.WriteDocument(s, *p))
	}
}

// StringList visits a list of strings; nil means absent.
func (v *Visitor) StringList(s *smithy.Schema, p *[]string) { listOf(v, s, p, stringValue) }

// StringMap visits a map of strings; nil means absent.
func (v *Visitor) StringMap(s *smithy.Schema, p *map[string]string) {
	mapOf(v, s, p, stringValue, &v.scratch)
}

// Enum visits a string enumeration; the empty string means absent. Unknown values are kept.
func Enum[E ~string](v *Visitor, s *smithy.Schema, p *E) {
	switch {
	case v.reader != nil:
		if v.take(s) {
			v.fail(s, v.reader.ReadString(s, &v.scratch))
			*p = E(v.scratch)
		}
	case *p == "":
		v.absent(s)
	case v.writer != nil:
		v.writer.WriteString(s, string(*p))
	default:
		v.checker.string(s, string(*p))
	}
}

// Struct visits a structure member; nil means absent.
func Struct[T any](v *Visitor, s *smithy.Schema, p **T, members Members[T]) {
	switch {
	case v.reader != nil:
		if v.take(s) {
			*p = new(T)
			v.readStruct(s, members, *p)
		}
	case *p == nil:
		v.absent(s)
	default:
		v.visitStruct(s, members, *p)
	}
}

// StructList visits a list of structures; nil means absent.
func StructList[T any](v *Visitor, s *smithy.Schema, p *[]T, members Members[T]) {
	listOf(v, s, p, func(v *Visitor, s *smithy.Schema, item *T) { v.visitStruct(s, members, item) })
}

// StructMap visits a map of structures; nil means absent.
func StructMap[T any](v *Visitor, s *smithy.Schema, p *map[string]T, members Members[T]) {
	mapOf(v, s, p, func(v *Visitor, s *smithy.Schema, item *T) { v.visitStruct(s, members, item) }, nil)
}

func optional[T any](v *Visitor, s *smithy.Schema, p **T, visit visitFunc[T]) {
	switch {
	case v.reader != nil:
		if v.take(s) {
			*p = new(T)
			visit(v, s, *p)
		}
	case *p == nil:
		v.absent(s)
	default:
		visit(v, s, *p)
	}
}

// fromSlab visits a member like optional, but allocates the value that it reads from a slab.
func fromSlab[T any](v *Visitor, s *smithy.Schema, p **T, values *slab[T], visit visitFunc[T]) {
	if v.reader == nil {
		optional(v, s, p, visit)
	} else if v.take(s) {
		*p = values.next()
		visit(v, s, *p)
	}
}

func stringValue(v *Visitor, s *smithy.Schema, p *string) {
	switch {
	case v.writer != nil:
		v.writer.WriteString(s, *p)
	case v.reader != nil:
		v.fail(s, v.reader.ReadString(s, p))
	default:
		v.checker.string(s, *p)
	}
}

func int32Value(v *Visitor, s *smithy.Schema, p *int32) {
	switch {
	case v.writer != nil:
		v.writer.WriteInt32(s, *p)
	case v.reader != nil:
		v.fail(s, v.reader.ReadInt32(s, p))
	default:
		v.checker.number(s, int64(*p))
	}
}

func timeValue(v *Visitor, s *smithy.Schema, p *time.Time) {
	switch {
	case v.writer != nil:
		v.writer.WriteTime(s, *p)
	case v.reader != nil:
		v.fail(s, v.reader.ReadTime(s, p))
	}
}

// visitStruct visits a structure that is present.
func (v *Visitor) visitStruct(s *smithy.Schema, t Type, value any) {
	switch {
	case v.writer != nil:
		failed := v.err != nil
		v.writer.WriteStruct(s)
		t.visit(v, value)
		v.writer.CloseStruct()
		if !failed && v.err != nil {
			v.within(s, "")
		}
	case v.reader != nil:
		v.readStruct(s, t, value)
	default:
		v.checker.enter(s)
		t.visit(v, value)
		v.checker.leave()
	}
}

// readStruct visits the members of the structure until all members in the reader have been read. One pass is enough if
// the members in the reader have the same order as in [Members].
func (v *Visitor) readStruct(s *smithy.Schema, t Type, value any) {
	outer := v.structure
	v.structure = s
	v.fail(s, v.reader.ReadStruct(s))
	for v.advance(); v.member != noMember; {
		next := v.member
		v.taken = false
		t.visit(v, value)
		if !v.taken {
			v.fail(next, fmt.Errorf("the Members function of %T does not list this member", value))
			v.member = nil
		}
		if v.member == nil {
			v.advance()
		}
	}
	if v.err != nil {
		v.within(s, "")
	}
	v.structure, v.member, v.taken = outer, nil, true // the state after any value of the outer structure
}

var noMember = new(smithy.Schema)

// advance reads the name of the next member of the structure.
func (v *Visitor) advance() {
	v.member = noMember
	if v.err != nil {
		return
	}
	member, err := v.reader.ReadStructMember()
	switch {
	case err != nil:
		v.fail(cmp.Or(member, v.structure), err)
	case member != nil:
		v.member = member
	}
}

// take reports whether the next value in the reader belongs to the member, and marks it as taken if so.
func (v *Visitor) take(s *smithy.Schema) bool {
	if v.member == nil {
		v.advance()
	}
	if v.member != s {
		return false
	}
	v.member, v.taken = nil, true
	return true
}

// spend subtracts the memory of a list or map value from the budget.
func (v *Visitor) spend(s *smithy.Schema, bytes uintptr) {
	if v.budget -= int(bytes); v.budget < 0 {
		v.fail(s, errBudget)
	}
}

func (v *Visitor) readNull(s *smithy.Schema) bool {
	null, err := v.reader.ReadNil(s)
	v.fail(s, err)
	return null || err != nil
}

// absent reports to the checker, if one is set, that a member has no value.
func (v *Visitor) absent(s *smithy.Schema) {
	if v.checker != nil {
		v.checker.absent(s)
	}
}

// fail stores err with its member, unless an error is already stored.
func (v *Visitor) fail(s *smithy.Schema, err error) {
	if err != nil && v.err == nil { // small enough to be inlined
		v.err = &memberError{member: s, err: err}
	}
}

// within prepends a level to the path of the visitor's error: a member, followed by an index or key if it is a list or
// map. It must be called exactly once for each level, when the visitor leaves it.
func (v *Visitor) within(s *smithy.Schema, subscript string) {
	e, ok := v.err.(*memberError)
	if !ok || s.MemberName() == "" { // the outermost structure has no name
		return
	}
	step := fieldName(0, s) + subscript
	switch {
	case e.path == "" && e.member == s: // the list, map or structure itself
		e.path = step
		return
	case e.path == "" && e.member.MemberName() != "":
		e.path = fieldName(0, e.member)
	}
	if step != "" && e.path != "" && e.path[0] != '[' {
		step += "."
	}
	e.path = step + e.path
}

// memberError is an error about the value of a member.
type memberError struct {
	member *smithy.Schema
	path   string // from the outermost structure to the member; "" if that is only the member's name
	err    error
}

func (e *memberError) Error() string {
	name := cmp.Or(e.path, e.member.MemberName(), e.member.ID().Name)
	return name + ": " + e.err.Error()
}

func (e *memberError) Unwrap() error { return e.err }
