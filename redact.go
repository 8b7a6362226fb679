package gamesparks

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/aws/smithy-go/logging"
)

// secrets matches session tokens and signatures in logs and errors. They occur in header lines, in canonical requests, in
// presigned URLs, which JSON or another URL may escape, and in JSON as the value of a member or in its list of values.
var secrets = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(x-amz-security-token\\?"?\s*(?:[:=]|%3d|\\u003d)\s*(?:\[\s*)?(?:\\?")?|` +
		`signature(?:=|%3d|\\u003d|\\?"\s*:\s*(?:\[\s*)?\\?"))[^\s&"\\,\]]+`)
})

// redact returns the text without secrets.
func redact(text []byte) []byte { return secrets().ReplaceAll(text, []byte("${1}[redacted]")) }

// redactMessage redacts the secrets of a service message. The message may quote the signed request.
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
