package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gamesparks-go/gamesparks/server/internal/controlplane"
)

// router finds the route for a method and a path. It is a tree with one level per path segment.
type router struct{ root routeNode }

type routeNode struct {
	literals map[string]*routeNode
	label    *routeNode
	methods  map[string]*route
}

// Names of routes that are not API operations.
const (
	downloadOperation = "Download"
	connectOperation  = "Connect"
)

// route is an API operation, a download, a player connection or an action of the test API.
type route struct {
	name string

	// signed reports whether the request has an ordinary signature, which its URL does not include.
	signed bool

	// test reports whether the route belongs to the test API, which faults do not affect.
	test bool

	// serve handles the request. If it returns an error, it has written no response.
	serve func(x *exchange, labels []string) error
}

// newRouter returns the router for API operations, at the URIs that the model defines, downloads and player connections, and
// optionally for the test API.
func newRouter(testAPI bool) *router {
	rt := &router{}
	for _, op := range controlplane.Operations() {
		rt.add(op.Schema.Method, op.Schema.URI, &route{name: op.Schema.Name, signed: true, serve: func(x *exchange, labels []string) error {
			return x.operate(op, labels)
		}})
	}
	rt.add(http.MethodGet, exportURI, &route{name: downloadOperation, serve: (*exchange).download})
	rt.add(http.MethodGet, codeURI, &route{name: downloadOperation, serve: (*exchange).download})
	rt.add(http.MethodGet, connectURI, &route{name: connectOperation, serve: (*exchange).connect})
	if testAPI {
		addTestRoutes(rt)
	}
	return rt
}

func (rt *router) add(method, uri string, r *route) {
	node := &rt.root
	for segment := range strings.SplitSeq(strings.TrimPrefix(uri, "/"), "/") {
		node = node.child(segment)
	}
	if node.methods == nil {
		node.methods = map[string]*route{}
	}
	node.methods[method] = r
}

// child returns the child of n for a URI segment, and creates it if necessary.
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

// find returns the route of a request and the values of its labels. The path must be escaped, because a label may contain
// an escaped slash. If the path matches but the method does not, find returns the allowed methods.
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
