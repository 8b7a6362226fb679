// Command logging writes what the client logs to a structured logger.
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
	ctx := context.Background()
	srv, err := server.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer srv.Close()

	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug}))
	client := srv.Client(func(o *gamesparks.Options) {
		o.ClientLogMode = aws.LogRequestWithBody | aws.LogResponseWithBody | aws.LogRetries
		o.Logger = structured{logger}
	})
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String("lighthouse")}); err != nil {
		log.Fatal(err)
	}
}

// structured makes a record of each message, with the first line as its text.
type structured struct{ *slog.Logger }

func (s structured) Logf(class logging.Classification, format string, args ...any) {
	level := slog.LevelDebug
	if class == logging.Warn {
		level = slog.LevelWarn
	}
	text, detail, _ := strings.Cut(fmt.Sprintf(format, args...), "\n")
	s.Log(context.Background(), level, text, "detail", detail)
}
