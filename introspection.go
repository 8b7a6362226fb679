package gamesparks

import (
	"fmt"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// OperationInfo describes an operation of the API. It is intended for tools.
type OperationInfo struct {
	// Name is the name of the operation and of its method on [Client].
	Name string

	// Method is the HTTP method.
	Method string

	// URI is the path of the request, with labels in braces.
	URI string

	// Paginated reports whether the operation has a paginator.
	Paginated bool

	// Idempotent reports whether the API documents the operation as idempotent.
	Idempotent bool

	// Errors are the codes of the errors that the API documents for the operation.
	Errors []string
}

// Operations describes all operations, sorted by name.
func Operations() []OperationInfo {
	var infos []OperationInfo
	for _, op := range schemas.Operations() {
		infos = append(infos, describe(op))
	}
	return infos
}

// LookupOperation describes the operation with the given name. If the name is unknown, the error is an
// *[UnknownOperationError].
func LookupOperation(name string) (OperationInfo, error) {
	if op := schemas.FindOperation(name); op != nil {
		return describe(op), nil
	}
	return OperationInfo{}, &UnknownOperationError{Name: name}
}

// CanPaginate reports whether the operation has a paginator. It returns false for an unknown name; use [LookupOperation] to
// distinguish the two cases.
func CanPaginate(operation string) bool {
	info, err := LookupOperation(operation)
	return err == nil && info.Paginated
}

// UnknownOperationError means that the API has no operation with that name.
type UnknownOperationError struct {
	// Name is the unknown name.
	Name string
}

// Error contains the name.
func (e *UnknownOperationError) Error() string {
	return fmt.Sprintf("unknown operation %q: Operations lists the operations of the API", e.Name)
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
