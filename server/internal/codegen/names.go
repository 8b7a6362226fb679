package codegen

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxIdentifier is the maximum length of the identifier for a name, not counting a number that scope.add appends. C#
// allows 512 characters, and names in practice are much shorter.
const maxIdentifier = 200

// identifier returns the identifier for a name. It consists of ASCII letters, digits and underscores, and starts with an
// upper-case letter. It is therefore exported in Go, and it is neither a keyword of Go or C# nor a predeclared identifier
// of Go. If it exceeds maxIdentifier, a hash of the name replaces its end, so that the identifier does not depend on
// other names.
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
			// Languages differ in which non-ASCII letters they allow in identifiers.
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

// scope is a set of unique identifiers. It maps each to the next number to append if the identifier is added again.
type scope map[string]int

func newScope(reserved ...string) scope {
	s := make(scope)
	for _, ident := range reserved {
		s[ident] = 2
	}
	return s
}

// add adds ident and returns it. If the scope already has ident, add appends a number.
func (s scope) add(ident string) string {
	unique := ident
	for s[unique] > 0 {
		unique = ident + strconv.Itoa(s[ident])
		s[ident]++
	}
	s[unique] = 2
	return unique
}

// addAll adds a prefixed identifier for each name, and returns the identifiers by name. The names must be unique. It adds
// names that are already identifiers first, so that other names do not change them.
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
