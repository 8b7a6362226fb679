package project_test

import (
	"context"
	"encoding/json"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/types"
)

// reader is a service that returns a game.
type reader struct {
	gamesparks.API
	game     types.GameDetails
	stages   []types.StageDetails
	sections map[string]string
	cancel   func() // called before the configuration is returned
}

// newReader returns a service with the game lighthouse.
func newReader(sections map[string]string) *reader {
	return &reader{game: types.GameDetails{Name: new("lighthouse")}, sections: sections}
}

func (r *reader) GetGame(context.Context, *gamesparks.GetGameInput, ...func(*gamesparks.Options)) (*gamesparks.GetGameOutput, error) {
	return &gamesparks.GetGameOutput{Game: &r.game}, nil
}

func (r *reader) ListStages(context.Context, *gamesparks.ListStagesInput, ...func(*gamesparks.Options)) (*gamesparks.ListStagesOutput, error) {
	out := &gamesparks.ListStagesOutput{}
	for _, s := range r.stages {
		out.Stages = append(out.Stages, types.StageSummary{Name: s.Name, GameKey: s.GameKey})
	}
	return out, nil
}

func (r *reader) GetStage(_ context.Context, in *gamesparks.GetStageInput, _ ...func(*gamesparks.Options)) (*gamesparks.GetStageOutput, error) {
	for _, s := range r.stages {
		if *s.Name == *in.StageName {
			return &gamesparks.GetStageOutput{Stage: &s}, nil
		}
	}
	return nil, &types.ResourceNotFoundException{}
}

func (r *reader) GetGameConfiguration(context.Context, *gamesparks.GetGameConfigurationInput, ...func(*gamesparks.Options)) (*gamesparks.GetGameConfigurationOutput, error) {
	if r.cancel != nil {
		r.cancel()
	}
	return &gamesparks.GetGameConfigurationOutput{GameConfiguration: &types.GameConfigurationDetails{Sections: r.details("")}}, nil
}

func (r *reader) GetSnapshot(_ context.Context, in *gamesparks.GetSnapshotInput, _ ...func(*gamesparks.Options)) (*gamesparks.GetSnapshotOutput, error) {
	return &gamesparks.GetSnapshotOutput{Snapshot: &types.SnapshotDetails{Id: in.SnapshotId, Sections: r.details(*in.SnapshotId)}}, nil
}

// details returns the sections and, if it is not empty, the section Snapshot with the ID of a snapshot.
func (r *reader) details(snapshot string) map[string]types.Section {
	details := map[string]types.Section{}
	for name, content := range r.sections {
		details[name] = types.Section{Name: &name, Attributes: document.NewLazyDocument(json.RawMessage(content))}
	}
	if snapshot != "" {
		details["Snapshot"] = types.Section{Attributes: document.NewLazyDocument(snapshot)}
	}
	return details
}
