package gamesparks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// OperationInfo describes an operation of the API, for tools.
type OperationInfo struct {
	// Name is the name of the operation, and of the method of [Client].
	Name string

	// Method is the HTTP method.
	Method string

	// URI is the path of the request, with its labels in braces.
	URI string

	// Paginated tells whether there is a paginator.
	Paginated bool

	// Idempotent tells whether the API documents that repeating a request does nothing new.
	Idempotent bool

	// Errors are the codes of the errors that the API documents for the operation.
	Errors []string
}

// Operations describes all operations in the order of their names.
func Operations() []OperationInfo {
	var infos []OperationInfo
	for _, op := range schemas.Operations() {
		infos = append(infos, describe(op))
	}
	return infos
}

// LookupOperation describes the operation of that name. The error for one that there is not lists the names that are
// near it.
func LookupOperation(name string) (OperationInfo, error) {
	if op := schemas.FindOperation(name); op != nil {
		return describe(op), nil
	}
	return OperationInfo{}, &UnknownOperationError{Name: name, Near: nearOperations(name)}
}

// CanPaginate reports whether there is a paginator for the operation of that name. It is false for a name that there is
// not; [LookupOperation] tells those apart.
func CanPaginate(operation string) bool {
	info, err := LookupOperation(operation)
	return err == nil && info.Paginated
}

// UnknownOperationError is the error for a name that no operation has.
type UnknownOperationError struct {
	// Name is the name.
	Name string
	// Near are the names of operations that it may have been meant for, the nearest first. It may be empty.
	Near []string
}

// Error names the operation, and those near it.
func (e *UnknownOperationError) Error() string {
	if len(e.Near) == 0 {
		return fmt.Sprintf("there is no operation %q", e.Name)
	}
	return fmt.Sprintf("there is no operation %q; did you mean %s?", e.Name, strings.Join(e.Near, ", "))
}

func describe(op *schemas.APIOperation) OperationInfo {
	info := OperationInfo{
		Name:       op.Name,
		Method:     op.Method,
		URI:        op.URI,
		Paginated:  op.Items != nil,
		Idempotent: op.Idempotent,
	}
	for _, e := range op.Errors {
		info.Errors = append(info.Errors, e.ID().Name)
	}
	return info
}

// nearOperations returns up to three names within a third of the name's length in edits. Case and the separators of
// other languages' method names, as in create_game, do not count.
func nearOperations(name string) []string {
	plain := strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
	if len(plain) > 100 {
		return nil
	}
	type candidate struct {
		name  string
		edits int
	}
	var near []candidate
	for _, op := range schemas.Operations() {
		if edits := editDistance(plain, strings.ToLower(op.Name)); edits <= max(2, len(plain)/3) {
			near = append(near, candidate{op.Name, edits})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.edits - b.edits })
	var names []string
	for _, c := range near[:min(3, len(near))] {
		names = append(names, c.name)
	}
	return names
}

// editDistance is the Levenshtein distance in bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
