package project

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
