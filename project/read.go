package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	json2 "github.com/go-json-experiment/json"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// Read reads the game that a directory describes. It checks that every file can be read, and [Validate] checks the content.
// An error in a file is an [*Error] with every problem.
func Read(dir string) (*Game, error) {
	d, err := openDirectory(dir)
	if err != nil {
		return nil, explainMissing(dir, err)
	}
	defer d.close()
	s := d.readSources()
	if err := s.problems.err(); err != nil {
		return nil, err
	}
	return s.game(), nil
}

// explainMissing adds the next step to the error for a directory that does not exist.
func explainMissing(dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the directory %s does not exist: create it with gamesparks init or gamesparks fetch", dir)
	}
	return err
}

// sources are the parsed files of a directory.
type sources struct {
	problems problems
	header   gameJSON
	headText []byte // of game.json
	head     *node  // of game.json
	sections map[string]*sectionSource

	// unreadable has the names of the sections whose files have problems.
	unreadable map[string]bool
}

// sectionSource is a section as read from its files.
type sectionSource struct {
	name    string
	file    string
	text    []byte // of the file
	content *node  // including the script files
	damaged bool   // whether the scripts have problems
	scripts map[string][]byte
}

// game returns the game that the sources describe.
func (s *sources) game() *Game {
	g := s.header.game()
	for name, section := range s.sections {
		if g.Sections == nil {
			g.Sections = map[string]json.RawMessage{}
		}
		g.Sections[name] = section.content.appendCompact(nil)
	}
	return g
}

// readSources reads all files of the directory.
func (d *directory) readSources() *sources {
	s := &sources{sections: map[string]*sectionSource{}, unreadable: map[string]bool{}}
	d.readGameFile(s)
	names := d.sectionNames(s)
	for _, name := range names {
		if section := d.readSection(name, &s.problems); section != nil {
			s.sections[name] = section
		} else {
			s.unreadable[name] = true
		}
	}
	if err := checkSectionNames(names); err != nil {
		s.problems.add(sectionsDir, "%v", err)
	}
	return s
}

func (d *directory) readGameFile(s *sources) {
	text, err := d.read(gameFile)
	if errors.Is(err, fs.ErrNotExist) {
		s.problems.add(gameFile, "the file does not exist: create it with gamesparks init or gamesparks fetch")
		return
	}
	if err != nil {
		s.problems.addError(gameFile, err)
		return
	}
	n, err := parseJSON(text, refuseRepeatedNames)
	if err != nil {
		s.problems.addParseError(gameFile, text, err)
		return
	}
	err = json2.Unmarshal(text, &s.header, json2.RejectUnknownMembers(true))
	var semantic *json2.SemanticError
	switch {
	case errors.As(err, &semantic):
		at := n.find(string(semantic.JSONPointer))
		s.problems.addAt(gameFile, text, at.offset, "%s", explainSemantic(semantic))
	case err != nil:
		s.problems.add(gameFile, "%v", err)
	case s.header.Name == "":
		s.problems.addAt(gameFile, text, n.offset, "name is required: set it to the name of the game")
	}
	s.head, s.headText = n, text
}

// explainSemantic describes a member of game.json that is unknown or of the wrong type.
func explainSemantic(err *json2.SemanticError) string {
	pointer := string(err.JSONPointer)
	if errors.Is(err.Err, json2.ErrUnknownName) {
		return pointer + " is not a member of game.json: use name, description, tags and stages, and in a stage role, description and tags"
	}
	want := "an object"
	if err.GoType != nil && err.GoType.Kind().String() == "string" {
		want = "a string"
	}
	if pointer == "" {
		pointer = "the file"
	}
	return fmt.Sprintf("%s must be %s, but is %s", pointer, want, kindName(err.JSONKind))
}

// sectionNames returns the names of the sections, sorted. It reports files that do not belong to a section.
func (d *directory) sectionNames(s *sources) []string {
	entries, err := d.list(sectionsDir)
	if err != nil {
		s.problems.addError(sectionsDir, err)
		return nil
	}
	var names []string
	for _, e := range entries {
		file := sectionsDir + "/" + e.Name()
		name, isSection := strings.CutSuffix(e.Name(), sectionSuffix)
		switch {
		case e.IsDir() && slices.Contains(scriptSections, e.Name()):
			section := e.Name()
			if err := d.check(sectionFile(section), 0); errors.Is(err, fs.ErrNotExist) && d.hasScripts(section) {
				s.problems.add(file, "the scripts have no section: create %s or delete the directory", sectionFile(section))
			}
		case e.IsDir():
			s.problems.add(file, "unexpected directory: only %s have scripts", strings.Join(scriptSections, " and "))
		case !isSection && e.Type() == fs.ModeSymlink:
			s.problems.addError(file, d.checkType(file, 0))
		case !isSection:
			s.problems.add(file, "unexpected file: section files have the suffix %s", sectionSuffix)
		case violation(schemas.SectionName, name) != "":
			s.problems.add(file, "section name %q: %s", name, violation(schemas.SectionName, name))
		default:
			names = append(names, name)
		}
	}
	return names
}

func (d *directory) hasScripts(section string) bool {
	entries, err := d.list(sectionsDir + "/" + section)
	return err != nil || len(entries) > 0
}

// readSection reads a section and its scripts. It returns nil if the file of the section has problems.
func (d *directory) readSection(name string, p *problems) *sectionSource {
	s := &sectionSource{name: name, file: sectionFile(name), scripts: map[string][]byte{}}
	var err error
	if s.text, err = d.read(s.file); err != nil {
		p.addError(s.file, err)
		return nil
	}
	if s.content, err = parseJSON(s.text, refuseRepeatedNames); err != nil {
		p.addParseError(s.file, s.text, err)
		return nil
	}
	if slices.Contains(scriptSections, name) {
		before := len(*p)
		d.readScripts(s, p)
		s.damaged = len(*p) > before
	}
	return s
}

// readScripts reads the script files of a section into its content.
func (d *directory) readScripts(s *sectionSource, p *problems) {
	entries, err := d.list(sectionsDir + "/" + s.name)
	if err != nil {
		p.addError(sectionsDir+"/"+s.name, err)
		return
	}
	shared := sharedNames(s.content)
	for _, e := range entries {
		handler, isScript := strings.CutSuffix(e.Name(), scriptSuffix)
		file := sectionsDir + "/" + s.name + "/" + e.Name()
		if !isScript || e.IsDir() {
			p.add(file, "unexpected file: name a script after its handler, with the suffix %s", scriptSuffix)
			continue
		}
		script, err := d.read(file)
		if err != nil {
			p.addError(file, err)
		} else if offset := invalidUTF8(script); offset >= 0 {
			p.addAt(file, script, offset, "the script is not valid UTF-8")
			script = nil // an empty script causes no further problems
		}
		n := s.content.member(handler)
		code := n.member("Code")
		switch {
		case n == nil:
			p.add(file, "%s has no handler %q: add the handler or delete the script", s.file, handler)
		case !isPortable(handler) || shared[strings.ToLower(handler)]:
			p.addAt(s.file, s.text, n.offset, "the name of the handler %q is not portable as a file name: move the script from %s to Code.Script", handler, file)
		case code == nil || code.kind != '{':
			p.addAt(s.file, s.text, n.offset, "the handler %q has a script file but no object Code: add one, or delete %s", handler, file)
		case code.member("Script") != nil:
			p.addAt(s.file, s.text, code.member("Script").offset, "the handler %q has both Code.Script and the file %s: delete one of them", handler, file)
		default:
			code.set("Script", stringNode(string(script)))
			s.scripts[handler] = script
		}
	}
}

// addError adds the error of a file operation.
func (p *problems) addError(file string, err error) {
	var wrongType *typeError
	var pathError *fs.PathError
	switch {
	case errors.As(err, &wrongType):
		p.add(wrongType.path, "%s", wrongType.problem)
	case errors.As(err, &pathError):
		p.add(file, "%s: %v", pathError.Op, pathError.Err)
	default:
		p.add(file, "%v", err)
	}
}

func (p *problems) addParseError(file string, text []byte, err error) {
	var at *parseError
	if errors.As(err, &at) {
		p.addAt(file, text, at.offset, "%v", at.err)
		return
	}
	p.add(file, "%v", err)
}

// Write writes a directory that describes g, and creates it if it does not exist. It replaces the files of the directory
// that describe a game, and removes those of other sections. It checks only the names of the game and its sections;
// [Validate] checks the rest.
func Write(dir string, g *Game) error {
	files, d, existing, err := g.prepareWrite(dir)
	if err != nil {
		return err
	}
	defer d.close()
	maps.DeleteFunc(existing, func(name string, _ []byte) bool { _, ok := files[name]; return ok })
	return d.write(files, slices.Sorted(maps.Keys(existing)))
}

// prepareWrite returns the files that describe g, and the directory, which it creates if it does not exist, with its present
// files of a game. The caller must close the directory.
func (g *Game) prepareWrite(dir string) (files map[string][]byte, d *directory, present map[string][]byte, err error) {
	if files, err = g.files(); err != nil {
		return nil, nil, nil, err
	}
	if d, err = createDirectory(dir); err != nil {
		return nil, nil, nil, err
	}
	if present, err = d.files(); err != nil {
		d.close()
		return nil, nil, nil, err
	}
	return files, d, present, nil
}
