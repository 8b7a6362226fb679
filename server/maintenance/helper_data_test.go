package maintenance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// owner is an account in a region.
type owner struct{ account, region string }

var owners = []owner{
	{"111111111111", "us-east-1"},
	{"222222222222", "us-east-1"},
	{"111111111111", "eu-west-1"},
}

// clock is a clock that tests advance.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2022, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// startServer starts a server for the owner on the store, which closes with the server.
func startServer(tb testing.TB, store storage.Store, c *clock, o owner) (*server.Server, *gamesparks.Client) {
	tb.Helper()
	srv, err := server.Start(
		server.WithStore(store), server.WithRegion(o.region), server.WithAccount(o.account), server.WithClock(c.Now),
		server.WithDeploymentTime(time.Minute, time.Minute), server.WithCodeGenerationTime(time.Minute, time.Minute),
		server.WithDeletionTime(time.Hour),
		server.WithDeploymentOutcome(func(d server.Deployment) server.Outcome {
			if d.Stage == "broken" {
				return server.Outcome{Code: types.ResultCodeInvalidRoleFailure}
			}
			return server.Outcome{}
		}),
	)
	if err != nil {
		tb.Fatal(err)
	}
	return srv, srv.Client(func(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} })
}

// must returns the value, or panics if there is an error.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// token returns a client token.
func token(name string) *string {
	return aws.String(name + "/" + strings.Repeat("t", 33))
}

const role = "arn:aws:iam::123456789012:role/GameSparks"

// populate creates resources of every kind, in every state, for all owners. The function open opens the store; populate
// closes it after each owner.
func populate(tb testing.TB, c *clock, open func() storage.Store) {
	tb.Helper()
	for _, o := range owners {
		srv, client := startServer(tb, open(), c, o)
		populateOwner(tb.Context(), client, c, o)
		if err := srv.Close(); err != nil {
			tb.Fatal(err)
		}
	}
}

func populateOwner(ctx context.Context, client *gamesparks.Client, c *clock, o owner) {
	createGame := func(name string) {
		must(client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &name, ClientToken: token(name)}))
	}
	deleteGame := func(name string) {
		must(client.DeleteGame(ctx, &gamesparks.DeleteGameInput{GameName: &name}))
	}
	snapshot := func(description string) *string {
		c.advance(time.Second)
		return must(client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{
			GameName: aws.String("chess"), Description: aws.String(description),
		})).Snapshot.Id
	}
	stage := func(name string) {
		must(client.CreateStage(ctx, createStage(name)))
	}
	deploy := func(stage string, snapshot *string) {
		must(client.StartStageDeployment(ctx, startDeployment(stage, snapshot)))
	}
	job := func(snapshot *string, language string) {
		must(client.StartGeneratedCodeJob(ctx, &gamesparks.StartGeneratedCodeJobInput{
			GameName: aws.String("chess"), SnapshotId: snapshot, Generator: &types.Generator{Language: &language},
		}))
	}

	// The name of a deleted game is used again.
	createGame("chess")
	must(client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: aws.String("chess")}))
	deleteGame("chess")
	c.advance(time.Hour)

	must(client.CreateGame(ctx, createChess(o)))
	importSections(ctx, client, "chess", sections(o, 150))
	first := snapshot("first")
	must(client.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{
		GameName: aws.String("chess"),
		Modifications: []types.SectionModification{
			{Section: aws.String("Section.042"), Operation: types.OperationReplace, Path: aws.String("/n"), Value: document.NewLazyDocument(-1)},
			{Section: aws.String("Section.New"), Operation: types.OperationAdd, Path: aws.String("/added"), Value: document.NewLazyDocument("é\u2028")},
		},
	}))
	second := snapshot("second")
	unchanged := snapshot("second again")
	must(client.UpdateSnapshot(ctx, &gamesparks.UpdateSnapshotInput{GameName: aws.String("chess"), SnapshotId: unchanged, Description: aws.String("renamed")}))
	importSections(ctx, client, "chess", `{"GameSparks.Core.Model":{"Bad":{"Structure":7}},"Empty":{},"Null":null,"List":[1,2.50,3e400],"Text":"x"}`)
	invalid := snapshot("invalid model")

	stage("dev")
	stage("broken")
	stage("deleted")
	for _, id := range []*string{first, second} {
		deploy("dev", id)
		deploy("broken", id)
		c.advance(2 * time.Minute)
	}
	job(first, "GO")
	job(invalid, "GO")
	c.advance(2 * time.Minute)
	job(first, "CSHARP")
	must(client.DeleteStage(ctx, &gamesparks.DeleteStageInput{GameName: aws.String("chess"), StageName: aws.String("deleted")}))

	createGame("going")
	importSections(ctx, client, "going", sections(o, 3))
	must(client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: aws.String("going")}))
	createGame("empty")
	createGame("twin")
	importSections(ctx, client, "twin", sections(o, 150))
	deleteGame("going")
	deploy("dev", unchanged) // pending when the data is read
}

// createChess, createStage and startDeployment return requests that a test repeats after a conversion.

func createChess(o owner) *gamesparks.CreateGameInput {
	return &gamesparks.CreateGameInput{
		GameName: aws.String("chess"), Description: aws.String("Two players in " + o.region), ClientToken: token("chess again"),
		Tags: map[string]string{"account": o.account, "empty": ""},
	}
}

func createStage(name string) *gamesparks.CreateStageInput {
	return &gamesparks.CreateStageInput{
		GameName: aws.String("chess"), StageName: &name, Role: aws.String(role), ClientToken: token(name),
		Description: aws.String("Stage " + name), Tags: map[string]string{"stage": name},
	}
}

func startDeployment(stage string, snapshot *string) *gamesparks.StartStageDeploymentInput {
	return &gamesparks.StartStageDeploymentInput{
		GameName: aws.String("chess"), StageName: &stage, SnapshotId: snapshot, ClientToken: token(stage + *snapshot),
	}
}

// sections returns n sections as JSON: a few with adversarial contents, and the rest with contents of several sizes.
func sections(o owner, n int) string {
	all := map[string]json.RawMessage{
		"Account": must(json.Marshal(o.account)), "A": json.RawMessage(`{"n":12345678901234567890123.0000}`),
		"a": json.RawMessage(`{}`), "A.B.c1": json.RawMessage(`null`),
	}
	for i := range n {
		all[fmt.Sprintf("Section.%03d", i)] = must(json.Marshal(map[string]any{"n": i / 2, "text": strings.Repeat("x", i%20)}))
	}
	return string(must(json.Marshal(all)))
}

// importSections replaces the configuration of a game by sections, a JSON object.
func importSections(ctx context.Context, client *gamesparks.Client, game, sections string) {
	must(client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName:     &game,
		ImportSource: &types.ImportGameConfigurationSource{File: []byte(`{"Document":{"Type":"Game","Sections":` + sections + `}}`)},
	}))
}

// dump returns all resources of an owner as a client reads them, in indented JSON.
func dump(ctx context.Context, client *gamesparks.Client) string {
	found := map[string]any{}
	read := func(key string, out any, err error) {
		var api smithy.APIError
		if errors.As(err, &api) {
			found[key] = api.Error()
			return
		}
		found[key] = plain(must(out, err))
	}
	for game, err := range gamesparks.NewListGamesPaginator(client, nil).Items(ctx) {
		must(game, err)
		key := "game " + *game.Name
		read("list "+key, game, nil)
		got, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: game.Name})
		read(key, got, err)
		configuration, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: game.Name})
		read(key+" configuration", configuration, err)
		for snapshot, err := range gamesparks.NewListSnapshotsPaginator(client, &gamesparks.ListSnapshotsInput{GameName: game.Name}).Items(ctx) {
			must(snapshot, err)
			key := key + " snapshot " + *snapshot.Id
			read("list "+key, snapshot, nil)
			got, err := client.GetSnapshot(ctx, &gamesparks.GetSnapshotInput{GameName: game.Name, SnapshotId: snapshot.Id})
			read(key, got, err)
			jobs, err := client.ListGeneratedCodeJobs(ctx, &gamesparks.ListGeneratedCodeJobsInput{GameName: game.Name, SnapshotId: snapshot.Id})
			read(key+" jobs", jobs, err)
		}
		for stage, err := range gamesparks.NewListStagesPaginator(client, &gamesparks.ListStagesInput{GameName: game.Name}).Items(ctx) {
			must(stage, err)
			key := key + " stage " + *stage.Name
			read("list "+key, stage, nil)
			got, err := client.GetStage(ctx, &gamesparks.GetStageInput{GameName: game.Name, StageName: stage.Name})
			read(key, got, err)
			latest, err := client.GetStageDeployment(ctx, &gamesparks.GetStageDeploymentInput{GameName: game.Name, StageName: stage.Name})
			read(key+" latest deployment", latest, err)
			deployments, err := client.ListStageDeployments(ctx, &gamesparks.ListStageDeploymentsInput{GameName: game.Name, StageName: stage.Name})
			read(key+" deployments", deployments, err)
		}
	}
	return string(must(json.MarshalIndent(found, "", "  ")))
}

// plain converts the output of an operation to JSON values. It drops presigned URLs and request metadata, which differ
// between calls, and keeps documents as JSON texts.
func plain(out any) any {
	var value any
	text := must(json.Marshal(out))
	if err := json.Unmarshal(text, &value); err != nil {
		panic(err)
	}
	switch out := out.(type) {
	case *gamesparks.GetGameConfigurationOutput:
		value = addSections(value, out.GameConfiguration.Sections)
	case *gamesparks.GetSnapshotOutput:
		value = addSections(value, out.Snapshot.Sections)
	}
	return drop(value)
}

// addSections adds the contents of sections, which encoding/json cannot marshal.
func addSections(value any, sections map[string]types.Section) any {
	contents := map[string]string{}
	for name, section := range sections {
		contents[name] = string(must(section.Attributes.MarshalSmithyDocument()))
	}
	return map[string]any{"output": value, "contents": contents}
}

func drop(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range []string{"ResultMetadata", "S3Url", "ExpirationTime", "Attributes"} {
			delete(value, name)
		}
		for name, member := range value {
			value[name] = drop(member)
		}
	case []any:
		for i, item := range value {
			value[i] = drop(item)
		}
	}
	return value
}
