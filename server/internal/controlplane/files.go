package controlplane

import (
	"context"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/internal/codegen"
)

// FileRef identifies a file for download: the export of a snapshot, or the generated code of a job.
type FileRef struct {
	// Account, Game and Snapshot identify the snapshot.
	Account, Game, Snapshot string

	// Job is the id of the code generation job. It is empty for the export of the snapshot.
	Job string
}

// File is a file for download.
type File struct {
	Name        string    // suggested file name
	ContentType string    // media type
	Modified    time.Time // modification time
	Content     []byte    // Content is the whole content.
}

// File returns the file. The error is a ResourceNotFoundException if the file does not exist.
func (s *Service) File(ctx context.Context, ref FileRef) (file *File, err error) {
	err = s.view(ctx, ref.Account, func(c *call) error {
		file, err = c.file(ref)
		return err
	})
	return file, err
}

func (c *call) file(ref FileRef) (*File, error) {
	snapshot, err := c.snapshot(&ref.Game, &ref.Snapshot)
	if err != nil {
		return nil, err
	}
	sections, err := c.tx.SnapshotSections(ref.Game, snapshot.ID).Read(nil)
	if err != nil {
		return nil, err
	}
	if ref.Job == "" {
		return &File{ref.Game + ".json", "application/json", snapshot.Created, export(sections)}, nil
	}
	job, err := c.job(&ref.Game, &ref.Snapshot, &ref.Job)
	if err != nil {
		return nil, err
	}
	archive, err := codegen.Generate(sections, codegen.Generator(job.Generator))
	if err != nil {
		return nil, err
	}
	return &File{ref.Game + ".zip", "application/zip", job.Created, archive}, nil
}

func (c *call) exportSnapshot(in *gamesparks.ExportSnapshotInput) (*gamesparks.ExportSnapshotOutput, error) {
	snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	url, _, err := c.DownloadURL(FileRef{Account: c.Account, Game: *in.GameName, Snapshot: snapshot.ID})
	return &gamesparks.ExportSnapshotOutput{S3Url: &url}, err
}
