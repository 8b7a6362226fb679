package server_test

import (
	"archive/zip"
	"bytes"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestNullSection checks that snapshots, deployments, code generation, exports and imports preserve a section whose
// content is null, and that a modification can set a value to null.
func TestNullSection(t *testing.T) {
	onEachStore(t, func(e *env) {
		game := aws.String("chess")
		e.createGame("chess")
		e.createStage("chess", "live")
		want := map[string]string{"Null": "null", "Object": `{"a":1}`, model: "{}"}
		check := func(what string, sections map[string]types.Section) {
			e.Helper()
			for name, s := range sections {
				var content any = "unset"
				if s.Attributes == nil {
					e.Fatalf("%s: section %s has no document", what, name)
				}
				if err := s.Attributes.UnmarshalSmithyDocument(&content); err != nil || (content == nil) != (want[name] == "null") {
					e.Errorf("%s: section %s: unexpected decoded value %v, error %v", what, name, content, err)
				}
			}
			if diff := cmp.Diff(want, texts(e, sections)); diff != "" {
				e.Errorf("%s: sections (-want +got):\n%s", what, diff)
			}
		}
		check("import", e.importSections("chess", `{"Null":null,"Object":{"a":1},"GameSparks.Core.Model": { } }`).Sections)
		get := func() map[string]types.Section {
			return ok[*gamesparks.GetGameConfigurationOutput](e)(e.GetGameConfiguration(e.ctx, &gamesparks.GetGameConfigurationInput{GameName: game})).GameConfiguration.Sections
		}
		check("configuration", get())

		snapshot := e.createSnapshot("chess")
		check("new snapshot", snapshot.Sections)
		check("snapshot", ok[*gamesparks.GetSnapshotOutput](e)(e.GetSnapshot(e.ctx, &gamesparks.GetSnapshotInput{GameName: game, SnapshotId: snapshot.Id})).Snapshot.Sections)
		e.deploy("chess", "live", snapshot.Id)
		deployment := ok[*gamesparks.GetStageDeploymentOutput](e)(e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{GameName: game, StageName: aws.String("live")}))
		if got := deployment.StageDeployment.DeploymentState; got != types.DeploymentStateCompleted {
			e.Errorf("got deployment state %s, want COMPLETED", got)
		}

		for _, language := range []string{"GO", "CSHARP"} {
			job := ok[*gamesparks.StartGeneratedCodeJobOutput](e)(e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
				GameName: game, SnapshotId: snapshot.Id, Generator: &types.Generator{Language: &language},
			}))
			e.clock.Advance(pending + inProgress)
			got := ok[*gamesparks.GetGeneratedCodeJobOutput](e)(e.GetGeneratedCodeJob(e.ctx, &gamesparks.GetGeneratedCodeJobInput{
				GameName: game, SnapshotId: snapshot.Id, JobId: job.GeneratedCodeJobId,
			})).GeneratedCodeJob
			if got.Status != types.GeneratedCodeJobStateCompleted {
				e.Errorf("code generation for %s: got job status %s, want COMPLETED: %s",
					language, got.Status, aws.ToString(got.Description))
				continue
			}
			_, _, archive := download(e.T, *got.S3Url)
			if _, err := zip.NewReader(bytes.NewReader([]byte(archive)), int64(len(archive))); err != nil {
				e.Errorf("code generation for %s: invalid archive: %v", language, err)
			}
		}

		export := ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{GameName: game, SnapshotId: snapshot.Id}))
		_, _, file := download(e.T, *export.S3Url)
		e.importSections("chess", `{}`)
		imported := ok[*gamesparks.ImportGameConfigurationOutput](e)(e.ImportGameConfiguration(e.ctx, &gamesparks.ImportGameConfigurationInput{
			GameName: game, ImportSource: &types.ImportGameConfigurationSource{File: []byte(file)},
		}))
		check("import of the export", imported.GameConfiguration.Sections)

		null := get()["Null"].Attributes
		for _, value := range []document.Interface{null, document.NewLazyDocument(nil)} {
			ok[*gamesparks.UpdateGameConfigurationOutput](e)(e.UpdateGameConfiguration(e.ctx, &gamesparks.UpdateGameConfigurationInput{
				GameName: game, Modifications: []types.SectionModification{
					{Operation: replace, Path: aws.String("/a"), Section: aws.String("Object"), Value: value},
				},
			}))
			want["Object"] = `{"a":null}`
			check("modification", get())
		}
	})
}
