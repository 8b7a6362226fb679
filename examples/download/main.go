// Command download downloads the configuration file of a snapshot to disk and its generated code to memory.
//
// Look for the progress bar of the first download, the size of the file, and the names of the generated code files.
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/download"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
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
	client := srv.Client()
	game := new("lighthouse")
	if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game}); err != nil {
		return err
	}
	configuration := `{"Document":{"Type":"Game","Sections":{"Lighthouse.Log":{"Pages":"` + strings.Repeat("Calm. ", 50_000) + `"}}}}`
	if _, err := client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: game, ImportSource: &types.ImportGameConfigurationSource{File: []byte(configuration)},
	}); err != nil {
		return err
	}
	created, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: game})
	if err != nil {
		return err
	}
	snapshot := created.Snapshot.Id

	dir, err := os.MkdirTemp("", "lighthouse")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "lighthouse.json")

	// Create the bar on the first call of Progress, when the size is first known.
	var bar *progressbar.ProgressBar
	downloader := download.New(func(o *download.Options) {
		o.Progress = func(written, total int64) {
			if bar == nil {
				bar = progressbar.DefaultBytes(total, "downloading")
			}
			bar.Set64(written)
		}
	})
	size, err := downloader.DownloadFile(ctx, file, download.Snapshot(client, &gamesparks.ExportSnapshotInput{
		GameName: game, SnapshotId: snapshot,
	}))
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes\n", filepath.Base(file), size)

	job, err := client.StartGeneratedCodeJob(ctx, &gamesparks.StartGeneratedCodeJobInput{
		GameName: game, SnapshotId: snapshot,
		Generator: &types.Generator{
			Language: new("CSharp"), TargetPlatform: new("Unity"), GameSdkVersion: new("1.0.0"),
		},
	})
	if err != nil {
		return err
	}
	jobInput := &gamesparks.GetGeneratedCodeJobInput{GameName: game, SnapshotId: snapshot, JobId: job.GeneratedCodeJobId}
	waiter := gamesparks.NewGeneratedCodeJobCompletedWaiter(client, func(o *gamesparks.GeneratedCodeJobCompletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second
	})
	if err := waiter.Wait(ctx, jobInput, time.Minute); err != nil {
		return err
	}
	var code bytes.Buffer
	if _, err := downloader.Download(ctx, &code, download.GeneratedCode(client, jobInput), func(o *download.Options) {
		o.Progress = nil
	}); err != nil {
		return err
	}
	archive, err := zip.NewReader(bytes.NewReader(code.Bytes()), int64(code.Len()))
	if err != nil {
		return err
	}
	for _, f := range archive.File {
		fmt.Println("generated code:", f.Name)
	}
	return nil
}
