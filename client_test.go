package gamesparks_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

// TestOperations checks that the client has a method for each operation of the API and no other methods.
func TestOperations(t *testing.T) {
	t.Parallel()
	var want []string
	for _, op := range schemas.Operations() {
		want = append(want, op.Name)
	}
	got := map[string]bool{}
	for name, m := range methods() {
		got[name] = true
		if m.input.Name() != name+"Input" || m.output.Name() != name+"Output" {
			t.Errorf("%s has input type %v and output type %v", name, m.input, m.output)
		}
	}
	if len(want) != 33 || len(got) != len(want) {
		t.Errorf("got %d operations in the model and %d client methods, want 33 each", len(want), len(got))
	}
	for _, name := range want {
		if !got[name] {
			t.Errorf("no method %s", name)
		}
	}
}

// TestNilInput checks that a nil input is treated as an empty one.
func TestNilInput(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		r := &recorder{answers: []answer{{body: `{"Games":[{"Name":"g"}]}`}}}
		out, err := newClient(r, via).ListGames(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Games) != 1 || aws.ToString(out.Games[0].Name) != "g" {
			t.Errorf("got %+v", out.Games)
		}
		if got := r.last(t); got.Method != "GET" || got.URL.String() != testEndpoint+"/game" || got.body != "" {
			t.Errorf("unexpected request: %s %s with body %q", got.Method, got.URL, got.body)
		}
	})
}

// TestConcurrentUse checks that each call gets its own response when many goroutines share a client.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	client := newClient(doFunc(func(req *http.Request) (*http.Response, error) {
		name := req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
		return answer{body: `{"Game":{"Name":"` + name + `"}}`}.response(req)
	}))
	var wg sync.WaitGroup
	for i := range 32 {
		name := "game" + string(rune('A'+i%26)) + string(rune('a'+i/26))
		wg.Go(func() {
			for range 8 {
				out, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: &name})
				if err != nil {
					t.Error(err)
					return
				}
				if diff := cmp.Diff(name, aws.ToString(out.Game.Name)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	wg.Wait()
}

// doFunc adapts a function to an HTTP client.
