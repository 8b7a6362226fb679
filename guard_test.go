//go:build !race

package gamesparks_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// The tests in this file measure the whole process, so they do not run in parallel or under the race detector. The module
// internal/benchmarks measures time.

// transport responds to all requests with the same response.
type transport struct {
	status int
	header http.Header
	body   []byte
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		var b [4096]byte
		for {
			if _, err := r.Body.Read(b[:]); err != nil {
				break
			}
		}
	}
	return &http.Response{
		StatusCode: t.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: t.header, Request: r,
		Body: &readNopCloser{*bytes.NewReader(t.body)}, ContentLength: int64(len(t.body)),
	}, nil
}

type readNopCloser struct{ bytes.Reader }

func (*readNopCloser) Close() error { return nil }

// TestAllocations checks that the number and size of allocations per call stay within their bounds.
func TestAllocations(t *testing.T) {
	const many = 1000
	var games, sections []string
	for i := range 100 {
		games = append(games, fmt.Sprintf(`{"Description":"Game %d","Name":"game-%d","State":"ACTIVE","Tags":{"team":"core","env":"test"}}`, i, i))
	}
	for i := range many {
		sections = append(sections, fmt.Sprintf(`"Section.%d":{"Attributes":{"Description":"Section %d","Enabled":true,"Limit":%d,"Names":["one","two"]},"Name":"Section.%d","Size":%d}`, i, i, i, i, i))
	}
	name, id := aws.String("g"), aws.String(snapshotID)
	file := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	tests := map[string]struct {
		transport   transport
		call        func(c *gamesparks.Client) error
		allocations float64 // the current number and a margin; the comments have the bounds of the project
		bytes       uint64
	}{
		"GetGame": {transport{200, nil, []byte(`{"Game":` + gameJSON + `}`)}, func(c *gamesparks.Client) error {
			out, err := c.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: name})
			if err == nil && aws.ToString(out.Game.Name) != "space-race" {
				err = errors.New("unexpected game")
			}
			return err
		}, 65, 6_500}, // 140, 11 KB
		"404": {transport{404, http.Header{"X-Amzn-Errortype": {"ResourceNotFoundException"}}, []byte(`{"Message":"There is no such game."}`)}, func(c *gamesparks.Client) error {
			_, err := c.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: name})
			var notFound *types.ResourceNotFoundException
			if errors.As(err, &notFound) {
				return nil
			}
			return fmt.Errorf("got %w", err)
		}, 90, 6_500}, // 150
		"ListGames": {transport{200, nil, []byte(`{"Games":[` + strings.Join(games, ",") + `],"NextToken":"next"}`)}, func(c *gamesparks.Client) error {
			out, err := c.ListGames(t.Context(), nil)
			if err == nil && len(out.Games) != 100 {
				err = fmt.Errorf("%d games", len(out.Games))
			}
			return err
		}, 320, 85_000}, // 1,006, which is 0.30 of the allocations of aws-sdk-go v1
		"GetSnapshot": {transport{200, nil, []byte(`{"Snapshot":{"Sections":{` + strings.Join(sections, ",") + `}}}`)}, func(c *gamesparks.Client) error {
			out, err := c.GetSnapshot(t.Context(), &gamesparks.GetSnapshotInput{GameName: name, SnapshotId: id})
			if err == nil && len(out.Snapshot.Sections) != many {
				err = fmt.Errorf("%d sections", len(out.Snapshot.Sections))
			}
			return err
		}, 0.25 * many, 600 * many}, // 8 per section
		"ImportGameConfiguration": {transport{200, nil, []byte(`{}`)}, func(c *gamesparks.Client) error {
			_, err := c.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
				GameName: name, ImportSource: &types.ImportGameConfigurationSource{File: file},
			})
			return err
		}, 120, 1_500_000}, // 2.5 MB
	}
	for name, bound := range map[string]struct {
		allocations float64
		bytes       uint64
	}{"GetGame": {215, 14_500}, "ImportGameConfiguration": {240, 3_000_000}} {
		test := tests[name]
		test.allocations, test.bytes = bound.allocations, bound.bytes
		tests[name+", stack"] = test
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := "direct"
			if strings.HasSuffix(name, ", stack") {
				path = "stack"
			}
			client := newClient(&http.Client{Transport: &test.transport}, paths[path])
			call := func() {
				if err := test.call(client); err != nil {
					t.Fatal(err)
				}
			}
			call() // fills caches
			got := testing.AllocsPerRun(100, call)
			if got > test.allocations {
				t.Errorf("%.0f allocations, want at most %.0f", got, test.allocations)
			}
			const runs = 20
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range runs {
				call()
			}
			runtime.ReadMemStats(&after)
			size := (after.TotalAlloc - before.TotalAlloc) / runs
			if size > test.bytes {
				t.Errorf("%d bytes, want at most %d", size, test.bytes)
			}
			t.Logf("%.0f allocations, %d bytes", got, size)
		})
	}
}

// TestFrames checks the stack depth at the point where the HTTP client is called. For a call with middleware, the bound is
// 64 frames, the maximum that Go's CPU profiler records.
func TestFrames(t *testing.T) {
	for path, bound := range map[string]int{"direct": 45, "stack": 64} {
		frames := 0
		client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
			frames = runtime.Callers(1, make([]uintptr, 200)) // including this function
			return answer{body: "{}"}.response(r)
		}), paths[path])
		if _, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")}); err != nil {
			t.Fatal(err)
		}
		if frames == 0 || frames > bound {
			t.Errorf("%s: %d frames, want at most %d", path, frames, bound)
		}
		t.Logf("%s: %d frames", path, frames)
	}
}

// TestIdleClients checks how much memory each client takes when many clients share a configuration.
func TestIdleClients(t *testing.T) {
	const n = 1000
	cfg := aws.Config{Region: testRegion, Credentials: testCredentials, HTTPClient: &http.Client{Transport: &transport{200, nil, []byte("{}")}}}
	clients := make([]*gamesparks.Client, n)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range clients {
		clients[i] = gamesparks.NewFromConfig(cfg)
	}
	// The difference is signed, because garbage from earlier tests may be collected in the meantime.
	each := (int64(heap()) - int64(before)) / n
	if each > 8<<10 {
		t.Errorf("%d bytes per client, want at most 8 KB", each)
	}
	t.Logf("%d bytes per client", each)
	for _, client := range clients { // keeps them reachable until here
		if _, err := client.ListGames(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
}
