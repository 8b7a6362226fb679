// Package gov1 tests the server with the last release of the AWS SDK for Go v1 that has the service.
package gov1

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/session"
	v1 "github.com/aws/aws-sdk-go/service/gamesparks"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/servertest"
)

// must returns a function that returns the output of a call, and fails the test if the call has failed.
func must[Out any](t *testing.T) func(Out, error) Out {
	return func(out Out, err error) Out {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// TestAllOperations calls each operation with an unmodified client.
func TestAllOperations(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]bool{}
	srv := servertest.Start(t,
		server.WithDeploymentTime(0, 0), server.WithCodeGenerationTime(0, 0), server.WithDeletionTime(time.Millisecond),
		server.WithExtensions(server.Extension{Namespace: "Studio", Name: "Chat", Versions: []server.ExtensionVersion{{Version: "1.0.0", Schema: "{}"}}}),
		server.WithObserver(func(r server.RequestRecord) {
			mu.Lock()
			defer mu.Unlock()
			if r.Status == 200 {
				seen[r.Operation] = true
			}
		}))
	sess, err := session.NewSession(&aws.Config{
		Endpoint: &srv.URL, Region: aws.String("us-east-1"), MaxRetries: aws.Int(0), Credentials: credentials.NewStaticCredentials("local", "local", ""),
	})
	if err != nil {
		t.Fatal(err)
	}
	client := v1.New(sess)
	game, stage, role := aws.String("lighthouse"), aws.String("dev"), aws.String("arn:aws:iam::123456789012:role/dev")

	created := must[*v1.CreateGameOutput](t)(client.CreateGame(&v1.CreateGameInput{GameName: game, Tags: aws.StringMap(map[string]string{"team": "a/b c"})}))
	must[*v1.GetGameOutput](t)(client.GetGame(&v1.GetGameInput{GameName: game}))
	must[*v1.UpdateGameOutput](t)(client.UpdateGame(&v1.UpdateGameInput{GameName: game, Description: aws.String("ä \"game\"")}))
	must[*v1.ListGamesOutput](t)(client.ListGames(&v1.ListGamesInput{MaxResults: aws.Int64(1)}))
	must[*v1.TagResourceOutput](t)(client.TagResource(&v1.TagResourceInput{ResourceArn: created.Game.Arn, Tags: aws.StringMap(map[string]string{"a": "1", "b": "2"})}))
	must[*v1.UntagResourceOutput](t)(client.UntagResource(&v1.UntagResourceInput{ResourceArn: created.Game.Arn, TagKeys: aws.StringSlice([]string{"a", "team"})}))
	tags := must[*v1.ListTagsForResourceOutput](t)(client.ListTagsForResource(&v1.ListTagsForResourceInput{ResourceArn: created.Game.Arn}))
	if diff := cmp.Diff(map[string]string{"b": "2"}, aws.StringValueMap(tags.Tags)); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}

	must[*v1.ImportGameConfigurationOutput](t)(client.ImportGameConfiguration(&v1.ImportGameConfigurationInput{
		GameName:     game,
		ImportSource: &v1.ImportGameConfigurationSource{File: []byte(`{"Document":{"Type":"Game","Sections":{"Lamps":{"North":"White","South":"Red"}}}}`)},
	}))
	must[*v1.UpdateGameConfigurationOutput](t)(client.UpdateGameConfiguration(&v1.UpdateGameConfigurationInput{
		GameName:      game,
		Modifications: []*v1.SectionModification{{Section: aws.String("Lamps"), Operation: aws.String("REMOVE"), Path: aws.String("/South")}},
	}))
	configuration := must[*v1.GetGameConfigurationOutput](t)(client.GetGameConfiguration(&v1.GetGameConfigurationInput{GameName: game, Sections: aws.StringSlice([]string{"Lamps", "Other"})}))
	if got, want := aws.Int64Value(configuration.GameConfiguration.Sections["Lamps"].Size), int64(len(`{"North":"White"}`)); got != want {
		t.Errorf("the section has %d bytes, want %d", got, want)
	}
	snapshot := must[*v1.CreateSnapshotOutput](t)(client.CreateSnapshot(&v1.CreateSnapshotInput{GameName: game})).Snapshot.Id
	must[*v1.UpdateSnapshotOutput](t)(client.UpdateSnapshot(&v1.UpdateSnapshotInput{GameName: game, SnapshotId: snapshot, Description: aws.String("first")}))
	must[*v1.GetSnapshotOutput](t)(client.GetSnapshot(&v1.GetSnapshotInput{GameName: game, SnapshotId: snapshot}))
	must[*v1.ListSnapshotsOutput](t)(client.ListSnapshots(&v1.ListSnapshotsInput{GameName: game}))
	must[*v1.ExportSnapshotOutput](t)(client.ExportSnapshot(&v1.ExportSnapshotInput{GameName: game, SnapshotId: snapshot}))

	must[*v1.CreateStageOutput](t)(client.CreateStage(&v1.CreateStageInput{GameName: game, StageName: stage, Role: role}))
	must[*v1.GetStageOutput](t)(client.GetStage(&v1.GetStageInput{GameName: game, StageName: stage}))
	must[*v1.UpdateStageOutput](t)(client.UpdateStage(&v1.UpdateStageInput{GameName: game, StageName: stage, Description: aws.String("test")}))
	must[*v1.ListStagesOutput](t)(client.ListStages(&v1.ListStagesInput{GameName: game}))
	must[*v1.StartStageDeploymentOutput](t)(client.StartStageDeployment(&v1.StartStageDeploymentInput{GameName: game, StageName: stage, SnapshotId: snapshot}))
	must[*v1.GetStageDeploymentOutput](t)(client.GetStageDeployment(&v1.GetStageDeploymentInput{GameName: game, StageName: stage}))
	must[*v1.ListStageDeploymentsOutput](t)(client.ListStageDeployments(&v1.ListStageDeploymentsInput{GameName: game, StageName: stage}))
	must[*v1.GetPlayerConnectionStatusOutput](t)(client.GetPlayerConnectionStatus(&v1.GetPlayerConnectionStatusInput{GameName: game, StageName: stage, PlayerId: aws.String("ann")}))
	must[*v1.DisconnectPlayerOutput](t)(client.DisconnectPlayer(&v1.DisconnectPlayerInput{GameName: game, StageName: stage, PlayerId: aws.String("ann")}))

	job := must[*v1.StartGeneratedCodeJobOutput](t)(client.StartGeneratedCodeJob(&v1.StartGeneratedCodeJobInput{
		GameName: game, SnapshotId: snapshot, Generator: &v1.Generator{Language: aws.String("GO")},
	})).GeneratedCodeJobId
	must[*v1.GetGeneratedCodeJobOutput](t)(client.GetGeneratedCodeJob(&v1.GetGeneratedCodeJobInput{GameName: game, SnapshotId: snapshot, JobId: job}))
	must[*v1.ListGeneratedCodeJobsOutput](t)(client.ListGeneratedCodeJobs(&v1.ListGeneratedCodeJobsInput{GameName: game, SnapshotId: snapshot}))

	must[*v1.ListExtensionsOutput](t)(client.ListExtensions(&v1.ListExtensionsInput{}))
	must[*v1.GetExtensionOutput](t)(client.GetExtension(&v1.GetExtensionInput{Namespace: aws.String("Studio"), Name: aws.String("Chat")}))
	must[*v1.ListExtensionVersionsOutput](t)(client.ListExtensionVersions(&v1.ListExtensionVersionsInput{Namespace: aws.String("Studio"), Name: aws.String("Chat")}))
	must[*v1.GetExtensionVersionOutput](t)(client.GetExtensionVersion(&v1.GetExtensionVersionInput{
		Namespace: aws.String("Studio"), Name: aws.String("Chat"), ExtensionVersion: aws.String("1.0.0"),
	}))

	must[*v1.DeleteStageOutput](t)(client.DeleteStage(&v1.DeleteStageInput{GameName: game, StageName: stage}))
	must[*v1.DeleteGameOutput](t)(client.DeleteGame(&v1.DeleteGameInput{GameName: game}))

	mu.Lock()
	defer mu.Unlock()
	var want []string
	for _, op := range gamesparks.Operations() {
		want = append(want, op.Name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(seen))); diff != "" {
		t.Errorf("successful operations (-want +got):\n%s", diff)
	}
}
