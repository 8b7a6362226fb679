package local

import "github.com/gamesparks-go/gamesparks/internal/schemas"

// handlers has the handler of each operation.
var handlers = map[*schemas.APIOperation]handler{
	schemas.CreateGame:              writes((*call).createGame),
	schemas.CreateSnapshot:          writes((*call).createSnapshot),
	schemas.CreateStage:             writes((*call).createStage),
	schemas.DeleteGame:              writes((*call).deleteGame),
	schemas.DeleteStage:             writes((*call).deleteStage),
	schemas.GetGame:                 reads((*call).getGame),
	schemas.GetGameConfiguration:    reads((*call).getGameConfiguration),
	schemas.GetSnapshot:             reads((*call).getSnapshot),
	schemas.GetStage:                reads((*call).getStage),
	schemas.GetStageDeployment:      reads((*call).getStageDeployment),
	schemas.ImportGameConfiguration: writes((*call).importGameConfiguration),
	schemas.ListGames:               reads((*call).listGames),
	schemas.ListSnapshots:           reads((*call).listSnapshots),
	schemas.ListStageDeployments:    reads((*call).listStageDeployments),
	schemas.ListStages:              reads((*call).listStages),
	schemas.ListTagsForResource:     reads((*call).listTagsForResource),
	schemas.StartStageDeployment:    writes((*call).startStageDeployment),
	schemas.TagResource:             writes((*call).tagResource),
	schemas.UntagResource:           writes((*call).untagResource),
	schemas.UpdateGame:              writes((*call).updateGame),
	schemas.UpdateGameConfiguration: writes((*call).updateGameConfiguration),
	schemas.UpdateSnapshot:          writes((*call).updateSnapshot),
	schemas.UpdateStage:             writes((*call).updateStage),
}
