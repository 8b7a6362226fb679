package gamesparks

import (
	"context"
	"fmt"
	"regexp"

	"github.com/aws/smithy-go/logging"
)

// secrets matches the session tokens and signatures in what the SDK logs: header lines, canonical requests, and
// presigned URLs in bodies.
var secrets = regexp.MustCompile(`(?i)(x-amz-security-token["]?\s*[:=]\s*|signature=)[^\s&"\\,]+`)

// redactingLogger leaves secrets out of what it logs.
type redactingLogger struct{ logging.Logger }

func (l *redactingLogger) Logf(classification logging.Classification, format string, v ...any) {
	text := secrets.ReplaceAllString(fmt.Sprintf(format, v...), "${1}[redacted]")
	l.Logger.Logf(classification, "%s", text)
}

// WithContext passes the context on to the logger, if that wants it.
func (l *redactingLogger) WithContext(ctx context.Context) logging.Logger {
	if _, ok := l.Logger.(logging.ContextLogger); !ok {
		return l
	}
	return &redactingLogger{logging.WithContext(ctx, l.Logger)}
}
