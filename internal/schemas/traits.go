package schemas

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	smithy "github.com/aws/smithy-go"
)

// The traits below belong to Smithy's prelude. The traits package of smithy-go omits them because serialization does not
// need them; validation and the server do.

// Required marks a member that must be present.
type Required struct{}

// TraitID identifies the trait.
func (*Required) TraitID() smithy.ShapeID { return preludeID("required") }

// IdempotencyToken marks the member that makes a request idempotent. The published model lacks this trait. This package
// adds it to ClientToken, so that retrying a request whose response was lost has no further effect.
type IdempotencyToken struct{}

// TraitID identifies the trait.
func (*IdempotencyToken) TraitID() smithy.ShapeID { return preludeID("idempotencyToken") }

// Length limits a string in characters, a blob in bytes, and a list or map in entries.
type Length struct {
	Min int // 0 means unbounded
	Max int // 0 means unbounded
}

// TraitID identifies the trait.
func (*Length) TraitID() smithy.ShapeID { return preludeID("length") }

// Check returns a description of the violation, or "" if n is within the bounds.
func (l *Length) Check(n int) string {
	switch {
	case n < l.Min:
		return fmt.Sprintf("length must be at least %d, is %d", l.Min, n)
	case l.Max > 0 && n > l.Max:
		return fmt.Sprintf("length must be at most %d, is %d", l.Max, n)
	}
	return ""
}

// Range limits a number.
type Range struct {
	Min int64 // inclusive
	Max int64 // 0 means unbounded
}

// TraitID identifies the trait.
func (*Range) TraitID() smithy.ShapeID { return preludeID("range") }

// Check returns a description of the violation, or "" if n is within the bounds.
func (r *Range) Check(n int64) string {
	switch {
	case n < r.Min:
		return fmt.Sprintf("value must be at least %d, is %d", r.Min, n)
	case r.Max > 0 && n > r.Max:
		return fmt.Sprintf("value must be at most %d, is %d", r.Max, n)
	}
	return ""
}

// Pattern is a regular expression that a string must match.
type Pattern struct {
	expression string
	notPrefix  string
	compiled   func() *regexp.Regexp
}

// TraitID identifies the trait.
func (*Pattern) TraitID() smithy.ShapeID { return preludeID("pattern") }

// newPattern returns a pattern for an expression from the model. The expression is compiled on first use: few programs
// check patterns, and compiling all of them would delay the start of every program. Go's regexp has no look-ahead. The
// model uses it only as ^(?!LITERAL) at the beginning, which becomes a prefix test.
func newPattern(expression string) *Pattern {
	p := &Pattern{expression: expression}
	rest := expression
	if after, ok := strings.CutPrefix(rest, "^(?!"); ok {
		p.notPrefix, rest, _ = strings.Cut(after, ")")
		rest = "^" + rest
	}
	p.compiled = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(rest) })
	return p
}

// String returns the expression as written in the model.
func (p *Pattern) String() string { return p.expression }

// Check returns a description of the violation, or "" if s matches.
func (p *Pattern) Check(s string) string {
	if p.notPrefix != "" && strings.HasPrefix(s, p.notPrefix) || !p.compiled().MatchString(s) {
		return "value must match " + p.expression
	}
	return ""
}

// Enum lists the values of a string enumeration.
type Enum struct {
	Values []string // in the order of the model
}

// TraitID identifies the trait.
func (*Enum) TraitID() smithy.ShapeID { return preludeID("enum") }

// Check returns a description of the violation, or "" if s is one of the values.
func (e *Enum) Check(s string) string {
	for _, v := range e.Values {
		if v == s {
			return ""
		}
	}
	return "value must be one of " + strings.Join(e.Values, ", ")
}

func preludeID(name string) smithy.ShapeID {
	return smithy.ShapeID{Namespace: "smithy.api", Name: name}
}
