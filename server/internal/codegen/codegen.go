// Package codegen generates typed code for the messages of a game: its requests, events and notifications, and the shapes
// that they use. Code generation jobs of the server call [Generate].
package codegen

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/internal/gamemodel"
)

// Generator describes the code to generate. Its fields correspond to those of types.Generator.
type Generator struct {
	// Language is the programming language, GO or CSHARP. Case and underscores are ignored. Optional. The default is that
	// of the target platform.
	Language string

	// TargetPlatform is the platform of the generated code. Case is ignored. Optional if Language is set. The default is
	// any platform.
	TargetPlatform string

	// GameSdkVersion is the version of the Game SDK. It is only recorded in the generated code, which does not use a Game
	// SDK. Optional. The default is LATEST.
	GameSdkVersion string
}

// GeneratorError reports that a generator is not supported.
type GeneratorError struct {
	// Member is the name of the invalid member of the generator.
	Member string

	// Reason describes the error and lists the supported values.
	Reason string
}

// Error returns the member and the reason.
func (e *GeneratorError) Error() string { return "Generator." + e.Member + " " + e.Reason }

// language generates code in a programming language.
type language interface {
	// name returns the name of the language in a Generator, in upper case and without underscores.
	name() string

	// files returns the content of the generated files, by name.
	files(m *gamemodel.Messages, g Generator) (map[string][]byte, error)
}

// languages are the supported languages.
var languages = []language{golang{}, csharp{}}

// platforms are the supported target platforms. The first language of each is its default.
var platforms = []struct {
	name      string
	languages []language
}{
	{"Unity", []language{csharp{}}},
	{"DotNet", []language{csharp{}}},
	{"Go", []language{golang{}}},
	{"Linux", []language{golang{}, csharp{}}},
	{"MacOS", []language{golang{}, csharp{}}},
	{"Windows", []language{golang{}, csharp{}}},
}

func (g Generator) language() (language, error) {
	allowed := languages
	if g.TargetPlatform == "" {
		if g.Language == "" {
			return nil, &GeneratorError{"TargetPlatform", "or Generator.Language is required: supported languages are " + languageNames(languages)}
		}
	} else {
		var names []string
		allowed = nil
		for _, p := range platforms {
			names = append(names, p.name)
			if strings.EqualFold(p.name, g.TargetPlatform) {
				allowed = p.languages
			}
		}
		if allowed == nil {
			return nil, &GeneratorError{"TargetPlatform", fmt.Sprintf("%q is not supported: use one of %s", g.TargetPlatform, strings.Join(names, ", "))}
		}
		if g.Language == "" {
			return allowed[0], nil
		}
	}
	for _, l := range allowed {
		if strings.EqualFold(l.name(), strings.ReplaceAll(g.Language, "_", "")) {
			return l, nil
		}
	}
	reason := fmt.Sprintf("%q is not supported: use one of %s", g.Language, languageNames(allowed))
	if g.TargetPlatform != "" {
		reason = fmt.Sprintf("%q is not supported for the target platform %s: use one of %s", g.Language, g.TargetPlatform, languageNames(allowed))
	}
	return nil, &GeneratorError{"Language", reason}
}

func languageNames(ls []language) string {
	var names []string
	for _, l := range ls {
		names = append(names, l.name())
	}
	return strings.Join(names, ", ")
}

// Check returns the error that [Generate] returns for the same arguments, at a fraction of the cost.
func Check(sections map[string]json.RawMessage, g Generator) error {
	_, _, err := prepare(sections, g)
	return err
}

// Generate returns a zip file with code for the messages of a game. The configuration of the game is in sections: the
// JSON content of each section, by name. See [gamemodel.ParseMessages] for the sections that are used. The result is
// deterministic.
//
// The error is a [*GeneratorError] or a [*gamemodel.Error].
func Generate(sections map[string]json.RawMessage, g Generator) ([]byte, error) {
	files, err := generate(sections, g)
	if err != nil {
		return nil, err
	}
	return archive(files)
}

// generate returns the content of the generated files, by name.
func generate(sections map[string]json.RawMessage, g Generator) (map[string][]byte, error) {
	lang, messages, err := prepare(sections, g)
	if err != nil {
		return nil, err
	}
	g.GameSdkVersion = cmp.Or(g.GameSdkVersion, "LATEST")
	files, err := lang.files(messages, g)
	if err != nil {
		return nil, fmt.Errorf("generate %s: %w", lang.name(), err)
	}
	return files, nil
}

// prepare does all the work that can fail because of invalid arguments.
func prepare(sections map[string]json.RawMessage, g Generator) (language, *gamemodel.Messages, error) {
	lang, err := g.language()
	if err != nil {
		return nil, nil, err
	}
	messages, err := gamemodel.ParseMessages(sections)
	return lang, messages, err
}

// modified is the modification time of every file, the earliest that the zip format supports. It is constant so that the
// archive is deterministic.
var modified = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive returns a zip file with the files, sorted by name.
func archive(files map[string][]byte) ([]byte, error) {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, name := range names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: modified})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(files[name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
