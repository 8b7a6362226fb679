package project

import (
	"fmt"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// CheckName returns an error if name is not a valid name of a game.
func CheckName(name string) error {
	if rule := violation(schemas.GameName, name); rule != "" {
		return fmt.Errorf("game name %q: %s", name, rule)
	}
	return nil
}

// ReadName reads the name of the game from the file game.json of a directory. It reads no other file, so it also works in a
// directory whose sections have errors. An error in the file is an [*Error].
func ReadName(dir string) (string, error) {
	d, err := openDirectory(dir)
	if err != nil {
		return "", explainMissing(dir, err)
	}
	defer d.close()
	s := &sources{}
	d.readGameFile(s)
	return s.header.Name, s.problems.err()
}
