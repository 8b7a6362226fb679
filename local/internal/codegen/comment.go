package codegen

import (
	"strings"
	"unicode"
)

// commentWidth is the number of characters after which a line of a comment ends.
const commentWidth = 100

// comment returns text as lines of a comment, each with prefix and a space before it and a line break after it. The
// text comes from users: nothing in it can end the comment, start a directive, or hide what the code says.
func comment(prefix, text string) string {
	var b strings.Builder
	line := ""
	for _, word := range strings.FieldsFunc(text, isBreak) {
		// Control and formatting characters break compilers or reorder what an editor shows.
		word = strings.Map(visible, word)
		switch {
		case word == "":
		case word == "+build" && line == "":
			line = "build" // else the line is a build constraint
		case line == "":
			line = word
		case len(line)+1+len(word) > commentWidth:
			b.WriteString(prefix + " " + line + "\n")
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		b.WriteString(prefix + " " + line + "\n")
	}
	return b.String()
}

func isBreak(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func visible(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return -1
}
