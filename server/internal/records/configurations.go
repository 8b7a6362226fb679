package records

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/gamesparks-go/gamesparks/server/storage"
)

// Configuration is the configuration of a game without its sections. Each section is a separate record, so that changing
// one section does not rewrite the others.
type Configuration struct {
	// Created is when the game was created.
	Created time.Time

	// LastUpdated is when the configuration was created or its sections last changed.
	LastUpdated time.Time

	// ETag is the entity tag of the sections: see [Sections.ETag]. It is empty if an older version wrote the record.
	ETag string `json:",omitempty"`
}

// Configuration returns the configuration of a game. It is nil if the game is being deleted.
func (tx *Tx) Configuration(game string) (*Configuration, error) {
	return load[Configuration](tx, tx.childKey(game, "configuration"))
}

// PutConfiguration writes the configuration of a game.
func (tx *Tx) PutConfiguration(game string, c *Configuration) error {
	return save(tx, tx.childKey(game, "configuration"), c)
}

// Sections maps the names of sections to their contents, which are compact JSON.
type Sections map[string]json.RawMessage

// SectionSet is the set of stored sections of a configuration or a snapshot.
type SectionSet struct {
	tx     *Tx
	prefix string
}

// ConfigurationSections returns the sections of the configuration of a game.
func (tx *Tx) ConfigurationSections(game string) SectionSet {
	return SectionSet{tx, tx.childKey(game, "section", "")}
}

// SnapshotSections returns the sections of a snapshot.
func (tx *Tx) SnapshotSections(game, snapshot string) SectionSet {
	return SectionSet{tx, tx.childKey(game, "snapshotsection", snapshot, "")}
}

// Section returns a copy of the content of a section, or nil if the section does not exist.
func (s SectionSet) Section(name string) (json.RawMessage, error) {
	content, err := s.tx.reader.Get(s.prefix + name)
	return bytes.Clone(content), err
}

// Read returns the named sections, or all sections if names is nil. It ignores unknown names.
func (s SectionSet) Read(names []string) (Sections, error) {
	sections := Sections{}
	if names != nil {
		for _, name := range names {
			content, err := s.Section(name)
			if err != nil {
				return nil, err
			}
			if content != nil {
				sections[name] = content
			}
		}
		return sections, nil
	}
	for entry, err := range s.tx.reader.Scan(storage.Prefix(s.prefix)) {
		if err != nil {
			return nil, err
		}
		sections[entry.Key[len(s.prefix):]] = bytes.Clone(entry.Value)
	}
	return sections, nil
}

// Put writes sections.
func (s SectionSet) Put(sections Sections) error {
	for name, content := range sections {
		if err := s.tx.writer.Put(s.prefix+name, content); err != nil {
			return err
		}
	}
	return nil
}

// DeleteAll deletes all sections.
func (s SectionSet) DeleteAll() error { return s.tx.deletePrefix(s.prefix) }
