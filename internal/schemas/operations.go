package schemas

// The operations, by name.
var (
	CreateGame = operation("CreateGame", "POST", "/game", CreateGameRequest, CreateGameResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ConflictException, InternalServerException, ServiceQuotaExceededException))
	CreateSnapshot = operation("CreateSnapshot", "POST", "/game/{GameName}/snapshot", CreateSnapshotRequest, CreateSnapshotResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ConflictException, ResourceNotFoundException, InternalServerException))
	CreateStage = operation("CreateStage", "POST", "/game/{GameName}/stage", CreateStageRequest, CreateStageResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ConflictException, ResourceNotFoundException, InternalServerException))
	DeleteGame = operation("DeleteGame", "DELETE", "/game/{GameName}", DeleteGameRequest, DeleteGameResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ConflictException, InternalServerException))
	DeleteStage = operation("DeleteStage", "DELETE", "/game/{GameName}/stage/{StageName}", DeleteStageRequest, DeleteStageResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ConflictException, ResourceNotFoundException, InternalServerException))
	DisconnectPlayer = operation("DisconnectPlayer", "POST", "/runtime/game/{GameName}/stage/{StageName}/player/{PlayerId}/disconnect", DisconnectPlayerRequest, DisconnectPlayerResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	ExportSnapshot = operation("ExportSnapshot", "GET", "/game/{GameName}/snapshot/{SnapshotId}/export", ExportSnapshotRequest, ExportSnapshotResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	GetExtension = operation("GetExtension", "GET", "/extension/{Namespace}/{Name}", GetExtensionRequest, GetExtensionResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	GetExtensionVersion = operation("GetExtensionVersion", "GET", "/extension/{Namespace}/{Name}/version/{ExtensionVersion}", GetExtensionVersionRequest, GetExtensionVersionResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	GetGame = operation("GetGame", "GET", "/game/{GameName}", GetGameRequest, GetGameResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	GetGameConfiguration = operation("GetGameConfiguration", "GET", "/game/{GameName}/configuration", GetGameConfigurationRequest, GetGameConfigurationResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	GetGeneratedCodeJob = operation("GetGeneratedCodeJob", "GET", "/game/{GameName}/snapshot/{SnapshotId}/generated-sdk-code-job/{JobId}", GetGeneratedCodeJobRequest, GetGeneratedCodeJobResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	GetPlayerConnectionStatus = operation("GetPlayerConnectionStatus", "GET", "/runtime/game/{GameName}/stage/{StageName}/player/{PlayerId}/connection", GetPlayerConnectionStatusRequest, GetPlayerConnectionStatusResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	GetSnapshot = operation("GetSnapshot", "GET", "/game/{GameName}/snapshot/{SnapshotId}", GetSnapshotRequest, GetSnapshotResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	GetStage = operation("GetStage", "GET", "/game/{GameName}/stage/{StageName}", GetStageRequest, GetStageResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	GetStageDeployment = operation("GetStageDeployment", "GET", "/game/{GameName}/stage/{StageName}/deployment", GetStageDeploymentRequest, GetStageDeploymentResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	ImportGameConfiguration = operation("ImportGameConfiguration", "PUT", "/game/{GameName}/configuration", ImportGameConfigurationRequest, ImportGameConfigurationResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException, ServiceQuotaExceededException))
	ListExtensionVersions = operation("ListExtensionVersions", "GET", "/extension/{Namespace}/{Name}/version", ListExtensionVersionsRequest, ListExtensionVersionsResult, paginated(ListExtensionVersionsResult_ExtensionVersions),
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	ListExtensions = operation("ListExtensions", "GET", "/extension", ListExtensionsRequest, ListExtensionsResult, paginated(ListExtensionsResult_Extensions),
		throws(ValidationException, AccessDeniedException, ThrottlingException, InternalServerException))
	ListGames = operation("ListGames", "GET", "/game", ListGamesRequest, ListGamesResult, paginated(ListGamesResult_Games),
		throws(ValidationException, AccessDeniedException, ThrottlingException, InternalServerException))
	ListGeneratedCodeJobs = operation("ListGeneratedCodeJobs", "GET", "/game/{GameName}/snapshot/{SnapshotId}/generated-sdk-code-jobs", ListGeneratedCodeJobsRequest, ListGeneratedCodeJobsResult, paginated(ListGeneratedCodeJobsResult_GeneratedCodeJobs),
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	ListSnapshots = operation("ListSnapshots", "GET", "/game/{GameName}/snapshot", ListSnapshotsRequest, ListSnapshotsResult, paginated(ListSnapshotsResult_Snapshots),
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	ListStageDeployments = operation("ListStageDeployments", "GET", "/game/{GameName}/stage/{StageName}/deployments", ListStageDeploymentsRequest, ListStageDeploymentsResult, paginated(ListStageDeploymentsResult_StageDeployments),
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	ListStages = operation("ListStages", "GET", "/game/{GameName}/stage", ListStagesRequest, ListStagesResult, paginated(ListStagesResult_Stages),
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	ListTagsForResource = operation("ListTagsForResource", "GET", "/tags/{ResourceArn}", ListTagsForResourceRequest, ListTagsForResourceResult,
		throws(ValidationException, ResourceNotFoundException, InternalServerException))
	StartGeneratedCodeJob = operation("StartGeneratedCodeJob", "POST", "/game/{GameName}/snapshot/{SnapshotId}/generated-sdk-code-job", StartGeneratedCodeJobRequest, StartGeneratedCodeJobResult,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	StartStageDeployment = operation("StartStageDeployment", "POST", "/game/{GameName}/stage/{StageName}/deployment", StartStageDeploymentRequest, StartStageDeploymentResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ConflictException, ResourceNotFoundException, InternalServerException))
	TagResource = operation("TagResource", "POST", "/tags/{ResourceArn}", TagResourceRequest, TagResourceResult,
		throws(ValidationException, ResourceNotFoundException, InternalServerException))
	UntagResource = operation("UntagResource", "DELETE", "/tags/{ResourceArn}", UntagResourceRequest, UntagResourceResult, idempotent,
		throws(ValidationException, ResourceNotFoundException, InternalServerException))
	UpdateGame = operation("UpdateGame", "PATCH", "/game/{GameName}", UpdateGameRequest, UpdateGameResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	UpdateGameConfiguration = operation("UpdateGameConfiguration", "PATCH", "/game/{GameName}/configuration", UpdateGameConfigurationRequest, UpdateGameConfigurationResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException, ServiceQuotaExceededException))
	UpdateSnapshot = operation("UpdateSnapshot", "PATCH", "/game/{GameName}/snapshot/{SnapshotId}", UpdateSnapshotRequest, UpdateSnapshotResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
	UpdateStage = operation("UpdateStage", "PATCH", "/game/{GameName}/stage/{StageName}", UpdateStageRequest, UpdateStageResult, idempotent,
		throws(ValidationException, AccessDeniedException, ThrottlingException, ResourceNotFoundException, InternalServerException))
)
