package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// configFile is the value of --config, the name of a file with values for flags.
type configFile string

// BeforeResolve adds the values of the file to the sources of flags.
func (configFile) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	name, _ := ctx.FlagValue(trace.Flag).(configFile)
	if name == "" {
		return nil
	}
	text, err := os.ReadFile(string(name))
	if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	values, err := parseConfigFile(text)
	if err != nil {
		return fmt.Errorf("--config %s: %w", name, err)
	}
	ctx.AddResolver(&fileResolver{name: string(name), values: values})
	return nil
}

// parseConfigFile returns the members of the file. A scalar is a string with the text of the file, so that the account
// 000000000001 is not read as a number.
func parseConfigFile(text []byte) (map[string]fileValue, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 { // no text, or only comments
		return nil, nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: expected an object whose members have the names of flags", root.Line)
	}
	values := map[string]fileValue{}
	for i := 0; i < len(root.Content); i += 2 {
		name, node := root.Content[i], root.Content[i+1]
		if _, duplicate := values[name.Value]; duplicate {
			return nil, fmt.Errorf("line %d: duplicate member %s", name.Line, name.Value)
		}
		value, err := plain(node)
		if err != nil {
			return nil, fmt.Errorf("line %d: member %s: %w", node.Line, name.Value, err)
		}
		values[name.Value] = fileValue{name.Line, value}
	}
	return values, nil
}

// fileValue is the value of a member of the file.
type fileValue struct {
	line  int
	value any // a string, a []any or a map[string]any
}

// plain returns the value of a node with all scalars as strings.
func plain(node *yaml.Node) (any, error) {
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag != "!!null":
		return node.Value, nil
	case node.Kind == yaml.SequenceNode:
		list := []any{}
		for _, item := range node.Content {
			value, err := plain(item)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case node.Kind == yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i < len(node.Content); i += 2 {
			value, err := plain(node.Content[i+1])
			if err != nil {
				return nil, err
			}
			object[node.Content[i].Value] = value
		}
		return object, nil
	}
	return nil, errors.New("the value is missing: remove the member to use the default")
}

// fileResolver resolves flags that neither the command line nor the environment sets.
type fileResolver struct {
	name   string
	values map[string]fileValue
}

// Validate checks that each member of the file is the name of a flag of serve. Other commands read the same file, and may
// have only some of these flags.
func (r *fileResolver) Validate(app *kong.Application) error {
	for name, value := range r.values {
		known := slices.ContainsFunc(app.DefaultCmd.Flags, func(f *kong.Flag) bool { return f.Name == name && name != "config" })
		if !known {
			return fmt.Errorf("--config %s: line %d: %q is not a flag (gamesparks-server --help lists the flags)", r.name, value.line, name)
		}
	}
	return nil
}

// Resolve returns the value of a flag, or nil to keep its current value. A flag without a variable cannot be set in the file
// either.
func (r *fileResolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if len(flag.Tag.Envs) == 0 {
		return nil, nil
	}
	for _, variable := range flag.Tag.Envs {
		if _, ok := os.LookupEnv(variable); ok {
			return nil, nil
		}
	}
	if value, ok := r.values[flag.Name]; ok {
		return value.value, nil
	}
	return nil, nil
}
