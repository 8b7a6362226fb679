// Package codegen generates typed code for the messages of a game: the shapes of its model, its requests, events and
// notifications. A generated code job of the server runs it.
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

// Generator tells what code to generate. Its members are those of the API's structure of that name.
type Generator struct {
	// Language is the programming language, GO or CSHARP. Case and underscores do not matter. Empty means the default
	// of the target platform.
	Language string

	// TargetPlatform is the platform that the code will run on. Case does not matter. Empty means any platform, and
	// then Language must be given.
	TargetPlatform string

	// GameSdkVersion is the version of the Game SDK that the code is for. The generated code uses no Game SDK, so any
	// version gives the same code; the version is only recorded in it. Empty means LATEST.
	GameSdkVersion string
}

// GeneratorError tells why a generator cannot be used.
type GeneratorError struct {
	// Member is the member of the generator at fault.
	Member string

	// Reason tells what is wrong, and lists what is supported.
	Reason string
}

// Error returns the member and the reason.
func (e *GeneratorError) Error() string { return "Generator." + e.Member + " " + e.Reason }

// language is a programming language that code can be generated in.
type language interface {
	// name returns the name that a generator selects the language by, in upper case and without underscores.
	name() string

	// files returns the content of the generated files by their names.
	files(m *gamemodel.Messages, g Generator) (map[string][]byte, error)
}

// languages are the supported ones.
var languages = []language{golang{}, csharp{}}

// platforms are the supported target platforms, each with its languages, the default first.
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
			return nil, &GeneratorError{"TargetPlatform", "or Generator.Language is required; languages are " + languageNames(languages)}
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
			return nil, &GeneratorError{"TargetPlatform", fmt.Sprintf("%q is not supported; supported are %s", g.TargetPlatform, strings.Join(names, ", "))}
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
	reason := fmt.Sprintf("%q is not supported; supported are %s", g.Language, languageNames(allowed))
	if g.TargetPlatform != "" {
		reason = fmt.Sprintf("%q is not supported for the target platform %s; supported are %s", g.Language, g.TargetPlatform, languageNames(allowed))
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

// Check reports whether [Generate] can generate code, at a fraction of the cost. The errors are the same.
func Check(sections map[string]json.RawMessage, g Generator) error {
	_, _, err := prepare(sections, g)
	return err
}

// Generate returns a zip file with code for the messages of a game, whose configuration is sections: the JSON content
// of each section by its name. [gamemodel.ParseMessages] says which sections it reads. The same arguments give the same
// bytes.
//
// An error is a [*GeneratorError] or a [*gamemodel.Error].
func Generate(sections map[string]json.RawMessage, g Generator) ([]byte, error) {
	files, err := generate(sections, g)
	if err != nil {
		return nil, err
	}
	return archive(files)
}

// generate returns the content of the generated files by their names.
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

// prepare does all the work that can fail because of the arguments.
func prepare(sections map[string]json.RawMessage, g Generator) (language, *gamemodel.Messages, error) {
	lang, err := g.language()
	if err != nil {
		return nil, nil, err
	}
	messages, err := gamemodel.ParseMessages(sections)
	return lang, messages, err
}

// modified is the modification time of every file: the earliest that the format can express, so that equal code gives
// equal archives.
var modified = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive returns a zip file of files, sorted by name.
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
