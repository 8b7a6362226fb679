package download_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/download"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/types"
)

// interruptingClient is an HTTP client that interrupts the body of the first response.
type interruptingClient struct {
	after       int64  // number of bytes before the interruption
	onInterrupt func() // called at the interruption
	requests    int
}

func (c *interruptingClient) Do(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultClient.Do(r)
	if c.requests++; c.requests == 1 && err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(io.LimitReader(resp.Body, c.after), readFunc(func([]byte) (int, error) {
			c.onInterrupt()
			return 0, errors.New("connection reset")
		})), resp.Body}
	}
	return resp, err
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// TestDownloadResume downloads a snapshot and generated code. Each download is interrupted, and its URL expires during
// the interruption.
func TestDownloadResume(t *testing.T) {
	t.Parallel()
	var elapsed atomic.Int64
	srv := servertest.Start(t, server.WithClock(func() time.Time { return time.Now().Add(time.Duration(elapsed.Load())) }),
		server.WithCodeGenerationTime(0, 0))
	client := srv.Client()
	game := new("chess")
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: game}); err != nil {
		t.Fatal(err)
	}
	const configuration = `{"Document":{"Type":"Game","Sections":{"Chess.Board":{"Size":8,"Pieces":["king","queen","rook","bishop","knight","pawn"]}}}}`
	importConfiguration := func(file []byte) {
		t.Helper()
		if _, err := client.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
			GameName: game, ImportSource: &types.ImportGameConfigurationSource{File: file},
		}); err != nil {
			t.Fatal(err)
		}
	}
	importConfiguration([]byte(configuration))
	snapshot, err := client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: game})
	if err != nil {
		t.Fatal(err)
	}
	job, err := client.StartGeneratedCodeJob(t.Context(), &gamesparks.StartGeneratedCodeJobInput{
		GameName: game, SnapshotId: snapshot.Snapshot.Id,
		Generator: &types.Generator{Language: new("CSharp"), TargetPlatform: new("Unity"), GameSdkVersion: new("1.0.0")},
	})
	if err != nil {
		t.Fatal(err)
	}

	urls := 0
	countURLs := func(source download.Source) download.Source {
		urls = 0
		return func(ctx context.Context) (string, error) {
			urls++
			return source(ctx)
		}
	}
	get := func(source download.Source) []byte {
		t.Helper()
		file := filepath.Join(t.TempDir(), "file")
		client := &interruptingClient{after: 20, onInterrupt: func() { elapsed.Add(int64(11 * time.Minute)) }}
		d := download.New(func(o *download.Options) {
			o.HTTPClient = client
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
		if _, err := d.DownloadFile(t.Context(), file, countURLs(source)); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(file)
		if err != nil || client.requests != 3 || urls != 2 {
			t.Errorf("%d requests with %d URLs, error %v; want 3 requests with 2 URLs", client.requests, urls, err)
		}
		return content
	}
	exported := get(download.Snapshot(client, &gamesparks.ExportSnapshotInput{GameName: game, SnapshotId: snapshot.Snapshot.Id}))
	if !strings.Contains(string(exported), `"knight"`) {
		t.Errorf("the snapshot file contains %s", exported)
	}
	importConfiguration(exported)

	code := get(download.GeneratedCode(client, &gamesparks.GetGeneratedCodeJobInput{
		GameName: game, SnapshotId: snapshot.Snapshot.Id, JobId: job.GeneratedCodeJobId,
	}))
	if _, err := zip.NewReader(bytes.NewReader(code), int64(len(code))); err != nil {
		t.Errorf("read generated code: %v", err)
	}
}
