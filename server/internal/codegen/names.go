package codegen

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxIdentifier is the greatest length of the identifier for a name. C# allows 512 characters; a number can follow, and
// no name in practice is as long as this.
const maxIdentifier = 200

// identifier returns the identifier for a name: ASCII letters, digits and underscores, the first an upper-case letter.
// Go exports such names, and no keyword of Go or C# and no predeclared name of Go is one of them. If it is longer than
// maxIdentifier, its end is replaced by a hash of the name, so that it depends on no other name.
func identifier(name string) string {
	var b strings.Builder
	runes := []rune(name)
	startsWord := true
	for i, r := range runes {
		switch {
		case isLower(r) && startsWord:
			b.WriteRune(unicode.ToUpper(r))
		case isLower(r), 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			b.WriteRune(r)
		case r == '_' && (i+1 == len(runes) || !isLower(runes[i+1])):
			b.WriteRune(r)
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			// The languages disagree on which letters beyond ASCII are fit for an identifier.
			fmt.Fprintf(&b, "U%04X", r)
		default:
			startsWord = true
			continue
		}
		startsWord = false
	}
	ident := b.String()
	if ident == "" || ident[0] < 'A' || ident[0] > 'Z' {
		ident = "X" + ident
	}
	if len(ident) > maxIdentifier {
		hash := sha256.Sum256([]byte(name))
		end := fmt.Sprintf("_%x", hash[:8])
		ident = ident[:maxIdentifier-len(end)] + end
	}
	return ident
}

func isLower(r rune) bool { return 'a' <= r && r <= 'z' }

// scope is a set of identifiers that must differ. Its values are the numbers to try next.
type scope map[string]int

func newScope(reserved ...string) scope {
	s := make(scope)
	for _, ident := range reserved {
		s[ident] = 2
	}
	return s
}

// add returns ident, or ident with a number after it if the scope has ident already.
func (s scope) add(ident string) string {
	unique := ident
	for s[unique] > 0 {
		unique = ident + strconv.Itoa(s[ident])
		s[ident]++
	}
	s[unique] = 2
	return unique
}

// addAll adds prefix and the identifiers of names, which differ, and returns the result for each name. A name that is
// an identifier keeps it, whatever other names there are.
func (s scope) addAll(prefix string, names []string) map[string]string {
	idents := make(map[string]string, len(names))
	for _, exact := range []bool{true, false} {
		for _, name := range names {
			if ident := identifier(name); (ident == name) == exact {
				idents[name] = s.add(prefix + ident)
			}
		}
	}
	return idents
}
