package storagetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// Outcome is what a client knows about an operation.
type Outcome int

const (
	// Done means that the operation returned a result.
	Done Outcome = iota

	// NoEffect means that the operation failed and certainly had no effect.
	NoEffect

	// Unknown means that the operation failed, and that it may have had an effect or may still have it.
	Unknown
)

// History records the operations of concurrent clients on lists of values, and checks that they are linearizable: that
// each took effect at one instant between its call and its return. It is safe for concurrent use.
type History struct {
	start time.Time

	mu         sync.Mutex
	operations []porcupine.Operation
	outcomes   map[Outcome]int
	recorded   chan struct{} // closed when the next operation is recorded
}

// NewHistory returns an empty history.
func NewHistory() *History {
	return &History{start: time.Now(), outcomes: map[Outcome]int{}, recorded: make(chan struct{})}
}

// listInput is an operation on a list.
type listInput struct {
	list   string
	append string // the value to append. Empty for a read.
	exact  bool   // whether the list must be before, or the operation has no effect
	before string
}

type listOutput struct {
	list    string
	unknown bool
}

// Append records an operation that appends a value, without spaces, to a list. run returns the list with the value, its
// elements separated by spaces. Append returns the outcome.
func (h *History) Append(client int, list, value string, run func() (after string, outcome Outcome)) Outcome {
	return h.record(client, listInput{list: list, append: value}, run)
}

// Replace records an operation that appends a value to a list if the list equals before. run returns the list with the
// value. It returns NoEffect if the list differs from before. Replace returns the outcome.
func (h *History) Replace(client int, list, before, value string, run func() (after string, outcome Outcome)) Outcome {
	return h.record(client, listInput{list: list, append: value, exact: true, before: before}, run)
}

// Read records an operation that reads a list. It returns the outcome.
func (h *History) Read(client int, list string, run func() (value string, outcome Outcome)) Outcome {
	return h.record(client, listInput{list: list}, run)
}

func (h *History) record(client int, input listInput, run func() (string, Outcome)) Outcome {
	call := time.Since(h.start)
	result, outcome := run()
	end := time.Since(h.start)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.outcomes[outcome]++
	close(h.recorded)
	h.recorded = make(chan struct{})
	if outcome == NoEffect || outcome == Unknown && input.append == "" {
		return outcome
	}
	h.operations = append(h.operations, porcupine.Operation{
		ClientId: client, Input: input, Output: listOutput{result, outcome == Unknown},
		Call: int64(call), Return: int64(end),
	})
	return outcome
}

// Counts returns the numbers of operations by outcome.
func (h *History) Counts() (done, noEffect, unknown int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.outcomes[Done], h.outcomes[NoEffect], h.outcomes[Unknown]
}

// Await waits until at least n more operations have ended, or until finished is closed.
func (h *History) Await(n int, finished <-chan struct{}) {
	for range n {
		h.mu.Lock()
		recorded := h.recorded
		h.mu.Unlock()
		select {
		case <-recorded:
		case <-finished:
			return
		}
	}
}

// join appends a value to a list.
func join(list, value string) string { return strings.TrimPrefix(list+" "+value, " ") }

// lists is the model of lists that only grow.
var lists = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byList := map[string][]porcupine.Operation{}
		for _, op := range history {
			list := op.Input.(listInput).list
			byList[list] = append(byList[list], op)
		}
		var parts [][]porcupine.Operation
		for _, part := range byList {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		list, in, out := state.(string), input.(listInput), output.(listOutput)
		switch {
		case in.append == "":
			return out.list == list, list
		case in.exact && in.before != list:
			return out.unknown, list // an unknown operation had no effect
		}
		after := join(list, in.append)
		return out.unknown || out.list == after, after
	},
	DescribeOperation: func(input, output any) string {
		in, out := input.(listInput), output.(listOutput)
		if in.append == "" {
			return fmt.Sprintf("read %s: %s", in.list, out.list)
		}
		return fmt.Sprintf("append %s to %s: %s (unknown: %v)", in.append, in.list, out.list, out.unknown)
	},
}

// checkTimeout bounds a check.
const checkTimeout = 2 * time.Minute

// Check returns an error if the history is not linearizable, or if that could not be determined in two minutes.
func (h *History) Check() error {
	h.mu.Lock()
	operations := resolve(h.operations)
	h.mu.Unlock()
	switch porcupine.CheckOperationsTimeout(lists, operations, checkTimeout) {
	case porcupine.Ok:
		return nil
	case porcupine.Unknown:
		return fmt.Errorf("the checker could not decide within %v:\n%s", checkTimeout, describe(operations))
	default:
		return fmt.Errorf("the history is not linearizable:\n%s", describe(operations))
	}
}

// resolve bounds the time at which operations with an unknown outcome may take effect, without which the search for an order
// takes exponential time. If no operation has returned the value of an append, the append may be after all others, so resolve
// removes it. Otherwise, the append was before the operations that returned its value.
func resolve(all []porcupine.Operation) (operations []porcupine.Operation) {
	returned := map[[2]string]int64{} // from list and value to the first return
	for _, op := range all {
		in, out := op.Input.(listInput), op.Output.(listOutput)
		if out.unknown {
			continue
		}
		for value := range strings.SplitSeq(out.list, " ") {
			key := [2]string{in.list, value}
			if first, ok := returned[key]; !ok || op.Return < first {
				returned[key] = op.Return
			}
		}
	}
	for _, op := range all {
		if in := op.Input.(listInput); op.Output.(listOutput).unknown {
			first, ok := returned[[2]string{in.list, in.append}]
			if !ok {
				continue
			}
			op.Return = max(op.Call, first)
		}
		operations = append(operations, op)
	}
	return operations
}

// describe lists operations by the time of their call.
func describe(operations []porcupine.Operation) string {
	slices.SortFunc(operations, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	var text strings.Builder
	for _, op := range operations {
		fmt.Fprintf(&text, "%v-%v client %d: %s\n", time.Duration(op.Call), time.Duration(op.Return), op.ClientId, lists.DescribeOperation(op.Input, op.Output))
	}
	return text.String()
}
