package schemas

// Errors, and structures shared by operations. Members are named STRUCTURE_Member.
var (
	AccessDeniedException         = exception("AccessDeniedException", 403)
	AccessDeniedException_Message = AccessDeniedException.AddMember("Message", ExceptionMessage)

	ConflictException         = exception("ConflictException", 409)
	ConflictException_Message = ConflictException.AddMember("Message", ExceptionMessage)

	InternalServerException         = exception("InternalServerException", 500)
	InternalServerException_Message = InternalServerException.AddMember("Message", ExceptionMessage)

	ResourceNotFoundException         = exception("ResourceNotFoundException", 404)
	ResourceNotFoundException_Message = ResourceNotFoundException.AddMember("Message", ExceptionMessage)

	ServiceQuotaExceededException         = exception("ServiceQuotaExceededException", 402)
	ServiceQuotaExceededException_Message = ServiceQuotaExceededException.AddMember("Message", ExceptionMessage)

	ThrottlingException         = exception("ThrottlingException", 429)
	ThrottlingException_Message = ThrottlingException.AddMember("Message", ExceptionMessage)

	ValidationException         = exception("ValidationException", 400)
	ValidationException_Message = ValidationException.AddMember("Message", ExceptionMessage)

	Connection         = structure("Connection")
	Connection_Created = Connection.AddMember("Created", DateTime)
	Connection_Id      = Connection.AddMember("Id", ConnectionId)

	DeploymentResult            = structure("DeploymentResult")
	DeploymentResult_Message    = DeploymentResult.AddMember("Message", Message)
	DeploymentResult_ResultCode = DeploymentResult.AddMember("ResultCode", ResultCode)

	ExtensionDetails             = structure("ExtensionDetails")
	ExtensionDetails_Description = ExtensionDetails.AddMember("Description", ExtensionDescription)
	ExtensionDetails_Name        = ExtensionDetails.AddMember("Name", ExtensionName)
	ExtensionDetails_Namespace   = ExtensionDetails.AddMember("Namespace", ExtensionNamespace)

	ExtensionVersionDetails           = structure("ExtensionVersionDetails")
	ExtensionVersionDetails_Name      = ExtensionVersionDetails.AddMember("Name", ExtensionName)
	ExtensionVersionDetails_Namespace = ExtensionVersionDetails.AddMember("Namespace", ExtensionNamespace)
	ExtensionVersionDetails_Schema    = ExtensionVersionDetails.AddMember("Schema", ExtensionVersionSchema)
	ExtensionVersionDetails_Version   = ExtensionVersionDetails.AddMember("Version", ExtensionVersion)

	GameConfigurationDetails             = structure("GameConfigurationDetails")
	GameConfigurationDetails_Created     = GameConfigurationDetails.AddMember("Created", DateTime)
	GameConfigurationDetails_LastUpdated = GameConfigurationDetails.AddMember("LastUpdated", DateTime)
	GameConfigurationDetails_Sections    = GameConfigurationDetails.AddMember("Sections", Sections)

	GameDetails                             = structure("GameDetails")
	GameDetails_Arn                         = GameDetails.AddMember("Arn", ARN)
	GameDetails_Created                     = GameDetails.AddMember("Created", DateTime)
	GameDetails_Description                 = GameDetails.AddMember("Description", GameDescription)
	GameDetails_EnableTerminationProtection = GameDetails.AddMember("EnableTerminationProtection", GameTerminationProtection)
	GameDetails_LastUpdated                 = GameDetails.AddMember("LastUpdated", DateTime)
	GameDetails_Name                        = GameDetails.AddMember("Name", GameName)
	GameDetails_State                       = GameDetails.AddMember("State", GameState)
	GameDetails_Tags                        = GameDetails.AddMember("Tags", TagMap)

	GameSummary             = structure("GameSummary")
	GameSummary_Description = GameSummary.AddMember("Description", GameDescription)
	GameSummary_Name        = GameSummary.AddMember("Name", GameName)
	GameSummary_State       = GameSummary.AddMember("State", GameState)
	GameSummary_Tags        = GameSummary.AddMember("Tags", TagMap)

	GeneratedCodeJobDetails                    = structure("GeneratedCodeJobDetails")
	GeneratedCodeJobDetails_Description        = GeneratedCodeJobDetails.AddMember("Description", GeneratedCodeJobDescription)
	GeneratedCodeJobDetails_ExpirationTime     = GeneratedCodeJobDetails.AddMember("ExpirationTime", DateTime)
	GeneratedCodeJobDetails_GeneratedCodeJobId = GeneratedCodeJobDetails.AddMember("GeneratedCodeJobId", GeneratedCodeJobId)
	GeneratedCodeJobDetails_S3Url              = GeneratedCodeJobDetails.AddMember("S3Url", S3PresignedUrl)
	GeneratedCodeJobDetails_Status             = GeneratedCodeJobDetails.AddMember("Status", GeneratedCodeJobState)

	Generator                = structure("Generator")
	Generator_GameSdkVersion = Generator.AddMember("GameSdkVersion", GameSdkVersion)
	Generator_Language       = Generator.AddMember("Language", Language)
	Generator_TargetPlatform = Generator.AddMember("TargetPlatform", TargetPlatform)

	ImportGameConfigurationSource      = structure("ImportGameConfigurationSource")
	ImportGameConfigurationSource_File = ImportGameConfigurationSource.AddMember("File", RawGameConfigurationData, required)

	Section            = structure("Section")
	Section_Attributes = Section.AddMember("Attributes", Document)
	Section_Name       = Section.AddMember("Name", SectionName)
	Section_Size       = Section.AddMember("Size", ByteSize)

	SectionModification           = structure("SectionModification")
	SectionModification_Operation = SectionModification.AddMember("Operation", Operation, required)
	SectionModification_Path      = SectionModification.AddMember("Path", Path, required)
	SectionModification_Section   = SectionModification.AddMember("Section", SectionName, required)
	SectionModification_Value     = SectionModification.AddMember("Value", Document)

	SnapshotDetails             = structure("SnapshotDetails")
	SnapshotDetails_Created     = SnapshotDetails.AddMember("Created", DateTime)
	SnapshotDetails_Description = SnapshotDetails.AddMember("Description", SnapshotDescription)
	SnapshotDetails_Id          = SnapshotDetails.AddMember("Id", SnapshotId)
	SnapshotDetails_LastUpdated = SnapshotDetails.AddMember("LastUpdated", DateTime)
	SnapshotDetails_Sections    = SnapshotDetails.AddMember("Sections", Sections)

	SnapshotSummary             = structure("SnapshotSummary")
	SnapshotSummary_Created     = SnapshotSummary.AddMember("Created", DateTime)
	SnapshotSummary_Description = SnapshotSummary.AddMember("Description", SnapshotDescription)
	SnapshotSummary_Id          = SnapshotSummary.AddMember("Id", SnapshotId)
	SnapshotSummary_LastUpdated = SnapshotSummary.AddMember("LastUpdated", DateTime)

	StageDeploymentDetails                  = structure("StageDeploymentDetails")
	StageDeploymentDetails_Created          = StageDeploymentDetails.AddMember("Created", DateTime)
	StageDeploymentDetails_DeploymentAction = StageDeploymentDetails.AddMember("DeploymentAction", DeploymentAction)
	StageDeploymentDetails_DeploymentId     = StageDeploymentDetails.AddMember("DeploymentId", DeploymentId)
	StageDeploymentDetails_DeploymentResult = StageDeploymentDetails.AddMember("DeploymentResult", DeploymentResult)
	StageDeploymentDetails_DeploymentState  = StageDeploymentDetails.AddMember("DeploymentState", DeploymentState)
	StageDeploymentDetails_LastUpdated      = StageDeploymentDetails.AddMember("LastUpdated", DateTime)
	StageDeploymentDetails_SnapshotId       = StageDeploymentDetails.AddMember("SnapshotId", SnapshotId)

	StageDeploymentSummary                  = structure("StageDeploymentSummary")
	StageDeploymentSummary_DeploymentAction = StageDeploymentSummary.AddMember("DeploymentAction", DeploymentAction)
	StageDeploymentSummary_DeploymentId     = StageDeploymentSummary.AddMember("DeploymentId", DeploymentId)
	StageDeploymentSummary_DeploymentResult = StageDeploymentSummary.AddMember("DeploymentResult", DeploymentResult)
	StageDeploymentSummary_DeploymentState  = StageDeploymentSummary.AddMember("DeploymentState", DeploymentState)
	StageDeploymentSummary_LastUpdated      = StageDeploymentSummary.AddMember("LastUpdated", DateTime)
	StageDeploymentSummary_SnapshotId       = StageDeploymentSummary.AddMember("SnapshotId", SnapshotId)

	StageDetails             = structure("StageDetails")
	StageDetails_Arn         = StageDetails.AddMember("Arn", ARN)
	StageDetails_Created     = StageDetails.AddMember("Created", DateTime)
	StageDetails_Description = StageDetails.AddMember("Description", StageDescription)
	StageDetails_GameKey     = StageDetails.AddMember("GameKey", GameKey)
	StageDetails_LastUpdated = StageDetails.AddMember("LastUpdated", DateTime)
	StageDetails_LogGroup    = StageDetails.AddMember("LogGroup", LogGroupName)
	StageDetails_Name        = StageDetails.AddMember("Name", StageName)
	StageDetails_Role        = StageDetails.AddMember("Role", RoleARN)
	StageDetails_State       = StageDetails.AddMember("State", StageState)
	StageDetails_Tags        = StageDetails.AddMember("Tags", TagMap)

	StageSummary             = structure("StageSummary")
	StageSummary_Description = StageSummary.AddMember("Description", StageDescription)
	StageSummary_GameKey     = StageSummary.AddMember("GameKey", GameKey)
	StageSummary_Name        = StageSummary.AddMember("Name", StageName)
	StageSummary_State       = StageSummary.AddMember("State", StageState)
	StageSummary_Tags        = StageSummary.AddMember("Tags", TagMap)
)
