package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// router finds what a path and a method address. It is a tree with a level for each segment of a path.
type router struct{ root routeNode }

type routeNode struct {
	literals map[string]*routeNode
	label    *routeNode
	methods  map[string]*route
}

// route is an operation of the API with its handler, or something else that the service serves.
type route struct {
	name string

	op     *schemas.APIOperation
	handle func(*call, *wireInput) ([]byte, error)

	// serve answers the request for something else, unless it returns an error.
	serve func(x *exchange, labels []string) error
}

// newRouter returns the router for all operations, with the URIs of the model, and for downloads and players.
func newRouter() *router {
	rt := &router{}
	for _, h := range handlers {
		rt.add(h.op.Method, h.op.URI, &route{name: h.op.Name, op: h.op, handle: h.handle})
	}
	rt.add(http.MethodGet, exportURI, &route{name: "Download", serve: (*exchange).downloadExport})
	rt.add(http.MethodGet, codeURI, &route{name: "Download", serve: (*exchange).downloadCode})
	rt.add(http.MethodGet, connectURI, &route{name: "Connect", serve: (*exchange).connect})
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

// child returns the node below n for a segment of a URI, which it makes when there is none.
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
// escaped slash. Without a route it returns the methods that the path has, none when there is no such path.
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
