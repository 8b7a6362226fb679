package server_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// meteredStore counts updates and the bytes that transactions read.
type meteredStore struct {
	storage.Store
	updates, viewed, read atomic.Int64 // viewed is read in views, and read in updates
}

func (s *meteredStore) reset() (updates, viewed, read int64) {
	return s.updates.Swap(0), s.viewed.Swap(0), s.read.Swap(0)
}

func (s *meteredStore) View(ctx context.Context, fn func(storage.Reader) error) error {
	return s.Store.View(ctx, func(tx storage.Reader) error { return fn(meteredReader{tx, &s.viewed}) })
}

func (s *meteredStore) Update(ctx context.Context, fn func(storage.Writer) error) error {
	s.updates.Add(1)
	return s.Store.Update(ctx, func(tx storage.Writer) error { return fn(meteredWriter{tx, meteredReader{tx, &s.read}}) })
}

type meteredReader struct {
	storage.Reader
	bytes *atomic.Int64
}

func (r meteredReader) Get(key string) ([]byte, error) {
	value, err := r.Reader.Get(key)
	r.bytes.Add(int64(len(value)))
	return value, err
}

func (r meteredReader) Scan(keys storage.Range) iter.Seq2[storage.Entry, error] {
	return func(yield func(storage.Entry, error) bool) {
		for entry, err := range r.Reader.Scan(keys) {
			r.bytes.Add(int64(len(entry.Value)))
			if !yield(entry, err) {
				return
			}
		}
	}
}

type meteredWriter struct {
	storage.Writer
	reader meteredReader
}

func (w meteredWriter) Get(key string) ([]byte, error) { return w.reader.Get(key) }

func (w meteredWriter) Scan(keys storage.Range) iter.Seq2[storage.Entry, error] {
	return w.reader.Scan(keys)
}

// manyMessages returns sections with n messages.
func manyMessages(n int) string {
	var shapes, requests []string
	for i := range n {
		shapes = append(shapes, fmt.Sprintf(`"M%d":{"Structure":{"Description":"","Fields":{"Square":{"Shape":"String","Cardinality":"Required"}}}}`, i))
		requests = append(requests, fmt.Sprintf(`"R%d":{"AllowedSources":["Player"],"RequestShape":"M%d","ResponseShape":"M%d","Description":""}`, i, i, i))
	}
	return `{"GameSparks.Core.Model":{` + strings.Join(shapes, ",") + `},"GameSparks.Core.Requests":{` + strings.Join(requests, ",") + `}}`
}

// TestWorkOutsideUpdates checks that imports are parsed, and code generation jobs checked, before the transaction that
// blocks other writes.
func TestWorkOutsideUpdates(t *testing.T) {
	t.Parallel()
	store := &meteredStore{Store: storage.NewMemory()}
	e := newEnv(t, server.WithStore(store))
	e.createGame("chess")
	store.reset()
	_, err := e.ImportGameConfiguration(e.ctx, importInput("chess", `{"A":`))
	wantError[*types.ValidationException](e, err, "ImportSource.File")
	if updates, _, _ := store.reset(); updates != 0 {
		t.Errorf("an invalid import caused %d updates, want none", updates)
	}

	e.importSections("chess", manyMessages(1000))
	snapshot := e.createSnapshot("chess")
	start := func(language string) error {
		_, err := e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id, Generator: &types.Generator{Language: &language},
		})
		return err
	}
	store.reset()
	if err := start("GO"); err != nil {
		t.Fatal(err)
	}
	if updates, viewed, read := store.reset(); updates != 1 || viewed < 100_000 || read > 10_000 {
		t.Errorf("a job caused %d updates, which read %d bytes, and views that read %d; want one update without the sections", updates, read, viewed)
	}
	wantError[*types.ValidationException](e, start("COBOL"), "Generator.Language")
	if updates, _, _ := store.reset(); updates != 0 {
		t.Errorf("a job with an invalid generator caused %d updates, want none", updates)
	}
}

// TestCodeIsBuiltOnce checks that concurrent and repeated downloads of generated code, including ranges, build it once, and
// that the code is the same after a restart.
func TestCodeIsBuiltOnce(t *testing.T) {
	t.Parallel()
	store := &meteredStore{Store: storage.NewMemory()}
	e := newEnv(t, server.WithStore(store))
	e.createGame("chess")
	e.importSections("chess", manyMessages(1000))
	snapshot := e.createSnapshot("chess")
	var jobs []*string
	for _, language := range []string{"GO", "CSHARP"} {
		jobs = append(jobs, ok[*gamesparks.StartGeneratedCodeJobOutput](e)(e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id, Generator: &types.Generator{Language: &language},
		})).GeneratedCodeJobId)
	}
	e.clock.Advance(pending + inProgress)
	urlOf := func(job *string) string {
		return *ok[*gamesparks.GetGeneratedCodeJobOutput](e)(e.GetGeneratedCodeJob(e.ctx, &gamesparks.GetGeneratedCodeJobInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id, JobId: job,
		})).GeneratedCodeJob.S3Url
	}
	url := urlOf(jobs[0])
	store.reset()
	var downloads sync.WaitGroup
	for range 8 {
		downloads.Go(func() { download(t, url) })
	}
	downloads.Wait()
	_, _, want := download(t, url)
	if status, _, part := download(t, url, "Range", "bytes=10-19"); status != http.StatusPartialContent || part != want[10:20] {
		t.Errorf("range: got status %d and %q, want 206 and %q", status, part, want[10:20])
	}
	size := int64(len(manyMessages(1000)))
	if _, viewed, _ := store.reset(); viewed < size/2 || viewed > 2*size {
		t.Errorf("ten downloads read %d bytes, want the sections of %d bytes once", viewed, size)
	}
	if _, _, other := download(t, urlOf(jobs[1])); other == want {
		t.Error("both jobs have the same code")
	}

	// A new service builds the code again.
	e = newEnv(t, server.WithStore(store), server.WithClock(e.clock.Now))
	if _, _, again := download(t, urlOf(jobs[0])); again != want {
		t.Error("the code differs after a restart")
	}
	ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
	if status, _, _ := download(t, url); status != http.StatusNotFound {
		t.Errorf("download after the game was deleted: got status %d, want 404", status)
	}
}
