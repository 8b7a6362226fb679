package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/document"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/types"
)

// configurationRecord is a configuration without its sections. Those are kept one by one, as compact JSON, so that
// changing one does not write them all.
type configurationRecord struct {
	Created     time.Time
	LastUpdated time.Time
}

// sections are the contents of sections as compact JSON, by their names.
type sections map[string]json.RawMessage

// maxConfiguration limits the size of a game's configuration, as the file that an export of it is: the same limit
// holds for files to import, so what was exported can always be imported.
const maxConfiguration = 1_024_000

// maxLevels limits how deep a section is nested. Readers of JSON have a limit of 10,000, and what holds a section in a file,
// a request or a response has some levels of its own.
const maxLevels = 9_990

// checkLevels returns an error when a section would be nested too deep with content that has that many levels above it.
func checkLevels(above int, content []byte) error {
	if n := above + document.Levels(content); n > maxLevels {
		return fmt.Errorf("a section may have a depth of %d, and would have one of %d", maxLevels, n)
	}
	return nil
}

func (c *call) configurationKey(game string) string { return c.childKey(game, "configuration") }

// sectionKey returns the key of a section of the configuration.
func (c *call) sectionKey(game, section string) string {
	return c.childKey(game, "section", section)
}

// setConfiguration writes a configuration and those of its sections that changed.
func (c *call) setConfiguration(game string, record *configurationRecord, changed sections) error {
	if err := save(c, c.configurationKey(game), record); err != nil {
		return err
	}
	return c.putSections(c.sectionKey(game, ""), changed)
}

func (c *call) putSections(prefix string, s sections) error {
	for name, content := range s {
		if err := c.w.Put(prefix+name, content); err != nil {
			return err
		}
	}
	return nil
}

// readSections returns the sections below the prefix: those named, or all when names is nil. There is nothing for names
// of sections that do not exist.
func (c *call) readSections(prefix string, names []string) (sections, error) {
	found := sections{}
	if names != nil {
		for _, name := range names {
			content, err := c.tx.Get(prefix + name)
			if err != nil {
				return nil, err
			}
			if content != nil {
				found[name] = bytes.Clone(content)
			}
		}
		return found, nil
	}
	for entry, err := range c.tx.Scan(storage.Prefix(prefix)) {
		if err != nil {
			return nil, err
		}
		found[entry.Key[len(prefix):]] = bytes.Clone(entry.Value)
	}
	return found, nil
}

// details returns the sections as the API has them.
func (s sections) details() map[string]types.Section {
	details := make(map[string]types.Section, len(s))
	for name, content := range s {
		details[name] = types.Section{
			Attributes: document.NewRaw(content),
			Name:       aws.String(name),
			Size:       int32(len(content)),
		}
	}
	return details
}

// configuration returns the configuration of a game.
func (c *call) configuration(game string, names []string) (*types.GameConfigurationDetails, error) {
	record, err := load[configurationRecord](c, c.configurationKey(game))
	if err != nil {
		return nil, err
	}
	if record == nil { // the game is being deleted, and what belonged to it is gone
		return nil, notFound("The game %q has no configuration any more.", game)
	}
	found, err := c.readSections(c.sectionKey(game, ""), names)
	if err != nil {
		return nil, err
	}
	return &types.GameConfigurationDetails{
		Created: &record.Created, LastUpdated: &record.LastUpdated, Sections: found.details(),
	}, nil
}

func (c *call) getGameConfiguration(in *gamesparks.GetGameConfigurationInput) (*gamesparks.GetGameConfigurationOutput, error) {
	game, err := c.game(in.GameName)
	if err != nil {
		return nil, err
	}
	details, err := c.configuration(game.Name, in.Sections)
	return &gamesparks.GetGameConfigurationOutput{GameConfiguration: details}, err
}

func (c *call) importGameConfiguration(in *gamesparks.ImportGameConfigurationInput) (*gamesparks.ImportGameConfigurationOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	imported, err := parseExport(in.ImportSource.File)
	if err != nil {
		return nil, invalid("ImportSource.File: %v.", err)
	}
	if err := c.clear(c.sectionKey(game.Name, "")); err != nil {
		return nil, err
	}
	details, err := c.changeConfiguration(game.Name, imported)
	return &gamesparks.ImportGameConfigurationOutput{GameConfiguration: details}, err
}

// changeConfiguration writes sections and returns the configuration that results.
func (c *call) changeConfiguration(game string, changed sections) (*types.GameConfigurationDetails, error) {
	record, err := load[configurationRecord](c, c.configurationKey(game))
	if err != nil {
		return nil, err
	}
	record.LastUpdated = c.now
	if err := c.setConfiguration(game, record, changed); err != nil {
		return nil, err
	}
	all, err := c.readSections(c.sectionKey(game, ""), nil)
	if err != nil {
		return nil, err
	}
	if n := all.exportSize(); n > maxConfiguration {
		return nil, quotaExceeded("The configuration would have %d bytes, and the quota is %d.", n, maxConfiguration)
	}
	return &types.GameConfigurationDetails{
		Created: &record.Created, LastUpdated: &record.LastUpdated, Sections: all.details(),
	}, nil
}

func (c *call) updateGameConfiguration(in *gamesparks.UpdateGameConfigurationInput) (*gamesparks.UpdateGameConfigurationOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	contents := map[string]*value{}
	for i, m := range in.Modifications {
		if err := c.ctx.Err(); err != nil { // as long as this goes on, nobody else can write
			return nil, err
		}
		name := *m.Section
		content, ok := contents[name]
		if !ok {
			if content, err = c.content(game.Name, name); err != nil {
				return nil, err
			}
		}
		if content, err = modify(content, &m); err != nil {
			return nil, invalid("Modifications[%d]: cannot %s at path %q of section %q: %v.", i, m.Operation, *m.Path, name, err)
		}
		contents[name] = content
	}
	changed := make(sections, len(contents))
	for name, content := range contents {
		changed[name] = content.appendTo(nil)
	}
	details, err := c.changeConfiguration(game.Name, changed)
	return &gamesparks.UpdateGameConfigurationOutput{GameConfiguration: details}, err
}

// content returns the content of a section, nil when the section does not exist.
func (c *call) content(game, section string) (*value, error) {
	text, err := c.tx.Get(c.sectionKey(game, section))
	if err != nil || text == nil {
		return nil, err
	}
	return &value{text: text}, nil
}
