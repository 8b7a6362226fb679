package download_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/download"
	"github.com/gamesparks-go/gamesparks/local"
	"github.com/gamesparks-go/gamesparks/types"
)

// lighthouse starts the local service with a game and a snapshot of it.
func lighthouse(ctx context.Context) (client *gamesparks.Client, game, snapshot *string, stop func() error) {
	srv, err := local.Serve()
	if err != nil {
		log.Fatal(err)
	}
	client, game = srv.Client(), aws.String("lighthouse")
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game}); err != nil {
		log.Fatal(err)
	}
	out, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: game})
	if err != nil {
		log.Fatal(err)
	}
	return client, game, out.Snapshot.Id, srv.Close
}

// The file of a snapshot goes to the disk.
func ExampleDownloader_DownloadFile() {
	ctx := context.Background()
	client, game, snapshot, stop := lighthouse(ctx)
	defer stop()
	dir, err := os.MkdirTemp("", "lighthouse")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	file := filepath.Join(dir, "lighthouse.json")
	size, err := download.New().DownloadFile(ctx, file, download.Snapshot(client, &gamesparks.ExportSnapshotInput{
		GameName: game, SnapshotId: snapshot,
	}), func(o *download.Options) {
		o.Progress = func(written, total int64) { fmt.Println(written, "of", total) }
	})
	if err != nil {
		log.Fatal(err)
	}
	content, err := os.ReadFile(file)
	fmt.Println(size, string(content), err)

	// Output:
	// 0 of 42
	// 42 of 42
	// 42 {"Document":{"Type":"Game","Sections":{}}} <nil>
}

// The code of a job goes to a writer, once the job has generated it.
func ExampleDownloader_Download() {
	ctx := context.Background()
	client, game, snapshot, stop := lighthouse(ctx)
	defer stop()
	job, err := client.StartGeneratedCodeJob(ctx, &gamesparks.StartGeneratedCodeJobInput{
		GameName: game, SnapshotId: snapshot,
		Generator: &types.Generator{Language: aws.String("CSharp"), TargetPlatform: aws.String("Unity"), GameSdkVersion: aws.String("1.0.0")},
	})
	if err != nil {
		log.Fatal(err)
	}
	params := &gamesparks.GetGeneratedCodeJobInput{GameName: game, SnapshotId: snapshot, JobId: job.GeneratedCodeJobId}

	downloader, source := download.New(), download.GeneratedCode(client, params)
	var code bytes.Buffer
	_, err = downloader.Download(ctx, &code, source)
	var notReady *download.NotReadyError
	fmt.Println(errors.As(err, &notReady), code.Len())

	waiter := gamesparks.NewGeneratedCodeJobCompletedWaiter(client, func(o *gamesparks.GeneratedCodeJobCompletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
	})
	if err := waiter.Wait(ctx, params, time.Minute); err != nil {
		log.Fatal(err)
	}
	n, err := downloader.Download(ctx, &code, source)
	fmt.Println(n > 0, n == int64(code.Len()), err)

	// Output:
	// true 0
	// true true <nil>
}
