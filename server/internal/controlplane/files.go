package controlplane

import (
	"context"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server/internal/codegen"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
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

// maxCachedCode limits the total size of the archives of generated code in memory. An archive that was removed is built
// again when it is downloaded: it depends only on the job and its snapshot, which never change.
const maxCachedCode = 64 << 20

// File returns the file. The error is a ResourceNotFoundException if the file does not exist.
func (s *Service) File(ctx context.Context, ref FileRef) (file *File, err error) {
	var job *records.Job
	err = s.view(ctx, ref.Account, func(c *call) error {
		if ref.Job == "" {
			file, err = c.exportFile(ref)
			return err
		}
		job, err = c.job(&ref.Game, &ref.Snapshot, &ref.Job)
		return err
	})
	if err != nil || job == nil {
		return file, err
	}
	key := strings.Join([]string{ref.Account, ref.Game, ref.Snapshot, ref.Job}, "/")
	archive, err := s.code.Get(ctx, key, func() ([]byte, error) { return s.generateCode(ctx, ref, job) })
	return &File{ref.Game + ".zip", "application/zip", job.Created, archive}, err
}

func (c *call) exportFile(ref FileRef) (*File, error) {
	_, snapshot, err := c.snapshot(&ref.Game, &ref.Snapshot)
	if err != nil {
		return nil, err
	}
	sections, err := c.tx.Sections(snapshot.Sections, nil)
	return &File{ref.Game + ".json", "application/json", snapshot.Created, export(sections)}, err
}

// generateCode returns the archive of a job. It generates the code after the transaction.
func (s *Service) generateCode(ctx context.Context, ref FileRef, job *records.Job) ([]byte, error) {
	var sections records.Sections
	err := s.view(ctx, ref.Account, func(c *call) error {
		_, snapshot, err := c.snapshot(&ref.Game, &ref.Snapshot)
		if err != nil {
			return err
		}
		sections, err = c.tx.Sections(snapshot.Sections, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return codegen.Generate(sections, codegen.Generator(job.Generator))
}

func (c *call) exportSnapshot(in *gamesparks.ExportSnapshotInput) (*gamesparks.ExportSnapshotOutput, error) {
	_, snapshot, err := c.snapshot(in.GameName, in.SnapshotId)
	if err != nil {
		return nil, err
	}
	url, _, err := c.DownloadURL(FileRef{Account: c.Account, Game: *in.GameName, Snapshot: snapshot.ID})
	return &gamesparks.ExportSnapshotOutput{S3Url: &url}, err
}
