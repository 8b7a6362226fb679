package controlplane

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/gamesparks-go/gamesparks/types"
)

// modify applies a modification to the content of a section, as defined by JSON Patch (RFC 6902), and returns the changed
// content. If it returns an error, the content is unchanged. If content is nil, the section does not exist, and ADD
// creates it as an object with the added member.
func modify(content *value, m *types.SectionModification) (*value, error) {
	switch {
	case content == nil && m.Operation != types.OperationAdd:
		return nil, errors.New("the section does not exist")
	case content == nil:
		content = &value{text: json.RawMessage("{}")}
	}
	var operand *value
	if m.Operation != types.OperationRemove {
		var err error
		if operand, err = newOperand(m); err != nil {
			return nil, err
		}
	}
	tokens, err := parsePointer(*m.Path)
	if err != nil {
		return nil, err
	}
	return content, content.apply(m.Operation, tokens, operand)
}

// newOperand returns the value of a modification, or an error if the value would make the section too deeply nested.
func newOperand(m *types.SectionModification) (*value, error) {
	if m.Value == nil {
		return nil, errors.New("a value is required")
	}
	text, err := m.Value.MarshalSmithyDocument()
	if err != nil {
		return nil, err
	}
	if err := checkLevels(strings.Count(*m.Path, "/"), text); err != nil {
		return nil, err
	}
	compacted, err := compact(text)
	return &value{text: compacted}, err
}

var badEscape = regexp.MustCompile(`~([^01]|$)`)

// parsePointer returns the tokens of a JSON Pointer (RFC 6901), which begins with a slash.
func parsePointer(path string) ([]string, error) {
	if bad := badEscape.FindString(path); bad != "" {
		return nil, fmt.Errorf("%q is not a JSON Pointer escape sequence: use ~0 or ~1", bad)
	}
	tokens := strings.Split(path, "/")[1:]
	for i, token := range tokens {
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
	}
	return tokens, nil
}

// apply applies an operation at a path relative to the value.
func (v *value) apply(operation types.Operation, path []string, operand *value) error {
	token := path[0]
	container, err := v.open()
	if err != nil {
		return err
	}
	if container == nil {
		return fmt.Errorf("the parent of %q is %s: it must be an object or an array", token, kind(v.text[0]))
	}
	child, err := container.lookUp(token)
	switch {
	case err != nil:
		return err
	case child == nil && (len(path) > 1 || operation != types.OperationAdd):
		return fmt.Errorf("%q does not exist", token)
	case len(path) > 1:
		return child.apply(operation, path[1:], operand)
	case operation == types.OperationRemove:
		container.remove(token)
	case operation == types.OperationReplace:
		*child = *operand
	default:
		container.add(token, operand)
	}
	return nil
}

// kind returns the kind of a JSON value that is neither an object nor an array, given its first byte.
func kind(first byte) string {
	switch first {
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
