package gamesparks

import (
	"context"
	"fmt"
	"regexp"

	"github.com/aws/smithy-go/logging"
)

// secrets matches the session tokens and signatures in what the SDK shows: header lines, canonical requests, and
// presigned URLs in bodies, where JSON and other URLs may have escaped them.
var secrets = regexp.MustCompile(`(?i)(x-amz-security-token"?\s*(?:[:=]|%3d|\\u003d)\s*|signature(?:=|%3d|\\u003d))[^\s&"\\,]+`)

// redact returns the text without secrets.
func redact(text []byte) []byte { return secrets.ReplaceAll(text, []byte("${1}[redacted]")) }

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
