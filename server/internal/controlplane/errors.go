package controlplane

import (
	"fmt"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/types"
)

func invalid(format string, args ...any) error {
	return &types.ValidationException{Message: message(format, args)}
}

func conflict(format string, args ...any) error {
	return &types.ConflictException{Message: message(format, args)}
}

func notFound(format string, args ...any) error {
	return &types.ResourceNotFoundException{Message: message(format, args)}
}

func preconditionFailed(format string, args ...any) error {
	return &types.PreconditionFailedException{Message: message(format, args)}
}

func accessDenied(format string, args ...any) error {
	return &types.AccessDeniedException{Message: message(format, args)}
}

func quotaExceeded(format string, args ...any) error {
	return &types.ServiceQuotaExceededException{Message: message(format, args)}
}

func message(format string, args []any) *string {
	text := fmt.Sprintf(format, args...)
	return &text
}

// errDeleting returns the error for changing a resource that is being deleted: a ConflictException if the model defines
// it for the operation, otherwise a ResourceNotFoundException.
func (c *call) errDeleting(format string, args ...any) error {
	for _, e := range c.op.Errors {
		if e == schemas.ConflictException {
			return conflict(format, args...)
		}
	}
	return notFound(format, args...)
}

// checkConstraints returns the rule of the model that text violates, or "" if there is none.
func checkConstraints(s *smithy.Schema, text string) string {
	if l, ok := smithy.SchemaTrait[*schemas.Length](s); ok {
		if rule := l.Check(len([]rune(text))); rule != "" {
			return rule
		}
	}
	if p, ok := smithy.SchemaTrait[*schemas.Pattern](s); ok {
		return p.Check(text)
	}
	return ""
}
