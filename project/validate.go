package project

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	smithy "github.com/aws/smithy-go"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gamesparks-go/gamesparks/internal/gamemodel"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// Validate checks a directory without a server: that [Read] can read it, the names, descriptions and tags, the shapes, the
// references of messages to shapes and of handlers to messages, the syntax of scripts, and the size of the configuration.
// An error in a file is an [*Error] with every problem.
func Validate(dir string) error {
	d, err := openDirectory(dir)
	if err != nil {
		return explainMissing(dir, err)
	}
	defer d.close()
	s := d.readSources()
	s.validateHeader()
	s.validateMessages()
	s.validateHandlers()
	s.validateScripts()
	s.validateSize()
	return s.problems.err()
}

// validateHeader checks game.json.
func (s *sources) validateHeader() {
	if s.head == nil {
		return
	}
	if s.header.Name != "" { // readGameFile reports a missing name
		s.checkText("/name", schemas.GameName, s.header.Name)
	}
	s.checkText("/description", schemas.GameDescription, s.header.Description)
	s.checkTags("/tags", s.header.Tags)
	for name, stage := range s.header.Stages {
		at := jsontext.Pointer("/stages").AppendToken(name)
		s.checkText(at, schemas.StageName, name)
		s.checkRole(at.AppendToken("role"), stage.Role)
		s.checkText(at.AppendToken("description"), schemas.StageDescription, stage.Description)
		s.checkTags(at.AppendToken("tags"), stage.Tags)
	}
}

func (s *sources) checkText(at jsontext.Pointer, schema *smithy.Schema, text string) {
	if rule := violation(schema, text); rule != "" {
		s.addHead(at, rule)
	}
}

func (s *sources) checkRole(at jsontext.Pointer, role string) {
	const form = "such as arn:aws:iam::123456789012:role/NAME"
	switch rule := violation(schemas.RoleARN, role); {
	case role == "":
		s.addHead(at, "the role is required: set the ARN of an IAM role "+form)
	case rule != "":
		s.addHead(at, rule+": set the ARN of an IAM role "+form)
	}
}

func (s *sources) checkTags(at jsontext.Pointer, tags map[string]string) {
	if limit, ok := smithy.SchemaTrait[*schemas.Length](schemas.TagMap); ok && len(tags) > limit.Max {
		s.addHead(at, limit.Check(len(tags)))
	}
	for key, value := range tags {
		s.checkText(at.AppendToken(key), schemas.TagKey, key)
		s.checkText(at.AppendToken(key), schemas.TagValue, value)
	}
}

// addHead adds a problem with the value at a JSON Pointer in game.json.
func (s *sources) addHead(at jsontext.Pointer, rule string) {
	s.problems.addAt(gameFile, s.headText, s.head.find(string(at)).offset, "%s: %s", at, rule)
}

// contents returns the contents of the named sections, without those that do not exist or are unreadable.
func (s *sources) contents(names ...string) map[string]json.RawMessage {
	contents := map[string]json.RawMessage{}
	for _, name := range names {
		if section := s.sections[name]; section != nil {
			contents[name] = section.content.appendCompact(nil)
		}
	}
	return contents
}

// validateMessages checks the model, and the messages that refer to it.
func (s *sources) validateMessages() {
	contents := s.contents(gamemodel.ModelSection, gamemodel.RequestsSection, gamemodel.EventsSection, gamemodel.NotificationsSection)
	if s.unreadable[gamemodel.ModelSection] {
		return // every reference would be reported as unknown
	}
	_, err := gamemodel.ParseMessages(contents)
	s.addModel(err)
}

// systemPrefix begins the names of messages that the service defines.
const systemPrefix = "GameSparks."

// validateHandlers checks the handlers, and that the game defines their messages.
func (s *sources) validateHandlers() {
	contents := s.contents(scriptSections...)
	_, err := gamemodel.ParseHandlers(contents)
	s.addModel(err)
	for _, pair := range []struct{ handlers, messages, kind string }{
		{gamemodel.RequestHandlersSection, gamemodel.RequestsSection, "request"},
		{gamemodel.EventHandlersSection, gamemodel.EventsSection, "event"},
	} {
		handlers, messages := s.sections[pair.handlers], s.sections[pair.messages]
		if handlers == nil || s.unreadable[pair.messages] {
			continue
		}
		for _, h := range handlers.content.members {
			if strings.HasPrefix(h.name, systemPrefix) || messages != nil && messages.content.member(h.name) != nil {
				continue
			}
			s.problems.addAt(handlers.file, handlers.text, h.value.offset, "/%s: the game defines no %s %q: add it to %s, or delete the handler",
				escapeToken(h.name), pair.kind, h.name, sectionFile(pair.messages))
		}
	}
}

// addModel adds the problems of an error of package gamemodel.
func (s *sources) addModel(err error) {
	var problems *gamemodel.Error
	if !errors.As(err, &problems) {
		return
	}
	for _, p := range problems.Problems {
		section := s.sections[p.Section]
		if section == nil {
			continue // the section does not exist, or is unreadable
		}
		if file, text, ok := section.scriptAt(p.Path); ok {
			s.problems.addAt(file, text, 0, "%s: %s", p.Path, p.Reason)
			continue
		}
		message := p.Reason
		if p.Path != "" {
			message = p.Path + ": " + message
		}
		s.problems.addAt(section.file, section.text, section.content.find(p.Path).offset, "%s", message)
	}
}

// scriptAt returns the file of the script at a JSON Pointer. It returns false if the value is not in a script file.
func (s *sectionSource) scriptAt(pointer string) (file string, text []byte, ok bool) {
	handler, isScript := strings.CutSuffix(strings.TrimPrefix(pointer, "/"), "/Code/Script")
	if !isScript {
		return "", nil, false
	}
	text, ok = s.scripts[handler] // portable names need no escapes
	return scriptFile(s.name, handler), text, ok
}

// validateScripts checks the syntax of the scripts.
func (s *sources) validateScripts() {
	for _, name := range scriptSections {
		section := s.sections[name]
		if section == nil {
			continue
		}
		for _, h := range section.content.members {
			code := h.value.member("Code").member("Script")
			script, ok := code.text()
			// ParseHandlers reports a script that is too long or not a string.
			if !ok || utf8.RuneCountInString(script) > gamemodel.MaxScript {
				continue
			}
			var syntax *scriptError
			if !errors.As(checkScript(script), &syntax) {
				continue
			}
			if text, ok := section.scripts[h.name]; ok {
				s.problems.addAt(scriptFile(name, h.name), text, syntax.offset, "%s", syntax.message)
				continue
			}
			line, column := position([]byte(script), syntax.offset)
			s.problems.addAt(section.file, section.text, code.offset, "/%s/Code/Script: line %d, column %d: %s",
				escapeToken(h.name), line, column, syntax.message)
		}
	}
}

// validateSize checks the size of the configuration in the format of an export.
func (s *sources) validateSize() {
	if len(s.unreadable) > 0 {
		return
	}
	contents := s.game().Sections
	size, limit := len(importFile(contents)), maxConfiguration()
	if size <= limit {
		return
	}
	largest := slices.MaxFunc(slices.Sorted(maps.Keys(contents)), func(a, b string) int {
		return cmp.Compare(len(contents[a]), len(contents[b]))
	})
	s.problems.add(sectionsDir, "the configuration has %d bytes, but the limit is %d: the largest section is %s with %d bytes",
		size, limit, largest, len(contents[largest]))
}
