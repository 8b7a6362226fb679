package controlplane

import (
	"cmp"
	"context"
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
func (c *call) sectionDetails(s records.Sections) map[string]types.Section {
	const overhead = len(`"":{"Attributes":,"Name":"","Size":1000000},`)
	for name, content := range s {
		c.response.SizeHint += 2*len(name) + len(content) + overhead
	}
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

func (c *call) configurationDetails(r *records.Configuration, s records.Sections) *types.GameConfigurationDetails {
	return &types.GameConfigurationDetails{
		Created: &r.Created, LastUpdated: &r.LastUpdated, Sections: c.sectionDetails(s),
	}
}

// configuration returns the configuration of a game.
func (c *call) configuration(game *records.Game) (*records.Configuration, error) {
	record, err := c.tx.Configuration(game)
	if err == nil && record == nil { // the configuration of a game in the DELETING state is already deleted
		err = notFound("The game %q no longer has a configuration.", game.Name)
	}
	return record, err
}

// configurationToChange returns the configuration of a game. The error is a PreconditionFailedException if the
// configuration does not match the If-Match header.
func (c *call) configurationToChange(game *records.Game) (*records.Configuration, error) {
	record, err := c.configuration(game)
	if err == nil && c.IfMatch != nil && !c.ifMatch.Matches(record.Sections.ETag) {
		err = preconditionFailed("The configuration of the game %q does not match If-Match: its ETag is %s. "+
			"Read it again with GetGameConfiguration, and repeat the write with the new ETag.", game.Name, record.Sections.ETag)
	}
	return record, err
}

func (c *call) getGameConfiguration(in *gamesparks.GetGameConfigurationInput) (*gamesparks.GetGameConfigurationOutput, error) {
	game, err := c.game(in.GameName)
	if err != nil {
		return nil, err
	}
	record, err := c.configuration(game)
	if err != nil {
		return nil, err
	}
	sections, err := c.read(record.Sections, in.Sections)
	if err != nil {
		return nil, err
	}
	c.response.ETag = record.Sections.ETag
	return &gamesparks.GetGameConfigurationOutput{GameConfiguration: c.configurationDetails(record, sections)}, nil
}

// parseImport parses the file of an import and builds the list of its sections. It returns an error if the game does not
// exist.
func (c *call) parseImport(in *gamesparks.ImportGameConfigurationInput) (*records.BuiltSections, error) {
	err := c.viewGameOnly(in.GameName, func(tx *records.Tx) error {
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
	return records.BuildSections(imported), nil
}

func (c *call) importGameConfiguration(in *gamesparks.ImportGameConfigurationInput, imported *records.BuiltSections) (*gamesparks.ImportGameConfigurationOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	record, err := c.configurationToChange(game)
	if err != nil {
		return nil, err
	}
	out := &gamesparks.ImportGameConfigurationOutput{}
	return out, c.saveConfiguration(game, record, imported, &out.GameConfiguration)
}

// saveConfiguration writes the configuration with other sections. It sets details after the commit, since a transaction blocks
// all other writes.
func (c *call) saveConfiguration(
	game *records.Game, record *records.Configuration, sections *records.BuiltSections, details **types.GameConfigurationDetails,
) error {
	if err := c.tx.ReplaceSections(record.Sections, sections); err != nil {
		return err
	}
	replaced := record.Sections
	record.Sections = sections.List
	c.afterCommit = func(context.Context) error {
		if replaced != sections.List { // otherwise, the cache would fill with the versions of configurations that change often
			c.Service.sections.Remove(c.sectionsKey(replaced))
		}
		c.Service.sections.Put(c.sectionsKey(sections.List), sections.LoadedSections)
		*details = c.configurationDetails(record, sections.Contents)
		return nil
	}
	if n := exportSize(record.Sections); n > maxConfiguration {
		return quotaExceeded("The size of the configuration would be %d bytes, but the quota is %d.", n, maxConfiguration)
	}
	record.LastUpdated = c.now
	c.response.ETag = record.Sections.ETag
	return c.tx.PutConfiguration(game, record)
}

// maxCachedSections limits the memory of the sections of configurations and snapshots that stay in memory. They never change,
// since lists are identified by their content.
const maxCachedSections = 96 << 20

func (c *call) sectionsKey(l records.SectionList) string { return c.Account + "/" + l.Root }

// load returns the sections of a list, from memory if possible.
func (c *call) load(l records.SectionList) (*records.LoadedSections, error) {
	return c.Service.sections.Get(c.ctx, c.sectionsKey(l), func() (*records.LoadedSections, error) { return c.tx.LoadSections(l) })
}

// read returns the named sections of a list, or all sections if names is nil.
func (c *call) read(l records.SectionList, names []string) (records.Sections, error) {
	if names != nil {
		return c.tx.Sections(l, names)
	}
	loaded, err := c.load(l)
	if err != nil {
		return nil, err
	}
	return loaded.Contents, nil
}

// loadConfiguration loads the sections of a configuration before a transaction that probably finds the same sections, and so
// need not read them. They are nil if the game has no configuration.
func (c *call) loadConfiguration(name *string) (game *records.Game, loaded *records.LoadedSections, err error) {
	err = c.viewGame(name, func(tx *records.Tx) error {
		c.tx, game, loaded = tx, nil, nil // the view may run again after it has read a part of the sections
		if game, err = tx.Game(*name); err != nil || game == nil {
			return err
		}
		record, err := tx.Configuration(game)
		if err != nil || record == nil {
			return err
		}
		loaded, err = c.load(record.Sections)
		return err
	})
	return game, loaded, err
}

// reload reads the list unless it has already been loaded.
func (c *call) reload(loaded *records.LoadedSections, l records.SectionList) (*records.LoadedSections, error) {
	if loaded != nil && loaded.List == l {
		return loaded, nil
	}
	return c.tx.LoadSections(l)
}

// preparedUpdate is the result of an update for a configuration with given sections.
type preparedUpdate struct {
	game   *records.Game
	base   *records.LoadedSections // nil if the game had no configuration
	result *records.BuiltSections
	err    error
}

// prepareUpdate runs the update before its transaction, which probably finds the same sections.
func (c *call) prepareUpdate(in *gamesparks.UpdateGameConfigurationInput) (p preparedUpdate, err error) {
	p.game, p.base, err = c.loadConfiguration(in.GameName)
	if err == nil && p.base != nil {
		if p.result, p.err = c.modifySections(p.base, in.Modifications); p.result != nil {
			c.keys = records.ConfigurationKeys(c.owner(), p.game, p.result)
		}
	}
	return p, err
}

func (c *call) updateGameConfiguration(in *gamesparks.UpdateGameConfigurationInput, prepared preparedUpdate) (*gamesparks.UpdateGameConfigurationOutput, error) {
	game, err := c.activeGame(in.GameName)
	if err != nil {
		return nil, err
	}
	record, err := c.configurationToChange(game)
	if err != nil {
		return nil, err
	}
	if prepared.base == nil || prepared.base.List != record.Sections {
		if prepared.base, err = c.tx.LoadSections(record.Sections); err != nil {
			return nil, err
		}
		prepared.result, prepared.err = c.modifySections(prepared.base, in.Modifications)
	}
	if err := cmp.Or(prepared.err, c.ctx.Err()); err != nil {
		return nil, err
	}
	out := &gamesparks.UpdateGameConfigurationOutput{}
	return out, c.saveConfiguration(game, record, prepared.result, &out.GameConfiguration)
}

// modifySections applies modifications to sections.
func (c *call) modifySections(loaded *records.LoadedSections, modifications []types.SectionModification) (*records.BuiltSections, error) {
	contents := map[string]*value{}
	for i, m := range modifications {
		if err := c.ctx.Err(); err != nil { // a transaction blocks all other writes
			return nil, err
		}
		name := *m.Section
		content, ok := contents[name]
		if text := loaded.Contents[name]; !ok && text != nil {
			content = &value{text: text}
		}
		var err error
		if content, err = modify(content, &m); err != nil {
			return nil, invalid("Modifications[%d]: cannot %s at path %q of section %q: %v.", i, m.Operation, *m.Path, name, err)
		}
		contents[name] = content
	}
	changed := make(records.Sections, len(contents))
	for name, content := range contents {
		changed[name] = content.appendTo(nil)
	}
	return loaded.Change(changed), nil
}
