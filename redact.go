package gamesparks

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/aws/smithy-go/logging"
)

// secrets matches session tokens and signatures in logs and errors. They occur in header lines, in canonical requests,
// in presigned URLs (possibly escaped in JSON or in another URL), and in JSON as a member's value or in a member's list
// of values.
var secrets = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(x-amz-security-token\\?"?\s*(?:[:=]|%3d|\\u003d)\s*(?:\[\s*)?(?:\\?")?|` +
		`signature(?:=|%3d|\\u003d|\\?"\s*:\s*(?:\[\s*)?\\?"))[^\s&"\\,\]]+`)
})

// redact returns the text with its secrets redacted.
func redact(text []byte) []byte { return secrets().ReplaceAll(text, []byte("${1}[redacted]")) }

// redactMessage redacts secrets in a service message, which may quote the signed request.
func redactMessage(message *string) {
	if message != nil && strings.ContainsAny(*message, `=:%\`) { // rare, and the regular expression is slow
		*message = string(redact([]byte(*message)))
	}
}

// redactingLogger redacts secrets in log messages.
type redactingLogger struct{ logging.Logger }

func (l *redactingLogger) Logf(classification logging.Classification, format string, v ...any) {
	l.Logger.Logf(classification, "%s", redact(fmt.Appendf(nil, format, v...)))
}

// WithContext passes the context to the logger if it is a ContextLogger.
func (l *redactingLogger) WithContext(ctx context.Context) logging.Logger {
	if _, ok := l.Logger.(logging.ContextLogger); !ok {
		return l
	}
	return &redactingLogger{logging.WithContext(ctx, l.Logger)}
}
