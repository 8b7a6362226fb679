package project

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// Plan lists the changes that [Apply] makes to a game so that it equals a directory. It holds the values before and after
// each change, so Apply detects later changes by other programs, and does not need the directory.
type Plan struct {
	// Format is [PlanFormat].
	Format string `json:"format"`

	// Version is [PlanVersion].
	Version int `json:"version"`

	// Game is the name of the game.
	Game string `json:"game"`

	// ARN is the ARN of the game, or "" if the plan creates the game. The plan of an existing game does not apply to another
	// account or region.
	ARN string `json:"arn,omitempty"`

	// Directory is the state of the game in the directory.
	Directory PlanSource `json:"directory"`

	// Server is the state of the game on the server when the plan was created.
	Server PlanSource `json:"server"`

	// GameAction is ActionAdd if the plan creates the game, ActionChange if it changes the description or tags, or "".
	GameAction Action `json:"gameAction,omitempty"`

	// GameChanges are the changes of the description and the tags of the game. The paths are /description and /tags/KEY.
	GameChanges []Change `json:"gameChanges,omitempty"`

	// Sections are the sections that differ, sorted by name.
	Sections []SectionChange `json:"sections"`

	// Stages are the stages that differ, sorted by name.
	Stages []StageChange `json:"stages"`

	// Write describes the call that writes the configuration, or is nil if no section changes.
	Write *ConfigurationWrite `json:"write,omitempty"`

	// Summary counts the changes.
	Summary PlanSummary `json:"summary"`

	wasRead bool // by ReadPlan: the game may have changed since the plan was computed
}

// The format and version in the JSON form of a plan. The version increases when a member is added, is removed or changes its meaning.
const (
	PlanFormat  = "gamesparks-plan"
	PlanVersion = 1
)

// PlanSource is one of the two states that a plan compares.
type PlanSource struct {
	// Digest is the digest of the whole state: game, stages and configuration.
	Digest string `json:"digest"`

	// ConfigurationDigest is the digest of all sections.
	ConfigurationDigest string `json:"configurationDigest"`
}

// StageChange is a stage that differs.
type StageChange struct {
	// Name is the name of the stage.
	Name string `json:"name"`

	// Action states how the stage differs.
	Action Action `json:"action"`

	// Changes are the attributes that differ. The paths are /role, /description and /tags/KEY.
	Changes []Change `json:"changes"`
}

// ConfigurationWrite describes the one call that writes the configuration.
type ConfigurationWrite struct {
	// Operation is UpdateGameConfiguration or ImportGameConfiguration.
	Operation string `json:"operation"`

	// Reason states why modifications cannot write the changes. It is empty for UpdateGameConfiguration.
	Reason string `json:"reason,omitempty"`

	// Modifications are the modifications of UpdateGameConfiguration, in order.
	Modifications []Modification `json:"modifications,omitempty"`
}

// PlanSummary counts the changes of a plan.
type PlanSummary struct {
	// SectionsAdded is the number of sections that the plan adds.
	SectionsAdded int `json:"sectionsAdded"`

	// SectionsChanged is the number of sections that the plan changes.
	SectionsChanged int `json:"sectionsChanged"`

	// SectionsRemoved is the number of sections that the plan removes.
	SectionsRemoved int `json:"sectionsRemoved"`

	// StagesAdded is the number of stages that the plan creates.
	StagesAdded int `json:"stagesAdded"`

	// StagesChanged is the number of stages that the plan changes.
	StagesChanged int `json:"stagesChanged"`

	// StagesRemoved is the number of stages that the plan deletes.
	StagesRemoved int `json:"stagesRemoved"`
}

// PlanOptions configures [NewPlan].
type PlanOptions struct {
	// Prune removes the sections that only the server has. The default is to keep them.
	Prune bool

	// PruneStages deletes the stages that only the server has. The default is to keep them.
	PruneStages bool
}

// NewPlan compares a game as a directory describes it with the game on a server. If the game does not exist on the server,
// the plan creates it.
//
// Pruning fails if it would remove all sections because the directory has none, and likewise for stages.
func NewPlan(ctx context.Context, client Reader, desired *Game, options PlanOptions) (*Plan, error) {
	present, err := fetchState(ctx, client, desired.Name)
	if err != nil {
		return nil, err
	}
	return newPlan(present, desired, options)
}

// serverState is the state of a game that may not exist on the server.
type serverState struct {
	ServerGame
	exists bool
}

func fetchState(ctx context.Context, client Reader, name string) (*serverState, error) {
	g, err := FetchGame(ctx, client, name)
	if gamesparks.IsNotFound(err) {
		return &serverState{ServerGame: ServerGame{Game: Game{Name: name}}}, nil
	}
	if err != nil {
		return nil, err
	}
	return &serverState{*g, true}, nil
}

func newPlan(present *serverState, desired *Game, options PlanOptions) (*Plan, error) {
	p := &Plan{
		Format: PlanFormat, Version: PlanVersion, Game: desired.Name, ARN: present.ARN,
		Directory: newPlanSource(desired), Server: newPlanSource(&present.Game),
		Sections: []SectionChange{}, Stages: []StageChange{},
	}
	p.GameChanges = diffAttributes(gameAttributes(&present.Game), gameAttributes(desired))
	switch {
	case !present.exists:
		p.GameAction = ActionAdd
	case p.GameChanges != nil:
		p.GameAction = ActionChange
	}
	if err := p.addSections(present.Sections, desired.Sections, options.Prune); err != nil {
		return nil, err
	}
	if err := p.addStages(present.Stages, desired.Stages, options.PruneStages); err != nil {
		return nil, err
	}
	p.summarize()
	after := applySections(present.Sections, p.Sections)
	if n, limit := len(importFile(after)), maxConfiguration(); n > limit {
		return nil, fmt.Errorf("the configuration would have %d bytes as an exported file, but the limit is %d: remove or shorten sections", n, limit)
	}
	p.Write = newConfigurationWrite(p.Sections)
	return p, nil
}

func (p *Plan) addSections(present, desired map[string]json.RawMessage, prune bool) error {
	if prune && len(desired) == 0 && len(present) > 0 {
		return errors.New("the directory has no sections, so --prune would remove the whole configuration: check the directory, or leave out --prune")
	}
	sections, err := DiffSections(present, desired)
	if err != nil {
		return err
	}
	for _, s := range sections {
		if s.Action == ActionRemove && !prune {
			s.Action = ActionKeep
		}
		p.Sections = append(p.Sections, s)
	}
	return nil
}

func (p *Plan) addStages(present, desired map[string]Stage, prune bool) error {
	if prune && len(desired) == 0 && len(present) > 0 {
		return errors.New("the directory has no stages, so --prune-stages would delete all of them: check game.json, or leave out --prune-stages")
	}
	names := map[string]Stage{}
	maps.Copy(names, present)
	maps.Copy(names, desired)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		before, isPresent := present[name]
		after, isDesired := desired[name]
		c := StageChange{Name: name, Action: ActionChange}
		switch {
		case !isPresent:
			c.Action = ActionAdd
			if after.Role == "" {
				return fmt.Errorf("the stage %q has no role, which is required to create it: add role to the stage in game.json", name)
			}
		case !isDesired && prune:
			c.Action = ActionRemove
		case !isDesired:
			c.Action = ActionKeep
		case after.Role == "":
			after.Role = before.Role // a role cannot be removed
		}
		c.Changes = diffAttributes(stageAttributes(before), stageAttributes(after))
		if c.Changes != nil {
			p.Stages = append(p.Stages, c)
		}
	}
	return nil
}

// The paths of attributes.
const (
	rolePath        = "/role"
	descriptionPath = "/description"
	tagsPath        = "/tags/"
)

// attributeMap contains the attributes of a game or stage that are not empty, keyed by path.
type attributeMap map[string]string

func gameAttributes(g *Game) attributeMap {
	return stageAttributes(Stage{Description: g.Description, Tags: g.Tags})
}

func stageAttributes(s Stage) attributeMap {
	a := attributeMap{}
	if s.Role != "" {
		a[rolePath] = s.Role
	}
	if s.Description != "" {
		a[descriptionPath] = s.Description
	}
	for key, value := range s.Tags {
		a[tagsPath+escapeToken(key)] = value
	}
	return a
}

// tags returns the tags among the attributes.
func (a attributeMap) tags() map[string]string {
	var tags map[string]string
	for path, value := range a {
		if key, ok := strings.CutPrefix(path, tagsPath); ok {
			if tags == nil {
				tags = map[string]string{}
			}
			tags[unescapeToken(key)] = value
		}
	}
	return tags
}

// diffAttributes returns the attributes that differ, sorted by path, or nil.
func diffAttributes(before, after attributeMap) []Change {
	paths := maps.Clone(before)
	maps.Copy(paths, after)
	var changes []Change
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		b, a := before.value(path), after.value(path)
		if !slices.Equal(b, a) {
			changes = append(changes, Change{Path: path, Before: b, After: a})
		}
	}
	return changes
}

// value returns an attribute as a JSON value, or nil if it is not set.
func (a attributeMap) value(path string) json.RawMessage {
	text, ok := a[path]
	if !ok {
		return nil
	}
	return stringNode(text).scalar
}

// newConfigurationWrite returns the call that writes the sections, or nil if none changes.
func newConfigurationWrite(sections []SectionChange) *ConfigurationWrite {
	w := &ConfigurationWrite{Operation: schemas.UpdateGameConfiguration.Name}
	reason := ""
	changes := 0
	for _, s := range sections {
		if s.Action == ActionKeep {
			continue
		}
		changes++
		switch {
		case s.Action == ActionRemove:
			reason = fmt.Sprintf("the section %s is removed", s.Name)
		case s.modifications == nil && reason == "" && s.Action == ActionAdd:
			reason = fmt.Sprintf("modifications cannot create the content of the section %s", s.Name)
		case s.modifications == nil && reason == "":
			reason = fmt.Sprintf("modifications cannot write the change of the section %s", s.Name)
		}
		w.Modifications = append(w.Modifications, s.modifications...)
	}
	if n := len(w.Modifications); n > maxModifications && reason == "" {
		reason = fmt.Sprintf("%d modifications would be necessary, and a call takes at most %d", n, maxModifications)
	}
	switch {
	case changes == 0:
		return nil
	case reason != "":
		return &ConfigurationWrite{Operation: schemas.ImportGameConfiguration.Name, Reason: reason}
	}
	return w
}

// applySections returns a configuration with changed sections.
func applySections(present map[string]json.RawMessage, changes []SectionChange) map[string]json.RawMessage {
	after := map[string]json.RawMessage{}
	maps.Copy(after, present)
	for _, s := range changes {
		switch s.Action {
		case ActionAdd, ActionChange:
			after[s.Name] = s.After
		case ActionRemove:
			delete(after, s.Name)
		}
	}
	return after
}

func (p *Plan) summarize() {
	p.Summary = PlanSummary{}
	for _, s := range p.Sections {
		switch s.Action {
		case ActionAdd:
			p.Summary.SectionsAdded++
		case ActionChange:
			p.Summary.SectionsChanged++
		case ActionRemove:
			p.Summary.SectionsRemoved++
		}
	}
	for _, s := range p.Stages {
		switch s.Action {
		case ActionAdd:
			p.Summary.StagesAdded++
		case ActionChange:
			p.Summary.StagesChanged++
		case ActionRemove:
			p.Summary.StagesRemoved++
		}
	}
}

// HasChanges reports whether Apply would change something. Sections and stages that the plan keeps are not changes.
func (p *Plan) HasChanges() bool { return p.GameAction != "" || p.Summary != PlanSummary{} }

func newPlanSource(g *Game) PlanSource {
	sections := digestSections(g.Sections)
	stages := map[string]attributeMap{}
	for name, s := range g.Stages {
		stages[name] = stageAttributes(s)
	}
	state := canonicalJSON([]any{g.Name, gameAttributes(g), stages, sections})
	return PlanSource{Digest: digest(state), ConfigurationDigest: sections}
}

// digestSections returns a digest of the names and contents of sections.
func digestSections(sections map[string]json.RawMessage) string {
	var list strings.Builder
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		fmt.Fprintf(&list, "%s %s\n", name, digest(sections[name]))
	}
	return digest([]byte(list.String()))
}
