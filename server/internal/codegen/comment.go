package codegen

import (
	"strings"
	"unicode"
)

// commentWidth is the maximum length of a comment line, in bytes.
const commentWidth = 100

// comment returns text as lines of a comment. Each line starts with prefix and a space, and ends with a line break. The
// text comes from users, so comment ensures that it cannot end the comment, act as a directive, or hide code.
//
// The space disables directives such as //go:build and //line. A +build constraint, however, is valid after a space, and
// go/format moves it from anywhere in a file to the start, so comment quotes it.
func comment(prefix, text string) string {
	var b strings.Builder
	line := ""
	flush := func() {
		if strings.HasPrefix(line, "+build") {
			line = strings.Replace(line, "+build", `"+build"`, 1)
		}
		if line != "" {
			b.WriteString(prefix + " " + line + "\n")
		}
	}
	for _, word := range strings.FieldsFunc(text, isBreak) {
		// Remove control and formatting characters, which break compilers or reorder text in editors.
		word = strings.Map(visible, word)
		switch {
		case word == "":
		case line == "":
			line = word
		case len(line)+1+len(word) > commentWidth:
			flush()
			line = word
		default:
			line += " " + word
		}
	}
	flush()
	return b.String()
}

func isBreak(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func visible(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return -1
}
