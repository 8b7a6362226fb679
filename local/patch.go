package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/gamesparks-go/gamesparks/types"
)

// patchOperations are the operations of JSON Patch (RFC 6902), by those of the API.
var patchOperations = map[types.Operation]string{
	types.OperationAdd:     "add",
	types.OperationReplace: "replace",
	types.OperationRemove:  "remove",
}

// patch is an operation of JSON Patch without its path. The path is followed here, level by level, and each container
// on it is patched by the library: on its own the library takes "01" and "+1" for indices of lists and does not find
// members whose name is empty.
type patch struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value,omitempty"`
}

// modify returns the content of a section after a modification. A section that does not exist, whose content is nil,
// counts as an empty object for ADD: adding a member makes the section.
func modify(content json.RawMessage, m *types.SectionModification) (json.RawMessage, error) {
	p := patch{Op: patchOperations[m.Operation]}
	switch {
	case content == nil && m.Operation != types.OperationAdd:
		return nil, errors.New("the section does not exist")
	case content == nil:
		content = json.RawMessage("{}")
	}
	if m.Operation != types.OperationRemove {
		if m.Value == nil {
			return nil, errors.New("a value is required")
		}
		value, err := m.Value.MarshalSmithyDocument()
		if err != nil {
			return nil, err
		}
		p.Value = value
	}
	tokens, err := parsePointer(*m.Path)
	if err != nil {
		return nil, err
	}
	changed, err := p.apply(content, tokens)
	if err != nil {
		return nil, err
	}
	return compact(changed)
}

var badEscape = regexp.MustCompile(`~([^01]|$)`)

// parsePointer returns the tokens of a JSON Pointer (RFC 6901), which begins with a slash.
func parsePointer(path string) ([]string, error) {
	if bad := badEscape.FindString(path); bad != "" {
		return nil, fmt.Errorf("%q is no escape of a JSON Pointer: those are ~0 and ~1", bad)
	}
	tokens := strings.Split(path, "/")[1:]
	for i, token := range tokens {
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
	}
	return tokens, nil
}

// apply returns the container after the operation at the path below it.
func (p patch) apply(container json.RawMessage, path []string) (json.RawMessage, error) {
	token := path[0]
	child, err := lookUp(container, token)
	if err != nil {
		return nil, err
	}
	if child == nil && (len(path) > 1 || p.Op != "add") {
		return nil, fmt.Errorf("there is no %q", token)
	}
	if len(path) > 1 {
		changed, err := p.apply(child, path[1:])
		if err != nil {
			return nil, err
		}
		p = patch{Op: "replace", Value: changed}
	}
	p.Path = "/" + strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode([]patch{p}); err != nil {
		return nil, err
	}
	step, err := jsonpatch.DecodePatch(text.Bytes())
	if err != nil {
		return nil, err
	}
	options := jsonpatch.NewApplyOptions()
	options.EscapeHTML = false
	return step.ApplyWithOptions(container, options)
}

var listIndex = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

// lookUp returns the value that a token of a path means in a container, nil when there is none but one can be added.
func lookUp(container json.RawMessage, token string) (json.RawMessage, error) {
	switch first := bytes.TrimSpace(container)[0]; first {
	case '{':
		var object map[string]json.RawMessage
		err := json.Unmarshal(container, &object)
		return object[token], err
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(container, &list); err != nil || token == "-" {
			return nil, err
		}
		if !listIndex.MatchString(token) {
			return nil, fmt.Errorf("%q is no index of a list", token)
		}
		switch i, _ := strconv.Atoi(token); {
		case i < len(list):
			return list[i], nil
		case i > len(list):
			return nil, fmt.Errorf("the list has %d items, which is less than %d", len(list), i)
		}
		return nil, nil
	default:
		return nil, fmt.Errorf("%q is looked for in %s", token, kind(first))
	}
}

// kind names the kind of a JSON value by its first character.
func kind(first byte) string {
	switch first {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

func compact(text []byte) (json.RawMessage, error) {
	var buf bytes.Buffer
	err := json.Compact(&buf, text)
	return buf.Bytes(), err
}
