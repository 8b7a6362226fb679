package project

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	json2 "github.com/go-json-experiment/json"

	"github.com/gamesparks-go/gamesparks/internal/gamemodel"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// The paths in a directory.
const (
	gameFile       = "game.json"
	sectionsDir    = "sections"
	attributesFile = ".gitattributes"
	stateDir       = ".gamesparks"

	sectionSuffix = ".json"
	scriptSuffix  = ".js"
)

// scriptSections are the sections whose handlers have scripts.
var scriptSections = []string{gamemodel.RequestHandlersSection, gamemodel.EventHandlersSection}

func sectionFile(section string) string { return path.Join(sectionsDir, section+sectionSuffix) }

func scriptFile(section, handler string) string {
	return path.Join(sectionsDir, section, handler+scriptSuffix)
}

// attributes is the content of .gitattributes.
const attributes = "# Git must not convert the line endings of scripts: they are part of the game.\n* -text\n"

// gameJSON is the content of game.json. Its fields are in the order of the canonical form.
type gameJSON struct {
	Description string               `json:"description,omitzero"`
	Name        string               `json:"name"`
	Stages      map[string]stageJSON `json:"stages,omitempty"`
	Tags        map[string]string    `json:"tags,omitempty"`
}

type stageJSON struct {
	Description string            `json:"description,omitzero"`
	Role        string            `json:"role"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// files returns the files of a directory that describes g, by path.
func (g *Game) files() (map[string][]byte, error) {
	content, err := g.gameFile()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{gameFile: content}
	if err := checkSectionNames(slices.Sorted(maps.Keys(g.Sections))); err != nil {
		return nil, err
	}
	for name, content := range g.Sections {
		section, err := sectionFiles(name, content)
		if err != nil {
			return nil, err
		}
		maps.Copy(files, section)
	}
	return files, nil
}

// gameFile returns the content of game.json.
func (g *Game) gameFile() ([]byte, error) {
	if err := CheckName(g.Name); err != nil {
		return nil, err
	}
	text, err := json2.Marshal(g.gameJSON())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", gameFile, err)
	}
	n, err := parseJSON(text, refuseRepeatedNames)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", gameFile, err)
	}
	return n.appendFile(nil), nil
}

func (g *Game) gameJSON() gameJSON {
	file := gameJSON{Name: g.Name, Description: g.Description, Tags: g.Tags}
	for name, stage := range g.Stages {
		if file.Stages == nil {
			file.Stages = map[string]stageJSON{}
		}
		file.Stages[name] = stageJSON{Description: stage.Description, Role: stage.Role, Tags: stage.Tags}
	}
	return file
}

// game returns the game that game.json describes, without sections.
func (f *gameJSON) game() *Game {
	g := &Game{Name: f.Name, Description: f.Description, Tags: notEmpty(f.Tags)}
	for name, stage := range f.Stages {
		if g.Stages == nil {
			g.Stages = map[string]Stage{}
		}
		g.Stages[name] = Stage{Description: stage.Description, Role: stage.Role, Tags: notEmpty(stage.Tags)}
	}
	return g
}

// notEmpty returns m, or nil if it is empty.
func notEmpty(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}

// checkSectionNames checks sorted names of sections, each of which becomes the name of a file.
func checkSectionNames(names []string) error {
	folded := map[string]string{}
	for _, name := range names {
		if rule := violation(schemas.SectionName, name); rule != "" {
			return fmt.Errorf("section name %q: %s", name, rule)
		}
		key := strings.ToLower(name)
		if other, ok := folded[key]; ok {
			return fmt.Errorf("the names of the sections %q and %q differ only in case: a directory cannot hold both, so rename one of them", other, name)
		}
		folded[key] = name
	}
	return nil
}

// sectionFiles returns the files of a section: its content without the extracted scripts, and a file for each of them.
func sectionFiles(section string, content json.RawMessage) (map[string][]byte, error) {
	n, err := parseJSON(content, lastNameWins)
	if err != nil {
		return nil, fmt.Errorf("section %q: %w", section, err)
	}
	files := map[string][]byte{}
	if slices.Contains(scriptSections, section) {
		shared := sharedNames(n)
		for _, handler := range n.members {
			code := handler.value.member("Code")
			script, ok := code.member("Script").text()
			if ok && isPortable(handler.name) && !shared[strings.ToLower(handler.name)] {
				code.remove("Script")
				files[scriptFile(section, handler.name)] = []byte(script)
			}
		}
	}
	files[sectionFile(section)] = n.appendFile(nil)
	return files, nil
}

// sharedNames reports, for each member name in lower case, whether several members of n have it.
func sharedNames(n *node) map[string]bool {
	shared := map[string]bool{}
	for _, m := range n.members {
		key := strings.ToLower(m.name)
		_, seen := shared[key]
		shared[key] = seen
	}
	return shared
}

var (
	portableName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$`)
	deviceName   = regexp.MustCompile(`(?i)^(con|prn|aux|nul|conin\$|conout\$|com[0-9]|lpt[0-9])(\.|$)`)
)

// isPortable reports whether the name of a handler is a valid file name on all operating systems.
func isPortable(name string) bool {
	return portableName.MatchString(name) && !deviceName.MatchString(name)
}
