package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/cmd/gamesparks/internal/unpack"
	"github.com/gamesparks-go/gamesparks/download"
	"github.com/gamesparks-go/gamesparks/types"
)

// generation is a run of the command generate.
type generation struct {
	app       *app
	client    *gamesparks.Client
	game      string
	snapshot  string
	generator types.Generator
	dir       string
	force     bool
}

func (a *app) newGenerate() *cobra.Command {
	var game gameFlag
	var platform, language, version string
	g := &generation{app: a}
	command := &cobra.Command{
		Use:   "generate --snapshot ID --platform PLATFORM --out DIR",
		Short: "Generate code for the messages of a snapshot.",
		Long: `Generate code for the messages of a snapshot: start a job on the server, wait for it, and download and unpack the result.

Nothing is written unless the whole archive is valid: regular files below the directory only, and at most 10000 files and
256 MiB.`,
		Args: arguments(),
		RunE: func(command *cobra.Command, _ []string) error {
			switch {
			case g.snapshot == "":
				return usageErrorf("--snapshot is missing: name the snapshot; gamesparks api list-snapshots lists them")
			case g.dir == "":
				return usageErrorf("--out is missing: name the directory for the code")
			case platform == "" && language == "":
				return usageErrorf("--platform is missing: name the target platform, such as Unity")
			}
			g.generator = types.Generator{TargetPlatform: optional(platform), Language: optional(language), GameSdkVersion: optional(version)}
			var err error
			if g.game, err = game.name(); err != nil {
				return err
			}
			if g.client, err = a.newClient(command.Context()); err != nil {
				return err
			}
			return g.run(command.Context())
		},
	}
	game.add(a, command)
	flags := command.Flags()
	flags.StringVar(&g.snapshot, "snapshot", "", "`ID` of the snapshot; required")
	flags.StringVar(&platform, "platform", "", "target `PLATFORM` of the code, such as Unity; required unless --language is set")
	flags.StringVar(&language, "language", "", "programming `LANGUAGE` of the code (default: that of the platform)")
	flags.StringVar(&version, "sdk-version", "", "`VERSION` of the Game SDK (default: LATEST)")
	flags.StringVar(&g.dir, "out", "", "`DIR` for the code; created if it does not exist; required")
	flags.BoolVar(&g.force, "force", false, "replace files in DIR with generated files of the same name; other files are kept")
	a.completeSnapshot(command, "snapshot", &game)
	return command
}

// optional returns nil for an empty text.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// maxJobTime is how long the command waits for a job.
const maxJobTime = 30 * time.Minute

func (g *generation) run(ctx context.Context) error {
	if err := g.explainDir(unpack.CheckDir(g.dir)); err != nil {
		return err // fail before the job is started
	}
	started, err := g.client.StartGeneratedCodeJob(ctx, &gamesparks.StartGeneratedCodeJobInput{
		GameName: &g.game, SnapshotId: &g.snapshot, Generator: &g.generator,
	})
	if err != nil {
		return err
	}
	job := &gamesparks.GetGeneratedCodeJobInput{GameName: &g.game, SnapshotId: &g.snapshot, JobId: started.GeneratedCodeJobId}
	if err := g.wait(ctx, job); err != nil {
		return err
	}
	archive, err := os.CreateTemp("", "gamesparks-code-*.zip")
	if err != nil {
		return err
	}
	defer func() {
		_ = archive.Close()
		_ = os.Remove(archive.Name())
	}()
	size, err := g.download(ctx, archive, job)
	if err != nil {
		return fmt.Errorf("download the generated code: %w", err)
	}
	files, err := unpack.Zip(archive, size, g.dir, g.force)
	if err != nil {
		return fmt.Errorf("unpack the generated code: %w", g.explainDir(err))
	}
	g.app.notef("%s in %s", count(files, "file"), g.dir)
	return nil
}

func (g *generation) explainDir(err error) error {
	if _, ok := errors.AsType[*unpack.NotEmptyError](err); !ok {
		return err
	}
	if g.force {
		return nil
	}
	return fmt.Errorf("%w, and nothing was written: choose another directory, or add --force to replace generated files", err)
}

func (g *generation) wait(ctx context.Context, job *gamesparks.GetGeneratedCodeJobInput) error {
	bars := g.app.newProgress()
	defer bars.close()
	name := "job " + aws.ToString(job.JobId)
	err := gamesparks.NewGeneratedCodeJobCompletedWaiter(g.client).Wait(ctx, job, maxJobTime, func(o *gamesparks.GeneratedCodeJobCompletedWaiterOptions) {
		o.OnAttempt = func(attempt gamesparks.WaiterAttempt[gamesparks.GetGeneratedCodeJobOutput]) {
			if attempt.Output == nil || attempt.Output.GeneratedCodeJob == nil {
				return
			}
			status := attempt.Output.GeneratedCodeJob.Status
			bars.set(name, string(status), status == types.GeneratedCodeJobStateCompleted || status == types.GeneratedCodeJobStateFailed)
		}
	})
	if ctx.Err() != nil {
		return fmt.Errorf("%w\nThe job %s continues on the server, and nothing was written", err, aws.ToString(job.JobId))
	}
	return err
}

// download writes the archive to w and returns its size.
func (g *generation) download(ctx context.Context, w io.Writer, job *gamesparks.GetGeneratedCodeJobInput) (int64, error) {
	bars := g.app.newProgress()
	defer bars.close()
	return download.New().Download(ctx, &limitedWriter{w: w, remaining: unpack.MaxBytes}, download.GeneratedCode(g.client, job), func(o *download.Options) {
		o.HTTPClient = g.client.Options().HTTPClient // which trusts AWS_CA_BUNDLE
		o.Progress = func(bytes, total int64) {
			if bytes == total {
				bars.set("download", fmt.Sprintf("%d B", total), true)
			} else if g.app.stderr.updatable {
				bars.set("download", fmt.Sprintf("%d of %d B", bytes, total), false)
			}
		}
	})
}

// limitedWriter limits the number of bytes written, so that a server cannot fill the disk.
type limitedWriter struct {
	w         io.Writer
	remaining int64
}

func (l *limitedWriter) Write(p []byte) (int, error) {
	if int64(len(p)) > l.remaining {
		return 0, fmt.Errorf("the archive is larger than %d bytes", unpack.MaxBytes)
	}
	n, err := l.w.Write(p)
	l.remaining -= int64(n)
	return n, err
}
