package types

import (
	"time"

	"github.com/gamesparks-go/gamesparks/document"
)

// Connection is one connection of a player to a game runtime.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/Connection
type Connection struct {
	// Created is the time at which the connection was established.
	Created *time.Time

	// Id identifies one WebSocket connection. 1 to 36 characters.
	Id *string
}

// DeploymentResult is the result of a completed or failed deployment.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/DeploymentResult
type DeploymentResult struct {
	// Message describes the result.
	Message *string

	// ResultCode is the result of the deployment.
	ResultCode ResultCode
}

// ExtensionDetails describes an extension: a feature that the scripts of a game can use.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ExtensionDetails
type ExtensionDetails struct {
	// Description is the description of the extension. At most 250 characters, without leading or trailing white space.
	Description *string

	// Name is the name of the extension. 1 to 36 letters, digits, underscores and hyphens.
	Name *string

	// Namespace is the namespace of the extension. 1 to 36 letters, digits, underscores and hyphens.
	Namespace *string
}

// ExtensionVersionDetails describes one version of an extension.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ExtensionVersionDetails
type ExtensionVersionDetails struct {
	// Name is the name of the extension. 1 to 36 letters, digits, underscores and hyphens.
	Name *string

	// Namespace is the namespace of the extension. 1 to 36 letters, digits, underscores and hyphens.
	Namespace *string

	// Schema is the model of this version's interface. At most 2048 characters.
	Schema *string

	// Version is the version. At most 20 characters.
	Version *string
}

// GameConfigurationDetails is the configuration of a game.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GameConfigurationDetails
type GameConfigurationDetails struct {
	// Created is the time at which the configuration was created.
	Created *time.Time

	// LastUpdated is the time of the last change to the configuration.
	LastUpdated *time.Time

	// Sections are the sections of the configuration, keyed by name.
	Sections map[string]Section
}

// GameDetails describes a game.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GameDetails
type GameDetails struct {
	// Arn is the ARN of the game. 20 to 2048 letters, digits and the characters :_/-.
	Arn *string

	// Created is the time at which the game was created.
	Created *time.Time

	// Description is the description of the game. At most 250 characters, without leading or trailing white space.
	Description *string

	// EnableTerminationProtection reports whether the game is protected from deletion.
	EnableTerminationProtection bool

	// LastUpdated is the time of the last change to the game.
	LastUpdated *time.Time

	// Name is the name of the game. 1 to 36 letters, digits, underscores and hyphens.
	Name *string

	// State is the state of the game: active or being deleted.
	State GameState

	// Tags are the tags of the game, as a map from key to value. 1 to 50 tags, with keys of 1 to 128 characters that do
	// not begin with aws: and values of at most 256 characters.
	Tags map[string]string
}

// GameSummary describes a game in a list of games.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GameSummary
type GameSummary struct {
	// Description is the description of the game. At most 250 characters, without leading or trailing white space.
	Description *string

	// Name is the name of the game. 1 to 36 letters, digits, underscores and hyphens.
	Name *string

	// State is the state of the game: active or being deleted.
	State GameState

	// Tags are the tags of the game, as a map from key to value. 1 to 50 tags, with keys of 1 to 128 characters that do
	// not begin with aws: and values of at most 256 characters.
	Tags map[string]string
}

// GeneratedCodeJobDetails describes a code generation job.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/GeneratedCodeJobDetails
type GeneratedCodeJobDetails struct {
	// Description is the description of the job. At most 250 characters, without leading or trailing white space.
	Description *string

	// ExpirationTime is the time until which S3Url is guaranteed to work.
	ExpirationTime *time.Time

	// GeneratedCodeJobId is the identifier of the job. A lower-case UUID.
	GeneratedCodeJobId *string

	// S3Url is the presigned URL of the generated code, a .zip file. It is nil until the job is COMPLETED. 10 to 2048
	// characters.
	S3Url *string

	// Status is the state of the job.
	Status GeneratedCodeJobState
}

// Generator selects the code that a job generates.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/Generator
type Generator struct {
	// GameSdkVersion is the version of the GameSparks Game SDK that the code is for. 5 to 10 characters: three numbers
	// joined by dots, or LATEST.
	GameSdkVersion *string

	// Language is the programming language of the code. Nil means the target platform's default. 1 to 16 letters and
	// underscores.
	Language *string

	// TargetPlatform is the platform that the code will run on. 1 to 16 letters.
	TargetPlatform *string
}

// ImportGameConfigurationSource is the source of an imported configuration.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/ImportGameConfigurationSource
type ImportGameConfigurationSource struct {
	// File is the JSON text of a configuration: {"Document": {"Type": "Game", "Sections": {NAME: CONTENT}}}. 10 to
	// 1,024,000 bytes. Required.
	File []byte
}

// Section is one section of a configuration.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/Section
type Section struct {
	// Attributes is the content of the section: any JSON value. Decode it with UnmarshalSmithyDocument. If the content
	// is null, Attributes is a document that contains null; nil means that the response has no such member.
	Attributes document.Interface

	// Name is the name of the section. 1 to 36 letters, digits and dots.
	Name *string

	// Size is the size of the section's content in bytes.
	Size int32
}

// SectionModification is one change to a section of a game's configuration.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/SectionModification
type SectionModification struct {
	// Operation is the operation to perform at Path: ADD, REPLACE or REMOVE. Required.
	Operation Operation

	// Path is the JSON Pointer (RFC 6901), inside the section, of the value to modify. 1 to 500 characters; it begins
	// with a slash and does not end with one. Required.
	Path *string

	// Section is the name of the section to modify. 1 to 36 letters, digits and dots. Required.
	Section *string

	// Value is the value for ADD or REPLACE. Leave it nil for REMOVE. A nil Value is omitted from the request: to write
	// a JSON null, use document.NewLazyDocument(nil).
	Value document.Interface
}

// SnapshotDetails is a snapshot: an immutable copy of a game's configuration.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/SnapshotDetails
type SnapshotDetails struct {
	// Created is the time at which the snapshot was created.
	Created *time.Time

	// Description is the description of the snapshot. At most 250 characters, without leading or trailing white space.
	Description *string

	// Id is the identifier of the snapshot. 33 to 36 characters: Snapshot_ followed by a UTC time with 3 to 6
	// fractional digits.
	Id *string

	// LastUpdated is the time of the last change to the snapshot's description.
	LastUpdated *time.Time

	// Sections are the sections of the snapshot, keyed by name.
	Sections map[string]Section
}

// SnapshotSummary describes a snapshot in a list of snapshots, without its sections.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/SnapshotSummary
type SnapshotSummary struct {
	// Created is the time at which the snapshot was created.
	Created *time.Time

	// Description is the description of the snapshot. At most 250 characters, without leading or trailing white space.
	Description *string

	// Id is the identifier of the snapshot, for GetSnapshot and UpdateSnapshot. 33 to 36 characters: Snapshot_ followed
	// by a UTC time with 3 to 6 fractional digits.
	Id *string

	// LastUpdated is the time of the last change to the snapshot's description.
	LastUpdated *time.Time
}

// StageDeploymentDetails describes a deployment of a snapshot to a stage.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/StageDeploymentDetails
type StageDeploymentDetails struct {
	// Created is the time at which the deployment was started.
	Created *time.Time

	// DeploymentAction states whether the deployment deploys a snapshot or removes it.
	DeploymentAction DeploymentAction

	// DeploymentId is the identifier of the deployment, for GetStageDeployment. 1 to 128 characters, without leading or
	// trailing white space.
	DeploymentId *string

	// DeploymentResult is the result of the deployment, or nil if it has not ended.
	DeploymentResult *DeploymentResult

	// DeploymentState is the state of the deployment.
	DeploymentState DeploymentState

	// LastUpdated is the time of the last change to the deployment.
	LastUpdated *time.Time

	// SnapshotId is the identifier of the snapshot that is deployed. 33 to 36 characters: Snapshot_ followed by a UTC
	// time with 3 to 6 fractional digits.
	SnapshotId *string
}

// StageDeploymentSummary describes a deployment in a list of deployments.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/StageDeploymentSummary
type StageDeploymentSummary struct {
	// DeploymentAction states whether the deployment deploys a snapshot or removes it.
	DeploymentAction DeploymentAction

	// DeploymentId is the identifier of the deployment, for GetStageDeployment. 1 to 128 characters, without leading or
	// trailing white space.
	DeploymentId *string

	// DeploymentResult is the result of the deployment, or nil if it has not ended.
	DeploymentResult *DeploymentResult

	// DeploymentState is the state of the deployment.
	DeploymentState DeploymentState

	// LastUpdated is the time of the last change to the deployment.
	LastUpdated *time.Time

	// SnapshotId is the identifier of the snapshot that is deployed. 33 to 36 characters: Snapshot_ followed by a UTC
	// time with 3 to 6 fractional digits.
	SnapshotId *string
}

// StageDetails describes a stage of a game.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/StageDetails
type StageDetails struct {
	// Arn is the ARN of the stage. 20 to 2048 letters, digits and the characters :_/-.
	Arn *string

	// Created is the time at which the stage was created.
	Created *time.Time

	// Description is the description of the stage. At most 250 characters, without leading or trailing white space.
	Description *string

	// GameKey is the key with which a game client connects to the stage's runtime. 1 to 44 characters.
	GameKey *string

	// LastUpdated is the time of the last change to the stage.
	LastUpdated *time.Time

	// LogGroup is the CloudWatch log group of the stage's game runtimes. 1 to 512 characters.
	LogGroup *string

	// Name is the name of the stage. 1 to 36 letters, digits, underscores and hyphens.
	Name *string

	// Role is the ARN of the IAM role that the stage's game runtimes use. 20 to 2048 characters.
	Role *string

	// State is the state of the stage: active or being deleted.
	State StageState

	// Tags are the tags of the stage, as a map from key to value. 1 to 50 tags, with keys of 1 to 128 characters that
	// do not begin with aws: and values of at most 256 characters.
	Tags map[string]string
}

// StageSummary describes a stage in a list of stages.
//
// API reference: https://docs.aws.amazon.com/goto/WebAPI/gamesparks-2021-08-17/StageSummary
type StageSummary struct {
	// Description is the description of the stage. At most 250 characters, without leading or trailing white space.
	Description *string

	// GameKey is the key with which a game client connects to the stage's runtime. 1 to 44 characters.
	GameKey *string

	// Name is the name of the stage. 1 to 36 letters, digits, underscores and hyphens.
	Name *string

	// State is the state of the stage: active or being deleted.
	State StageState

	// Tags are the tags of the stage, as a map from key to value. 1 to 50 tags, with keys of 1 to 128 characters that
	// do not begin with aws: and values of at most 256 characters.
	Tags map[string]string
}
