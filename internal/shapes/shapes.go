// Package shapes lists the members of the structures in package types, each with its schema. The lists are functions
// rather than methods, so that package types contains only data.
package shapes

import (
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/internal/serde"
	"github.com/gamesparks-go/gamesparks/types"
)

// Connection visits the members of a [types.Connection].
func Connection(m *serde.Visitor, v *types.Connection) {
	m.Time(schemas.Connection_Created, &v.Created)
	m.String(schemas.Connection_Id, &v.Id)
}

// DeploymentResult visits the members of a [types.DeploymentResult].
func DeploymentResult(m *serde.Visitor, v *types.DeploymentResult) {
	m.String(schemas.DeploymentResult_Message, &v.Message)
	serde.Enum(m, schemas.DeploymentResult_ResultCode, &v.ResultCode)
}

// ExtensionDetails visits the members of a [types.ExtensionDetails].
func ExtensionDetails(m *serde.Visitor, v *types.ExtensionDetails) {
	m.String(schemas.ExtensionDetails_Description, &v.Description)
	m.String(schemas.ExtensionDetails_Name, &v.Name)
	m.String(schemas.ExtensionDetails_Namespace, &v.Namespace)
}

// ExtensionVersionDetails visits the members of a [types.ExtensionVersionDetails].
func ExtensionVersionDetails(m *serde.Visitor, v *types.ExtensionVersionDetails) {
	m.String(schemas.ExtensionVersionDetails_Name, &v.Name)
	m.String(schemas.ExtensionVersionDetails_Namespace, &v.Namespace)
	m.String(schemas.ExtensionVersionDetails_Schema, &v.Schema)
	m.String(schemas.ExtensionVersionDetails_Version, &v.Version)
}

// GameConfigurationDetails visits the members of a [types.GameConfigurationDetails].
func GameConfigurationDetails(m *serde.Visitor, v *types.GameConfigurationDetails) {
	m.Time(schemas.GameConfigurationDetails_Created, &v.Created)
	m.Time(schemas.GameConfigurationDetails_LastUpdated, &v.LastUpdated)
	serde.StructMap(m, schemas.GameConfigurationDetails_Sections, &v.Sections, Section)
}

// GameDetails visits the members of a [types.GameDetails].
func GameDetails(m *serde.Visitor, v *types.GameDetails) {
	m.String(schemas.GameDetails_Arn, &v.Arn)
	m.Time(schemas.GameDetails_Created, &v.Created)
	m.String(schemas.GameDetails_Description, &v.Description)
	m.BoolValue(schemas.GameDetails_EnableTerminationProtection, &v.EnableTerminationProtection)
	m.Time(schemas.GameDetails_LastUpdated, &v.LastUpdated)
	m.String(schemas.GameDetails_Name, &v.Name)
	serde.Enum(m, schemas.GameDetails_State, &v.State)
	m.StringMap(schemas.GameDetails_Tags, &v.Tags)
}

// GameSummary visits the members of a [types.GameSummary].
func GameSummary(m *serde.Visitor, v *types.GameSummary) {
	m.String(schemas.GameSummary_Description, &v.Description)
	m.String(schemas.GameSummary_Name, &v.Name)
	serde.Enum(m, schemas.GameSummary_State, &v.State)
	m.StringMap(schemas.GameSummary_Tags, &v.Tags)
}

// GeneratedCodeJobDetails visits the members of a [types.GeneratedCodeJobDetails].
func GeneratedCodeJobDetails(m *serde.Visitor, v *types.GeneratedCodeJobDetails) {
	m.String(schemas.GeneratedCodeJobDetails_Description, &v.Description)
	m.Time(schemas.GeneratedCodeJobDetails_ExpirationTime, &v.ExpirationTime)
	m.String(schemas.GeneratedCodeJobDetails_GeneratedCodeJobId, &v.GeneratedCodeJobId)
	m.String(schemas.GeneratedCodeJobDetails_S3Url, &v.S3Url)
	serde.Enum(m, schemas.GeneratedCodeJobDetails_Status, &v.Status)
}

// Generator visits the members of a [types.Generator].
func Generator(m *serde.Visitor, v *types.Generator) {
	m.String(schemas.Generator_GameSdkVersion, &v.GameSdkVersion)
	m.String(schemas.Generator_Language, &v.Language)
	m.String(schemas.Generator_TargetPlatform, &v.TargetPlatform)
}

// ImportGameConfigurationSource visits the members of a [types.ImportGameConfigurationSource].
func ImportGameConfigurationSource(m *serde.Visitor, v *types.ImportGameConfigurationSource) {
	m.Blob(schemas.ImportGameConfigurationSource_File, &v.File)
}

// Section visits the members of a [types.Section].
func Section(m *serde.Visitor, v *types.Section) {
	m.Document(schemas.Section_Attributes, &v.Attributes)
	m.String(schemas.Section_Name, &v.Name)
	m.Int32Value(schemas.Section_Size, &v.Size)
}

// SectionModification visits the members of a [types.SectionModification].
func SectionModification(m *serde.Visitor, v *types.SectionModification) {
	serde.Enum(m, schemas.SectionModification_Operation, &v.Operation)
	m.String(schemas.SectionModification_Path, &v.Path)
	m.String(schemas.SectionModification_Section, &v.Section)
	m.Document(schemas.SectionModification_Value, &v.Value)
}

// SnapshotDetails visits the members of a [types.SnapshotDetails].
func SnapshotDetails(m *serde.Visitor, v *types.SnapshotDetails) {
	m.Time(schemas.SnapshotDetails_Created, &v.Created)
	m.String(schemas.SnapshotDetails_Description, &v.Description)
	m.String(schemas.SnapshotDetails_Id, &v.Id)
	m.Time(schemas.SnapshotDetails_LastUpdated, &v.LastUpdated)
	serde.StructMap(m, schemas.SnapshotDetails_Sections, &v.Sections, Section)
}

// SnapshotSummary visits the members of a [types.SnapshotSummary].
func SnapshotSummary(m *serde.Visitor, v *types.SnapshotSummary) {
	m.Time(schemas.SnapshotSummary_Created, &v.Created)
	m.String(schemas.SnapshotSummary_Description, &v.Description)
	m.String(schemas.SnapshotSummary_Id, &v.Id)
	m.Time(schemas.SnapshotSummary_LastUpdated, &v.LastUpdated)
}

// StageDeploymentDetails visits the members of a [types.StageDeploymentDetails].
func StageDeploymentDetails(m *serde.Visitor, v *types.StageDeploymentDetails) {
	m.Time(schemas.StageDeploymentDetails_Created, &v.Created)
	serde.Enum(m, schemas.StageDeploymentDetails_DeploymentAction, &v.DeploymentAction)
	m.String(schemas.StageDeploymentDetails_DeploymentId, &v.DeploymentId)
	serde.Struct(m, schemas.StageDeploymentDetails_DeploymentResult, &v.DeploymentResult, DeploymentResult)
	serde.Enum(m, schemas.StageDeploymentDetails_DeploymentState, &v.DeploymentState)
	m.Time(schemas.StageDeploymentDetails_LastUpdated, &v.LastUpdated)
	m.String(schemas.StageDeploymentDetails_SnapshotId, &v.SnapshotId)
}

// StageDeploymentSummary visits the members of a [types.StageDeploymentSummary].
func StageDeploymentSummary(m *serde.Visitor, v *types.StageDeploymentSummary) {
	serde.Enum(m, schemas.StageDeploymentSummary_DeploymentAction, &v.DeploymentAction)
	m.String(schemas.StageDeploymentSummary_DeploymentId, &v.DeploymentId)
	serde.Struct(m, schemas.StageDeploymentSummary_DeploymentResult, &v.DeploymentResult, DeploymentResult)
	serde.Enum(m, schemas.StageDeploymentSummary_DeploymentState, &v.DeploymentState)
	m.Time(schemas.StageDeploymentSummary_LastUpdated, &v.LastUpdated)
	m.String(schemas.StageDeploymentSummary_SnapshotId, &v.SnapshotId)
}

// StageDetails visits the members of a [types.StageDetails].
func StageDetails(m *serde.Visitor, v *types.StageDetails) {
	m.String(schemas.StageDetails_Arn, &v.Arn)
	m.Time(schemas.StageDetails_Created, &v.Created)
	m.String(schemas.StageDetails_Description, &v.Description)
	m.String(schemas.StageDetails_GameKey, &v.GameKey)
	m.Time(schemas.StageDetails_LastUpdated, &v.LastUpdated)
	m.String(schemas.StageDetails_LogGroup, &v.LogGroup)
	m.String(schemas.StageDetails_Name, &v.Name)
	m.String(schemas.StageDetails_Role, &v.Role)
	serde.Enum(m, schemas.StageDetails_State, &v.State)
	m.StringMap(schemas.StageDetails_Tags, &v.Tags)
}

// StageSummary visits the members of a [types.StageSummary].
func StageSummary(m *serde.Visitor, v *types.StageSummary) {
	m.String(schemas.StageSummary_Description, &v.Description)
	m.String(schemas.StageSummary_GameKey, &v.GameKey)
	m.String(schemas.StageSummary_Name, &v.Name)
	serde.Enum(m, schemas.StageSummary_State, &v.State)
	m.StringMap(schemas.StageSummary_Tags, &v.Tags)
}
