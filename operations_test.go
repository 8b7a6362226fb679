package gamesparks_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

// exchange describes one call of an operation: input, request, response and output. Every member of the input and the output
// is set.
type exchange struct {
	input    any
	method   string
	path     string // escaped, as on the wire
	query    string
	body     string
	response string
	output   any
}

// exchanges returns one exchange per operation, keyed by operation name.
func exchanges() map[string]exchange {
	var (
		game1    = aws.String("space-race")
		beta     = aws.String("beta")
		snap     = aws.String(snapshotID)
		next     = aws.String("page+2/==")
		ten      = aws.Int32(10)
		chat     = aws.String("chat")
		ns       = aws.String("aws")
		player   = aws.String("player_1")
		snapPath = "/game/space-race/snapshot/Snapshot_2022-03-01T12%3A00%3A00.123456Z"
		arnPath  = "/tags/arn%3Aaws%3Agamesparks%3Aus-west-2%3A123456789012%3Agame%2Fspace-race"
	)
	const (
		page     = "MaxResults=10&NextToken=page%2B2%2F%3D%3D"
		nextPage = `"NextToken":"page 3"`
	)
	return map[string]exchange{
		"CreateGame": {
			input: &gamesparks.CreateGameInput{
				ClientToken: aws.String(token), Description: aws.String("A race"), GameName: game1, Tags: map[string]string{"b": "2", "a": "1"},
			},
			method: "POST", path: "/game",
			body:     `{"ClientToken":"` + token + `","Description":"A race","GameName":"space-race","Tags":{"a":"1","b":"2"}}`,
			response: `{"Game":` + gameJSON + `}`,
			output:   &gamesparks.CreateGameOutput{Game: game()},
		},
		"CreateSnapshot": {
			input:  &gamesparks.CreateSnapshotInput{Description: aws.String("First"), GameName: game1},
			method: "POST", path: "/game/space-race/snapshot",
			body:     `{"Description":"First"}`,
			response: snapshotJSON,
			output:   &gamesparks.CreateSnapshotOutput{Snapshot: snapshot()},
		},
		"CreateStage": {
			input: &gamesparks.CreateStageInput{
				ClientToken: aws.String(token), Description: aws.String("For testers"), GameName: game1, Role: aws.String(roleARN),
				StageName: beta, Tags: map[string]string{"a": "b"},
			},
			method: "POST", path: "/game/space-race/stage",
			body: `{"ClientToken":"` + token + `","Description":"For testers","Role":"` + roleARN + `","StageName":"beta",
				"Tags":{"a":"b"}}`,
			response: `{"Stage":` + stageJSON + `}`,
			output:   &gamesparks.CreateStageOutput{Stage: stage()},
		},
		"DeleteGame": {
			input:  &gamesparks.DeleteGameInput{GameName: game1},
			method: "DELETE", path: "/game/space-race",
			response: `{}`,
			output:   &gamesparks.DeleteGameOutput{},
		},
		"DeleteStage": {
			input:  &gamesparks.DeleteStageInput{GameName: game1, StageName: beta},
			method: "DELETE", path: "/game/space-race/stage/beta",
			response: `{}`,
			output:   &gamesparks.DeleteStageOutput{},
		},
		"DisconnectPlayer": {
			input:  &gamesparks.DisconnectPlayerInput{GameName: game1, PlayerId: player, StageName: beta},
			method: "POST", path: "/runtime/game/space-race/stage/beta/player/player_1/disconnect",
			response: `{"DisconnectFailures":["c1"],"DisconnectSuccesses":["c2","c3"]}`,
			output: &gamesparks.DisconnectPlayerOutput{
				DisconnectFailures: []string{"c1"}, DisconnectSuccesses: []string{"c2", "c3"},
			},
		},
		"ExportSnapshot": {
			input:  &gamesparks.ExportSnapshotInput{GameName: game1, SnapshotId: snap},
			method: "GET", path: snapPath + "/export",
			response: `{"S3Url":"` + codeURL + `"}`,
			output:   &gamesparks.ExportSnapshotOutput{S3Url: aws.String(codeURL)},
		},
		"GetExtension": {
			input:  &gamesparks.GetExtensionInput{Name: chat, Namespace: ns},
			method: "GET", path: "/extension/aws/chat",
			response: `{"Extension":` + extensionJSON + `}`,
			output:   &gamesparks.GetExtensionOutput{Extension: ptr(extension())},
		},
		"GetExtensionVersion": {
			input:  &gamesparks.GetExtensionVersionInput{ExtensionVersion: aws.String("1.0.0"), Name: chat, Namespace: ns},
			method: "GET", path: "/extension/aws/chat/version/1.0.0",
			response: `{"ExtensionVersion":` + extensionVersionJSON + `}`,
			output:   &gamesparks.GetExtensionVersionOutput{ExtensionVersion: ptr(extensionVersion())},
		},
		"GetGame": {
			input:  &gamesparks.GetGameInput{GameName: game1},
			method: "GET", path: "/game/space-race",
			response: `{"Game":` + gameJSON + `}`,
			output:   &gamesparks.GetGameOutput{Game: game()},
		},
		"GetGameConfiguration": {
			input:  &gamesparks.GetGameConfigurationInput{GameName: game1, Sections: []string{"A.B", "C"}},
			method: "GET", path: "/game/space-race/configuration", query: "Sections=A.B&Sections=C",
			response: configurationJSON,
			output:   &gamesparks.GetGameConfigurationOutput{GameConfiguration: configuration()},
		},
		"GetGeneratedCodeJob": {
			input:  &gamesparks.GetGeneratedCodeJobInput{GameName: game1, JobId: aws.String(jobID), SnapshotId: snap},
			method: "GET", path: snapPath + "/generated-sdk-code-job/" + jobID,
			response: `{"GeneratedCodeJob":` + jobJSON + `}`,
			output:   &gamesparks.GetGeneratedCodeJobOutput{GeneratedCodeJob: ptr(job())},
		},
		"GetPlayerConnectionStatus": {
			input:  &gamesparks.GetPlayerConnectionStatusInput{GameName: game1, PlayerId: player, StageName: beta},
			method: "GET", path: "/runtime/game/space-race/stage/beta/player/player_1/connection",
			response: `{"Connections":[{"Created":"2022-03-01T12:00:00Z","Id":"c1"}]}`,
			output: &gamesparks.GetPlayerConnectionStatusOutput{
				Connections: []types.Connection{{Created: &created, Id: aws.String("c1")}},
			},
		},
		"GetSnapshot": {
			input:  &gamesparks.GetSnapshotInput{GameName: game1, Sections: []string{"A.B"}, SnapshotId: snap},
			method: "GET", path: snapPath, query: "Sections=A.B",
			response: snapshotJSON,
			output:   &gamesparks.GetSnapshotOutput{Snapshot: snapshot()},
		},
		"GetStage": {
			input:  &gamesparks.GetStageInput{GameName: game1, StageName: beta},
			method: "GET", path: "/game/space-race/stage/beta",
			response: `{"Stage":` + stageJSON + `}`,
			output:   &gamesparks.GetStageOutput{Stage: stage()},
		},
		"GetStageDeployment": {
			input:  &gamesparks.GetStageDeploymentInput{DeploymentId: aws.String("deployment 1"), GameName: game1, StageName: beta},
			method: "GET", path: "/game/space-race/stage/beta/deployment", query: "DeploymentId=deployment%201",
			response: deploymentJSON,
			output:   &gamesparks.GetStageDeploymentOutput{StageDeployment: deployment()},
		},
		"ImportGameConfiguration": {
			input: &gamesparks.ImportGameConfigurationInput{
				GameName:     game1,
				ImportSource: &types.ImportGameConfigurationSource{File: []byte("{\"Document\":\xff}")},
			},
			method: "PUT", path: "/game/space-race/configuration",
			body:     `{"ImportSource":{"File":"eyJEb2N1bWVudCI6/30="}}`,
			response: configurationJSON,
			output:   &gamesparks.ImportGameConfigurationOutput{GameConfiguration: configuration()},
		},
		"ListExtensionVersions": {
			input:  &gamesparks.ListExtensionVersionsInput{MaxResults: ten, Name: chat, Namespace: ns, NextToken: next},
			method: "GET", path: "/extension/aws/chat/version", query: page,
			response: `{"ExtensionVersions":[` + extensionVersionJSON + `],` + nextPage + `}`,
			output: &gamesparks.ListExtensionVersionsOutput{
				ExtensionVersions: []types.ExtensionVersionDetails{extensionVersion()}, NextToken: aws.String("page 3"),
			},
		},
		"ListExtensions": {
			input:  &gamesparks.ListExtensionsInput{MaxResults: ten, NextToken: next},
			method: "GET", path: "/extension", query: page,
			response: `{"Extensions":[` + extensionJSON + `],` + nextPage + `}`,
			output: &gamesparks.ListExtensionsOutput{
				Extensions: []types.ExtensionDetails{extension()}, NextToken: aws.String("page 3"),
			},
		},
		"ListGames": {
			input:  &gamesparks.ListGamesInput{MaxResults: ten, NextToken: next},
			method: "GET", path: "/game", query: page,
			response: `{"Games":[{"Description":"A race","Name":"space-race","State":"ACTIVE","Tags":{"a":"b"}}],` + nextPage + `}`,
			output: &gamesparks.ListGamesOutput{
				Games: []types.GameSummary{{
					Description: aws.String("A race"), Name: game1, State: types.GameStateActive, Tags: map[string]string{"a": "b"},
				}},
				NextToken: aws.String("page 3"),
			},
		},
		"ListGeneratedCodeJobs": {
			input:  &gamesparks.ListGeneratedCodeJobsInput{GameName: game1, MaxResults: ten, NextToken: next, SnapshotId: snap},
			method: "GET", path: snapPath + "/generated-sdk-code-jobs", query: page,
			response: `{"GeneratedCodeJobs":[` + jobJSON + `],` + nextPage + `}`,
			output: &gamesparks.ListGeneratedCodeJobsOutput{
				GeneratedCodeJobs: []types.GeneratedCodeJobDetails{job()}, NextToken: aws.String("page 3"),
			},
		},
		"ListSnapshots": {
			input:  &gamesparks.ListSnapshotsInput{GameName: game1, MaxResults: ten, NextToken: next},
			method: "GET", path: "/game/space-race/snapshot", query: page,
			response: `{"Snapshots":[{` + times + `,"Description":"First","Id":"` + snapshotID + `"}],` + nextPage + `}`,
			output: &gamesparks.ListSnapshotsOutput{
				Snapshots: []types.SnapshotSummary{{
					Created: &created, LastUpdated: &updated, Description: aws.String("First"), Id: snap,
				}},
				NextToken: aws.String("page 3"),
			},
		},
		"ListStageDeployments": {
			input:  &gamesparks.ListStageDeploymentsInput{GameName: game1, MaxResults: ten, NextToken: next, StageName: beta},
			method: "GET", path: "/game/space-race/stage/beta/deployments", query: page,
			response: `{"StageDeployments":[{"DeploymentAction":"UNDEPLOY","DeploymentId":"d1",
				"DeploymentResult":{"Message":"fine","ResultCode":"SUCCESS"},"DeploymentState":"COMPLETED",
				"LastUpdated":"2022-03-02T13:14:15.6789Z","SnapshotId":"` + snapshotID + `"}],` + nextPage + `}`,
			output: &gamesparks.ListStageDeploymentsOutput{
				StageDeployments: []types.StageDeploymentSummary{{
					DeploymentAction: types.DeploymentActionUndeploy, DeploymentId: aws.String("d1"),
					DeploymentResult: &types.DeploymentResult{Message: aws.String("fine"), ResultCode: types.ResultCodeSuccess},
					DeploymentState:  types.DeploymentStateCompleted, LastUpdated: &updated, SnapshotId: snap,
				}},
				NextToken: aws.String("page 3"),
			},
		},
		"ListStages": {
			input:  &gamesparks.ListStagesInput{GameName: game1, MaxResults: ten, NextToken: next},
			method: "GET", path: "/game/space-race/stage", query: page,
			response: `{"Stages":[{"Description":"For testers","GameKey":"key-1","Name":"beta","State":"ACTIVE",
				"Tags":{"a":"b"}}],` + nextPage + `}`,
			output: &gamesparks.ListStagesOutput{
				Stages: []types.StageSummary{{
					Description: aws.String("For testers"), GameKey: aws.String("key-1"), Name: beta,
					State: types.StageStateActive, Tags: map[string]string{"a": "b"},
				}},
				NextToken: aws.String("page 3"),
			},
		},
		"ListTagsForResource": {
			input:  &gamesparks.ListTagsForResourceInput{ResourceArn: aws.String(gameARN)},
			method: "GET", path: arnPath,
			response: `{"tags":{"a":"b"}}`,
			output:   &gamesparks.ListTagsForResourceOutput{Tags: map[string]string{"a": "b"}},
		},
		"StartGeneratedCodeJob": {
			input: &gamesparks.StartGeneratedCodeJobInput{
				GameName: game1, SnapshotId: snap,
				Generator: &types.Generator{
					GameSdkVersion: aws.String("1.0.0"), Language: aws.String("C_SHARP"), TargetPlatform: aws.String("Unity"),
				},
			},
			method: "POST", path: snapPath + "/generated-sdk-code-job",
			body:     `{"Generator":{"GameSdkVersion":"1.0.0","Language":"C_SHARP","TargetPlatform":"Unity"}}`,
			response: `{"GeneratedCodeJobId":"` + jobID + `"}`,
			output:   &gamesparks.StartGeneratedCodeJobOutput{GeneratedCodeJobId: aws.String(jobID)},
		},
		"StartStageDeployment": {
			input: &gamesparks.StartStageDeploymentInput{
				ClientToken: aws.String(token), GameName: game1, SnapshotId: snap, StageName: beta,
			},
			method: "POST", path: "/game/space-race/stage/beta/deployment",
			body:     `{"ClientToken":"` + token + `","SnapshotId":"` + snapshotID + `"}`,
			response: deploymentJSON,
			output:   &gamesparks.StartStageDeploymentOutput{StageDeployment: deployment()},
		},
		"TagResource": {
			input:  &gamesparks.TagResourceInput{ResourceArn: aws.String(gameARN), Tags: map[string]string{"a": "b"}},
			method: "POST", path: arnPath,
			body:     `{"tags":{"a":"b"}}`,
			response: `{}`,
			output:   &gamesparks.TagResourceOutput{},
		},
		"UntagResource": {
			input:  &gamesparks.UntagResourceInput{ResourceArn: aws.String(gameARN), TagKeys: []string{"a", "b:c/d"}},
			method: "DELETE", path: arnPath, query: "tagKeys=a&tagKeys=b%3Ac%2Fd",
			response: `{}`,
			output:   &gamesparks.UntagResourceOutput{},
		},
		"UpdateGame": {
			input:  &gamesparks.UpdateGameInput{Description: aws.String("A race"), GameName: game1},
			method: "PATCH", path: "/game/space-race",
			body:     `{"Description":"A race"}`,
			response: `{"Game":` + gameJSON + `}`,
			output:   &gamesparks.UpdateGameOutput{Game: game()},
		},
		"UpdateGameConfiguration": {
			input: &gamesparks.UpdateGameConfigurationInput{
				GameName: game1,
				Modifications: []types.SectionModification{{
					Operation: types.OperationReplace, Path: aws.String("/a/b"), Section: aws.String("A.B"),
					Value: document.NewLazyDocument(map[string]any{"n": 1}),
				}},
			},
			method: "PATCH", path: "/game/space-race/configuration",
			body:     `{"Modifications":[{"Operation":"REPLACE","Path":"/a/b","Section":"A.B","Value":{"n":1}}]}`,
			response: configurationJSON,
			output:   &gamesparks.UpdateGameConfigurationOutput{GameConfiguration: configuration()},
		},
		"UpdateSnapshot": {
			input:  &gamesparks.UpdateSnapshotInput{Description: aws.String("First"), GameName: game1, SnapshotId: snap},
			method: "PATCH", path: snapPath,
			body:     `{"Description":"First"}`,
			response: snapshotJSON,
			output:   &gamesparks.UpdateSnapshotOutput{Snapshot: snapshot()},
		},
		"UpdateStage": {
			input: &gamesparks.UpdateStageInput{
				Description: aws.String("For testers"), GameName: game1, Role: aws.String(roleARN), StageName: beta,
			},
			method: "PATCH", path: "/game/space-race/stage/beta",
			body:     `{"Description":"For testers","Role":"` + roleARN + `"}`,
			response: `{"Stage":` + stageJSON + `}`,
			output:   &gamesparks.UpdateStageOutput{Stage: stage()},
		},
	}
}
