package schemas

// Inputs and outputs of operations. Members are named STRUCTURE_Member.
var (
	CreateGameRequest             = structure("CreateGameRequest")
	CreateGameRequest_ClientToken = CreateGameRequest.AddMember("ClientToken", ClientToken, token)
	CreateGameRequest_Description = CreateGameRequest.AddMember("Description", GameDescription)
	CreateGameRequest_GameName    = CreateGameRequest.AddMember("GameName", GameName, required)
	CreateGameRequest_Tags        = CreateGameRequest.AddMember("Tags", TagMap)

	CreateGameResult      = structure("CreateGameResult")
	CreateGameResult_Game = CreateGameResult.AddMember("Game", GameDetails)

	CreateSnapshotRequest             = structure("CreateSnapshotRequest")
	CreateSnapshotRequest_Description = CreateSnapshotRequest.AddMember("Description", SnapshotDescription)
	CreateSnapshotRequest_GameName    = CreateSnapshotRequest.AddMember("GameName", GameName, label, required)

	CreateSnapshotResult          = structure("CreateSnapshotResult")
	CreateSnapshotResult_Snapshot = CreateSnapshotResult.AddMember("Snapshot", SnapshotDetails)

	CreateStageRequest             = structure("CreateStageRequest")
	CreateStageRequest_ClientToken = CreateStageRequest.AddMember("ClientToken", ClientToken, token)
	CreateStageRequest_Description = CreateStageRequest.AddMember("Description", StageDescription)
	CreateStageRequest_GameName    = CreateStageRequest.AddMember("GameName", GameName, label, required)
	CreateStageRequest_Role        = CreateStageRequest.AddMember("Role", RoleARN, required)
	CreateStageRequest_StageName   = CreateStageRequest.AddMember("StageName", StageName, required)
	CreateStageRequest_Tags        = CreateStageRequest.AddMember("Tags", TagMap)

	CreateStageResult       = structure("CreateStageResult")
	CreateStageResult_Stage = CreateStageResult.AddMember("Stage", StageDetails)

	DeleteGameRequest          = structure("DeleteGameRequest")
	DeleteGameRequest_GameName = DeleteGameRequest.AddMember("GameName", GameName, label, required)

	DeleteGameResult = structure("DeleteGameResult")

	DeleteStageRequest           = structure("DeleteStageRequest")
	DeleteStageRequest_GameName  = DeleteStageRequest.AddMember("GameName", GameName, label, required)
	DeleteStageRequest_StageName = DeleteStageRequest.AddMember("StageName", StageName, label, required)

	DeleteStageResult = structure("DeleteStageResult")

	DisconnectPlayerRequest           = structure("DisconnectPlayerRequest")
	DisconnectPlayerRequest_GameName  = DisconnectPlayerRequest.AddMember("GameName", GameName, label, required)
	DisconnectPlayerRequest_PlayerId  = DisconnectPlayerRequest.AddMember("PlayerId", PlayerId, label, required)
	DisconnectPlayerRequest_StageName = DisconnectPlayerRequest.AddMember("StageName", StageName, label, required)

	DisconnectPlayerResult                     = structure("DisconnectPlayerResult")
	DisconnectPlayerResult_DisconnectFailures  = DisconnectPlayerResult.AddMember("DisconnectFailures", ConnectionIdList)
	DisconnectPlayerResult_DisconnectSuccesses = DisconnectPlayerResult.AddMember("DisconnectSuccesses", ConnectionIdList)

	ExportSnapshotRequest            = structure("ExportSnapshotRequest")
	ExportSnapshotRequest_GameName   = ExportSnapshotRequest.AddMember("GameName", GameName, label, required)
	ExportSnapshotRequest_SnapshotId = ExportSnapshotRequest.AddMember("SnapshotId", SnapshotId, label, required)

	ExportSnapshotResult       = structure("ExportSnapshotResult")
	ExportSnapshotResult_S3Url = ExportSnapshotResult.AddMember("S3Url", S3PresignedUrl)

	GetExtensionRequest           = structure("GetExtensionRequest")
	GetExtensionRequest_Name      = GetExtensionRequest.AddMember("Name", ExtensionName, label, required)
	GetExtensionRequest_Namespace = GetExtensionRequest.AddMember("Namespace", ExtensionNamespace, label, required)

	GetExtensionResult           = structure("GetExtensionResult")
	GetExtensionResult_Extension = GetExtensionResult.AddMember("Extension", ExtensionDetails)

	GetExtensionVersionRequest                  = structure("GetExtensionVersionRequest")
	GetExtensionVersionRequest_ExtensionVersion = GetExtensionVersionRequest.AddMember("ExtensionVersion", ExtensionVersion, label, required)
	GetExtensionVersionRequest_Name             = GetExtensionVersionRequest.AddMember("Name", ExtensionName, label, required)
	GetExtensionVersionRequest_Namespace        = GetExtensionVersionRequest.AddMember("Namespace", ExtensionNamespace, label, required)

	GetExtensionVersionResult                  = structure("GetExtensionVersionResult")
	GetExtensionVersionResult_ExtensionVersion = GetExtensionVersionResult.AddMember("ExtensionVersion", ExtensionVersionDetails)

	GetGameConfigurationRequest          = structure("GetGameConfigurationRequest")
	GetGameConfigurationRequest_GameName = GetGameConfigurationRequest.AddMember("GameName", GameName, label, required)
	GetGameConfigurationRequest_Sections = GetGameConfigurationRequest.AddMember("Sections", SectionList, query("Sections"))

	GetGameConfigurationResult                   = structure("GetGameConfigurationResult")
	GetGameConfigurationResult_GameConfiguration = GetGameConfigurationResult.AddMember("GameConfiguration", GameConfigurationDetails)

	GetGameRequest          = structure("GetGameRequest")
	GetGameRequest_GameName = GetGameRequest.AddMember("GameName", GameName, label, required)

	GetGameResult      = structure("GetGameResult")
	GetGameResult_Game = GetGameResult.AddMember("Game", GameDetails)

	GetGeneratedCodeJobRequest            = structure("GetGeneratedCodeJobRequest")
	GetGeneratedCodeJobRequest_GameName   = GetGeneratedCodeJobRequest.AddMember("GameName", GameName, label, required)
	GetGeneratedCodeJobRequest_JobId      = GetGeneratedCodeJobRequest.AddMember("JobId", GeneratedCodeJobId, label, required)
	GetGeneratedCodeJobRequest_SnapshotId = GetGeneratedCodeJobRequest.AddMember("SnapshotId", SnapshotId, label, required)

	GetGeneratedCodeJobResult                  = structure("GetGeneratedCodeJobResult")
	GetGeneratedCodeJobResult_GeneratedCodeJob = GetGeneratedCodeJobResult.AddMember("GeneratedCodeJob", GeneratedCodeJobDetails)

	GetPlayerConnectionStatusRequest           = structure("GetPlayerConnectionStatusRequest")
	GetPlayerConnectionStatusRequest_GameName  = GetPlayerConnectionStatusRequest.AddMember("GameName", GameName, label, required)
	GetPlayerConnectionStatusRequest_PlayerId  = GetPlayerConnectionStatusRequest.AddMember("PlayerId", PlayerId, label, required)
	GetPlayerConnectionStatusRequest_StageName = GetPlayerConnectionStatusRequest.AddMember("StageName", StageName, label, required)

	GetPlayerConnectionStatusResult             = structure("GetPlayerConnectionStatusResult")
	GetPlayerConnectionStatusResult_Connections = GetPlayerConnectionStatusResult.AddMember("Connections", ConnectionList)

	GetSnapshotRequest            = structure("GetSnapshotRequest")
	GetSnapshotRequest_GameName   = GetSnapshotRequest.AddMember("GameName", GameName, label, required)
	GetSnapshotRequest_Sections   = GetSnapshotRequest.AddMember("Sections", SectionList, query("Sections"))
	GetSnapshotRequest_SnapshotId = GetSnapshotRequest.AddMember("SnapshotId", SnapshotId, label, required)

	GetSnapshotResult          = structure("GetSnapshotResult")
	GetSnapshotResult_Snapshot = GetSnapshotResult.AddMember("Snapshot", SnapshotDetails)

	GetStageDeploymentRequest              = structure("GetStageDeploymentRequest")
	GetStageDeploymentRequest_DeploymentId = GetStageDeploymentRequest.AddMember("DeploymentId", DeploymentId, query("DeploymentId"))
	GetStageDeploymentRequest_GameName     = GetStageDeploymentRequest.AddMember("GameName", GameName, label, required)
	GetStageDeploymentRequest_StageName    = GetStageDeploymentRequest.AddMember("StageName", StageName, label, required)

	GetStageDeploymentResult                 = structure("GetStageDeploymentResult")
	GetStageDeploymentResult_StageDeployment = GetStageDeploymentResult.AddMember("StageDeployment", StageDeploymentDetails)

	GetStageRequest           = structure("GetStageRequest")
	GetStageRequest_GameName  = GetStageRequest.AddMember("GameName", GameName, label, required)
	GetStageRequest_StageName = GetStageRequest.AddMember("StageName", StageName, label, required)

	GetStageResult       = structure("GetStageResult")
	GetStageResult_Stage = GetStageResult.AddMember("Stage", StageDetails)

	ImportGameConfigurationRequest              = structure("ImportGameConfigurationRequest")
	ImportGameConfigurationRequest_GameName     = ImportGameConfigurationRequest.AddMember("GameName", GameName, label, required)
	ImportGameConfigurationRequest_ImportSource = ImportGameConfigurationRequest.AddMember("ImportSource", ImportGameConfigurationSource, required)

	ImportGameConfigurationResult                   = structure("ImportGameConfigurationResult")
	ImportGameConfigurationResult_GameConfiguration = ImportGameConfigurationResult.AddMember("GameConfiguration", GameConfigurationDetails)

	ListExtensionVersionsRequest            = structure("ListExtensionVersionsRequest")
	ListExtensionVersionsRequest_MaxResults = ListExtensionVersionsRequest.AddMember("MaxResults", MaxResults, query("MaxResults"))
	ListExtensionVersionsRequest_Name       = ListExtensionVersionsRequest.AddMember("Name", ExtensionName, label, required)
	ListExtensionVersionsRequest_Namespace  = ListExtensionVersionsRequest.AddMember("Namespace", ExtensionNamespace, label, required)
	ListExtensionVersionsRequest_NextToken  = ListExtensionVersionsRequest.AddMember("NextToken", NextToken, query("NextToken"))

	ListExtensionVersionsResult                   = structure("ListExtensionVersionsResult")
	ListExtensionVersionsResult_ExtensionVersions = ListExtensionVersionsResult.AddMember("ExtensionVersions", ExtensionVersionDetailsList)
	ListExtensionVersionsResult_NextToken         = ListExtensionVersionsResult.AddMember("NextToken", NextToken)

	ListExtensionsRequest            = structure("ListExtensionsRequest")
	ListExtensionsRequest_MaxResults = ListExtensionsRequest.AddMember("MaxResults", MaxResults, query("MaxResults"))
	ListExtensionsRequest_NextToken  = ListExtensionsRequest.AddMember("NextToken", NextToken, query("NextToken"))

	ListExtensionsResult            = structure("ListExtensionsResult")
	ListExtensionsResult_Extensions = ListExtensionsResult.AddMember("Extensions", ExtensionDetailsList)
	ListExtensionsResult_NextToken  = ListExtensionsResult.AddMember("NextToken", NextToken)

	ListGamesRequest            = structure("ListGamesRequest")
	ListGamesRequest_MaxResults = ListGamesRequest.AddMember("MaxResults", MaxResults, query("MaxResults"))
	ListGamesRequest_NextToken  = ListGamesRequest.AddMember("NextToken", NextToken, query("NextToken"))

	ListGamesResult           = structure("ListGamesResult")
	ListGamesResult_Games     = ListGamesResult.AddMember("Games", GameSummaryList)
	ListGamesResult_NextToken = ListGamesResult.AddMember("NextToken", NextToken)

	ListGeneratedCodeJobsRequest            = structure("ListGeneratedCodeJobsRequest")
	ListGeneratedCodeJobsRequest_GameName   = ListGeneratedCodeJobsRequest.AddMember("GameName", GameName, label, required)
	ListGeneratedCodeJobsRequest_MaxResults = ListGeneratedCodeJobsRequest.AddMember("MaxResults", MaxResults, query("MaxResults"))
	ListGeneratedCodeJobsRequest_NextToken  = ListGeneratedCodeJobsRequest.AddMember("NextToken", NextToken, query("NextToken"))
	ListGeneratedCodeJobsRequest_SnapshotId = ListGeneratedCodeJobsRequest.AddMember("SnapshotId", SnapshotId, label, required)

	ListGeneratedCodeJobsResult                   = structure("ListGeneratedCodeJobsResult")
	ListGeneratedCodeJobsResult_GeneratedCodeJobs = ListGeneratedCodeJobsResult.AddMember("GeneratedCodeJobs", GeneratedCodeJobDetailsList)
	ListGeneratedCodeJobsResult_NextToken         = ListGeneratedCodeJobsResult.AddMember("NextToken", NextToken)

	ListSnapshotsRequest            = structure("ListSnapshotsRequest")
	ListSnapshotsRequest_GameName   = ListSnapshotsRequest.AddMember("GameName", GameName, label, required)
	ListSnapshotsRequest_MaxResults = ListSnapshotsRequest.AddMember("MaxResults", MaxResults, query("MaxResults"))
	ListSnapshotsRequest_NextToken  = ListSnapshotsRequest.AddMember("NextToken", NextToken, query("NextToken"))

	ListSnapshotsResult           = structure("ListSnapshotsResult")
	ListSnapshotsResult_NextToken = ListSnapshotsResult.AddMember("NextToken", NextToken)
	ListSnapshotsResult_Snapshots = ListSnapshotsResult.AddMember("Snapshots", SnapshotSummaryList)

	ListStageDeploymentsRequest            = structure("ListStageDeploymentsRequest")
	ListStageDeploymentsRequest_GameName   = ListStageDeploymentsRequest.AddMember("GameName", GameName, label, required)
	ListStageDeploymentsRequest_MaxResults = ListStageDeploymentsRequest.AddMember("MaxResults", MaxResults, query("MaxResults"))
	ListStageDeploymentsRequest_NextToken  = ListStageDeploymentsRequest.AddMember("NextToken", NextToken, query("NextToken"))
	ListStageDeploymentsRequest_StageName  = ListStageDeploymentsRequest.AddMember("StageName", StageName, label, required)

	ListStageDeploymentsResult                  = structure("ListStageDeploymentsResult")
	ListStageDeploymentsResult_NextToken        = ListStageDeploymentsResult.AddMember("NextToken", NextToken)
	ListStageDeploymentsResult_StageDeployments = ListStageDeploymentsResult.AddMember("StageDeployments", StageDeploymentList)

	ListStagesRequest            = structure("ListStagesRequest")
	ListStagesRequest_GameName   = ListStagesRequest.AddMember("GameName", GameName, label, required)
	ListStagesRequest_MaxResults = ListStagesRequest.AddMember("MaxResults", MaxResults, query("MaxResults"))
	ListStagesRequest_NextToken  = ListStagesRequest.AddMember("NextToken", NextToken, query("NextToken"))

	ListStagesResult           = structure("ListStagesResult")
	ListStagesResult_NextToken = ListStagesResult.AddMember("NextToken", NextToken)
	ListStagesResult_Stages    = ListStagesResult.AddMember("Stages", StageSummaryList)

	ListTagsForResourceRequest             = structure("ListTagsForResourceRequest")
	ListTagsForResourceRequest_ResourceArn = ListTagsForResourceRequest.AddMember("ResourceArn", ResourceArn, label, required)

	ListTagsForResourceResult      = structure("ListTagsForResourceResult")
	ListTagsForResourceResult_Tags = ListTagsForResourceResult.AddMember("tags", TagMap)

	StartGeneratedCodeJobRequest            = structure("StartGeneratedCodeJobRequest")
	StartGeneratedCodeJobRequest_GameName   = StartGeneratedCodeJobRequest.AddMember("GameName", GameName, label, required)
	StartGeneratedCodeJobRequest_Generator  = StartGeneratedCodeJobRequest.AddMember("Generator", Generator, required)
	StartGeneratedCodeJobRequest_SnapshotId = StartGeneratedCodeJobRequest.AddMember("SnapshotId", SnapshotId, label, required)

	StartGeneratedCodeJobResult                    = structure("StartGeneratedCodeJobResult")
	StartGeneratedCodeJobResult_GeneratedCodeJobId = StartGeneratedCodeJobResult.AddMember("GeneratedCodeJobId", GeneratedCodeJobId)

	StartStageDeploymentRequest             = structure("StartStageDeploymentRequest")
	StartStageDeploymentRequest_ClientToken = StartStageDeploymentRequest.AddMember("ClientToken", ClientToken, token)
	StartStageDeploymentRequest_GameName    = StartStageDeploymentRequest.AddMember("GameName", GameName, label, required)
	StartStageDeploymentRequest_SnapshotId  = StartStageDeploymentRequest.AddMember("SnapshotId", SnapshotId, required)
	StartStageDeploymentRequest_StageName   = StartStageDeploymentRequest.AddMember("StageName", StageName, label, required)

	StartStageDeploymentResult                 = structure("StartStageDeploymentResult")
	StartStageDeploymentResult_StageDeployment = StartStageDeploymentResult.AddMember("StageDeployment", StageDeploymentDetails)

	TagResourceRequest             = structure("TagResourceRequest")
	TagResourceRequest_ResourceArn = TagResourceRequest.AddMember("ResourceArn", ResourceArn, label, required)
	TagResourceRequest_Tags        = TagResourceRequest.AddMember("tags", TagMap, required)

	TagResourceResult = structure("TagResourceResult")

	UntagResourceRequest             = structure("UntagResourceRequest")
	UntagResourceRequest_ResourceArn = UntagResourceRequest.AddMember("ResourceArn", ResourceArn, label, required)
	UntagResourceRequest_TagKeys     = UntagResourceRequest.AddMember("tagKeys", TagKeyList, query("tagKeys"), required)

	UntagResourceResult = structure("UntagResourceResult")

	UpdateGameConfigurationRequest               = structure("UpdateGameConfigurationRequest")
	UpdateGameConfigurationRequest_GameName      = UpdateGameConfigurationRequest.AddMember("GameName", GameName, label, required)
	UpdateGameConfigurationRequest_Modifications = UpdateGameConfigurationRequest.AddMember("Modifications", SectionModificationList, required)

	UpdateGameConfigurationResult                   = structure("UpdateGameConfigurationResult")
	UpdateGameConfigurationResult_GameConfiguration = UpdateGameConfigurationResult.AddMember("GameConfiguration", GameConfigurationDetails)

	UpdateGameRequest             = structure("UpdateGameRequest")
	UpdateGameRequest_Description = UpdateGameRequest.AddMember("Description", GameDescription)
	UpdateGameRequest_GameName    = UpdateGameRequest.AddMember("GameName", GameName, label, required)

	UpdateGameResult      = structure("UpdateGameResult")
	UpdateGameResult_Game = UpdateGameResult.AddMember("Game", GameDetails)

	UpdateSnapshotRequest             = structure("UpdateSnapshotRequest")
	UpdateSnapshotRequest_Description = UpdateSnapshotRequest.AddMember("Description", SnapshotDescription)
	UpdateSnapshotRequest_GameName    = UpdateSnapshotRequest.AddMember("GameName", GameName, label, required)
	UpdateSnapshotRequest_SnapshotId  = UpdateSnapshotRequest.AddMember("SnapshotId", SnapshotId, label, required)

	UpdateSnapshotResult          = structure("UpdateSnapshotResult")
	UpdateSnapshotResult_Snapshot = UpdateSnapshotResult.AddMember("Snapshot", SnapshotDetails)

	UpdateStageRequest             = structure("UpdateStageRequest")
	UpdateStageRequest_Description = UpdateStageRequest.AddMember("Description", StageDescription)
	UpdateStageRequest_GameName    = UpdateStageRequest.AddMember("GameName", GameName, label, required)
	UpdateStageRequest_Role        = UpdateStageRequest.AddMember("Role", RoleARN)
	UpdateStageRequest_StageName   = UpdateStageRequest.AddMember("StageName", StageName, label, required)

	UpdateStageResult       = structure("UpdateStageResult")
	UpdateStageResult_Stage = UpdateStageResult.AddMember("Stage", StageDetails)
)
