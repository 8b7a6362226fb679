package gamesparks

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/aws/smithy-go/logging"
)

// secrets matches the session tokens and signatures in what the SDK shows: header lines, canonical requests, and
// presigned URLs in bodies, where JSON and other URLs may have escaped them, and members of JSON with their names, alone or
// in a list.
var secrets = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(x-amz-security-token\\?"?\s*(?:[:=]|%3d|\\u003d)\s*(?:\[\s*)?(?:\\?")?|` +
		`signature(?:=|%3d|\\u003d|\\?"\s*:\s*(?:\[\s*)?\\?"))[^\s&"\\,\]]+`)
})

// redact returns the text without secrets.
func redact(text []byte) []byte { return secrets().ReplaceAll(text, []byte("${1}[redacted]")) }

// redactMessage takes the secrets out of a message of the service, which may hold the request as it was signed.
func redactMessage(message *string) {
	if message != nil && strings.ContainsAny(*message, `=:%\`) { // as nearly none does
		*message = string(redact([]byte(*message)))
	}
}

// redactingLogger leaves secrets out of what it logs.
type redactingLogger struct{ logging.Logger }

func (l *redactingLogger) Logf(classification logging.Classification, format string, v ...any) {
	l.Logger.Logf(classification, "%s", redact(fmt.Appendf(nil, format, v...)))
}

// WithContext passes the context on to the logger, if that wants it.
func (l *redactingLogger) WithContext(ctx context.Context) logging.Logger {
	if _, ok := l.Logger.(logging.ContextLogger); !ok {
		return l
	}
	return &redactingLogger{logging.WithContext(ctx, l.Logger)}
}
