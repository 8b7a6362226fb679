package project

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// fetchedState is the state of a game on the server as of the last fetch or apply.
type fetchedState struct {
	// Files are the digests of the files of all sections, in the form in which [Write] writes them.
	Files digests `json:"files"`

	// Game is the state of the game and its stages.
	Game gameJSON `json:"game"`
}

// newFetchedState returns the state of a game on the server. Sections that cannot be files are left out.
func newFetchedState(g *Game) *fetchedState {
	s := &fetchedState{Files: digests{}, Game: g.gameJSON()}
	for name, content := range g.Sections {
		maps.Copy(s.Files, digestSectionFiles(name, content))
	}
	return s
}

func digestSectionFiles(section string, content json.RawMessage) digests {
	d := digests{}
	files, err := sectionFiles(section, content)
	if err != nil {
		return d
	}
	for name, content := range files {
		d[name] = digest(content)
	}
	return d
}

// section returns the digests of the files of a section. It has none if the section does not exist.
func (s *fetchedState) section(name string) digests {
	d := maps.Clone(s.Files)
	maps.DeleteFunc(d, func(file, _ string) bool { return sectionOf(file) != name })
	return d
}

// has reports whether a file is equal in two states of a game.
func (s *fetchedState) has(other *fetchedState, file string) bool {
	switch {
	case s == nil || s.Game.Name != other.Game.Name:
		return false
	case file == gameFile:
		return bytes.Equal(canonicalJSON(s.Game), canonicalJSON(other.Game))
	}
	return s.Files[file] == other.Files[file]
}

// after returns the state after the plan made the game equal to g. It includes a part that only the server has if s includes it:
// the author of the directory may not have seen the others.
func (s *fetchedState) after(g *Game, p *Plan) *fetchedState {
	after := newFetchedState(g)
	if s == nil || s.Game.Name != g.Name {
		return after
	}
	for _, c := range p.Sections {
		if c.Action == ActionKeep {
			maps.Copy(after.Files, s.section(c.Name))
		}
	}
	stages := map[string]stageJSON{}
	maps.Copy(stages, after.Game.Stages)
	for _, c := range p.Stages {
		if stage, ok := s.Game.Stages[c.Name]; ok && c.Action == ActionKeep {
			stages[c.Name] = stage
		}
	}
	for name, stage := range stages {
		if stage.Role == "" { // a plan does not remove roles
			stage.Role = s.Game.Stages[name].Role
			stages[name] = stage
		}
	}
	after.Game.Stages = stages
	return after
}

// FetchRecord is the state of a game on the server as of the last [Fetch] or [RecordFetch] of a directory.
type FetchRecord struct {
	server  *fetchedState
	planned *fetchedState // nil if there is no plan file
}

// ReadFetchRecord returns the record of the last fetch of a directory. It returns nil if there is none, for example in a new
// clone of a Git repository.
func ReadFetchRecord(dir string) (*FetchRecord, error) {
	d, err := openDirectory(dir)
	if err != nil {
		return nil, explainMissing(dir, err)
	}
	defer d.close()
	recorded, err := d.readDigests()
	if err != nil || recorded.Server == nil {
		return nil, err
	}
	return &FetchRecord{server: recorded.Server, planned: recorded.Planned}, nil
}

// Game returns the name of the game that was fetched.
func (r *FetchRecord) Game() string { return r.server.Game.Name }

// Overwritten returns the parts of a game that the plan changes and that have changed on the server since the last fetch,
// for example "section Lighthouse.Lamps". The plan discards these changes, which the author of the directory may not have
// seen. It returns nil if the plan is for another game or creates the game.
func (r *FetchRecord) Overwritten(p *Plan) []string {
	if r.Game() != p.Game || p.GameAction == ActionAdd {
		return nil
	}
	var parts []string
	add := func(part string, isBefore func(*fetchedState) bool) {
		if !isBefore(r.server) && (r.planned == nil || !isBefore(r.planned)) {
			parts = append(parts, part)
		}
	}
	add("game "+p.Game, func(s *fetchedState) bool { return hasBefore(gameAttributes(s.Game.game()), p.GameChanges) })
	for _, c := range p.Sections {
		if c.Action == ActionKeep {
			continue
		}
		before := digests{}
		if c.Before != nil {
			before = digestSectionFiles(c.Name, c.Before)
		}
		add("section "+c.Name, func(s *fetchedState) bool { return maps.Equal(before, s.section(c.Name)) })
	}
	for _, c := range p.Stages {
		if c.Action == ActionKeep {
			continue
		}
		add("stage "+c.Name, func(s *fetchedState) bool {
			stage, exists := s.Game.game().Stages[c.Name]
			return exists == (c.Action != ActionAdd) && hasBefore(stageAttributes(stage), c.Changes)
		})
	}
	return parts
}

// hasBefore reports whether attributes have the values before changes.
func hasBefore(fetched attributeMap, changes []Change) bool {
	return !slices.ContainsFunc(changes, func(c Change) bool { return !bytes.Equal(fetched.value(c.Path), c.Before) })
}
