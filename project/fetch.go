package project

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// FetchOptions are the options of [Fetch].
type FetchOptions struct {
	// Game is the name of the game. Optional. The default is the name in game.json.
	Game string

	// SnapshotID selects the snapshot whose sections are fetched. Optional. The default is the current configuration.
	// Everything else is always the current state.
	SnapshotID string

	// Prune removes the sections that only the directory has. Without it, they are kept.
	Prune bool

	// Force overwrites and removes files that changed in the directory since the last fetch.
	Force bool

	// DryRun computes the result without writing files.
	DryRun bool
}

// FetchResult is the result of [Fetch].
type FetchResult struct {
	// Game is the name of the game.
	Game string

	// Changes are the changed files, sorted by path.
	Changes []FileChange

	// LocalOnly are the names of the sections that only the directory has and that were kept, sorted.
	LocalOnly []string

	// Kept are the paths of the files that changed in the directory, but not on the server, since the last fetch, sorted. They
	// were neither overwritten nor removed.
	Kept []string
}

// WriteText writes the changes, and the sections and files that were kept, one per line, with the marks of a plan.
func (f *FetchResult) WriteText(w io.Writer, style Style) error {
	r := renderer{style: style}
	for _, c := range f.Changes {
		mark := fileMarks[c.Action]
		r.line(mark, "  "+mark+" "+c.Path)
	}
	for _, section := range f.LocalOnly {
		r.line(markKeep, "  "+markKeep+" "+section+"   only in the directory; --prune removes it")
	}
	for _, name := range f.Kept {
		r.line(markKeep, "  "+markKeep+" "+name+"   changed only in the directory; --force replaces it")
	}
	_, err := io.WriteString(w, r.text.String())
	return err
}

var fileMarks = map[FileAction]string{FileCreated: markAdd, FileUpdated: markChange, FileRemoved: markRemove}

// FileChange is a change of a file.
type FileChange struct {
	// Path is the path of the file, relative to the directory, with slashes.
	Path string

	// Action is the kind of change.
	Action FileAction
}

// FileAction is a kind of change of a file.
type FileAction string

// The values of FileAction.
const (
	FileCreated FileAction = "created"
	FileUpdated FileAction = "updated"
	FileRemoved FileAction = "removed"
)

// LocalChangesError means that a fetch would discard changes of files in the directory. It wrote nothing.
type LocalChangesError struct {
	// Paths are the paths of the files, relative to the directory, with slashes, sorted.
	Paths []string

	// NoRecord reports whether the directory has no record of a fetch, so that it is unknown which side has changed.
	NoRecord bool
}

// Error lists the files and names the next step.
func (e *LocalChangesError) Error() string {
	cause := "files changed in the directory since the last fetch, and the fetch would replace them"
	if e.NoRecord {
		cause = "files differ from the server, and the directory has no record of a fetch, which would show where they changed"
	}
	return fmt.Sprintf("nothing was written, because %s: commit the files, fetch with --force, and merge both versions with git:\n  %s",
		cause, strings.Join(e.Paths, "\n  "))
}

// Fetch writes the state of a game on a server to a directory, and creates the directory if it does not exist. It writes
// only files whose content differs: a section or game.json that is equal to the server's keeps its formatting, and fetching
// twice changes nothing.
//
// Fetch keeps a file that changed since the last fetch in the directory but not on the server. It never overwrites or removes a
// file that changed on both sides, unless Force is set: it returns a [*LocalChangesError] and writes nothing. The same holds
// for each file that changed in the directory if Fetch reads a snapshot or removes the file's section, and for each
// file that differs if the directory has no record of a fetch. The record is in .gamesparks.
//
// A section that is equal to that of the current configuration does not count as changed, so the sections of a snapshot can
// replace those that were applied. A file that is missing is written again, unless it is a script of a section whose
// content was changed too. Fetch also returns an error if the directory describes another game. It never writes the keys of
// stages.
func Fetch(ctx context.Context, client Reader, dir string, options FetchOptions) (*FetchResult, error) {
	local, err := readLocal(dir)
	if err != nil {
		return nil, err
	}
	if options.Game == "" {
		if options.Game, err = ReadName(dir); err != nil {
			return nil, fmt.Errorf("game is not set: set --game (%w)", err)
		}
	}
	if name := local.sources.header.Name; name != "" && name != options.Game && !options.Force {
		return nil, fmt.Errorf("the directory %s describes the game %q, not %q: fetch into another directory, or overwrite it with --force", dir, name, options.Game)
	}
	game, current, err := fetch(ctx, client, options)
	if err == nil {
		err = ctx.Err() // the last check: an interrupted write would leave a mix of states
	}
	if err != nil {
		return nil, fmt.Errorf("nothing was written: %w", err)
	}
	f, err := local.plan(game, current, options)
	if err != nil {
		return nil, err
	}
	if options.DryRun {
		return &f.result, nil
	}
	return &f.result, f.write(dir)
}

// fetch reads the game, with the sections of the selected snapshot. It also returns the sections of the current
// configuration.
func fetch(ctx context.Context, client Reader, options FetchOptions) (game *Game, current map[string]json.RawMessage, err error) {
	server, err := FetchGame(ctx, client, options.Game)
	if err != nil {
		return nil, nil, err
	}
	current = server.Sections
	if options.SnapshotID != "" {
		server.Sections, err = FetchSnapshot(ctx, client, options.Game, options.SnapshotID)
	}
	return &server.Game, current, err
}

// local is the current content of a directory.
type local struct {
	sources       *sources
	files         map[string][]byte
	hasAttributes bool // whether the file .gitattributes exists
	digests       *recordedDigests
}

// readLocal reads a directory. Files may have problems: only files without problems are compared by content.
func readLocal(dir string) (*local, error) {
	l := &local{sources: &sources{}, files: map[string][]byte{}, digests: &recordedDigests{}}
	d, err := openDirectory(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.close()
	if l.files, err = d.files(); err != nil {
		return nil, err
	}
	if _, err := d.root.Lstat(attributesFile); err == nil {
		l.hasAttributes = true
	}
	l.sources = d.readSources()
	l.digests, err = d.readDigests()
	return l, err
}

// fetchPlan holds the files that a fetch writes and removes.
type fetchPlan struct {
	result   FetchResult
	files    map[string][]byte
	removed  []string
	before   *recordedDigests
	digests  digests       // after the fetch
	server   *fetchedState // with the current configuration
	conflict []string
}

// plan compares the directory with the game on the server.
func (l *local) plan(game *Game, current map[string]json.RawMessage, options FetchOptions) (*fetchPlan, error) {
	desired, err := game.files()
	if err != nil {
		return nil, err
	}
	f := &fetchPlan{result: FetchResult{Game: game.Name}, files: map[string][]byte{}, before: l.digests, digests: digests{}}
	l.keepEqual(game, desired)
	for _, name := range slices.Sorted(maps.Keys(desired)) {
		present, exists := l.files[name]
		switch {
		case !exists:
			f.change(name, FileCreated, desired[name])
		case !bytes.Equal(present, desired[name]):
			f.change(name, FileUpdated, desired[name])
		}
		f.digests[name] = digest(desired[name])
	}
	f.result.LocalOnly = l.onlyHere(game)
	for _, name := range slices.Sorted(maps.Keys(l.files)) {
		if _, ok := desired[name]; ok {
			continue
		}
		if section := sectionOf(name); !slices.Contains(f.result.LocalOnly, section) || options.Prune {
			f.change(name, FileRemoved, nil)
		} else if recorded, ok := l.digests.Files[name]; ok {
			f.digests[name] = recorded
		}
	}
	if options.Prune {
		f.result.LocalOnly = nil
	}
	names := slices.Concat(slices.Collect(maps.Keys(game.Sections)), f.result.LocalOnly)
	if err := checkSectionNames(slices.Sorted(slices.Values(names))); err != nil {
		return nil, err
	}
	if _, ok := l.files[gameFile]; !ok && !l.hasAttributes {
		f.change(attributesFile, FileCreated, []byte(attributes))
	}
	slices.SortFunc(f.result.Changes, func(a, b FileChange) int { return strings.Compare(a.Path, b.Path) })
	server := *game
	server.Sections = current
	f.server = newFetchedState(&server)
	if options.Force {
		return f, nil
	}
	f.keepChanged(l, options.SnapshotID != "", current)
	if len(f.conflict) > 0 {
		return nil, &LocalChangesError{Paths: slices.Sorted(slices.Values(f.conflict)), NoRecord: l.digests.isEmpty()}
	}
	return f, nil
}

// keepEqual replaces the desired files of a section with the local ones if the section equals the server's. The local files
// may be formatted differently or contain scripts. It does the same with game.json.
func (l *local) keepEqual(game *Game, desired map[string][]byte) {
	keep := func(section string) {
		maps.DeleteFunc(desired, func(name string, _ []byte) bool { return sectionOf(name) == section })
		for name, content := range l.files {
			if sectionOf(name) == section {
				desired[name] = content
			}
		}
	}
	for name := range game.Sections {
		if l.isEqual(name, game.Sections) {
			keep(name)
		}
	}
	content, presentErr := l.sources.header.game().gameFile()
	if want, err := game.gameFile(); presentErr == nil && err == nil && bytes.Equal(content, want) {
		keep("")
	}
}

// isEqual reports whether the directory has a section with the same content as sections.
func (l *local) isEqual(name string, sections map[string]json.RawMessage) bool {
	present, ok := l.sources.sections[name]
	content, wanted := sections[name]
	return ok && wanted && !present.damaged && bytes.Equal(content, present.content.appendCompact(nil))
}

// onlyHere returns the sorted names of the sections that the server does not have.
func (l *local) onlyHere(game *Game) []string {
	only := map[string]bool{}
	for name := range l.files {
		section := sectionOf(name)
		if _, ok := game.Sections[section]; !ok && section != "" {
			only[section] = true
		}
	}
	return slices.Sorted(maps.Keys(only))
}

// sectionOf returns the name of the section that a file belongs to, or "" for game.json.
func sectionOf(name string) string {
	dir, base := path.Split(name)
	switch path.Clean(dir) {
	case ".":
		return ""
	case sectionsDir:
		return strings.TrimSuffix(base, sectionSuffix)
	}
	return path.Base(dir)
}

func (f *fetchPlan) change(name string, action FileAction, content []byte) {
	f.result.Changes = append(f.result.Changes, FileChange{name, action})
	if action == FileRemoved {
		f.removed = append(f.removed, name)
	} else {
		f.files[name] = content
	}
}

// keepChanged leaves out the changes of files that changed only in the directory, and finds the conflicts.
func (f *fetchPlan) keepChanged(l *local, isSnapshot bool, current map[string]json.RawMessage) {
	resolve := func(name string) {
		if !isSnapshot && (f.before.Server.has(f.server, name) || f.before.Planned.has(f.server, name)) {
			f.keep(name)
		} else {
			f.conflict = append(f.conflict, name)
		}
	}
	changed := map[string]bool{} // the files with the content of sections that changed
	for _, c := range slices.Clone(f.result.Changes) {
		section := sectionOf(c.Path)
		// Nothing is lost if the server has the section, for example because a plan file was applied.
		if c.Action == FileCreated || l.digests.has(c.Path, l.files[c.Path]) || l.isEqual(section, current) {
			continue
		}
		changed[c.Path] = true
		if _, exists := current[section]; !exists && c.Action == FileRemoved && section != "" {
			f.conflict = append(f.conflict, c.Path) // by Prune
			continue
		}
		resolve(c.Path)
	}
	// A script that is missing may be in the content of the section, or its handler may have been removed.
	for _, c := range slices.Clone(f.result.Changes) {
		if section := sectionOf(c.Path); c.Action == FileCreated && section != "" && changed[sectionFile(section)] {
			resolve(c.Path)
		}
	}
}

// keep leaves out the change of a file.
func (f *fetchPlan) keep(name string) {
	f.result.Changes = slices.DeleteFunc(f.result.Changes, func(c FileChange) bool { return c.Path == name })
	f.result.Kept = append(f.result.Kept, name)
	slices.Sort(f.result.Kept)
	delete(f.files, name)
	f.removed = slices.DeleteFunc(f.removed, func(removed string) bool { return removed == name })
	delete(f.digests, name)
	if recorded, ok := f.before.Files[name]; ok {
		f.digests[name] = recorded
	}
}

// write changes the directory.
func (f *fetchPlan) write(dir string) error {
	d, err := createDirectory(dir)
	if err != nil {
		return err
	}
	defer d.close()
	if len(f.result.Changes) > 0 {
		if err := d.checkWrite(f.files, f.removed); err != nil {
			return err
		}
		if err := d.writeDigests(&recordedDigests{Files: f.before.Files, Incomplete: f.digests, Planned: f.before.Planned, Server: f.before.Server}); err != nil {
			return err
		}
		if err := d.write(f.files, f.removed); err != nil {
			return err
		}
	}
	return d.writeDigests(&recordedDigests{Files: f.digests, Server: f.server})
}
