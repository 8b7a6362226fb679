// Command logging sends the client's log messages to a slog.Logger.
//
// Look for the two attempts of the call: a request, a response with status 429, the decision to retry, and then a
// request and a response with status 200. Signatures and session tokens are redacted.
package main

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/logging"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	srv, err := server.Start()
	if err != nil {
		return err
	}
	defer srv.Close()
	// The first attempt fails, so that the log shows a retry.
	if _, err := srv.Inject(server.Fault{Operation: "CreateGame", Code: "ThrottlingException", Count: 1}); err != nil {
		return err
	}

	// The default handler of slog prints line breaks. Replace it with the handler of your program: slog.JSONHandler,
	// for example, escapes them and so keeps each message on one line.
	log.SetOutput(os.Stdout)
	slog.SetLogLoggerLevel(slog.LevelDebug)
	client := srv.Client(func(o *gamesparks.Options) {
		o.ClientLogMode = aws.LogRequestWithBody | aws.LogResponseWithBody | aws.LogRetries
		o.Logger = slogLogger{slog.Default()}
	})
	_, err = client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new("lighthouse")})
	return err
}

// slogLogger adapts a slog.Logger to the client's Logger option.
type slogLogger struct{ logger *slog.Logger }

// Logf writes each message as one record. It indents all lines of the message except the first.
func (l slogLogger) Logf(classification logging.Classification, format string, args ...any) {
	level := slog.LevelDebug
	if classification == logging.Warn {
		level = slog.LevelWarn
	}
	message := strings.ReplaceAll(fmt.Sprintf(format, args...), "\r", "")
	var lines []string
	for line := range strings.SplitSeq(message, "\n") {
		if line != "" { // the empty line between the headers and the body
			lines = append(lines, line)
		}
	}
	l.logger.Log(context.Background(), level, strings.Join(lines, "\n    "))
}
