package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
	"github.com/gamesparks-go/gamesparks/types"
)

func (a *application) createGame(ctx context.Context) (string, error) {
	after := planned(a.plan.GameChanges, false)
	in := &gamesparks.CreateGameInput{GameName: &a.plan.Game, Tags: after.tags()}
	if text := after[descriptionPath]; text != "" {
		in.Description = &text
	}
	if _, err := a.client.CreateGame(ctx, in); err != nil {
		return "", err
	}
	// Another program may have changed the new game already, and the configuration has an entity tag now.
	created, err := fetchState(ctx, a.client, a.plan.Game)
	if err != nil {
		return "", err
	}
	if _, conflicts := a.plan.pending(created); conflicts != nil {
		return "", &StaleError{Game: a.plan.Game, Conflicts: conflicts}
	}
	a.present = created
	return "", nil
}

func (a *application) createStage(ctx context.Context, s StageChange) error {
	after := planned(s.Changes, false)
	in := &gamesparks.CreateStageInput{
		GameName: &a.plan.Game, StageName: &s.Name, Role: aws.String(after[rolePath]), Tags: after.tags(),
	}
	if text := after[descriptionPath]; text != "" {
		in.Description = &text
	}
	_, err := a.client.CreateStage(ctx, in)
	return err
}

func (a *application) updateGame(ctx context.Context) (string, error) {
	for _, c := range a.pending.game {
		if c.Path != descriptionPath {
			continue
		}
		text, _ := unquote(c.After) // "" removes the description
		if _, err := a.client.UpdateGame(ctx, &gamesparks.UpdateGameInput{GameName: &a.plan.Game, Description: &text}); err != nil {
			return "", err
		}
	}
	return "", a.updateTags(ctx, a.present.ARN, a.pending.game)
}

func (a *application) updateStage(ctx context.Context, s StageChange) error {
	in := &gamesparks.UpdateStageInput{GameName: &a.plan.Game, StageName: &s.Name}
	for _, c := range s.Changes {
		text, _ := unquote(c.After)
		switch c.Path {
		case rolePath:
			in.Role = &text
		case descriptionPath:
			in.Description = &text
		}
	}
	if in.Role != nil || in.Description != nil {
		if _, err := a.client.UpdateStage(ctx, in); err != nil {
			return err
		}
	}
	return a.updateTags(ctx, a.present.StageARNs[s.Name], s.Changes)
}

// updateTags removes tags before it adds others, since their number is limited.
func (a *application) updateTags(ctx context.Context, arn string, changes []Change) error {
	var removed []string
	added := map[string]string{}
	for _, c := range changes {
		key, ok := strings.CutPrefix(c.Path, tagsPath)
		if !ok {
			continue
		}
		key = unescapeToken(key)
		if value, ok := unquote(c.After); ok {
			added[key] = value
		} else {
			removed = append(removed, key)
		}
	}
	if len(removed) > 0 {
		if _, err := a.client.UntagResource(ctx, &gamesparks.UntagResourceInput{ResourceArn: &arn, TagKeys: removed}); err != nil {
			return err
		}
	}
	if len(added) > 0 {
		if _, err := a.client.TagResource(ctx, &gamesparks.TagResourceInput{ResourceArn: &arn, Tags: added}); err != nil {
			return err
		}
	}
	return nil
}

func (a *application) deleteStage(ctx context.Context, s StageChange) error {
	_, err := a.client.DeleteStage(ctx, &gamesparks.DeleteStageInput{GameName: &a.plan.Game, StageName: &s.Name})
	return err
}

// writeConfiguration writes the sections in one call, and compares the result with the prediction.
func (a *application) writeConfiguration(ctx context.Context) (string, error) {
	before := a.present.Sections
	predicted := applySections(before, a.pending.sections)
	write := newConfigurationWrite(a.pending.sections)
	got, etag, err := a.callWrite(ctx, write, predicted)
	written := err == nil
	if err != nil {
		if isRefused(err) {
			return "", err
		}
		// Another program may have changed the configuration, or the response was lost.
		resolveCtx, cancel := outlive(ctx)
		defer cancel()
		var readErr error
		if got, etag, readErr = fetchConfiguration(resolveCtx, a.client, a.plan.Game); readErr != nil {
			unread := fmt.Errorf("%w (and the outcome could not be read: %w)", err, readErr)
			if gamesparks.IsPreconditionFailed(err) || gamesparks.IsNotFound(err) { // of the write, not of the read
				return "", unread
			}
			return "", &unknownOutcomeError{unread}
		}
		if conflicts, diffErr := diffConflicts(before, got); diffErr != nil || conflicts == nil {
			return "", errors.Join(err, diffErr)
		}
		written = !gamesparks.IsPreconditionFailed(err) && containsSections(got, a.pending.sections)
		if !written {
			predicted = before
		}
	}
	conflicts, err := diffConflicts(predicted, got)
	if err != nil {
		return "", err
	}
	if conflicts != nil {
		return "", &StaleError{Game: a.plan.Game, Conflicts: conflicts, Written: written}
	}
	a.present.Sections, a.present.ETag, a.written = predicted, etag, true
	if write.Reason != "" {
		return "imported", nil
	}
	return plural(len(write.Modifications), "modification"), nil
}

// callWrite calls the operation that writes the configuration, and returns the configuration in the response.
func (a *application) callWrite(ctx context.Context, write *ConfigurationWrite, predicted map[string]json.RawMessage) (map[string]json.RawMessage, string, error) {
	var options []func(*gamesparks.Options)
	if a.present.ETag != "" {
		options = append(options, gamesparks.WithIfMatch(a.present.ETag))
	} else {
		// Without a condition, the retry of a call whose response was lost would insert items of arrays twice.
		options = append(options, retryOnlyThrottling)
		a.result.Unconditional = true
	}
	var details *types.GameConfigurationDetails
	etag := ""
	if write.Operation == schemas.ImportGameConfiguration.Name {
		out, err := a.client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
			GameName: &a.plan.Game, ImportSource: &types.ImportGameConfigurationSource{File: importFile(predicted)},
		}, options...)
		if err != nil {
			return nil, "", err
		}
		details, etag = out.GameConfiguration, gamesparks.ConfigurationETag(out.ResultMetadata)
	} else {
		in := &gamesparks.UpdateGameConfigurationInput{GameName: &a.plan.Game}
		for _, m := range write.Modifications {
			in.Modifications = append(in.Modifications, m.input())
		}
		out, err := a.client.UpdateGameConfiguration(ctx, in, options...)
		if err != nil {
			return nil, "", err
		}
		details, etag = out.GameConfiguration, gamesparks.ConfigurationETag(out.ResultMetadata)
	}
	if details == nil {
		return nil, "", fmt.Errorf("%s returned no configuration", write.Operation)
	}
	sections, err := sectionContents(details.Sections)
	return sections, etag, err
}

// input returns the modification as a parameter of UpdateGameConfiguration.
func (m *Modification) input() types.SectionModification {
	in := types.SectionModification{Section: &m.Section, Operation: m.Operation, Path: &m.Path}
	if m.Value != nil {
		in.Value = document.NewLazyDocument(m.Value)
	}
	return in
}

// containsSections reports whether a configuration contains changed sections.
func containsSections(sections map[string]json.RawMessage, changes []SectionChange) bool {
	for _, s := range changes {
		content, ok := sections[s.Name]
		if ok != (s.After != nil) || string(content) != string(s.After) {
			return false
		}
	}
	return true
}
