// Package awscli calls the operations of the API with the parameters and the output of the AWS CLI, version 2. It derives
// the parameters from the API's model.
package awscli

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"

	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/operations"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// Operation is an operation of the API as a command of the AWS CLI.
type Operation struct {
	// Schema is the operation in the API's model.
	Schema *schemas.APIOperation

	// Command is the name of the command, for example create-game.
	Command string

	// Parameters are the parameters of the command, in the order of their names.
	Parameters []Parameter
}

// Parameter is a member of an operation's input as a flag of the AWS CLI.
type Parameter struct {
	// Flag is the name of the flag without dashes, for example game-name.
	Flag string

	// Member is the member of the input.
	Member *smithy.Schema

	// Required reports whether the command requires the flag, unless the input is read from a file.
	Required bool

	// Hidden reports whether the flag controls paging and is replaced by flags such as --max-items. It still works, and
	// then disables automatic paging.
	Hidden bool
}

// IsList reports whether the flag accepts several values.
func (p *Parameter) IsList() bool { return p.Member.Type() == smithy.ShapeTypeList }

// Operations returns all operations, in the order of their names.
var Operations = sync.OnceValue(func() []*Operation {
	var all []*Operation
	for _, schema := range schemas.Operations() {
		op := &Operation{Schema: schema, Command: kebab(schema.Name)}
		for name, member := range schema.Input.Members() {
			_, required := smithy.SchemaTrait[*schemas.Required](member)
			hidden := op.Paginated() && (name == nextToken || name == maxResults)
			op.Parameters = append(op.Parameters, Parameter{Flag: kebab(name), Member: member, Required: required, Hidden: hidden})
		}
		slices.SortFunc(op.Parameters, func(a, b Parameter) int { return strings.Compare(a.Flag, b.Flag) })
		all = append(all, op)
	}
	return all
})

// Members that control paging. All list operations have both.
const (
	nextToken  = "NextToken"
	maxResults = "MaxResults"
)

// Paginated reports whether the operation returns its items in pages.
func (op *Operation) Paginated() bool { return op.Schema.Items != nil }

// method returns the client's method and its binding to the model.
func (op *Operation) method(client *gamesparks.Client) (reflect.Value, operations.Untyped) {
	method, _ := reflect.TypeOf(client).MethodByName(op.Schema.Name)
	return reflect.ValueOf(client).Method(method.Index), operations.OfMethod(method.Func)
}

// kebab converts a name of the model to the form of the command line: GameName to game-name, tagKeys to tag-keys.
func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
