package controlplane

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/document"
	"github.com/gamesparks-go/gamesparks/server/internal/records"
	"github.com/gamesparks-go/gamesparks/types"
)

// maxConfiguration limits the size of a game's configuration: that of the exported file, in bytes. The same limit applies
// to imported files, so every export can be imported.
const maxConfiguration = 1_024_000

// maxLevels limits the nesting of a section. JSON decoders allow 10,000 levels, and the file, request or response that
// contains the section adds a few.
const maxLevels = 9_990

// checkLevels returns an error if content would make a section exceed maxLevels. The parameter above is the number of
// levels that enclose the content.
func checkLevels(above int, content []byte) error {
	if n := above + document.Levels(content); n > maxLevels {
		return fmt.Errorf("the section would be nested %d levels deep, but the limit is %d", n, maxLevels)
	}
	return nil
}

// sectionDetails converts sections to their API representation.
func sectionDetails(s records.Sections) map[string]types.Section {
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

func configurationDetails(r *records.Configuration, s records.Sections) *types.GameConfigurationDetails {
	return &types.GameConfigurationDetails{
		Created: &r.Created, LastUpdated: &r.LastUpdated, Sections: sectionDetails(s),
	}
}

// configuration returns the configuration of a game.
func (c *call) configuration(game string) (*records.Configuration, error) {
	record, err := c.tx.Configuration(game)
	if err == nil && record == nil { // the configuration of a game in the DELETING state is already deleted
		err = notFound("The game %q no longer has a configuration.", game)
	}
	return record, err
}

// configurationETag returns the entity tag of the configuration of a game.
func (c *call) configurationETag(game string, r *records.Configuration) (string, error) {
	if r.ETag != "" {
		return r.ETag, nil
	}
	all, err := c.tx.ConfigurationSections(game).Read(nil)
	return all.ETag(), err
}

// checkIfMatch returns a PreconditionFailedException if the configuration of the game does not match the If-Match header.
func (c *call) checkIfMatch(game string) error {
	if c.IfMatch == nil {
		return nil
	}
	record, err := c.configuration(game)
	if err != nil {
		return err
	}
	etag, err := c.configurationETag(game, record)
	if err == nil && !c.ifMatch.Matches(etag) {
		err = preconditionFailed("The configuration of the game %q does not match If-Match: its ETag is %s. "+
			"Read it again with GetGameConfiguration, and repeat the write with the new ETag.", game, etag)
	}
	return err
}

func (c *call) getGameConfiguration(in *gamesparks.GetGameConfigurationInput) (*gamesparks.GetGameConfigurationOutput, error) {
	game, err := c.game(in.GameName)
	if err != nil {
		return nil, err
	}
	record, err := c.configuration(game.Name)
	if err != nil {
		return nil, err
	}
	sections, err := c.tx.ConfigurationSections(game.Name).Read(in.Sections)
	if err != nil {
		return nil, err
	}
	if c.response.ETag, err = c.configurationETag(game.Name, record); err != nil {
		return nil, err
	}
	return &gamesparks.GetGameConfigurationOutput{GameConfiguration: configurationDetails(record, sections)}, nil
}

// parseImport parses the file of an import to a game that exists.
func (c *call) parseImport(in *gamesparks.ImportGameConfigurationInput) (records.Sections, error) {
	err := c.view(func(tx *records.Tx) error {
		c.tx = tx
		_, err := c.activeGame(in.GameName)
		return err
	})
	if err != nil {
		return nil, err
	}
	imported, err := parseExport(in.ImportSource.File)
	if err != nil {
		return nil, invalid("ImportSource.File: %v.", err)
	}
	return imported, nil
}

func (c *call) importGameConfiguration(in *gamesparks.ImportGameConfigurationInput, imported records.Sections) (*gamesparks.ImportGameConfigurationOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	if err := c.checkIfMatch(game.Name); err != nil {
		return nil, err
	}
	if err := c.tx.ConfigurationSections(game.Name).DeleteAll(); err != nil {
		return nil, err
	}
	details, err := c.changeConfiguration(game.Name, imported)
	return &gamesparks.ImportGameConfigurationOutput{GameConfiguration: details}, err
}

// changeConfiguration writes the changed sections and returns the resulting configuration.
func (c *call) changeConfiguration(game string, changed records.Sections) (*types.GameConfigurationDetails, error) {
	record, err := c.configuration(game)
	if err != nil {
		return nil, err
	}
	sections := c.tx.ConfigurationSections(game)
	if err := sections.Put(changed); err != nil {
		return nil, err
	}
	all, err := sections.Read(nil)
	if err != nil {
		return nil, err
	}
	if n := exportSize(all); n > maxConfiguration {
		return nil, quotaExceeded("The size of the configuration would be %d bytes, but the quota is %d.", n, maxConfiguration)
	}
	record.LastUpdated, record.ETag = c.now, all.ETag()
	c.response.ETag = record.ETag
	return configurationDetails(record, all), c.tx.PutConfiguration(game, record)
}

func (c *call) updateGameConfiguration(in *gamesparks.UpdateGameConfigurationInput) (*gamesparks.UpdateGameConfigurationOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	if err := c.checkIfMatch(game.Name); err != nil {
		return nil, err
	}
	contents := map[string]*value{}
	for i, m := range in.Modifications {
		if err := c.ctx.Err(); err != nil { // the transaction blocks all other writes
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
	changed := make(records.Sections, len(contents))
	for name, content := range contents {
		changed[name] = content.appendTo(nil)
	}
	details, err := c.changeConfiguration(game.Name, changed)
	return &gamesparks.UpdateGameConfigurationOutput{GameConfiguration: details}, err
}

// content returns the content of a section, or nil if the section does not exist.
func (c *call) content(game, section string) (*value, error) {
	text, err := c.tx.ConfigurationSections(game).Section(section)
	if err != nil || text == nil {
		return nil, err
	}
	return &value{text: text}, nil
}
