// Prose checks the wording of the repository: comments and strings of Go files, pages, templates and scripts. For each
// match of an expression in phrases.txt, it prints the position, the phrase and the preferred wording. If there are
// matches, it exits with status 1.
//
//	go run ./internal/prose [DIR]
package main

import (
	_ "embed"
	"fmt"
	"go/scanner"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

//go:embed phrases.txt
var phrasesText string

// startOfSentence matches the text before a sentence: a period, or a blank line.
const startOfSentence = `(?:^|\.\s+|\n\s*\n\s*)`

// phrase is a wording to avoid.
type phrase struct {
	expression *regexp.Regexp
	example    string
	preferred  string
}

// finding is a match in a file.
type finding struct {
	path      string
	line      int
	text      string
	preferred string
}

func main() {
	dir := "."
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	count, err := run(os.Stdout, dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if count > 0 {
		os.Exit(1)
	}
}

// run writes the findings in the files below dir to w and returns their number.
func run(w io.Writer, dir string) (int, error) {
	phrases, err := parsePhrases(phrasesText)
	if err != nil {
		return 0, err
	}
	count, files := 0, 0
	root := os.DirFS(dir)
	err = fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" || d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return nil
		}
		mask := maskOf(path)
		if mask == nil {
			return nil
		}
		files++
		content, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		for _, f := range find(phrases, path, mask(content)) {
			count++
			fmt.Fprintf(w, "%s:%d: %q: write %s\n", f.path, f.line, f.text, f.preferred)
		}
		return nil
	})
	if err == nil && files == 0 {
		err = fmt.Errorf("%s has no files to check: run the program in the root of the repository", dir)
	}
	return count, err
}

// parsePhrases parses lines that contain an expression, an example and the preferred wording.
func parsePhrases(text string) ([]phrase, error) {
	var phrases []phrase
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 || slices.Contains(fields, "") {
			return nil, fmt.Errorf("phrases.txt:%d: want an expression, an example and the preferred wording, separated by tabs", i+1)
		}
		expression, err := regexp.Compile(`(?i)` + strings.NewReplacer(" ", `\s+`, "<start>", startOfSentence).Replace(fields[0]))
		if err != nil {
			return nil, fmt.Errorf("phrases.txt:%d: %w", i+1, err)
		}
		phrases = append(phrases, phrase{expression, fields[1], fields[2]})
	}
	return phrases, nil
}

// find returns the matches in a masked file.
func find(phrases []phrase, path string, masked []byte) []finding {
	var findings []finding
	for _, p := range phrases {
		for _, at := range p.expression.FindAllIndex(masked, -1) {
			text := masked[at[0]:at[1]]
			start := at[0] + len(text) - len(strings.TrimLeft(string(text), ". \t\r\n"))
			findings = append(findings, finding{
				path:      path,
				line:      1 + strings.Count(string(masked[:start]), "\n"),
				text:      strings.Join(strings.Fields(string(masked[start:at[1]])), " "),
				preferred: p.preferred,
			})
		}
	}
	slices.SortStableFunc(findings, func(a, b finding) int { return a.line - b.line })
	return findings
}

// maskOf returns the function that prepares a file for the search, or nil if the file is not searched. A mask preserves
// the length and the line breaks of the file.
func maskOf(path string) func([]byte) []byte {
	if path == "internal/prose/main_test.go" { // plants phrases
		return nil
	}
	data := slices.Contains(strings.Split(path, "/"), "testdata")
	switch filepath.Ext(path) {
	case ".go":
		if !data {
			return maskGo
		}
	case ".md":
		if !data {
			return replacer("#.|.* _ ")
		}
	case ".html":
		if !data {
			return replacer(">.")
		}
	case ".tmpl", ".py", ".sh", ".js":
		return replacer("# / * \" {.}.")
	}
	if path == ".ci/run" {
		return replacer("# \" ")
	}
	return nil
}

// replacer returns a mask that replaces each character at an even index of pairs with the character that follows it.
func replacer(pairs string) func([]byte) []byte {
	return func(content []byte) []byte {
		masked := slices.Clone(content)
		for i, c := range masked {
			for j := 0; j+1 < len(pairs); j += 2 {
				if c == pairs[j] {
					masked[i] = pairs[j+1]
				}
			}
		}
		return masked
	}
}

// maskGo replaces code with periods, and the delimiters of comments and strings with spaces, so that a phrase can
// continue on the next line of a comment but not in the next declaration.
func maskGo(content []byte) []byte {
	masked := slices.Clone(content)
	for i, c := range masked {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			masked[i] = '.'
		}
	}
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(content))
	var s scanner.Scanner
	s.Init(file, content, nil, scanner.ScanComments)
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return masked
		}
		if tok != token.COMMENT && tok != token.STRING {
			continue
		}
		start := file.Offset(pos)
		end := start + len(literal)
		copy(masked[start:end], content[start:end])
		switch {
		case tok == token.STRING || content[start+1] == '/':
			masked[start] = ' '
			if tok == token.COMMENT {
				masked[start+1] = ' '
			} else {
				masked[end-1] = ' '
			}
		default: // a general comment
			for _, i := range []int{start, start + 1, end - 2, end - 1} {
				masked[i] = ' '
			}
		}
	}
}
