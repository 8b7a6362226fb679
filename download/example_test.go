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

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/download"
	"github.com/gamesparks-go/gamesparks/types"
)

// lighthouse creates a game and a snapshot of it.
func lighthouse(ctx context.Context) (client *gamesparks.Client, game, snapshot *string) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	client, game = gamesparks.NewFromConfig(cfg), new("lighthouse")
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game}); err != nil {
		log.Fatal(err)
	}
	out, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: game})
	if err != nil {
		log.Fatal(err)
	}
	return client, game, out.Snapshot.Id
}

// Download a snapshot to a file and print the progress.
func ExampleDownloader_DownloadFile() {
	ctx := context.Background()
	client, game, snapshot := lighthouse(ctx)
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
}

// Wait until a job has generated code, and download the code to a writer.
func ExampleDownloader_Download() {
	ctx := context.Background()
	client, game, snapshot := lighthouse(ctx)
	job, err := client.StartGeneratedCodeJob(ctx, &gamesparks.StartGeneratedCodeJobInput{
		GameName: game, SnapshotId: snapshot,
		Generator: &types.Generator{Language: new("CSharp"), TargetPlatform: new("Unity"), GameSdkVersion: new("1.0.0")},
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
}
