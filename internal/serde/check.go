package serde

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// Check validates the input of a request. It returns nil or a smithy.InvalidParamsError that contains every violation and
// refers to the input by the given name. It always checks for missing required members and empty URI labels. If strict is
// true, it also checks the model's length, range, pattern and enumeration constraints. If a label is empty, the error is
// a smithy.SerializationError that wraps the smithy.InvalidParamsError, as in the official client.
func Check(name string, t Type, input any, strict bool) error {
	c, _ := checkers.Get().(*checker)
	c.name, c.strict = name, strict
	v := newVisitor()
	v.checker = c
	t.visit(v, input)
	v.release()

	errs, emptyLabel := c.errs, c.emptyLabel
	*c = checker{path: c.path[:0]}
	checkers.Put(c)
	switch {
	case errs.Len() == 0:
		return nil
	case emptyLabel:
		return &smithy.SerializationError{Err: errs}
	}
	return errs
}

var checkers = sync.Pool{New: func() any { return new(checker) }}

type checker struct {
	name   string
	strict bool
	errs   smithy.InvalidParamsError

	emptyLabel bool
	path       []step
}

// step is one level of the path to a value: a member, and an index or key if the member is a list or map.
type step struct {
	member    *smithy.Schema
	subscript string
}

func (c *checker) enter(s *smithy.Schema) { c.path = append(c.path, step{member: s}) }
func (c *checker) leave()                 { c.path = c.path[:len(c.path)-1] }
func (c *checker) index(i int)            { c.path[len(c.path)-1].subscript = "[" + strconv.Itoa(i) + "]" }
func (c *checker) key(k string)           { c.path[len(c.path)-1].subscript = "[" + strconv.Quote(k) + "]" }

func (c *checker) absent(s *smithy.Schema) {
	if _, ok := smithy.SchemaTrait[*schemas.Required](s); ok {
		c.add(smithy.NewErrParamRequired(c.field(s)))
	}
}

func (c *checker) string(s *smithy.Schema, value string) {
	if value == "" {
		if _, ok := smithy.SchemaTrait[*traits.HTTPLabel](s); ok {
			c.emptyLabel = true
			c.violation(s, "value must not be empty, because it is part of the request's path")
			return
		}
	}
	if !c.strict {
		return
	}
	c.length(s, utf8.RuneCountInString(value))
	if p, ok := smithy.SchemaTrait[*schemas.Pattern](s); ok {
		c.violation(s, p.Check(value))
	}
	if e, ok := smithy.SchemaTrait[*schemas.Enum](s); ok {
		c.violation(s, e.Check(value))
	}
}

func (c *checker) length(s *smithy.Schema, n int) {
	if !c.strict {
		return
	}
	if l, ok := smithy.SchemaTrait[*schemas.Length](s); ok {
		c.violation(s, l.Check(n))
	}
}

func (c *checker) number(s *smithy.Schema, n int64) {
	if !c.strict {
		return
	}
	if r, ok := smithy.SchemaTrait[*schemas.Range](s); ok {
		c.violation(s, r.Check(n))
	}
}

func (c *checker) violation(s *smithy.Schema, rule string) {
	if rule != "" {
		c.add(&ConstraintError{field: c.field(s), rule: rule})
	}
}

func (c *checker) add(err smithy.InvalidParamError) {
	c.errs.Context = c.name
	c.errs.Add(err)
}

// field returns the path from the input to a member, using the names of Go fields.
func (c *checker) field(s *smithy.Schema) string {
	var b strings.Builder
	for _, st := range c.path {
		b.WriteString(fieldName(b.Len(), st.member))
		b.WriteString(st.subscript)
	}
	b.WriteString(fieldName(b.Len(), s))
	return b.String()
}

func fieldName(pos int, s *smithy.Schema) string {
	name := s.MemberName()
	switch name {
	case "member", "key", "value": // an element has no name, only a subscript
		return ""
	}
	name = strings.ToUpper(name[:1]) + name[1:]
	if pos > 0 {
		return "." + name
	}
	return name
}

// ConstraintError reports that a member violates a constraint of the model. It implements smithy.InvalidParamError.
type ConstraintError struct {
	context string
	field   string
	rule    string
}

// Error returns the constraint and the path of the member.
func (e *ConstraintError) Error() string { return fmt.Sprintf("%s, %s.", e.rule, e.Field()) }

// Field returns the path of the member.
func (e *ConstraintError) Field() string {
	if e.context == "" {
		return e.field
	}
	return e.context + "." + e.field
}

// SetContext sets the name of the structure at which the path begins.
func (e *ConstraintError) SetContext(context string) { e.context = context }

// AddNestedContext prepends a level to the path.
func (e *ConstraintError) AddNestedContext(context string) {
	if strings.HasPrefix(e.field, "[") {
		e.field = context + e.field
		return
	}
	e.field = context + "." + e.field
}
