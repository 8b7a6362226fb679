package gamesparks_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

// Values of the structs in package types with every member set, and their JSON texts.

const (
	gameARN    = "arn:aws:gamesparks:us-west-2:123456789012:game/space-race"
	stageARN   = "arn:aws:gamesparks:us-west-2:123456789012:game/space-race/stage/beta"
	roleARN    = "arn:aws:iam::123456789012:role/stage-role"
	snapshotID = "Snapshot_2022-03-01T12:00:00.123456Z"
	jobID      = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
	token      = "0123456789abcdef0123456789abcdef0123"
	codeURL    = "https://bucket.s3.us-west-2.amazonaws.com/code.zip?X-Amz-Signature=0a"
)

var (
	created = time.Date(2022, 3, 1, 12, 0, 0, 0, time.UTC)
	updated = time.Date(2022, 3, 2, 13, 14, 15, 678900000, time.UTC)
)

const times = `"Created":"2022-03-01T12:00:00Z","LastUpdated":"2022-03-02T15:14:15.6789+02:00"`

const gameJSON = `{"Arn":"` + gameARN + `",` + times + `,"Description":"A race","EnableTerminationProtection":true,
	"Name":"space-race","State":"ACTIVE","Tags":{"team":"blue","empty":""}}`

func game() *types.GameDetails {
	return &types.GameDetails{
		Arn: aws.String(gameARN), Created: &created, LastUpdated: &updated, Description: aws.String("A race"),
		EnableTerminationProtection: true, Name: aws.String("space-race"), State: types.GameStateActive,
		Tags: map[string]string{"team": "blue", "empty": ""},
	}
}

const stageJSON = `{"Arn":"` + stageARN + `",` + times + `,"Description":"For testers","GameKey":"key-1",
	"LogGroup":"/aws/gamesparks/beta","Name":"beta","Role":"` + roleARN + `","State":"DELETING","Tags":{"a":"b"}}`

func stage() *types.StageDetails {
	return &types.StageDetails{
		Arn: aws.String(stageARN), Created: &created, LastUpdated: &updated, Description: aws.String("For testers"),
		GameKey: aws.String("key-1"), LogGroup: aws.String("/aws/gamesparks/beta"), Name: aws.String("beta"),
		Role: aws.String(roleARN), State: types.StageStateDeleting, Tags: map[string]string{"a": "b"},
	}
}

const sectionsJSON = `{"GameSparks.Core.Model":{"Attributes":{"big":9007199254740993,"list":[1.5,null,true,"x"]},
	"Name":"GameSparks.Core.Model","Size":57}}`

func sections() map[string]types.Section {
	return map[string]types.Section{"GameSparks.Core.Model": {
		Attributes: document.NewLazyDocument(map[string]any{
			"big": int64(9007199254740993), "list": []any{1.5, nil, true, "x"},
		}),
		Name: aws.String("GameSparks.Core.Model"), Size: 57,
	}}
}

const configurationJSON = `{"GameConfiguration":{` + times + `,"Sections":` + sectionsJSON + `}}`

func configuration() *types.GameConfigurationDetails {
	return &types.GameConfigurationDetails{Created: &created, LastUpdated: &updated, Sections: sections()}
}

const snapshotJSON = `{"Snapshot":{` + times + `,"Description":"First","Id":"` + snapshotID + `","Sections":` + sectionsJSON + `}}`

func snapshot() *types.SnapshotDetails {
	return &types.SnapshotDetails{
		Created: &created, LastUpdated: &updated, Description: aws.String("First"), Id: aws.String(snapshotID),
		Sections: sections(),
	}
}

const deploymentJSON = `{"StageDeployment":{` + times + `,"DeploymentAction":"DEPLOY","DeploymentId":"deployment-1",
	"DeploymentResult":{"Message":"no such role","ResultCode":"INVALID_ROLE_FAILURE"},"DeploymentState":"FAILED",
	"SnapshotId":"` + snapshotID + `"}}`

func deployment() *types.StageDeploymentDetails {
	return &types.StageDeploymentDetails{
		Created: &created, LastUpdated: &updated, DeploymentAction: types.DeploymentActionDeploy,
		DeploymentId: aws.String("deployment-1"),
		DeploymentResult: &types.DeploymentResult{
			Message: aws.String("no such role"), ResultCode: types.ResultCodeInvalidRoleFailure,
		},
		DeploymentState: types.DeploymentStateFailed, SnapshotId: aws.String(snapshotID),
	}
}

const jobJSON = `{"Description":"C# code","ExpirationTime":"2022-03-01T12:00:00Z","GeneratedCodeJobId":"` + jobID + `",
	"S3Url":"` + codeURL + `","Status":"COMPLETED"}`

func job() types.GeneratedCodeJobDetails {
	return types.GeneratedCodeJobDetails{
		Description: aws.String("C# code"), ExpirationTime: &created, GeneratedCodeJobId: aws.String(jobID),
		S3Url: aws.String(codeURL), Status: types.GeneratedCodeJobStateCompleted,
	}
}

const extensionJSON = `{"Description":"Chat","Name":"chat","Namespace":"aws"}`

func extension() types.ExtensionDetails {
	return types.ExtensionDetails{Description: aws.String("Chat"), Name: aws.String("chat"), Namespace: aws.String("aws")}
}

const extensionVersionJSON = `{"Name":"chat","Namespace":"aws","Schema":"{\"type\":\"object\"}","Version":"1.0.0"}`

func extensionVersion() types.ExtensionVersionDetails {
	return types.ExtensionVersionDetails{
		Name: aws.String("chat"), Namespace: aws.String("aws"), Schema: aws.String(`{"type":"object"}`),
		Version: aws.String("1.0.0"),
	}
}
