package controlplane

import "github.com/gamesparks-go/gamesparks"

// Operations returns all operations of the API.
func Operations() []*Operation { return allOperations }

// allOperations pairs each method of the client with the method of call that implements it.
var allOperations = []*Operation{
	writesWithKeys((*gamesparks.Client).CreateGame, (*call).createGameKeys, (*call).createGame),
	writesPrepared((*gamesparks.Client).CreateSnapshot, (*call).loadForSnapshot, (*call).createSnapshot),
	writes((*gamesparks.Client).CreateStage, (*call).createStage),
	writes((*gamesparks.Client).DeleteGame, (*call).deleteGame),
	writes((*gamesparks.Client).DeleteStage, (*call).deleteStage),
	writes((*gamesparks.Client).DisconnectPlayer, (*call).disconnectPlayer),
	reads((*gamesparks.Client).ExportSnapshot, (*call).exportSnapshot),
	readsCatalogue((*gamesparks.Client).GetExtension, (*call).getExtension),
	readsCatalogue((*gamesparks.Client).GetExtensionVersion, (*call).getExtensionVersion),
	readsGame((*gamesparks.Client).GetGame,
		func(in *gamesparks.GetGameInput) *string { return in.GameName }, (*call).viewGameOnly, (*call).getGame),
	readsGame((*gamesparks.Client).GetGameConfiguration,
		func(in *gamesparks.GetGameConfigurationInput) *string { return in.GameName }, (*call).viewGame, (*call).getGameConfiguration),
	reads((*gamesparks.Client).GetGeneratedCodeJob, (*call).getGeneratedCodeJob),
	reads((*gamesparks.Client).GetPlayerConnectionStatus, (*call).getPlayerConnectionStatus),
	reads((*gamesparks.Client).GetSnapshot, (*call).getSnapshot),
	reads((*gamesparks.Client).GetStage, (*call).getStage),
	reads((*gamesparks.Client).GetStageDeployment, (*call).getStageDeployment),
	writesPrepared((*gamesparks.Client).ImportGameConfiguration, (*call).parseImport, (*call).importGameConfiguration),
	readsCatalogue((*gamesparks.Client).ListExtensions, (*call).listExtensions),
	readsCatalogue((*gamesparks.Client).ListExtensionVersions, (*call).listExtensionVersions),
	reads((*gamesparks.Client).ListGames, (*call).listGames),
	reads((*gamesparks.Client).ListGeneratedCodeJobs, (*call).listGeneratedCodeJobs),
	reads((*gamesparks.Client).ListSnapshots, (*call).listSnapshots),
	reads((*gamesparks.Client).ListStageDeployments, (*call).listStageDeployments),
	reads((*gamesparks.Client).ListStages, (*call).listStages),
	reads((*gamesparks.Client).ListTagsForResource, (*call).listTagsForResource),
	writesPrepared((*gamesparks.Client).StartGeneratedCodeJob, (*call).checkJob, (*call).startGeneratedCodeJob),
	writes((*gamesparks.Client).StartStageDeployment, (*call).startStageDeployment),
	writes((*gamesparks.Client).TagResource, (*call).tagResource),
	writes((*gamesparks.Client).UntagResource, (*call).untagResource),
	writes((*gamesparks.Client).UpdateGame, (*call).updateGame),
	writesPrepared((*gamesparks.Client).UpdateGameConfiguration, (*call).prepareUpdate, (*call).updateGameConfiguration),
	writes((*gamesparks.Client).UpdateSnapshot, (*call).updateSnapshot),
	writes((*gamesparks.Client).UpdateStage, (*call).updateStage),
}
