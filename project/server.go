package project

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// Reader has the operations that read a game. A *gamesparks.Client implements it.
type Reader interface {
	gamesparks.GetGameAPIClient
	gamesparks.GetStageAPIClient
	gamesparks.ListStagesAPIClient

	// GetGameConfiguration returns the configuration of a game.
	GetGameConfiguration(context.Context, *gamesparks.GetGameConfigurationInput, ...func(*gamesparks.Options)) (*gamesparks.GetGameConfigurationOutput, error)

	// GetSnapshot returns a snapshot with its sections.
	GetSnapshot(context.Context, *gamesparks.GetSnapshotInput, ...func(*gamesparks.Options)) (*gamesparks.GetSnapshotOutput, error)
}

// ServerGame is a game as read from a server.
type ServerGame struct {
	Game

	// ARN is the ARN of the game.
	ARN string

	// StageARNs are the ARNs of the stages, keyed by the stages' names.
	StageARNs map[string]string

	// ETag is the entity tag of the configuration for [gamesparks.WithIfMatch], or "" if the server does not support
	// conditional writes.
	ETag string
}

// FetchGame reads a game from a server: its properties, its stages and its current configuration. It omits stages that
// are being deleted, and all game keys. The reads are separate calls, so the result can combine the states before and
// after a concurrent change.
func FetchGame(ctx context.Context, client Reader, name string) (*ServerGame, error) {
	out, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: &name})
	if err != nil {
		return nil, fmt.Errorf("read the game %q: %w", name, err)
	}
	if out.Game == nil {
		return nil, fmt.Errorf("read the game %q: the response has no game", name)
	}
	if out.Game.State == types.GameStateDeleting {
		return nil, fmt.Errorf("read the game %q: the game is being deleted", name)
	}
	g := &ServerGame{
		Game: Game{Name: name, Description: aws.ToString(out.Game.Description), Tags: ownTags(out.Game.Tags)},
		ARN:  aws.ToString(out.Game.Arn),
	}
	if err := g.fetchStages(ctx, client); err != nil {
		return nil, err
	}
	if g.Sections, g.ETag, err = fetchConfiguration(ctx, client, name); err != nil {
		return nil, err
	}
	return g, nil
}

func (g *ServerGame) fetchStages(ctx context.Context, client Reader) error {
	stages := gamesparks.NewListStagesPaginator(client, &gamesparks.ListStagesInput{GameName: &g.Name})
	for summary, err := range stages.Items(ctx) {
		if err != nil {
			return fmt.Errorf("list the stages of the game %q: %w", g.Name, err)
		}
		if summary.State == types.StageStateDeleting {
			continue
		}
		name := aws.ToString(summary.Name)
		out, err := client.GetStage(ctx, &gamesparks.GetStageInput{GameName: &g.Name, StageName: &name})
		if gamesparks.IsNotFound(err) || err == nil && out.Stage != nil && out.Stage.State == types.StageStateDeleting {
			continue // deleted since it was listed
		}
		if err != nil {
			return fmt.Errorf("read the stage %q of the game %q: %w", name, g.Name, err)
		}
		if out.Stage == nil {
			return fmt.Errorf("read the stage %q of the game %q: the response has no stage", name, g.Name)
		}
		if g.Stages == nil {
			g.Stages, g.StageARNs = map[string]Stage{}, map[string]string{}
		}
		g.Stages[name] = Stage{
			Role:        aws.ToString(out.Stage.Role),
			Description: aws.ToString(out.Stage.Description),
			Tags:        ownTags(out.Stage.Tags),
		}
		g.StageARNs[name] = aws.ToString(out.Stage.Arn)
	}
	return nil
}

// ownTags returns the tags without AWS system tags, which users cannot set.
func ownTags(tags map[string]string) map[string]string {
	own := maps.Clone(tags)
	maps.DeleteFunc(own, func(key, _ string) bool { return strings.HasPrefix(key, "aws:") })
	return notEmpty(own)
}

// FetchConfiguration reads the sections of a game's current configuration, in the form of [Game].Sections.
func FetchConfiguration(ctx context.Context, client Reader, game string) (map[string]json.RawMessage, error) {
	sections, _, err := fetchConfiguration(ctx, client, game)
	return sections, err
}

// fetchConfiguration also returns the entity tag of the configuration.
func fetchConfiguration(ctx context.Context, client Reader, game string) (sections map[string]json.RawMessage, etag string, err error) {
	out, err := client.GetGameConfiguration(ctx, &gamesparks.GetGameConfigurationInput{GameName: &game})
	if err != nil {
		return nil, "", fmt.Errorf("read the configuration of the game %q: %w", game, err)
	}
	if out.GameConfiguration == nil {
		return nil, "", fmt.Errorf("read the configuration of the game %q: the response has no configuration", game)
	}
	sections, err = sectionContents(out.GameConfiguration.Sections)
	return sections, gamesparks.ConfigurationETag(out.ResultMetadata), err
}

// FetchSnapshot reads the sections of a snapshot, in the form of [Game].Sections.
func FetchSnapshot(ctx context.Context, client Reader, game, snapshotID string) (map[string]json.RawMessage, error) {
	out, err := client.GetSnapshot(ctx, &gamesparks.GetSnapshotInput{GameName: &game, SnapshotId: &snapshotID})
	if err != nil {
		return nil, fmt.Errorf("read the snapshot %q of the game %q: %w", snapshotID, game, err)
	}
	if out.Snapshot == nil {
		return nil, fmt.Errorf("read the snapshot %q of the game %q: the response has no snapshot", snapshotID, game)
	}
	return sectionContents(out.Snapshot.Sections)
}

// sectionContents converts the sections of a response to the form of [Game].Sections.
func sectionContents(sections map[string]types.Section) (map[string]json.RawMessage, error) {
	if len(sections) == 0 {
		return nil, nil
	}
	contents := make(map[string]json.RawMessage, len(sections))
	for name, section := range sections {
		if section.Attributes == nil {
			return nil, fmt.Errorf("the response has no content for the section %q", name)
		}
		var text json.RawMessage
		if err := section.Attributes.UnmarshalSmithyDocument(&text); err != nil {
			return nil, fmt.Errorf("section %q: %w", name, err)
		}
		content, err := Canonical(text)
		if err != nil {
			return nil, fmt.Errorf("section %q: %w", name, err)
		}
		contents[name] = content
	}
	return contents, nil
}
