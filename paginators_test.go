package gamesparks_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// TestPaginatorsYieldEveryItemOnceInOrder reads lists of random length in pages of random size with a randomly chosen
// method. It stops at random positions and continues, either with the same paginator or with a resume token in another
// paginator that has different options.
func TestPaginatorsYieldEveryItemOnceInOrder(t *testing.T) {
	t.Parallel()
	forEachListing(t, func(t *testing.T, l listing) {
		for seed := range uint64(200) {
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				r := newRand(t, seed)
				s := &listService{listing: l, total: r.IntN(41), page: irregularPages(seed)}
				errs := 0
				if r.IntN(2) == 0 {
					s.refuse = func(int) string {
						if r.IntN(8) == 0 {
							errs++
							return "ValidationException"
						}
						return ""
					}
				}
				got := []string{}
				token := ""
				for range 10_000 {
					options := gamesparks.PaginatorOptions{
						Limit:         r.Int32N(13),
						MaxItems:      r.IntN(3) * r.IntN(20),
						StartingToken: token,
					}
					if s.refuse == nil {
						options.Prefetch = r.IntN(4)
					}
					part := walkRandomly(t, r, s.paginate(options), &token, &errs)
					if options.MaxItems > 0 && len(part) > options.MaxItems {
						t.Errorf("got %d items with MaxItems %d", len(part), options.MaxItems)
					}
					got = append(got, part...)
					if token == "" {
						break
					}
				}
				if diff := cmp.Diff(numbers(0, s.total), got); diff != "" {
					t.Errorf("items (-want +got):\n%s", diff)
				}
				if errs != 0 {
					t.Errorf("the service returned %d more errors than the paginators yielded", errs)
				}
			})
		}
	})
}

// walkRandomly reads a random number of items and returns the resume token, which is empty after the last item.
func walkRandomly(t *testing.T, r *rand.Rand, w walk, token *string, errs *int) []string {
	t.Helper()
	var got []string
	failed := func(err error) bool {
		if err != nil {
			*errs--
			var refused *types.ValidationException
			if !errors.As(err, &refused) {
				t.Fatalf("unexpected error: %v", err)
			}
		}
		return err != nil
	}
	for w.HasMorePages() && r.IntN(8) > 0 {
		left := r.IntN(15)
		switch r.IntN(3) {
		case 0:
			page, err := w.nextPage(t.Context())
			if !failed(err) {
				got = append(got, page...)
			}
		case 1:
			for page, err := range w.pages(t.Context()) {
				if failed(err) {
					continue // the loop ends after an error
				}
				got = append(got, page...)
				if left--; left < 0 {
					break
				}
			}
		case 2:
			inLoop := ""
			for item, err := range w.items(t.Context()) {
				if failed(err) {
					continue
				}
				got = append(got, item)
				inLoop = w.ResumeToken()
				if left--; left < 0 {
					break
				}
			}
			if left < 0 && inLoop != w.ResumeToken() {
				t.Errorf("resume token is %q inside the loop but %q after it", inLoop, w.ResumeToken())
			}
		}
	}
	*token = w.ResumeToken()
	return got
}

func TestPaginatorsOverHTTP(t *testing.T) {
	t.Parallel()
	forEachListing(t, func(t *testing.T, l listing) {
		s := &listService{listing: l, total: 25}
		server := httptest.NewServer(s)
		defer server.Close()
		client := gamesparks.New(gamesparks.Options{
			Region: "us-west-2", BaseEndpoint: &server.URL, HTTPClient: server.Client(),
		})
		var got [][]string
		p := l.paginate(client, "chess", nil, gamesparks.PaginatorOptions{Limit: 10})
		for p.HasMorePages() {
			page, err := p.nextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page)
		}
		if diff := cmp.Diff([][]string{numbers(0, 10), numbers(10, 20), numbers(20, 25)}, got); diff != "" {
			t.Errorf("pages (-want +got):\n%s", diff)
		}
		for _, r := range s.all() {
			if diff := cmp.Diff("10", r.URL.Query().Get("MaxResults")); diff != "" {
				t.Errorf("MaxResults (-want +got):\n%s", diff)
			}
			if !slices.Contains(features(r), "C") {
				t.Errorf("User-Agent %q does not list the paginator feature", r.UserAgent())
			}
		}
		if _, err := p.nextPage(t.Context()); err == nil {
			t.Error("NextPage returned a page after the last one")
		}
	})
}

// features returns the features listed in a request's User-Agent header.
func features(r *http.Request) []string {
	for _, part := range strings.Fields(r.UserAgent()) {
		if list, ok := strings.CutPrefix(part, "m/"); ok {
			return strings.Split(list, ",")
		}
	}
	return nil
}

func TestPaginatorPageSizes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		params *gamesparks.ListGamesInput
		set    func(*gamesparks.ListGamesPaginatorOptions)
		want   string
	}{
		"nil input":               {nil, func(*gamesparks.PaginatorOptions) {}, ""},
		"MaxResults of the input": {&gamesparks.ListGamesInput{MaxResults: aws.Int32(7)}, func(*gamesparks.PaginatorOptions) {}, "7"},
		"Limit before MaxResults": {&gamesparks.ListGamesInput{MaxResults: aws.Int32(7)}, func(o *gamesparks.PaginatorOptions) { o.Limit = 8 }, "8"},
		"options see MaxResults":  {&gamesparks.ListGamesInput{MaxResults: aws.Int32(7)}, func(o *gamesparks.PaginatorOptions) { o.Limit *= 2 }, "14"},
		"Limit 0 is no limit":     {&gamesparks.ListGamesInput{MaxResults: aws.Int32(7)}, func(o *gamesparks.PaginatorOptions) { o.Limit = 0 }, ""},
		"Limit above 100":         {nil, func(o *gamesparks.PaginatorOptions) { o.Limit = 1000 }, "1000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &listService{listing: listings[2]}
			if _, err := gamesparks.NewListGamesPaginator(s.client(), tt.params, tt.set).NextPage(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, s.all()[0].URL.Query().Get("MaxResults")); diff != "" {
				t.Errorf("MaxResults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPaginatorDoesNotChangeInput(t *testing.T) {
	t.Parallel()
	s := &listService{listing: listings[2], total: 25}
	params := &gamesparks.ListGamesInput{MaxResults: aws.Int32(5), NextToken: aws.String("10")}
	p := gamesparks.NewListGamesPaginator(s.client(), params)
	for range p.Items(t.Context()) {
	}
	if diff := cmp.Diff([]string{"10", "15", "20"}, s.tokens()); diff != "" {
		t.Errorf("tokens (-want +got):\n%s", diff)
	}
	if *params.MaxResults != 5 || *params.NextToken != "10" {
		t.Errorf("the paginator changed the input to MaxResults %d, NextToken %q", *params.MaxResults, *params.NextToken)
	}
}

func TestPaginatorDoesNotChangeOutputOfMock(t *testing.T) {
	t.Parallel()
	pages := cannedPages{
		"":  {NextToken: aws.String("b"), Games: []types.GameSummary{{Name: aws.String("0")}, {Name: aws.String("1")}, {Name: aws.String("2")}}},
		"b": {Games: []types.GameSummary{{Name: aws.String("3")}, {Name: aws.String("4")}}},
	}
	for range 2 {
		got := []string{}
		token := ""
		for range 10 {
			p := gamesparks.NewListGamesPaginator(pages, nil, func(o *gamesparks.ListGamesPaginatorOptions) {
				o.MaxItems, o.StartingToken = 2, token
			})
			for game, err := range p.Items(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, *game.Name)
				break
			}
			if token = p.ResumeToken(); token == "" {
				break
			}
		}
		if diff := cmp.Diff(numbers(0, 5), got); diff != "" {
			t.Errorf("items (-want +got):\n%s", diff)
		}
	}
}

// cannedPages is a mock client that always returns the same output for the same token.
type cannedPages map[string]*gamesparks.ListGamesOutput

func (p cannedPages) ListGames(_ context.Context, params *gamesparks.ListGamesInput, _ ...func(*gamesparks.Options)) (*gamesparks.ListGamesOutput, error) {
	return p[aws.ToString(params.NextToken)], nil
}

func TestPaginatorCutsAtMaxItems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		maxItems int
		pages    [][]string
		requests int
	}{
		{1, [][]string{numbers(0, 1)}, 1},
		{9, [][]string{numbers(0, 9)}, 1},
		{10, [][]string{numbers(0, 10)}, 1},
		{11, [][]string{numbers(0, 10), numbers(10, 11)}, 2},
		{20, [][]string{numbers(0, 10), numbers(10, 20)}, 2},
		{25, [][]string{numbers(0, 10), numbers(10, 20), numbers(20, 25)}, 3},
		{26, [][]string{numbers(0, 10), numbers(10, 20), numbers(20, 25)}, 3},
	}
	for _, prefetch := range []int{0, 2} {
		for _, tt := range tests {
			s := &listService{listing: listings[2], total: 25}
			p := s.paginate(gamesparks.PaginatorOptions{MaxItems: tt.maxItems, Prefetch: prefetch})
			var got [][]string
			for page, err := range p.pages(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, page)
			}
			if diff := cmp.Diff(tt.pages, got); diff != "" {
				t.Errorf("pages with MaxItems %d (-want +got):\n%s", tt.maxItems, diff)
			}
			if len(s.tokens()) != tt.requests || p.HasMorePages() {
				t.Errorf("got %d requests with MaxItems %d and HasMorePages = %t", len(s.tokens()), tt.maxItems, p.HasMorePages())
			}
			if done := p.ResumeToken() == ""; done != (tt.maxItems >= 25) {
				t.Errorf("unexpected resume token %q with MaxItems %d", p.ResumeToken(), tt.maxItems)
			}
		}
	}
}

func TestPaginatorContinuesAfterError(t *testing.T) {
	t.Parallel()
	forEachListing(t, func(t *testing.T, l listing) {
		for _, prefetch := range []int{0, 1, 2, 3} {
			s := &listService{listing: l, total: 25}
			s.refuse = func(n int) string {
				if n == 1 || n == 2 {
					return "ThrottlingException"
				}
				return ""
			}
			p := s.paginate(gamesparks.PaginatorOptions{Prefetch: prefetch})
			var got []string
			for loop := range 3 {
				errs := 0
				for item, err := range p.items(t.Context()) {
					if err == nil {
						got = append(got, item)
						continue
					}
					errs++
					if !gamesparks.IsThrottled(err) || item != "" || !p.HasMorePages() {
						t.Errorf("got error %v, item %q and HasMorePages = %t, want a throttling error, no item and true",
							err, item, p.HasMorePages())
					}
				}
				if errs != []int{1, 1, 0}[loop] {
					t.Errorf("unexpected number of errors: %d in loop %d", errs, loop)
				}
			}
			if diff := cmp.Diff([]string{"", "10", "10", "10", "20"}, s.tokens()); diff != "" {
				t.Errorf("tokens with prefetch %d (-want +got):\n%s", prefetch, diff)
			}
			if diff := cmp.Diff(numbers(0, 25), got); diff != "" {
				t.Errorf("items with prefetch %d (-want +got):\n%s", prefetch, diff)
			}
		}
	})
}

func TestPaginatorInvalidOptions(t *testing.T) {
	t.Parallel()
	tests := map[string]gamesparks.PaginatorOptions{
		"MaxItems": {MaxItems: -1},
		"Limit":    {Limit: -1},
		"Prefetch": {Prefetch: -1},
		"100":      {Prefetch: math.MaxInt},
	}
	for want, options := range tests {
		s := &listService{listing: listings[2], total: 25}
		p := s.paginate(options)
		_, err := p.nextPage(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that mentions %s", err, want)
		}
		for _, err := range p.items(t.Context()) {
			if err == nil {
				t.Error("Items yielded an item, want an error")
			}
		}
		if len(s.all()) != 0 {
			t.Errorf("%d requests", len(s.all()))
		}
	}
}

func TestPaginatorOfNilClient(t *testing.T) {
	t.Parallel()
	for _, client := range []gamesparks.ListGamesAPIClient{nil, (*gamesparks.Client)(nil)} {
		p := gamesparks.NewListGamesPaginator(client, nil)
		const want = "ListGames paginator: client is nil: create one with gamesparks.New or gamesparks.NewFromConfig"
		if _, err := p.NextPage(t.Context()); err == nil || err.Error() != want {
			t.Errorf("%T: NextPage returned error %v, want %q", client, err, want)
		}
		for _, err := range p.Items(t.Context()) {
			if err == nil || err.Error() != want {
				t.Errorf("%T: Items yielded error %v, want %q", client, err, want)
			}
		}
	}
}

func TestPaginatorWhenListShrinks(t *testing.T) {
	t.Parallel()
	s := &listService{listing: listings[2], total: 25}
	p := s.paginate(gamesparks.PaginatorOptions{MaxItems: 8})
	for range p.items(t.Context()) {
	}
	s.total = 5
	p = s.paginate(gamesparks.PaginatorOptions{StartingToken: p.ResumeToken()})
	for item, err := range p.items(t.Context()) {
		t.Errorf("unexpected item %s, error %v", item, err)
	}
	if p.HasMorePages() || p.ResumeToken() != "" {
		t.Errorf("got HasMorePages = %t and resume token %q, want false and no token", p.HasMorePages(), p.ResumeToken())
	}
}

func TestPaginatorPassesCallOptions(t *testing.T) {
	t.Parallel()
	for _, prefetch := range []int{0, 2} {
		s := &listService{listing: listings[2], total: 25}
		p := gamesparks.NewListGamesPaginator(s.client(), nil, func(o *gamesparks.PaginatorOptions) { o.Prefetch = prefetch })
		option := func(o *gamesparks.Options) {
			o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
				stack.Build.Clear()
				return nil
			})
		}
		for range p.Pages(t.Context(), option) {
		}
		if len(s.all()) != 3 {
			t.Errorf("%d requests, want 3", len(s.all()))
		}
		for _, r := range s.all() {
			if r.UserAgent() != "" {
				t.Errorf("got User-Agent %q although an option removes the header", r.UserAgent())
			}
		}
	}
}

// nothing is a mock client that returns neither an output nor an error.
type nothing struct{ gamesparks.API }

func (nothing) ListGames(context.Context, *gamesparks.ListGamesInput, ...func(*gamesparks.Options)) (*gamesparks.ListGamesOutput, error) {
	return nil, nil
}

// TestPaginatorWithoutOutput checks that all methods return an error if the client returns neither an output nor an error.
func TestPaginatorWithoutOutput(t *testing.T) {
	t.Parallel()
	for depth := range 3 {
		paginator := func() *gamesparks.ListGamesPaginator {
			return gamesparks.NewListGamesPaginator(nothing{}, nil, prefetch(depth))
		}
		if out, err := paginator().NextPage(t.Context()); err == nil {
			t.Errorf("got %v", out)
		}
		pages, items := 0, 0
		for out, err := range paginator().Pages(t.Context()) {
			if pages++; err == nil {
				t.Errorf("page %v", out)
			}
		}
		for item, err := range paginator().Items(t.Context()) {
			if items++; err == nil {
				t.Errorf("item %v", item)
			}
		}
		if pages != 1 || items != 1 {
			t.Errorf("Pages yielded %d errors and Items yielded %d with prefetch %d, want 1 each", pages, items, depth)
		}
	}
}

// TestResumeTokenAfterSecondBreak checks the resume token after breaking out of Items twice in the middle of the same page.
func TestResumeTokenAfterSecondBreak(t *testing.T) {
	t.Parallel()
	forEachListing(t, func(t *testing.T, l listing) {
		for depth := range 3 {
			s := &listService{listing: l, total: 25}
			p := s.paginate(gamesparks.PaginatorOptions{Prefetch: depth})
			take := func(n int) (got []string) {
				for item, err := range p.items(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					if got = append(got, item); len(got) == n {
						break
					}
				}
				return got
			}
			take(13)
			for _, at := range []int{15, 16, 19, 20, 22} {
				next := p.ResumeToken()
				from := map[int]int{15: 13, 16: 15, 19: 16, 20: 19, 22: 20}[at]
				page, err := start(t, &listService{listing: l, total: 25}, "chess", next)
				if want := numbers(from, min(from/10*10+10, 25)); err != nil || !cmp.Equal(want, page) {
					t.Errorf("page after item %d with prefetch %d (-want +got):\n%s\nerror: %v", from, depth, cmp.Diff(want, page), err)
				}
				if diff := cmp.Diff(numbers(from, at), take(at-from)); diff != "" {
					t.Errorf("items (-want +got):\n%s", diff)
				}
			}
		}
	})
}

// TestPaginatorWithEmptyInputToken checks that an empty token in the input selects the first page and is not sent.
func TestPaginatorWithEmptyInputToken(t *testing.T) {
	t.Parallel()
	for depth := range 2 {
		var asked []*string
		p := gamesparks.NewListGamesPaginator(listGamesFunc(func(_ context.Context, in *gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error) {
			asked = append(asked, in.NextToken)
			return &gamesparks.ListGamesOutput{}, nil
		}), &gamesparks.ListGamesInput{NextToken: aws.String("")}, prefetch(depth))
		if !p.HasMorePages() {
			t.Error("no page")
		}
		for _, err := range p.Pages(t.Context()) {
			if err != nil {
				t.Error(err)
			}
		}
		if diff := cmp.Diff([]*string{nil}, asked); diff != "" {
			t.Errorf("tokens (-want +got):\n%s", diff)
		}
	}
}
