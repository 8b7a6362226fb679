package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	smithy "github.com/aws/smithy-go"
	"github.com/jmespath/go-jmespath"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/cmd/gamesparks/internal/awscli"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

func (a *app) newAPI() *cobra.Command {
	command := &cobra.Command{
		Use:   "api OPERATION",
		Short: "Call an operation of the API with the parameters and the output of the AWS CLI.",
		Long: `Call an operation of the API with the parameters and the output of the AWS CLI, version 2. The output is
always JSON.

Values of parameters can be read from files: file://NAME is a text, and fileb://NAME the content of a blob. Structures, maps
and lists are JSON or in the shorthand syntax KEY=VALUE,KEY=VALUE. List operations return all items unless --max-items limits
their number.

Game keys are replaced by *** unless --show-keys is set. JMESPath does not define the order of the values that * finds in an
object; use sort or sort_by.`,
	}
	for _, op := range awscli.Operations() {
		command.AddCommand(a.newOperation(op))
	}
	return command
}

// call is a call of an operation, as set by flags.
type call struct {
	op        *awscli.Operation
	values    []*parameterValue
	inputJSON string
	query     string
	options   awscli.Options
}

func (a *app) newOperation(op *awscli.Operation) *cobra.Command {
	c := &call{op: op}
	var maxItems, pageSize int
	command := &cobra.Command{
		Use:     op.Command,
		Aliases: []string{op.Schema.Name},
		Short:   fmt.Sprintf("%s (%s %s)", op.Schema.Name, op.Schema.Method, op.Schema.URI),
		Args:    arguments(),
		RunE: func(command *cobra.Command, _ []string) error {
			for name, n := range map[string]int{"max-items": maxItems, "page-size": pageSize} {
				if command.Flags().Changed(name) && n < 0 {
					return usageErrorf("--%s %d: the value must not be negative", name, n)
				}
			}
			if command.Flags().Changed("max-items") {
				c.options.MaxItems = &maxItems
			}
			if command.Flags().Changed("page-size") {
				c.options.PageSize = &pageSize
			}
			return a.callAPI(command, c)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	for i := range op.Parameters {
		p := &op.Parameters[i]
		value := &parameterValue{parameter: p}
		c.values = append(c.values, value)
		flags.Var(value, p.Flag, parameterHelp(p))
		flags.Lookup(p.Flag).Hidden = p.Hidden
	}
	flags.StringVar(&c.inputJSON, "input-json", "", "read parameters from the JSON object in `FILE`, - for standard input, or the argument itself; flags replace its members")
	flags.StringVar(&c.inputJSON, "cli-input-json", "", "as --input-json")
	flags.Lookup("cli-input-json").Hidden = true // the name in the AWS CLI
	command.MarkFlagsMutuallyExclusive("input-json", "cli-input-json")
	flags.StringVar(&c.query, "query", "", "print the result of a `JMESPATH` expression")
	flags.BoolVar(&c.options.NoPaginate, "no-paginate", false, "request one page only")
	if op.Paginated() {
		flags.IntVar(&maxItems, "max-items", 0, "print at most `N` items, and a NextToken for the rest")
		flags.StringVar(&c.options.StartingToken, "starting-token", "", "continue from the NextToken of an output limited by --max-items")
		flags.IntVar(&pageSize, "page-size", 0, "request `N` items at a time")
	}
	return command
}

func (a *app) callAPI(command *cobra.Command, c *call) error {
	in, err := a.readInput(c)
	if err != nil {
		return withStatus(statusUsage, err)
	}
	var query *jmespath.JMESPath
	if c.query != "" {
		if query, err = jmespath.Compile(c.query); err != nil {
			return usageErrorf("--query %s: %w: https://jmespath.org describes the syntax", c.query, err)
		}
	}
	client, err := a.newClient(command.Context())
	if err != nil {
		return err
	}
	c.options.ShowKeys = a.showKeys
	output, err := c.op.Call(command.Context(), client, in, c.options)
	if text, ok := c.op.ErrorMessage(err); ok {
		if c.options.PageSize != nil && strings.Contains(text, "MaxResults") {
			text += fmt.Sprintf("\nThe value of MaxResults is that of --page-size, %d.", *c.options.PageSize)
		}
		return &apiError{text: text, err: err}
	}
	if err != nil {
		if _, invalid := errors.AsType[*awscli.InputError](err); invalid || gamesparks.IsValidation(err) {
			return withStatus(statusUsage, err)
		}
		return err
	}
	if query != nil {
		if err := output.Query(query); err != nil {
			return fmt.Errorf("--query %s: %w", c.query, err)
		}
	}
	return output.Write(a.stdout)
}

// readInput returns the parameters of the flags and of --input-json.
func (a *app) readInput(c *call) (awscli.Input, error) {
	in := awscli.Input{}
	var missing []string
	for _, value := range c.values {
		switch {
		case value.values != nil:
			if err := in.Set(value.parameter, value.values); err != nil {
				return nil, err
			}
		case value.parameter.Required:
			missing = append(missing, "--"+value.parameter.Flag)
		}
	}
	if c.inputJSON == "" {
		if missing != nil {
			return nil, fmt.Errorf("the following arguments are required: %s", strings.Join(missing, ", "))
		}
		return in, nil
	}
	text, err := a.readJSON(c.inputJSON)
	if err != nil {
		return nil, fmt.Errorf("--input-json: %w", err)
	}
	return in, in.SetJSON("--input-json", text)
}

// readJSON reads a file, or standard input if name is -. If name is a JSON object, it returns the object, as the AWS CLI
// does.
func (a *app) readJSON(name string) ([]byte, error) {
	switch {
	case name == "-":
		return io.ReadAll(a.stdin)
	case strings.HasPrefix(strings.TrimSpace(name), "{"):
		return []byte(name), nil
	}
	if text, loaded, err := awscli.Load(name); loaded {
		return []byte(text), err
	}
	return os.ReadFile(name)
}

// apiError is an error of the service with the message of the AWS CLI.
type apiError struct {
	text string
	err  error
}

func (e *apiError) Error() string { return e.text }
func (e *apiError) Unwrap() error { return e.err }

// parameterValue collects the values of a flag.
type parameterValue struct {
	parameter *awscli.Parameter
	values    []string
}

var _ pflag.Value = (*parameterValue)(nil)

// Set implements pflag.Value. A repeated flag adds values to a list and replaces any other value.
func (v *parameterValue) Set(text string) error {
	if !v.parameter.IsList() {
		v.values = nil
	}
	v.values = append(v.values, text)
	return nil
}

func (v *parameterValue) String() string { return strings.Join(v.values, " ") }

// Type implements pflag.Value. The help shows it.
func (v *parameterValue) Type() string { return typeName(v.parameter.Member) }

func typeName(s *smithy.Schema) string {
	switch s.Type() {
	case smithy.ShapeTypeStructure:
		return "STRUCTURE"
	case smithy.ShapeTypeMap:
		return "MAP"
	case smithy.ShapeTypeList:
		return typeName(s.ListMember()) + "..."
	case smithy.ShapeTypeInteger:
		return "INTEGER"
	}
	return "STRING"
}

// parameterHelp describes the type and the constraints of a parameter.
func parameterHelp(p *awscli.Parameter) string {
	var facts []string
	if p.Required {
		facts = append(facts, "required")
	}
	if s := p.Member; s.Type() == smithy.ShapeTypeStructure {
		facts = append(facts, "members "+strings.Join(slices.Sorted(maps.Keys(s.Members())), ", "))
	} else if s.Type() == smithy.ShapeTypeList && s.ListMember().Type() == smithy.ShapeTypeStructure {
		facts = append(facts, "members "+strings.Join(slices.Sorted(maps.Keys(s.ListMember().Members())), ", "))
	}
	unit := map[smithy.ShapeType]string{smithy.ShapeTypeString: "characters", smithy.ShapeTypeList: "values", smithy.ShapeTypeMap: "entries"}
	if length, ok := smithy.SchemaTrait[*schemas.Length](p.Member); ok {
		facts = append(facts, fmt.Sprintf("%d to %d %s", length.Min, length.Max, unit[p.Member.Type()]))
	}
	if pattern, ok := smithy.SchemaTrait[*schemas.Pattern](p.Member); ok {
		facts = append(facts, "matches "+pattern.String())
	}
	return strings.Join(facts, "; ")
}

// valueOf returns the value of a flag of an operation.
func valueOf(flag *pflag.Flag) (*parameterValue, bool) {
	if flag == nil {
		return nil, false
	}
	value, ok := flag.Value.(*parameterValue)
	return value, ok
}
