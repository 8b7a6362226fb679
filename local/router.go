package local

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// router finds the operation that a path and a method address. It is built from the URIs of the model: a tree with a
// level for each segment of a path.
type router struct{ root routeNode }

type routeNode struct {
	literals map[string]*routeNode
	label    *routeNode
	methods  map[string]*route
}

// route is an operation with its handler.
type route struct {
	op     *schemas.APIOperation
	labels []string
	handle handler
}

func newRouter(handlers map[*schemas.APIOperation]handler) *router {
	rt := &router{}
	for op, handle := range handlers {
		node := &rt.root
		for segment := range strings.SplitSeq(strings.TrimPrefix(op.URI, "/"), "/") {
			node = node.child(segment)
		}
		if node.methods == nil {
			node.methods = map[string]*route{}
		}
		node.methods[op.Method] = &route{op: op, labels: op.Labels(), handle: handle}
	}
	return rt
}

// child returns the node below n for a segment of a URI of the model, which it makes when there is none.
func (n *routeNode) child(segment string) *routeNode {
	if strings.HasPrefix(segment, "{") {
		if n.label == nil {
			n.label = &routeNode{}
		}
		return n.label
	}
	if n.literals == nil {
		n.literals = map[string]*routeNode{}
	}
	if n.literals[segment] == nil {
		n.literals[segment] = &routeNode{}
	}
	return n.literals[segment]
}

// find returns the route of a request and the values of its labels. The path is the escaped one: a label may hold an
// escaped slash. Without a route it returns the methods that the path has, none when the API does not have the path.
func (rt *router) find(method, escapedPath string) (found *route, labels []string, allowed []string) {
	path, ok := strings.CutPrefix(escapedPath, "/")
	if !ok {
		return nil, nil, nil
	}
	node := &rt.root
	for raw := range strings.SplitSeq(path, "/") {
		segment, err := url.PathUnescape(raw)
		if err != nil || segment == "" {
			return nil, nil, nil
		}
		if next := node.literals[segment]; next != nil {
			node = next
			continue
		}
		if node = node.label; node == nil {
			return nil, nil, nil
		}
		labels = append(labels, segment)
	}
	if found := node.methods[method]; found != nil {
		return found, labels, nil
	}
	for m := range node.methods {
		allowed = append(allowed, m)
	}
	slices.Sort(allowed)
	return nil, nil, allowed
}
