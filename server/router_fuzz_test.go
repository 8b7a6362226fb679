package server

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// FuzzRouter checks that the path of a request matches the URI pattern of the route that find returns.
func FuzzRouter(f *testing.F) {
	for _, op := range schemas.Operations() {
		f.Add(op.Method, strings.NewReplacer("{", "", "}", "").Replace(op.URI))
	}
	for _, path := range []string{"", "/", "//", "/game/", "/game/%2F", "/game/%zz", "/game/..", "game", "/tags/a%2Fb/c", "/game/%00"} {
		f.Add("GET", path)
	}
	rt := newRouter(true)
	f.Fuzz(func(t *testing.T, method, path string) {
		route, labels, allowed := rt.find(method, path)
		if route == nil {
			if len(labels) > 0 {
				t.Errorf("find returned labels %q without a route", labels)
			}
			return
		}
		if len(allowed) > 0 {
			t.Errorf("find returned both a route and allowed methods %q", allowed)
		}
		op := schemas.FindOperation(route.name)
		if op == nil {
			return
		}
		rebuilt := op.URI
		for i, name := range op.Path.Labels() {
			rebuilt = strings.Replace(rebuilt, "{"+name+"}", url.PathEscape(labels[i]), 1)
		}
		unescape := func(path string) []string {
			var segments []string
			for segment := range strings.SplitSeq(path, "/") {
				s, err := url.PathUnescape(segment)
				if err != nil {
					t.Fatal(err)
				}
				segments = append(segments, s)
			}
			return segments
		}
		if diff := cmp.Diff(unescape(rebuilt), unescape(path)); diff != "" || op.Method != method {
			t.Errorf("%s %s: route %s does not match:\n%s", method, path, route.name, diff)
		}
	})
}
