package ui

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/gamesparks-go/gamesparks/types"
)

// The limits of the configuration in a page. HTML escapes increase the size of a text by at most five times, so a page has
// less than 2 MB for any configuration.
const (
	maxSections = 500
	maxText     = 256 << 10 // of all sections, in bytes
)

// section is a section of a configuration in a page.
type section struct {
	Name string
	Size int32
	Text string
	Cut  bool // whether the end of the text is missing
}

// sectionsOf returns the first sections by name, within the limits, and the number of the others.
func sectionsOf(configuration *types.GameConfigurationDetails) (shown []section, others int, err error) {
	names := slices.Sorted(maps.Keys(configuration.Sections))
	left := maxText
	for _, name := range names[:min(len(names), maxSections)] {
		s := section{Name: name, Size: configuration.Sections[name].Size}
		if attributes := configuration.Sections[name].Attributes; attributes != nil && left > 0 {
			text, err := attributes.MarshalSmithyDocument()
			if err != nil {
				return nil, 0, err
			}
			s.Text, s.Cut = display(text, left)
			left -= len(s.Text)
		} else {
			s.Cut = attributes != nil
		}
		shown = append(shown, s)
	}
	return shown, len(names) - len(shown), nil
}

// display returns the JSON text, indented if that fits into limit bytes, or else its beginning.
func display(text []byte, limit int) (shown string, cut bool) {
	if maxIndentedSize(text) <= limit {
		var indented bytes.Buffer
		if err := json.Indent(&indented, text, "", "  "); err == nil {
			return indented.String(), false
		}
	}
	if len(text) <= limit {
		return string(text), false
	}
	return strings.ToValidUTF8(string(text[:limit]), ""), true
}

// maxIndentedSize returns an upper bound of the size of a JSON text after indentation, which can be large: each value begins
// a line with two spaces for each level.
func maxIndentedSize(text []byte) int {
	size, depth, inString := len(text), 0, false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{', c == '[':
			depth++
			size += 1 + 2*depth
		case c == '}', c == ']':
			depth--
			size += 1 + 2*depth
		case c == ',':
			size += 1 + 2*depth
		case c == ':':
			size++
		}
	}
	return size
}
