package project

import "encoding/json"

// Game is the state of a game that a directory describes: its properties, its stages and its configuration.
type Game struct {
	// Name is the name of the game.
	Name string

	// Description is the description of the game. It can be empty.
	Description string

	// Tags are the tags of the game, without AWS system tags, whose keys begin with aws:. Nil means that there are none.
	Tags map[string]string

	// Stages are the stages of the game, keyed by name. Nil means that there are none.
	Stages map[string]Stage

	// Sections are the contents of the sections of the configuration, keyed by name, in the form that [Canonical] returns
	// and with the scripts in place. Two sections are equal if and only if their bytes are. A null section has the
	// content null. Nil means that there are none: a directory without sections is not a request to delete all of them.
	Sections map[string]json.RawMessage
}

// Stage is the state of a stage that a directory describes.
type Stage struct {
	// Role is the ARN of the IAM role that the stage's game runtimes use.
	Role string

	// Description is the description of the stage. It can be empty.
	Description string

	// Tags are the tags of the stage, without AWS system tags, whose keys begin with aws:. Nil means that there are none.
	Tags map[string]string
}
