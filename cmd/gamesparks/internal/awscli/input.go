package awscli

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	smithy "github.com/aws/smithy-go"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/gamesparks-go/gamesparks/internal/restjson"
	"github.com/gamesparks-go/gamesparks/internal/serde"
)

// Input is the input of an operation: the JSON value of each member.
type Input map[string]jsontext.Value

// InputError means that the input of an operation is invalid. The message has the form of the AWS CLI.
type InputError struct {
	// Flag is the name of the flag whose value cannot be parsed, with dashes. It is empty if the value can be parsed, but
	// does not match the model.
	Flag string

	// Err describes the problem.
	Err error
}

// Error returns the message.
func (e *InputError) Error() string {
	if e.Flag == "" {
		text := e.Err.Error()
		return "Parameter validation failed:\n" + strings.ToUpper(text[:1]) + text[1:] // as in the AWS CLI
	}
	return fmt.Sprintf("Error parsing parameter '%s': %v", e.Flag, e.Err)
}

// Unwrap returns Err.
func (e *InputError) Unwrap() error { return e.Err }

// Set stores the values of a flag. Flags that are not lists have one value.
func (in Input) Set(p *Parameter, values []string) error {
	value, err := p.parse(values)
	if err != nil {
		return &InputError{Flag: "--" + p.Flag, Err: err}
	}
	in[p.Member.MemberName()] = value
	return nil
}

// SetJSON stores the members of a JSON object that in does not contain yet. Errors contain the name of the flag.
func (in Input) SetJSON(flag string, text []byte) error {
	members, err := parseObject(bytes.TrimSpace(text))
	if err != nil {
		return &InputError{Flag: flag, Err: err}
	}
	for name, value := range members {
		if _, ok := in[name]; !ok {
			in[name] = value
		}
	}
	return nil
}

// parse returns the JSON value of a flag's values.
func (p *Parameter) parse(values []string) (jsontext.Value, error) {
	if len(values) == 1 {
		text, loaded, err := Load(values[0])
		if err != nil {
			return nil, err
		}
		if loaded {
			values = []string{text}
		}
	}
	switch {
	case !p.IsList():
		return parseValue(p.Member, values[0])
	case len(values) == 1 && strings.HasPrefix(strings.TrimSpace(values[0]), "["):
		return parseJSON(values[0])
	}
	items := make([]jsontext.Value, len(values))
	for i, value := range values {
		item, err := parseValue(p.Member.ListMember(), value)
		if err != nil {
			return nil, err
		}
		items[i] = item
	}
	return json.Marshal(items)
}

// parseValue returns the JSON value for a text. Structures and maps are JSON or in the shorthand syntax.
func parseValue(s *smithy.Schema, text string) (jsontext.Value, error) {
	switch s.Type() {
	case smithy.ShapeTypeStructure, smithy.ShapeTypeMap:
		if strings.HasPrefix(strings.TrimSpace(text), "{") {
			return parseJSON(text)
		}
		return parseShorthand(s, text)
	case smithy.ShapeTypeInteger:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%q is not a 32-bit integer", text)
		}
		return jsontext.Value(strconv.FormatInt(n, 10)), nil
	case smithy.ShapeTypeDocument:
		return parseJSON(text)
	}
	return json.Marshal(text)
}

// Prefixes of values that are read from files.
const (
	textFile   = "file://"
	binaryFile = "fileb://"
)

// Load reads the file if a value has the prefix file:// or fileb://. It returns other values unchanged, and loaded is false.
func Load(value string) (text string, loaded bool, err error) {
	name, ok := strings.CutPrefix(value, textFile)
	if !ok {
		if name, ok = strings.CutPrefix(value, binaryFile); !ok {
			return value, false, nil
		}
	}
	content, err := readFile(name)
	return string(content), true, err
}

// readFile reads a file. It expands ~/ and environment variables in the name.
func readFile(name string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(name, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		name = filepath.Join(home, rest)
	}
	return os.ReadFile(os.ExpandEnv(name))
}

func parseJSON(text string) (jsontext.Value, error) {
	value := jsontext.Value(strings.TrimSpace(text))
	if !value.IsValid() {
		// The decoder's error has the position.
		var ignored any
		return nil, fmt.Errorf("invalid JSON: %w", json.Unmarshal(value, &ignored))
	}
	return value, nil
}

func parseObject(text []byte) (map[string]jsontext.Value, error) {
	if kind := jsontext.Value(text).Kind(); len(text) > 0 && kind != '{' && jsontext.Value(text).IsValid() {
		return nil, fmt.Errorf("expected a JSON object, found %s", kindName(kind))
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, fmt.Errorf("invalid JSON: %w", err)
	}
	return members, nil
}

// decode returns the input as the Go type of the operation's input. It rejects members that are not in the model, and values
// of the wrong type.
func (in Input) decode(schema *smithy.Schema, t serde.Type) (any, error) {
	body, err := convertMembers(schema, "", in)
	if err != nil {
		return nil, &InputError{Err: err}
	}
	value := t.New()
	return value, restjson.Decode(body, &serde.Shape{Schema: schema, Type: t, Value: value})
}

// convert checks a JSON value against its shape, and replaces file names in blobs with the content of the files.
func convert(s *smithy.Schema, path string, value jsontext.Value) (jsontext.Value, error) {
	kind := value.Kind()
	want := map[smithy.ShapeType]jsontext.Kind{
		smithy.ShapeTypeStructure: '{', smithy.ShapeTypeMap: '{', smithy.ShapeTypeList: '[',
		smithy.ShapeTypeString: '"', smithy.ShapeTypeEnum: '"', smithy.ShapeTypeBlob: '"', smithy.ShapeTypeInteger: '0',
	}[s.Type()]
	switch {
	case s.Type() == smithy.ShapeTypeDocument:
		return value, nil
	case want != 0 && kind != want:
		return nil, fmt.Errorf("invalid type for parameter %s: expected %s, found %s", path, kindName(want), kindName(kind))
	}
	switch s.Type() {
	case smithy.ShapeTypeStructure, smithy.ShapeTypeMap:
		members, err := parseObject(value)
		if err != nil {
			return nil, err
		}
		return convertMembers(s, path, members)
	case smithy.ShapeTypeList:
		var items []jsontext.Value
		if err := json.Unmarshal(value, &items); err != nil {
			return nil, err
		}
		for i := range items {
			var err error
			if items[i], err = convert(s.ListMember(), fmt.Sprintf("%s[%d]", path, i), items[i]); err != nil {
				return nil, err
			}
		}
		return json.Marshal(items)
	case smithy.ShapeTypeBlob:
		return convertBlob(path, value)
	}
	return value, nil
}

// convertMembers checks the members of a structure or the values of a map.
func convertMembers(s *smithy.Schema, path string, members map[string]jsontext.Value) (jsontext.Value, error) {
	converted := make(map[string]jsontext.Value, len(members))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		member, inner := s.Member(name), strings.TrimPrefix(path+"."+name, ".")
		if s.Type() == smithy.ShapeTypeMap {
			member = s.MapValue()
		}
		if member == nil {
			context := "input"
			if path != "" {
				context = path
			}
			return nil, fmt.Errorf("unknown parameter in %s: %q, must be one of: %s", context, name,
				strings.Join(slices.Sorted(maps.Keys(s.Members())), ", "))
		}
		value, err := convert(member, inner, members[name])
		if err != nil {
			return nil, err
		}
		converted[name] = value
	}
	return json.Marshal(converted, json.Deterministic(true))
}

// convertBlob returns a blob in base64. Its value is base64, or names a file with the prefix fileb:// for the content
// itself or file:// for base64.
func convertBlob(path string, value jsontext.Value) (jsontext.Value, error) {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return nil, err
	}
	content, loaded, err := Load(text)
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", path, err)
	}
	if loaded && strings.HasPrefix(text, binaryFile) {
		return json.Marshal([]byte(content))
	}
	content = strings.Join(strings.Fields(content), "")
	if _, err := base64.StdEncoding.DecodeString(content); err != nil {
		return nil, fmt.Errorf("invalid base64 in parameter %s: to send a file, write fileb:// and its name", path)
	}
	return json.Marshal(content)
}

// kindName returns the name of a kind of JSON value, with its article.
func kindName(kind jsontext.Kind) string {
	switch kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	}
	return "null"
}
