package server_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

const messages = `{
	"GameSparks.Core.Model": {"MoveRequest": {"Structure": {"Description": "", "Fields": {"Square": {"Shape": "String", "Cardinality": "Required"}}}}},
	"GameSparks.Core.Requests": {"Move": {"AllowedSources": ["Player"], "RequestShape": "MoveRequest", "ResponseShape": "MoveRequest", "Description": ""}}
}`

func TestGeneratedCodeJob(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		e.importSections("chess", messages)
		snapshot := e.createSnapshot("chess")
		e.importSections("chess", `{}`)
		for _, language := range []string{"GO", "CSHARP"} {
			id := ok[*gamesparks.StartGeneratedCodeJobOutput](e)(e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
				GameName: aws.String("chess"), SnapshotId: snapshot.Id, Generator: &types.Generator{Language: &language},
			})).GeneratedCodeJobId
			want := types.GeneratedCodeJobDetails{
				GeneratedCodeJobId: id, Description: aws.String("Code for the messages of the game."), Status: types.GeneratedCodeJobStatePending,
			}
			check := func() *types.GeneratedCodeJobDetails {
				e.Helper()
				got := ok[*gamesparks.GetGeneratedCodeJobOutput](e)(e.GetGeneratedCodeJob(e.ctx, &gamesparks.GetGeneratedCodeJobInput{
					GameName: aws.String("chess"), SnapshotId: snapshot.Id, JobId: id,
				})).GeneratedCodeJob
				want.S3Url = got.S3Url
				if diff := cmp.Diff(&want, got); diff != "" {
					e.Errorf("GetGeneratedCodeJob (-want +got):\n%s", diff)
				}
				list := ok[*gamesparks.ListGeneratedCodeJobsOutput](e)(e.ListGeneratedCodeJobs(e.ctx, &gamesparks.ListGeneratedCodeJobsInput{
					GameName: aws.String("chess"), SnapshotId: snapshot.Id, MaxResults: aws.Int32(1),
				})).GeneratedCodeJobs
				if diff := cmp.Diff([]types.GeneratedCodeJobDetails{want}, list); diff != "" {
					e.Errorf("ListGeneratedCodeJobs, newest first (-want +got):\n%s", diff)
				}
				return got
			}
			check()
			e.clock.Advance(pending)
			want.Status = types.GeneratedCodeJobStateInProgress
			if got := check(); got.S3Url != nil {
				e.Errorf("the unfinished job has a download URL: %s", *got.S3Url)
			}
			e.clock.Advance(inProgress)
			want.Status, want.ExpirationTime = types.GeneratedCodeJobStateCompleted, aws.Time(e.clock.Now().Truncate(time.Second).Add(10*time.Minute))
			got := check()

			status, header, body := download(e.T, *got.S3Url)
			if status != http.StatusOK || header.Get("Content-Type") != "application/zip" || header.Get("ETag") == "" {
				e.Errorf("download: unexpected status %d or header %v", status, header)
			}
			archive, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
			if err != nil || len(archive.File) < 2 {
				e.Errorf("the download is not an archive with several files: %v", err)
			}
			if status, _, part := download(e.T, *got.S3Url, "Range", "bytes=0-3"); status != http.StatusPartialContent || part != "PK\x03\x04" {
				e.Errorf("range request: got %d %q, want 206 and the first four bytes", status, part)
			}
			// The URL is valid until its expiration time. Later responses have a new URL.
			e.clock.Advance(got.ExpirationTime.Sub(e.clock.Now()))
			if status, _, _ := download(e.T, *got.S3Url); status != http.StatusOK {
				e.Errorf("download at the expiration time: got status %d, want 200", status)
			}
			e.clock.Advance(time.Second)
			if status, _, _ := download(e.T, *got.S3Url); status != http.StatusForbidden {
				e.Errorf("download after the expiration time: got status %d, want 403", status)
			}
			want.ExpirationTime = aws.Time(e.clock.Now().Truncate(time.Second).Add(10 * time.Minute))
			if status, _, again := download(e.T, *check().S3Url); status != http.StatusOK || again != body {
				e.Errorf("download from a new URL: got status %d, want 200 and the same file", status)
			}
		}
	})
}

func TestGeneratedCodeJobFails(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	e.importSections("chess", `{"GameSparks.Core.Model": {"X": {"Structure": {"Fields": {"F": {"Shape": "`+strings.Repeat("Nowhere", 60)+`"}}}}}}`)
	snapshot := e.createSnapshot("chess")
	id := ok[*gamesparks.StartGeneratedCodeJobOutput](e)(e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
		GameName: aws.String("chess"), SnapshotId: snapshot.Id, Generator: &types.Generator{Language: aws.String("GO")},
	})).GeneratedCodeJobId
	get := func() *types.GeneratedCodeJobDetails {
		return ok[*gamesparks.GetGeneratedCodeJobOutput](e)(e.GetGeneratedCodeJob(e.ctx, &gamesparks.GetGeneratedCodeJobInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id, JobId: id,
		})).GeneratedCodeJob
	}
	e.clock.Advance(pending + inProgress - time.Millisecond)
	if got := get(); got.Status != types.GeneratedCodeJobStateInProgress {
		t.Errorf("got status %s, want IN_PROGRESS", got.Status)
	}
	e.clock.Advance(time.Millisecond)
	got := get()
	if got.Status != types.GeneratedCodeJobStateFailed || got.S3Url != nil || got.ExpirationTime != nil || !strings.Contains(*got.Description, "Nowhere") {
		t.Errorf("unexpected failed job: %+v, description %s", got, *got.Description)
	}
}

// TestGeneratedCodeOfNullSections checks that code generation treats a null section as empty.
func TestGeneratedCodeOfNullSections(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	e.importSections("chess", `{"GameSparks.Core.Model": null, "GameSparks.Core.Requests": null, "GameSparks.Core.Events": null, "Other": null}`)
	snapshot := e.createSnapshot("chess")
	for _, language := range []string{"GO", "CSHARP"} {
		id := ok[*gamesparks.StartGeneratedCodeJobOutput](e)(e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id, Generator: &types.Generator{Language: &language},
		})).GeneratedCodeJobId
		e.clock.Advance(pending + inProgress)
		job := ok[*gamesparks.GetGeneratedCodeJobOutput](e)(e.GetGeneratedCodeJob(e.ctx, &gamesparks.GetGeneratedCodeJobInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id, JobId: id,
		})).GeneratedCodeJob
		if job.Status != types.GeneratedCodeJobStateCompleted {
			t.Errorf("%s: got job status %s, want COMPLETED: %s", language, job.Status, *job.Description)
			continue
		}
		if status, _, body := download(t, *job.S3Url); status != http.StatusOK || !strings.HasPrefix(body, "PK") {
			t.Errorf("%s: download: got status %d, want 200 and a ZIP archive", language, status)
		}
	}
}

func TestUnsupportedGenerators(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	snapshot := e.createSnapshot("chess")
	for _, test := range []struct {
		generator types.Generator
		want      string
	}{
		{types.Generator{}, "Generator.TargetPlatform"},
		{types.Generator{Language: aws.String("COBOL")}, "Generator.Language"},
		{types.Generator{TargetPlatform: aws.String("Abacus")}, "Generator.TargetPlatform"},
		{types.Generator{TargetPlatform: aws.String("Unity"), Language: aws.String("GO")}, "Generator.Language"},
		{types.Generator{Language: aws.String("C#")}, "Generator.Language, value must match"},
		{types.Generator{Language: aws.String("GO"), GameSdkVersion: aws.String("one")}, "Generator.GameSdkVersion"},
	} {
		_, err := e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id, Generator: &test.generator,
		})
		member, rule, _ := strings.Cut(test.want, ", ")
		wantError[*types.ValidationException](e, err, member, rule)
	}
	_, err := e.GetGeneratedCodeJob(e.ctx, &gamesparks.GetGeneratedCodeJobInput{
		GameName: aws.String("chess"), SnapshotId: snapshot.Id, JobId: aws.String("01234567-0123-0123-0123-0123456789ab"),
	})
	wantError[*types.ResourceNotFoundException](e, err, "01234567-0123-0123-0123-0123456789ab")
}
