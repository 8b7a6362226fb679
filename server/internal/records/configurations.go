package records

import "time"

// Configuration is the configuration of a game.
type Configuration struct {
	// Created is when the game was created.
	Created time.Time

	// LastUpdated is when the configuration was created or its sections last changed.
	LastUpdated time.Time

	// Sections are the sections. To change them, assign the list passed to [Tx.ReplaceSections].
	Sections SectionList
}

const configurationSegment = "configuration"

func (tx *Tx) configurationKey(g *Game) string { return tx.childKey(g.ID, configurationSegment) }

// Configuration returns the configuration of a game. It is nil if the game is being deleted.
func (tx *Tx) Configuration(g *Game) (*Configuration, error) {
	return loadChild[Configuration](tx, g, tx.configurationKey(g))
}

// PutConfiguration writes the configuration of a game.
func (tx *Tx) PutConfiguration(g *Game, c *Configuration) error {
	return save(tx, tx.configurationKey(g), c)
}
