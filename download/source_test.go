package download_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/download"
	"github.com/gamesparks-go/gamesparks/types"
)

var (
	snapshotInput = &gamesparks.ExportSnapshotInput{
		GameName: aws.String("chess"), SnapshotId: aws.String("Snapshot_2022-03-01T12:00:00.000000Z"),
	}
	jobInput = &gamesparks.GetGeneratedCodeJobInput{
		GameName: aws.String("chess"), SnapshotId: snapshotInput.SnapshotId, JobId: aws.String("00000000-0000-4000-8000-000000000000"),
	}
)

// newClient returns a client for a service that responds to every request with the given body.
func newClient(t *testing.T, statusCode int, body string) *gamesparks.Client {
	t.Helper()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Option") != "set" {
			t.Errorf("%s %s was sent without the call's options", r.Method, r.URL)
		}
		w.WriteHeader(statusCode)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(service.Close)
	return gamesparks.New(gamesparks.Options{
		Region: "us-west-2", BaseEndpoint: &service.URL, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "SECRET", SessionToken: "SESSION"}, nil
		}),
	})
}

// option is a functional option for a call.
func option(o *gamesparks.Options) {
	o.APIOptions = append(o.APIOptions, smithyhttp.SetHeaderValue("X-Option", "set"))
}

func TestSources(t *testing.T) {
	t.Parallel()
	content := text(1, 1000)
	s := newStorage(t, object(content, kind))
	url, _ := s.source(t.Context())
	sources := map[string]download.Source{
		"snapshot": download.Snapshot(newClient(t, 200, fmt.Sprintf(`{"S3Url":%q}`, url)), snapshotInput, option),
		"generated code": download.GeneratedCode(newClient(t, 200,
			fmt.Sprintf(`{"GeneratedCodeJob":{"Status":"COMPLETED","S3Url":%q}}`, url)), jobInput, option),
	}
	for name, source := range sources {
		var b bytes.Buffer
		if _, err := s.downloader().Download(t.Context(), &b, source); err != nil || b.String() != content {
			t.Errorf("%s: error %v, %d bytes", name, err, b.Len())
		}
	}
	for _, r := range s.all() {
		for _, name := range []string{"Authorization", "X-Amz-Security-Token", "X-Amz-Date", "Cookie"} {
			if v := r.Header.Get(name); v != "" {
				t.Errorf("header %s: %s", name, v)
			}
		}
	}
}

func TestSourcesWithoutURL(t *testing.T) {
	t.Parallel()
	snapshot := func(status int, body string) download.Source {
		return download.Snapshot(newClient(t, status, body), snapshotInput, option)
	}
	job := func(status int, body string) download.Source {
		return download.GeneratedCode(newClient(t, status, body), jobInput, option)
	}
	const notFound = `{"__type":"ResourceNotFoundException"}`
	tests := map[string]struct {
		source download.Source
		is     func(error) bool
		text   string
	}{
		"snapshot not found": {snapshot(404, notFound), gamesparks.IsNotFound, ""},
		"job not found":      {job(404, notFound), gamesparks.IsNotFound, ""},
		"no snapshot's URL":  {snapshot(200, `{}`), nil, "download: get the URL: ExportSnapshot returned no URL"},
		"no job":             {job(200, `{}`), nil, "download: get the URL: GetGeneratedCodeJob returned no job"},
		"job in progress": {job(200, `{"GeneratedCodeJob":{"GeneratedCodeJobId":"j-1","Status":"IN_PROGRESS"}}`), func(err error) bool {
			var e *download.NotReadyError
			return errors.As(err, &e) && e.Job.Status == types.GeneratedCodeJobStateInProgress
		}, "download: get the URL: code generation job j-1 is IN_PROGRESS and has no file to download: wait until it is COMPLETED"},
		"job failed": {job(200, `{"GeneratedCodeJob":{"GeneratedCodeJobId":"j-1","Status":"FAILED"}}`), func(err error) bool {
			var e *gamesparks.GeneratedCodeJobFailedError
			return errors.As(err, &e) && aws.ToString(e.Job.GeneratedCodeJobId) == "j-1"
		}, "download: get the URL: code generation job j-1 failed"},
	}
	for name, tt := range tests {
		_, err := download.New().Download(t.Context(), io.Discard, tt.source)
		var e *download.Error
		if !errors.As(err, &e) || e.Attempts != 0 || tt.is != nil && !tt.is(err) {
			t.Errorf("%s: error %v", name, err)
		}
		if diff := cmp.Diff(tt.text, err.Error()); tt.text != "" && diff != "" {
			t.Errorf("%s: error (-want +got):\n%s", name, diff)
		}
	}
}

func TestNilParameters(t *testing.T) {
	t.Parallel()
	var client *gamesparks.Client
	source := func(context.Context) (string, error) { return "", errors.New("the source was called") }
	d := download.New()
	toWriter := func(w io.Writer, source download.Source) error {
		_, err := d.Download(t.Context(), w, source)
		return err
	}
	_, fileErr := d.DownloadFile(t.Context(), t.TempDir()+"/x", nil)
	tests := map[string]struct {
		err  error
		want string
	}{
		"writer":                    {toWriter(nil, source), "w is nil"},
		"source":                    {toWriter(io.Discard, nil), "source is nil"},
		"source of a file":          {fileErr, "source is nil"},
		"client of a snapshot":      {toWriter(io.Discard, download.Snapshot(nil, snapshotInput)), "client is nil: create one"},
		"*Client of a snapshot":     {toWriter(io.Discard, download.Snapshot(client, snapshotInput)), "client is nil: create one"},
		"client of generated code":  {toWriter(io.Discard, download.GeneratedCode(nil, jobInput)), "client is nil: create one"},
		"*Client of generated code": {toWriter(io.Discard, download.GeneratedCode(client, jobInput)), "client is nil: create one"},
	}
	for name, tt := range tests {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, tt.err, tt.want)
		}
	}
}

// nilClient is a mock that returns neither an output nor an error.
type nilClient struct{}

func (nilClient) ExportSnapshot(context.Context, *gamesparks.ExportSnapshotInput, ...func(*gamesparks.Options)) (*gamesparks.ExportSnapshotOutput, error) {
	return nil, nil
}

func (nilClient) GetGeneratedCodeJob(context.Context, *gamesparks.GetGeneratedCodeJobInput, ...func(*gamesparks.Options)) (*gamesparks.GetGeneratedCodeJobOutput, error) {
	return nil, nil
}

func (nilClient) Do(*http.Request) (*http.Response, error) { return nil, nil }

// bodylessClient is a mock whose responses have no body.
type bodylessClient struct{ statusCode int }

func (c bodylessClient) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: c.statusCode, Header: http.Header{"Content-Length": {"0"}}}, nil
}

func TestMocksThatReturnNothing(t *testing.T) {
	t.Parallel()
	url := download.Source(func(context.Context) (string, error) { return "https://example.com/chess.json", nil })
	tests := map[string]struct {
		source download.Source
		client gamesparks.HTTPClient
		want   string
	}{
		"snapshot":        {download.Snapshot(nilClient{}, snapshotInput), nil, "download: get the URL: ExportSnapshot returned no URL"},
		"generated code":  {download.GeneratedCode(nilClient{}, jobInput), nil, "download: get the URL: GetGeneratedCodeJob returned no job"},
		"no URL":          {func(context.Context) (string, error) { return "", nil }, nil, "download: get the URL: the source returned no absolute HTTP URL"},
		"no source":       {nil, nil, "download: source is nil: use Snapshot, GeneratedCode or a function that returns a URL"},
		"no response":     {url, nilClient{}, "download https://example.com/chess.json: 0 bytes in 1 attempt: the HTTP client returned neither a response nor an error"},
		"a nil body":      {url, bodylessClient{200}, ""},
		"a nil body, 404": {url, bodylessClient{404}, "download https://example.com/chess.json: 0 bytes in 1 attempt: status 404 Not Found"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if _, err := download.New().Download(t.Context(), io.Discard, tt.source, func(o *download.Options) { o.HTTPClient = tt.client }); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// contextClient is a mock that returns the error of the context.
type contextClient struct{}

func (contextClient) ExportSnapshot(ctx context.Context, _ *gamesparks.ExportSnapshotInput, _ ...func(*gamesparks.Options)) (*gamesparks.ExportSnapshotOutput, error) {
	return nil, ctx.Err()
}

func (contextClient) GetGeneratedCodeJob(ctx context.Context, _ *gamesparks.GetGeneratedCodeJobInput, _ ...func(*gamesparks.Options)) (*gamesparks.GetGeneratedCodeJobOutput, error) {
	return nil, ctx.Err()
}

func TestSourcesPassContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sources := map[string]download.Source{
		"snapshot":       download.Snapshot(contextClient{}, snapshotInput),
		"generated code": download.GeneratedCode(contextClient{}, jobInput),
	}
	for name, source := range sources {
		if _, err := source(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
