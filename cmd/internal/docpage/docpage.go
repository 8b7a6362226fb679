// Package docpage reads the code blocks of pages in docs, so that tests can run their commands and compare their output.
package docpage

import (
	"fmt"
	"slices"
	"strings"
)

// Block is a fenced code block of a page.
type Block struct {
	// Line is the number of the line with the opening fence.
	Line int

	// Words are the words after the opening fence. They specify how the page's test uses the block:
	//
	//	sh                 a command to run
	//	sh fails [STATUS]  a command that must exit with a nonzero status
	//	sh current         a command that runs current releases of aws and python3, which lack the service
	//	sh install         a command that installs packages; the test checks that .ci/run installs them
	//	sh server [NAME]   the command that starts a server, after stopping the previous one with that name
	//	sh stopped [NAME]  a command to run after stopping the server with that name, or all servers
	//	sh killed NAME     a command to run after killing the server with that name
	//	sh lost NAME       a command to run after the failure of the PostgreSQL server with that name
	//	sh environment     commands to run at the start of each section's shell
	//	sh host            commands that change the machine; the test checks only their flags
	//	python FILE        a program to save as FILE; the same applies to js, go, yaml and ini
	//	text               the expected output of the command above it; "..." matches any text
	//	text server [NAME] the expected output of the server with that name
	Words []string

	// Content is the text of the block.
	Content string
}

// Is reports whether the block is in the given language and has all of the given words.
func (b Block) Is(language string, words ...string) bool {
	return b.Words[0] == language && !slices.ContainsFunc(words, func(word string) bool { return !slices.Contains(b.Words, word) })
}

// Section is a section of a page that has code blocks.
type Section struct {
	// Title is the text of the heading.
	Title string

	// Blocks are the code blocks of the section.
	Blocks []Block
}

// Parse returns the sections of a Markdown page that contain code blocks.
func Parse(page string) ([]Section, error) {
	var sections []Section
	var block *Block
	title := ""
	for i, line := range strings.Split(page, "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && block == nil:
			block = &Block{Line: i + 1, Words: strings.Fields(info)}
			if len(block.Words) == 0 {
				return nil, fmt.Errorf("line %d: the code block has no language", i+1)
			}
		case fence:
			if len(sections) == 0 || sections[len(sections)-1].Title != title {
				sections = append(sections, Section{Title: title})
			}
			last := &sections[len(sections)-1]
			last.Blocks = append(last.Blocks, *block)
			block = nil
		case block != nil:
			block.Content += line + "\n"
		case strings.HasPrefix(line, "## "):
			title = strings.TrimPrefix(line, "## ")
		}
	}
	if block != nil {
		return nil, fmt.Errorf("line %d: the code block has no closing fence", block.Line)
	}
	return sections, nil
}

// Matches reports whether got matches the output that the page shows. If want contains "...", the parts around it
// must occur in got in order. Otherwise, the two must be equal except for leading and trailing space.
func Matches(got, want string) bool {
	parts := strings.Split(want, "...")
	if len(parts) == 1 {
		return strings.TrimSpace(got) == strings.TrimSpace(want)
	}
	for _, part := range parts {
		_, rest, found := strings.Cut(got, strings.TrimSpace(part))
		if !found {
			return false
		}
		got = rest
	}
	return true
}
