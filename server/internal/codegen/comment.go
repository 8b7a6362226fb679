package codegen

import (
	"strings"
	"unicode"
)

// commentWidth is the number of characters after which a line of a comment ends.
const commentWidth = 100

// comment returns text as lines of a comment. Each line begins with prefix and a space and ends with a line break. The
// text comes from users: nothing in it ends the comment, acts as a directive, or hides code.
//
// The space keeps directives such as //go:build and //line from taking effect. A +build constraint allows spaces before
// it, and go/format turns one anywhere in a file into a constraint of the file, so it is quoted.
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
		// Control and formatting characters break compilers or reorder text in an editor.
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
