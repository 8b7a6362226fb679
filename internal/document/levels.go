package document

import "github.com/gamesparks-go/gamesparks/internal/jsonscan"

// Levels returns the maximum nesting depth of objects and arrays in a JSON text. The depth of a scalar is 0.
func Levels(text []byte) int {
	depth, deepest := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		case '"':
			i = jsonscan.SkipString(text, i) - 1
		}
	}
	return deepest
}
