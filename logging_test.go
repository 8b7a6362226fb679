package gamesparks_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"github.com/gamesparks-go/gamesparks"
)

const allLogModes = aws.LogSigning | aws.LogRetries | aws.LogRequest | aws.LogRequestWithBody | aws.LogResponse |
	aws.LogResponseWithBody | aws.LogDeprecatedUsage | aws.LogRequestEventMessage | aws.LogResponseEventMessage

// logRecorder is a ContextLogger that records messages.
type logRecorder struct {
	ctx context.Context
	*logLines
}

type logLines struct {
	mu    sync.Mutex
	lines []string
	users []string
}

type userKey struct{}

func newLogRecorder() *logRecorder { return &logRecorder{context.Background(), &logLines{}} }

func (l *logRecorder) Logf(classification logging.Classification, format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(classification)+" "+fmt.Sprintf(format, v...))
	user, _ := l.ctx.Value(userKey{}).(string)
	l.users = append(l.users, user)
}

func (l *logRecorder) WithContext(ctx context.Context) logging.Logger {
	return &logRecorder{ctx, l.logLines}
}

func (l *logRecorder) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// TestLogModes checks which messages each log mode logs.
func TestLogModes(t *testing.T) {
	t.Parallel()
	const (
		request  = "PATCH /game/g HTTP/1.1"
		body     = `{"Description":"the description"}`
		response = "HTTP/0.0 200 OK"
		result   = `{"Game":{"Name":"the game"}}`
		retry    = "DEBUG retrying request GameSparks/UpdateGame, attempt 2"
		signing  = "---[ CANONICAL STRING  ]---"
	)
	all := []string{request, body, response, result, retry, signing}
	tests := map[string]struct {
		mode aws.ClientLogMode
		want []string
	}{
		"none":               {0, nil},
		"signing":            {aws.LogSigning, []string{signing}},
		"retries":            {aws.LogRetries, []string{retry}},
		"request":            {aws.LogRequest, []string{request}},
		"request with body":  {aws.LogRequestWithBody, []string{request, body}},
		"response":           {aws.LogResponse, []string{response}},
		"response with body": {aws.LogResponseWithBody, []string{response, result}},
		"all":                {allLogModes, all},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger := newLogRecorder()
			r := &recorder{answers: []answer{{status: 503}, {body: result}}}
			client := newClient(r, func(o *gamesparks.Options) { o.Logger, o.ClientLogMode = logger, test.mode })
			ctx := context.WithValue(t.Context(), userKey{}, "the user")
			out, err := client.UpdateGame(ctx, &gamesparks.UpdateGameInput{GameName: aws.String("g"), Description: aws.String("the description")})
			if err != nil || aws.ToString(out.Game.Name) != "the game" {
				t.Fatalf("got %+v and error %v", out, err)
			}
			text := logger.text()
			for _, part := range all {
				want := false
				for _, w := range test.want {
					want = want || w == part
				}
				if got := strings.Contains(strings.ReplaceAll(text, "\r\n", "\n"), part); got != want {
					t.Errorf("%q logged = %t, want %t; log:\n%s", part, got, want, text)
				}
			}
			for i, user := range logger.users {
				if user != "the user" {
					t.Errorf("the logger did not receive the call's context for message %q", logger.lines[i])
				}
			}
			if sent := r.last(t); sent.body != body {
				t.Errorf("sent the body %q after logging it, want %q", sent.body, body)
			}
		})
	}
}

// TestLogModeOfCall checks that the log mode can be set for a single call.
func TestLogModeOfCall(t *testing.T) {
	t.Parallel()
	logger := newLogRecorder()
	client := newClient(&recorder{}, func(o *gamesparks.Options) { o.Logger = logger })
	client.ListGames(t.Context(), nil, func(o *gamesparks.Options) { o.ClientLogMode = aws.LogRequest })
	client.ListGames(t.Context(), nil)
	if n := strings.Count(logger.text(), "GET /game"); n != 1 {
		t.Errorf("%d calls were logged, want 1:\n%s", n, logger.text())
	}
}

// TestSecretsAreNotLogged checks that a reader of a log with all modes enabled cannot act as the caller: the log contains no
// secret key, session token, request signature or valid presigned URL.
func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	const (
		urlSignature = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		urlToken     = "FwoGZXIvYXdzEXAMPLE%2Ftoken%3D%3D"
	)
	presigned := "https://b.s3.us-west-2.amazonaws.com/s.json?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Security-Token=" + urlToken +
		"&X-Amz-Signature=" + urlSignature + "&X-Amz-Date=20220301T120000Z"
	bodies := map[string]string{
		"plain":           `{"S3Url":"` + presigned + `"}`,
		"escaped":         `{"S3Url":"` + strings.ReplaceAll(presigned, "&", `\u0026`) + `"}`,
		"last in the URL": `{"S3Url":"https://b.s3.us-west-2.amazonaws.com/s.json?X-Amz-Security-Token=` + urlToken + `"}`,
		"lower case":      `{"S3Url":"` + strings.ToLower(presigned) + `"}`,
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			logger := newLogRecorder()
			r := &recorder{answers: []answer{
				{status: 503, body: `{"message":"` + "try again" + `"}`, header: http.Header{"X-Echo": {"yes"}}}, {body: body},
			}}
			client := newClient(r, func(o *gamesparks.Options) { o.Logger, o.ClientLogMode = logger, allLogModes })
			out, err := client.ExportSnapshot(t.Context(), &gamesparks.ExportSnapshotInput{
				GameName: aws.String("g"), SnapshotId: aws.String(snapshotID),
			})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.ToLower(aws.ToString(out.S3Url)), strings.ToLower(urlToken)) {
				t.Errorf("the output is redacted: %s", aws.ToString(out.S3Url))
			}

			text := logger.text()
			secrets := map[string]string{
				"the secret key": testSecretKey, "the session token": testSessionToken,
				"the URL's signature": urlSignature, "the URL's token": urlToken,
			}
			for i, sent := range r.all() {
				_, signature, ok := strings.Cut(sent.Header.Get("Authorization"), "Signature=")
				if !ok {
					t.Fatalf("attempt %d is not signed", i)
				}
				secrets[fmt.Sprintf("the signature of attempt %d", i)] = signature
				if sent.Header.Get("X-Amz-Security-Token") != testSessionToken {
					t.Errorf("attempt %d has no session token", i)
				}
			}
			for what, secret := range secrets {
				if strings.Contains(strings.ToLower(text), strings.ToLower(secret)) {
					t.Errorf("the log contains %s:\n%s", what, text)
				}
			}
			if n := strings.Count(text, "[redacted]"); n < 6 {
				t.Errorf("redacted %d secrets, want at least 6:\n%s", n, text)
			}
			for _, part := range []string{"X-Amz-Date", "Credential=AKIDEXAMPLE/", "X-Echo: yes", "try again"} {
				if !strings.Contains(text, part) {
					t.Errorf("%q is missing from the log:\n%s", part, text)
				}
			}
		})
	}
}

// TestSecretsAreNotInErrors checks that error messages contain no secrets.
func TestSecretsAreNotInErrors(t *testing.T) {
	t.Parallel()
	r := &recorder{answers: []answer{failure(403, "AccessDeniedException")}}
	_, err := newClient(r).ListGames(t.Context(), nil)
	signature := regexp.MustCompile(`[0-9a-f]{64}$`).FindString(r.last(t).Header.Get("Authorization"))
	for _, secret := range []string{testSecretKey, testSessionToken, signature} {
		if secret == "" || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) {
			t.Errorf("%q is in %v", secret, err)
		}
	}
}

// TestEchoedSecrets checks that secrets in a response are redacted in logs and errors. AWS services echo the signed request
// if its signature is invalid.
func TestEchoedSecrets(t *testing.T) {
	t.Parallel()
	canonical := func(r *http.Request) string {
		return fmt.Sprintf("The canonical request should have been\n'GET\n/game\n\nx-amz-security-token:%s\n\nhost' and it was %s",
			r.Header.Get("X-Amz-Security-Token"), r.Header.Get("Authorization"))
	}
	bodies := map[string]struct {
		status int
		header string
		body   func(*http.Request) any
		after  string
	}{
		"unmodeled error": {403, "InvalidSignatureException", func(r *http.Request) any { return map[string]string{"message": canonical(r)} }, ""},
		"modeled error":   {403, "AccessDeniedException", func(r *http.Request) any { return map[string]string{"Message": canonical(r)} }, ""},
		"headers as JSON": {200, "", func(r *http.Request) any { return map[string]any{"headers": r.Header} }, "x"},
		"header as JSON": {200, "", func(r *http.Request) any {
			_, signature, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			return map[string]any{"X-Amz-Security-Token": r.Header.Get("X-Amz-Security-Token"), "signature": signature}
		}, "x"},
		"JSON in a string": {200, "", func(r *http.Request) any {
			text, _ := json.Marshal(r.Header)
			return map[string]any{"text": string(text)}
		}, "x"},
	}
	for name, test := range bodies {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			logger := newLogRecorder()
			var sent *http.Request
			client := newClient(nil, via, once, func(o *gamesparks.Options) {
				o.Logger, o.ClientLogMode = logger, aws.LogResponseWithBody
				o.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					sent = r
					body, err := json.Marshal(test.body(r))
					return &http.Response{StatusCode: test.status, Header: http.Header{"X-Amzn-Errortype": {test.header}},
						Body: io.NopCloser(strings.NewReader(string(body) + test.after))}, err
				})}
			})
			_, err := client.ListGames(t.Context(), nil)
			if err == nil {
				t.Fatal("no error")
			}
			text := logger.text() + fmt.Sprintf("%v %+v", err, err)
			var malformed *smithy.DeserializationError
			if errors.As(err, &malformed) {
				text += string(malformed.Snapshot)
			}
			_, signature, _ := strings.Cut(sent.Header.Get("Authorization"), "Signature=")
			for _, secret := range []string{testSessionToken, signature} {
				if secret == "" || strings.Contains(text, secret) {
					t.Errorf("%q is in %s", secret, text)
				}
			}
			if !strings.Contains(text, "[redacted]") {
				t.Errorf("nothing is redacted in %s", text)
			}
		})
	}
}

// TestResponseLogHasNoSideEffects checks that logging an incomplete or large response does not change the result of the
// call.
func TestResponseLogHasNoSideEffects(t *testing.T) {
	t.Parallel()
	notFound := http.Header{"X-Amzn-Errortype": {"ResourceNotFoundException"}}
	large := func() io.Reader { return io.LimitReader(endlessly("x"), 32<<20) }
	tests := map[string][]answer{
		"incomplete error":       {{status: 404, header: notFound, reader: breaksOff(`{"message":"m`)}},
		"output incomplete once": {{reader: breaksOff(`{"Game":`)}, {body: `{"Game":{"Name":"g"}}`}},
		"output incomplete":      {{reader: breaksOff(`{"Game":`)}},
		"large error":            {{status: 404, header: notFound, reader: large}},
		"malformed":              {{body: `{"Game":`}},
		"output":                 {{body: `{"Game":{"Name":"g"}}`}},
	}
	for name, answers := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := func(mode aws.ClientLogMode) (text string, log string) {
				r, logger := &recorder{answers: answers}, newLogRecorder()
				out, err := newClient(r, func(o *gamesparks.Options) { o.ClientLogMode, o.Logger = mode, logger }).
					GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
				var malformed *smithy.DeserializationError
				text = fmt.Sprintf("%d attempts, not found %t, malformed %t, %v", len(r.all()), gamesparks.IsNotFound(err), errors.As(err, &malformed), err)
				if err == nil {
					text += *out.Game.Name
				}
				return text, logger.text()
			}
			want, _ := call(0)
			got, log := call(aws.LogResponseWithBody)
			if got != want {
				t.Errorf("with logging:    %s\nwithout logging: %s", got, want)
			}
			if !strings.Contains(log, "Response\nHTTP/") || strings.Contains(log, "failed to dump") || len(log) > 2<<20 {
				t.Errorf("got a log of %d bytes, want a response, no dump error and at most 2 MiB: %.300s", len(log), log)
			}
		})
	}
}
