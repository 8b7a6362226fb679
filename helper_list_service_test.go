package gamesparks_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// walk is a paginator of any type. It represents items by their IDs.
type walk interface {
	HasMorePages() bool
	ResumeToken() string
	nextPage(context.Context) ([]string, error)
	pages(context.Context) iter.Seq2[[]string, error]
	items(context.Context) iter.Seq2[string, error]
}

// listing describes one of the seven list operations.
type listing struct {
	operation string
	member    string // output member that contains the items
	id        string // item member that contains the ID
	// paginate returns a paginator. Its input contains the token and, if the operation has one, the game name.
	paginate func(c *gamesparks.Client, game string, token *string, options gamesparks.PaginatorOptions) walk
}

var listings = []listing{
	{"ListExtensionVersions", "ExtensionVersions", "Version", func(c *gamesparks.Client, game string, token *string, options gamesparks.PaginatorOptions) walk {
		in := &gamesparks.ListExtensionVersionsInput{Namespace: aws.String("GameSparks"), Name: &game, NextToken: token}
		return typedWalk[gamesparks.ListExtensionVersionsOutput, types.ExtensionVersionDetails]{
			gamesparks.NewListExtensionVersionsPaginator(c, in, set(options)),
			func(out *gamesparks.ListExtensionVersionsOutput) []types.ExtensionVersionDetails {
				return out.ExtensionVersions
			},
			func(item types.ExtensionVersionDetails) *string { return item.Version },
		}
	}},
	{"ListExtensions", "Extensions", "Name", func(c *gamesparks.Client, _ string, token *string, options gamesparks.PaginatorOptions) walk {
		in := &gamesparks.ListExtensionsInput{NextToken: token}
		return typedWalk[gamesparks.ListExtensionsOutput, types.ExtensionDetails]{
			gamesparks.NewListExtensionsPaginator(c, in, set(options)),
			func(out *gamesparks.ListExtensionsOutput) []types.ExtensionDetails { return out.Extensions },
			func(item types.ExtensionDetails) *string { return item.Name },
		}
	}},
	{"ListGames", "Games", "Name", func(c *gamesparks.Client, _ string, token *string, options gamesparks.PaginatorOptions) walk {
		in := &gamesparks.ListGamesInput{NextToken: token}
		return typedWalk[gamesparks.ListGamesOutput, types.GameSummary]{
			gamesparks.NewListGamesPaginator(c, in, set(options)),
			func(out *gamesparks.ListGamesOutput) []types.GameSummary { return out.Games },
			func(item types.GameSummary) *string { return item.Name },
		}
	}},
	{"ListGeneratedCodeJobs", "GeneratedCodeJobs", "GeneratedCodeJobId", func(c *gamesparks.Client, game string, token *string, options gamesparks.PaginatorOptions) walk {
		in := &gamesparks.ListGeneratedCodeJobsInput{GameName: &game, SnapshotId: aws.String(testSnapshot), NextToken: token}
		return typedWalk[gamesparks.ListGeneratedCodeJobsOutput, types.GeneratedCodeJobDetails]{
			gamesparks.NewListGeneratedCodeJobsPaginator(c, in, set(options)),
			func(out *gamesparks.ListGeneratedCodeJobsOutput) []types.GeneratedCodeJobDetails {
				return out.GeneratedCodeJobs
			},
			func(item types.GeneratedCodeJobDetails) *string { return item.GeneratedCodeJobId },
		}
	}},
	{"ListSnapshots", "Snapshots", "Id", func(c *gamesparks.Client, game string, token *string, options gamesparks.PaginatorOptions) walk {
		in := &gamesparks.ListSnapshotsInput{GameName: &game, NextToken: token}
		return typedWalk[gamesparks.ListSnapshotsOutput, types.SnapshotSummary]{
			gamesparks.NewListSnapshotsPaginator(c, in, set(options)),
			func(out *gamesparks.ListSnapshotsOutput) []types.SnapshotSummary { return out.Snapshots },
			func(item types.SnapshotSummary) *string { return item.Id },
		}
	}},
	{"ListStageDeployments", "StageDeployments", "DeploymentId", func(c *gamesparks.Client, game string, token *string, options gamesparks.PaginatorOptions) walk {
		in := &gamesparks.ListStageDeploymentsInput{GameName: &game, StageName: aws.String("live"), NextToken: token}
		return typedWalk[gamesparks.ListStageDeploymentsOutput, types.StageDeploymentSummary]{
			gamesparks.NewListStageDeploymentsPaginator(c, in, set(options)),
			func(out *gamesparks.ListStageDeploymentsOutput) []types.StageDeploymentSummary {
				return out.StageDeployments
			},
			func(item types.StageDeploymentSummary) *string { return item.DeploymentId },
		}
	}},
	{"ListStages", "Stages", "Name", func(c *gamesparks.Client, game string, token *string, options gamesparks.PaginatorOptions) walk {
		in := &gamesparks.ListStagesInput{GameName: &game, NextToken: token}
		return typedWalk[gamesparks.ListStagesOutput, types.StageSummary]{
			gamesparks.NewListStagesPaginator(c, in, set(options)),
			func(out *gamesparks.ListStagesOutput) []types.StageSummary { return out.Stages },
			func(item types.StageSummary) *string { return item.Name },
		}
	}},
}

const testSnapshot = "Snapshot_2022-03-01T12:00:00.000000Z"

func set(options gamesparks.PaginatorOptions) func(*gamesparks.PaginatorOptions) {
	return func(o *gamesparks.PaginatorOptions) { *o = options }
}

type typedWalk[Out, Item any] struct {
	*gamesparks.Paginator[Out, Item]
	itemsOf func(*Out) []Item
	id      func(Item) *string
}

func (w typedWalk[Out, Item]) ids(out *Out) []string {
	if out == nil {
		return nil
	}
	ids := []string{}
	for _, item := range w.itemsOf(out) {
		ids = append(ids, *w.id(item))
	}
	return ids
}

func (w typedWalk[Out, Item]) nextPage(ctx context.Context) ([]string, error) {
	out, err := w.NextPage(ctx)
	return w.ids(out), err
}

func (w typedWalk[Out, Item]) pages(ctx context.Context) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for out, err := range w.Pages(ctx) {
			if !yield(w.ids(out), err) {
				return
			}
		}
	}
}

func (w typedWalk[Out, Item]) items(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for item, err := range w.Items(ctx) {
			if !yield(aws.ToString(w.id(item)), err) {
				return
			}
		}
	}
}

// listService implements every list operation. Its list consists of total items: "0", "1" and so on.
type listService struct {
	listing listing
	total   int
	// page returns the number of items, at most limit, of the page that starts at offset, and the token of the next page.
	// Optional; by default, each page has limit items.
	page func(token string, offset, limit int) (size int, next string)
	// refuse returns the error code for request n, counted from 0. An empty code means success. Optional.
	refuse func(n int) string

	mu       sync.Mutex
	requests []*http.Request
}

func (s *listService) client() *gamesparks.Client {
	return newClient(inMemory{s}, func(o *gamesparks.Options) { o.Retryer = aws.NopRetryer{} })
}

func (s *listService) paginate(options gamesparks.PaginatorOptions) walk {
	return s.listing.paginate(s.client(), "chess", nil, options)
}

func (s *listService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, r)
	s.mu.Unlock()
	if s.refuse != nil {
		if code := s.refuse(n); code != "" {
			w.Header().Set("X-Amzn-ErrorType", code)
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, `{"message":"request %d"}`, n)
			return
		}
	}

	limit := 10
	if v := r.URL.Query().Get("MaxResults"); v != "" {
		limit, _ = strconv.Atoi(v)
	}
	token := r.URL.Query().Get("NextToken")
	digits, _, _ := strings.Cut(token, "/")
	offset, _ := strconv.Atoi(digits)
	size, next := limit, strconv.Itoa(offset+limit)
	if s.page != nil {
		size, next = s.page(token, offset, limit)
	}
	items := []map[string]string{}
	for i := offset; i < min(offset+size, s.total); i++ {
		items = append(items, map[string]string{s.listing.id: strconv.Itoa(i)})
	}
	body := map[string]any{s.listing.member: items}
	if offset+size < s.total {
		body["NextToken"] = next
	}
	json.NewEncoder(w).Encode(body)
}

// all returns all requests received so far.
func (s *listService) all() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// tokens returns the NextToken values of all requests received so far.
func (s *listService) tokens() []string {
	tokens := []string{}
	for _, r := range s.all() {
		tokens = append(tokens, r.URL.Query().Get("NextToken"))
	}
	return tokens
}

// irregularPages returns a page function whose pages have 0 to limit items. Equal tokens and limits produce equal pages.
func irregularPages(seed uint64) func(token string, offset, limit int) (int, string) {
	return func(token string, offset, limit int) (int, string) {
		r := rand.New(rand.NewPCG(seed, uint64(offset)<<32|uint64(len(token))<<16|uint64(limit)))
		size := r.IntN(limit + 1)
		next := strconv.Itoa(offset + size)
		if size == 0 { // a new token for an empty page, as in services that limit the time of a search
			next = token + "/"
			if token == "" {
				next = "0/"
			}
			if len(next)-len(strconv.Itoa(offset)) > 4 {
				size, next = 1, strconv.Itoa(offset+1)
			}
		}
		return size, next
	}
}

// inMemory is an HTTP client that calls a handler directly.
type inMemory struct{ http.Handler }

func (m inMemory) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	return w.Result(), nil
}

// numbers returns the IDs from, from+1, ..., to-1.
func numbers(from, to int) []string {
	ids := []string{}
	for i := from; i < to; i++ {
		ids = append(ids, strconv.Itoa(i))
	}
	return ids
}

// newRand returns a random number generator and logs its seed if the test fails.
func newRand(t *testing.T, seed uint64) *rand.Rand {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	return rand.New(rand.NewPCG(seed, 0))
}

func forEachListing(t *testing.T, test func(*testing.T, listing)) {
	t.Helper()
	for _, l := range listings {
		t.Run(l.operation, func(t *testing.T) {
			t.Parallel()
			test(t, l)
		})
	}
}
