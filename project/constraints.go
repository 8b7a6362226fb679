package project

import (
	"unicode/utf8"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// violation returns a description of the constraint of the model that text violates, or "".
func violation(s *smithy.Schema, text string) string {
	if l, ok := smithy.SchemaTrait[*schemas.Length](s); ok {
		if rule := l.Check(utf8.RuneCountInString(text)); rule != "" {
			return rule
		}
	}
	if p, ok := smithy.SchemaTrait[*schemas.Pattern](s); ok {
		return p.Check(text)
	}
	return ""
}
