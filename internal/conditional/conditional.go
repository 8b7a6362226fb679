// Package conditional defines the conditional writes of a game's configuration, which extend the API. The client and the
// server share it.
//
// GetGameConfiguration, UpdateGameConfiguration and ImportGameConfiguration return the entity tag of the whole
// configuration in the ETag header. The two writes accept the If-Match header of RFC 9110. If no entity tag in it
// matches, the response has status 412 and the error PreconditionFailedException, and the configuration is unchanged.
package conditional

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// The names of the headers, as in an [net/http.Header].
const (
	ETag    = "Etag"
	IfMatch = "If-Match"
)

var writes = []*schemas.APIOperation{schemas.UpdateGameConfiguration, schemas.ImportGameConfiguration}

// Supports reports whether the operation accepts If-Match.
func Supports(op *schemas.APIOperation) bool { return slices.Contains(writes, op) }

// Unsupported returns the error for an operation that does not accept If-Match.
func Unsupported(op *schemas.APIOperation) error {
	return fmt.Errorf("If-Match is not supported by the operation %s: send it only with %s and %s", op.Name, writes[0].Name, writes[1].Name)
}

// Condition is the value of an If-Match header.
type Condition struct {
	any  bool // the value is *
	tags []string
}

// Parse returns the condition in the values of an If-Match header: *, or a list of entity tags.
func Parse(values ...string) (Condition, error) {
	text := strings.Join(values, ",")
	if strings.Trim(text, space) == "*" {
		return Condition{any: true}, nil
	}
	var c Condition
	rest := skip(text)
	for rest != "" {
		tag, after, ok := cutTag(rest)
		if !ok {
			return Condition{}, malformed(text)
		}
		c.tags = append(c.tags, tag)
		if after = strings.TrimLeft(after, space); after != "" && after[0] != ',' {
			return Condition{}, malformed(text)
		}
		rest = skip(after)
	}
	if len(c.tags) == 0 {
		return Condition{}, malformed(text)
	}
	return c, nil
}

// Matches reports whether the condition allows a write of the configuration with the entity tag. The comparison is strong:
// weak entity tags do not match.
func (c Condition) Matches(tag string) bool { return c.any || slices.Contains(c.tags, tag) }

const space = " \t"

// skip removes spaces and empty list elements.
func skip(text string) string { return strings.TrimLeft(text, space+",") }

// cutTag cuts the entity tag at the beginning of text.
func cutTag(text string) (tag, after string, ok bool) {
	opaque := strings.TrimPrefix(text, "W/")
	if opaque == "" || opaque[0] != '"' {
		return "", "", false
	}
	for i := 1; i < len(opaque); i++ {
		switch c := opaque[i]; {
		case c == '"':
			end := len(text) - len(opaque) + i + 1
			return text[:end], text[end:], true
		case c <= ' ' || c == 0x7f:
			return "", "", false
		}
	}
	return "", "", false
}

func malformed(text string) error {
	return fmt.Errorf(`If-Match is %q, want * or a list of entity tags in double quotes: pass the ETag of an earlier response unchanged`, text)
}
