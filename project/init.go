package project

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/gamesparks-go/gamesparks/internal/gamemodel"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// Starter returns a small working game: a request with its shapes and handler, and the stages dev and live. The role of the
// stages is an example.
func Starter(name string) *Game {
	const role = "arn:aws:iam::000000000000:role/GameDeployment"
	return &Game{
		Name: name,
		Stages: map[string]Stage{
			"dev":  {Role: role, Description: "For development."},
			"live": {Role: role, Description: "For players."},
		},
		Sections: map[string]json.RawMessage{
			gamemodel.ModelSection: json.RawMessage(`{` +
				`"GreetRequest":{"Structure":{"Description":"","Fields":{"Name":{"Cardinality":"Optional","Shape":"String"}}}},` +
				`"GreetResponse":{"Structure":{"Description":"","Fields":{"Text":{"Cardinality":"Required","Shape":"String"}}}}}`),
			gamemodel.RequestsSection: json.RawMessage(`{"Greet":{"AllowedSources":["Player"],"Description":"Greets a player.",` +
				`"RequestShape":"GreetRequest","ResponseShape":"GreetResponse"}}`),
			gamemodel.RequestHandlersSection: json.RawMessage(`{"Greet":{"Code":{"Script":` +
				`"// Runs for each request. The body of the request is in message.\n` +
				`const name = message.Name || GameSparks().CurrentPlayer().Id();\n` +
				`return GameSparks().Messaging().Response({ Text: \"Hello, \" + name + \"!\" });\n"` +
				`,"ScriptLanguage":"Javascript_ES5_1"},"Description":"Greets a player.","Enabled":true}}`),
		},
	}
}

// Init writes a new directory that describes g. It returns an error, and writes nothing, if the directory describes a game
// already. The directory may have other files.
func Init(dir string, g *Game) error {
	files, d, present, err := g.prepareWrite(dir)
	if err != nil {
		return err
	}
	defer d.close()
	if len(present) > 0 {
		return fmt.Errorf("the directory %s already has files of a game: use another directory, or update this one with gamesparks fetch", dir)
	}
	if _, err := d.root.Lstat(attributesFile); errors.Is(err, fs.ErrNotExist) {
		files[attributesFile] = []byte(attributes)
	}
	return d.write(files, nil)
}

// ParseExport returns the sections of an exported configuration, in the form of [Game].Sections. The export is a JSON
// text of the form {"Document": {"Type": "Game", "Sections": {NAME: CONTENT}}}, as the service exports and imports it.
// Other members of the outer objects are ignored. The error messages contain the name of the file. The error is nil or an
// [*Error].
func ParseExport(file string, text []byte) (map[string]json.RawMessage, error) {
	var p problems
	n, err := parseJSON(text, refuseRepeatedNames)
	if err != nil {
		p.addParseError(file, text, err)
		return nil, p.err()
	}
	document := n.member("Document")
	kind := document.member("Type")
	sections := document.member("Sections")
	switch {
	case document == nil:
		p.addAt(file, text, n.offset, `Document is required: an export has the form {"Document": {"Type": "Game", "Sections": {NAME: CONTENT}}}; gamesparks api export-snapshot returns its URL`)
	case kind == nil || string(kind.scalar) != `"Game"`:
		p.addAt(file, text, cmp.Or(kind, document).offset, `Document.Type must be "Game"`)
	case sections == nil || sections.kind != '{':
		p.addAt(file, text, cmp.Or(sections, document).offset, "Document.Sections must be an object")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	contents := map[string]json.RawMessage{}
	var names []string
	for _, m := range sections.members {
		if rule := violation(schemas.SectionName, m.name); rule != "" {
			p.addAt(file, text, m.value.offset, "section name %q: %s", m.name, rule)
		}
		contents[m.name] = m.value.appendCompact(nil)
		names = append(names, m.name)
	}
	if err := checkSectionNames(slices.Sorted(slices.Values(names))); err != nil && len(p) == 0 {
		p.addAt(file, text, sections.offset, "%v", err)
	}
	if err := p.err(); err != nil || len(contents) == 0 {
		return nil, err
	}
	return contents, nil
}
