package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
	"github.com/gamesparks-go/gamesparks/types"
)

// Most operations on replicas are tested by onEachStore. The tests of this file choose which replica handles a request, or
// send requests to all replicas at the same time.

// clients returns a client of each replica.
func (e *env) clients() []*gamesparks.Client {
	var list []*gamesparks.Client
	for _, srv := range e.replicas {
		list = append(list, srv.Client(e.strict))
	}
	return list
}

// race calls fn n times for each replica, all at the same time, and returns the errors.
func (e *env) race(n int, fn func(client *gamesparks.Client, i int) error) []error {
	clients := e.clients()
	errs := make([]error, n*len(clients))
	var group sync.WaitGroup
	for i := range errs {
		group.Go(func() { errs[i] = fn(clients[i%len(clients)], i) })
	}
	group.Wait()
	return errs
}

// succeeded returns the number of nil errors. All other errors must satisfy expected.
func (e *env) succeeded(errs []error, expected func(error) bool) (n int) {
	e.Helper()
	for _, err := range errs {
		switch {
		case err == nil:
			n++
		case !expected(err):
			e.Errorf("unexpected error %v", err)
		}
	}
	return n
}

// TestReplicasPageToken reads each page of a list from another replica.
func TestReplicasPageToken(t *testing.T) {
	t.Parallel()
	e := newReplicas(t)
	want := numbered("game", 7)
	for _, name := range want {
		e.createGame(name)
	}
	var (
		got   []string
		token *string
	)
	for page, clients := 0, e.clients(); page == 0 || token != nil; page++ {
		out := ok[*gamesparks.ListGamesOutput](e)(clients[page%len(clients)].ListGames(e.ctx, &gamesparks.ListGamesInput{MaxResults: aws.Int32(1), NextToken: token}))
		got = append(got, names(out.Games, func(g types.GameSummary) *string { return g.Name })...)
		token = out.NextToken
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("games (-want +got):\n%s", diff)
	}
}

// downloadFrom downloads a URL from a server that the client reaches under the host of the URL.
func (e *env) downloadFrom(srv *server.Server, url string, header ...string) (status int, etag, body string) {
	e.Helper()
	client := roundRobin([]*server.Server{srv})
	code, h, text := downloadWith(e.T, client, url, header...)
	return code, h.Get("ETag"), text
}

// TestReplicasDownload downloads an export and generated code from all replicas with the URL of one of them. A download that
// one replica has begun continues on another.
func TestReplicasDownload(t *testing.T) {
	t.Parallel()
	e := newReplicas(t)
	e.createGame("chess")
	e.importSections("chess", messages)
	snapshot := e.createSnapshot("chess").Id
	clients := e.clients()
	game := aws.String("chess")
	export := ok[*gamesparks.ExportSnapshotOutput](e)(clients[0].ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{GameName: game, SnapshotId: snapshot}))
	job := ok[*gamesparks.StartGeneratedCodeJobOutput](e)(clients[1].StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
		GameName: game, SnapshotId: snapshot, Generator: &types.Generator{Language: aws.String("GO")},
	})).GeneratedCodeJobId
	e.clock.Advance(pending + inProgress)
	code := ok[*gamesparks.GetGeneratedCodeJobOutput](e)(clients[2].GetGeneratedCodeJob(e.ctx, &gamesparks.GetGeneratedCodeJobInput{
		GameName: game, SnapshotId: snapshot, JobId: job,
	})).GeneratedCodeJob
	for name, url := range map[string]*string{"export": export.S3Url, "code": code.S3Url} {
		if url == nil {
			t.Fatalf("%s: no URL", name)
		}
		status, etag, body := e.downloadFrom(e.replicas[0], *url)
		if status != http.StatusOK || etag == "" || body == "" {
			t.Fatalf("%s: status %d, ETag %s, %d bytes", name, status, etag, len(body))
		}
		for i, srv := range e.replicas[1:] {
			if status, other, again := e.downloadFrom(srv, *url); status != http.StatusOK || other != etag || again != body {
				t.Errorf("%s from replica %d: status %d, ETag %s, want %s and the same content", name, i+1, status, other, etag)
			}
			status, _, rest := e.downloadFrom(srv, *url, "Range", "bytes=10-", "If-Range", etag)
			if status != http.StatusPartialContent || body[:10]+rest != body {
				t.Errorf("%s continued on replica %d: status %d, want 206 and the remaining content", name, i+1, status)
			}
		}
	}
}

// TestReplicasClientToken sends the same request to all replicas at the same time. It must have one effect.
func TestReplicasClientToken(t *testing.T) {
	t.Parallel()
	e := newReplicas(t)
	var (
		mu  sync.Mutex
		ids = map[string]bool{}
	)
	token := aws.String(strings.Repeat("t", 33))
	for _, err := range e.race(3, func(client *gamesparks.Client, _ int) error {
		_, err := client.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess"), ClientToken: token})
		return err
	}) {
		ok[any](e)(nil, err)
	}
	snapshot := e.createSnapshot("chess").Id
	e.createStage("chess", "dev")
	for _, err := range e.race(3, func(client *gamesparks.Client, _ int) error {
		out, err := client.StartStageDeployment(e.ctx, &gamesparks.StartStageDeploymentInput{
			GameName: aws.String("chess"), StageName: aws.String("dev"), SnapshotId: snapshot, ClientToken: token,
		})
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		ids[*out.StageDeployment.DeploymentId] = true
		return nil
	}) {
		ok[any](e)(nil, err)
	}
	if len(ids) != 1 {
		t.Errorf("one request started %d deployments", len(ids))
	}
	errs := e.race(1, func(client *gamesparks.Client, _ int) error {
		_, err := client.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("other"), ClientToken: token})
		return err
	})
	if n := e.succeeded(errs, gamesparks.IsConflict); n != 0 {
		t.Errorf("%d requests used the token of another request", n)
	}
}

// TestReplicasQuota creates games through all replicas at the same time.
func TestReplicasQuota(t *testing.T) {
	t.Parallel()
	const quota = 5
	e := newReplicas(t, server.WithMaxGames(quota))
	create := func(prefix string) int {
		t.Helper()
		return e.succeeded(e.race(4, func(client *gamesparks.Client, i int) error {
			_, err := client.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String(fmt.Sprint(prefix, i))})
			return err
		}), gamesparks.IsQuotaExceeded)
	}
	if n := create("a"); n != quota {
		t.Errorf("created %d games, want %d", n, quota)
	}
	games := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, &gamesparks.ListGamesInput{})).Games
	for _, name := range names(games, func(g types.GameSummary) *string { return g.Name })[:2] {
		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: &name}))
	}
	e.clock.Advance(deletion)
	if n := create("b"); n != 2 {
		t.Errorf("created %d games after 2 expired, want 2", n)
	}
}

// TestReplicasDeployment starts deployments to a stage through all replicas at the same time. Only one may be in progress,
// and all replicas agree on it.
func TestReplicasDeployment(t *testing.T) {
	t.Parallel()
	e := newReplicas(t)
	e.createGame("chess")
	snapshot := e.createSnapshot("chess").Id
	e.createStage("chess", "dev")
	for round := range 2 {
		n := e.succeeded(e.race(2, func(client *gamesparks.Client, _ int) error {
			_, err := client.StartStageDeployment(e.ctx, &gamesparks.StartStageDeploymentInput{
				GameName: aws.String("chess"), StageName: aws.String("dev"), SnapshotId: snapshot,
			})
			return err
		}), gamesparks.IsConflict)
		if n != 1 {
			t.Errorf("round %d: %d deployments started, want 1", round, n)
		}
		var first *types.StageDeploymentDetails
		for i, client := range e.clients() {
			got := ok[*gamesparks.GetStageDeploymentOutput](e)(client.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{
				GameName: aws.String("chess"), StageName: aws.String("dev"),
			})).StageDeployment
			if i == 0 {
				first = got
			}
			if diff := cmp.Diff(first, got); diff != "" {
				t.Errorf("round %d: deployment on replica %d (-replica 0 +replica %d):\n%s", round, i, i, diff)
			}
		}
		e.clock.Advance(pending + inProgress)
	}
}

// TestReplicasIfMatch writes the same version of a configuration through all replicas at the same time. One write succeeds.
func TestReplicasIfMatch(t *testing.T) {
	t.Parallel()
	e := newReplicas(t)
	e.createGame("chess")
	e.importSections("chess", `{"A":{"n":0}}`)
	for round := range 3 {
		_, etag := e.getConfiguration("chess")
		n := e.succeeded(e.race(2, func(client *gamesparks.Client, i int) error {
			value := fmt.Sprint(100*(round+1) + i)
			_, err := client.UpdateGameConfiguration(e.ctx, updateInput("chess", modification(replace, "/n", value)), gamesparks.WithIfMatch(etag))
			return err
		}), gamesparks.IsPreconditionFailed)
		if n != 1 {
			t.Errorf("round %d: %d conditional writes succeeded, want 1", round, n)
		}
	}
}

// TestReplicasTags adds the tags of a game through all replicas at the same time, up to the limit of 50.
func TestReplicasTags(t *testing.T) {
	t.Parallel()
	e := newReplicas(t)
	arn := e.createGame("chess").Arn
	keys := numbered("key", 60)
	n := e.succeeded(e.race(20, func(client *gamesparks.Client, i int) error {
		_, err := client.TagResource(e.ctx, &gamesparks.TagResourceInput{ResourceArn: arn, Tags: map[string]string{keys[i]: "x"}})
		return err
	}), gamesparks.IsValidation)
	if n != 50 {
		t.Errorf("added %d tags, want 50", n)
	}
	for i, client := range e.clients() {
		tags := ok[*gamesparks.ListTagsForResourceOutput](e)(client.ListTagsForResource(e.ctx, &gamesparks.ListTagsForResourceInput{ResourceArn: arn})).Tags
		if len(tags) != 50 {
			t.Errorf("replica %d has %d tags, want 50", i, len(tags))
		}
	}
}

// TestReplicasDeletion deletes and creates a game through different replicas. A replica must not serve what it has read
// before.
func TestReplicasDeletion(t *testing.T) {
	t.Parallel()
	e := newReplicas(t)
	clients := e.clients()
	game := aws.String("chess")
	read := func(client *gamesparks.Client) (map[string]string, error) {
		out, err := client.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{GameName: game})
		if err != nil {
			return nil, err
		}
		return texts(e, out.GameConfiguration.Sections), nil
	}
	for round := range 3 {
		content := fmt.Sprintf(`{"round":%d}`, round)
		ok[*gamesparks.CreateGameOutput](e)(clients[0].CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: game}))
		ok[*gamesparks.ImportGameConfigurationOutput](e)(clients[1].ImportGameConfiguration(e.ctx, importInput("chess", `{"A":`+content+`}`)))
		for i, client := range clients {
			if diff := cmp.Diff(map[string]string{"A": content}, ok[map[string]string](e)(read(client))); diff != "" {
				t.Errorf("round %d, replica %d: sections (-want +got):\n%s", round, i, diff)
			}
		}
		ok[*gamesparks.DeleteGameOutput](e)(clients[2].DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: game}))
		e.clock.Advance(deletion)
		for i, client := range clients {
			if _, err := read(client); !gamesparks.IsNotFound(err) {
				t.Errorf("round %d, replica %d: got error %v, want a ResourceNotFoundException", round, i, err)
			}
		}
	}
}

// TestReplicasRemoval deletes games through each replica. The replica that does the background work removes their content, and
// when it ends, another one continues.
func TestReplicasRemoval(t *testing.T) {
	t.Parallel()
	e := &env{T: t, ctx: t.Context(), clock: &clock{now: time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC)}}
	schema := newSchema()
	for range 3 {
		e.replicas = append(e.replicas, e.start(server.WithStore(openSchema(t, schema, func(o *postgres.Options) { o.Lease = 3 * time.Second }))))
	}
	reader := openSchema(t, schema)
	t.Cleanup(func() { reader.Close() })
	for len(e.replicas) > 1 {
		for i, client := range e.clients() {
			e.Client = client
			game := fmt.Sprintf("game-%d-%d", len(e.replicas), i)
			e.createGame(game)
			e.importSections(game, messages)
			e.createSnapshot(game)
		}
		if contentKeys(e, reader) == 0 {
			t.Fatal("the games have no content")
		}
		for i, client := range e.clients() {
			game := fmt.Sprintf("game-%d-%d", len(e.replicas), i)
			ok[*gamesparks.DeleteGameOutput](e)(client.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: &game}))
		}
		e.clock.Advance(deletion)
		for tick, deadline := time.Tick(50*time.Millisecond), time.Now().Add(time.Minute); contentKeys(e, reader) > 0; <-tick {
			if time.Now().After(deadline) {
				t.Fatalf("with %d replicas, %d keys are left", len(e.replicas), contentKeys(e, reader))
			}
		}
		// The first replica has done the work, since it was the first to start.
		if err := e.replicas[0].Close(); err != nil {
			t.Fatal(err)
		}
		e.replicas = e.replicas[1:]
	}
}

// TestReplicasClocks runs replicas whose wall clocks differ by a minute each. The database determines what is completed, and
// each replica verifies signatures with its own clock.
func TestReplicasClocks(t *testing.T) {
	t.Parallel()
	e := &env{T: t, ctx: t.Context()}
	schema := newSchema()
	for _, offset := range []time.Duration{-time.Minute, 0, time.Minute} {
		e.replicas = append(e.replicas, servertest.Start(t,
			server.WithStore(openSchema(t, schema)),
			server.WithWallClock(func() time.Time { return time.Now().Add(offset) }),
			server.WithDeploymentTime(0, 0),
			server.WithCodeGenerationTime(0, 0),
			server.WithDeletionTime(0),
		))
	}
	slow := servertest.Start(t, server.WithStore(openSchema(t, schema)), server.WithDeploymentTime(time.Minute, time.Hour),
		server.WithWallClock(func() time.Time { return time.Now().Add(-time.Minute) }))
	last := len(e.replicas) - 1
	for i, client := range e.clients() {
		e.Client = client // the clock of the first replica is behind those that read, and the clock of the last is ahead
		game := fmt.Sprint("game", i)
		before := time.Now()
		created := e.createGame(game).Created
		if d := created.Sub(before).Abs(); d > 30*time.Second { // the database runs on this machine
			t.Errorf("replica %d: the creation time differs by %v from the time of the database", i, d)
		}
		e.importSections(game, messages)
		snapshot := e.createSnapshot(game).Id
		e.createStage(game, "dev")
		e.createStage(game, "slow")
		e.startDeployment(game, "dev", snapshot)
		e.Client = slow.Client(e.strict)
		e.startDeployment(game, "slow", snapshot)
		e.Client = client
		job := ok[*gamesparks.StartGeneratedCodeJobOutput](e)(e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
			GameName: &game, SnapshotId: snapshot, Generator: &types.Generator{Language: aws.String("GO")},
		})).GeneratedCodeJobId
		for j, reader := range e.clients() {
			e.Client = reader
			for stage, want := range map[string]types.DeploymentState{"dev": types.DeploymentStateCompleted, "slow": types.DeploymentStatePending} {
				got := ok[*gamesparks.GetStageDeploymentOutput](e)(e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{
					GameName: &game, StageName: &stage,
				})).StageDeployment.DeploymentState
				if got != want {
					t.Errorf("deployment to %s through replica %d, read from replica %d: got state %s, want %s", stage, i, j, got, want)
				}
			}
			code := ok[*gamesparks.GetGeneratedCodeJobOutput](e)(e.GetGeneratedCodeJob(e.ctx, &gamesparks.GetGeneratedCodeJobInput{
				GameName: &game, SnapshotId: snapshot, JobId: job,
			})).GeneratedCodeJob
			if code.Status != types.GeneratedCodeJobStateCompleted {
				t.Errorf("job of replica %d, read from replica %d: got state %s", i, j, code.Status)
				continue
			}
			for k, srv := range e.replicas { // the URL has the time of replica j
				if status, _, _ := e.downloadFrom(srv, *code.S3Url); status != http.StatusOK {
					t.Errorf("download with the URL of replica %d from replica %d: status %d", j, k, status)
				}
			}
		}
		e.Client = client
		ok[*gamesparks.DeleteStageOutput](e)(e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: &game, StageName: aws.String("dev")}))
		for j, reader := range e.clients() {
			if _, err := reader.GetStage(e.ctx, &gamesparks.GetStageInput{GameName: &game, StageName: aws.String("dev")}); !gamesparks.IsNotFound(err) {
				t.Errorf("stage deleted through replica %d, read from replica %d: got error %v", i, j, err)
			}
		}
	}
	if got := names(ok[*gamesparks.ListGamesOutput](e)(e.clients()[last].ListGames(e.ctx, &gamesparks.ListGamesInput{})).Games,
		func(g types.GameSummary) *string { return g.Name }); !slices.Equal(got, []string{"game0", "game1", "game2"}) {
		t.Errorf("got games %v", got)
	}

	// A replica does not use the time of the database for signatures.
	wrong := servertest.Start(t, server.WithStore(openSchema(t, schema)), server.WithWallClock(func() time.Time { return time.Now().Add(time.Hour) }))
	_, err := wrong.Client(func(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} }).ListGames(e.ctx, &gamesparks.ListGamesInput{})
	if err == nil || !strings.Contains(err.Error(), "InvalidSignatureException") {
		t.Errorf("clock of the replica ahead by an hour: got error %v, want an InvalidSignatureException", err)
	}
}
