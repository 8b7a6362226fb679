package project

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// contextLines is the number of unchanged lines around a change in the diff of a script.
const contextLines = 1

// diffText returns the hunks of a unified diff of two texts, as lines without their line feeds. A line that ends in CRLF
// keeps its carriage return, so a change of line endings is visible.
func diffText(before, after string) ([]string, error) {
	diff, err := udiff.ToUnifiedDiff("before", "after", before, udiff.Lines(before, after), contextLines)
	if err != nil {
		return nil, err
	}
	var lines []string
	for _, hunk := range diff.Hunks {
		var body []string
		removed, added := 0, 0
		for _, line := range hunk.Lines {
			mark := " "
			switch line.Kind {
			case udiff.Delete:
				mark = "-"
				removed++
			case udiff.Insert:
				mark = "+"
				added++
			default:
				removed++
				added++
			}
			text, complete := strings.CutSuffix(line.Content, "\n")
			body = append(body, mark+text)
			if !complete {
				body = append(body, `\ No newline at end of file`)
			}
		}
		lines = append(lines, fmt.Sprintf("@@ -%s +%s @@", hunkRange(hunk.FromLine, removed), hunkRange(hunk.ToLine, added)))
		lines = append(lines, body...)
	}
	return lines, nil
}

// hunkRange returns the range of lines of a hunk in the form of diff -u.
func hunkRange(line, count int) string {
	switch count {
	case 0: // the line before which the lines of the other text belong
		return fmt.Sprintf("%d,0", max(line-1, 0))
	case 1:
		return fmt.Sprint(line)
	}
	return fmt.Sprintf("%d,%d", line, count)
}
