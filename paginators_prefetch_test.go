package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// listGamesFunc is a mock client.
type listGamesFunc func(context.Context, *gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error)

func (f listGamesFunc) ListGames(ctx context.Context, params *gamesparks.ListGamesInput, _ ...func(*gamesparks.Options)) (*gamesparks.ListGamesOutput, error) {
	return f(ctx, params)
}

// endlessGames returns a mock whose list never ends and has one game per page. It counts the calls. In the call with the
// given number, counted from 1, it first calls at.
func endlessGames(calls *int, number int, at func(context.Context) error) listGamesFunc {
	return func(ctx context.Context, _ *gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error) {
		*calls++
		if *calls == number {
			if err := at(ctx); err != nil {
				return nil, err
			}
		}
		name := fmt.Sprint(*calls)
		return &gamesparks.ListGamesOutput{NextToken: &name, Games: []types.GameSummary{{Name: &name}}}, nil
	}
}

func prefetch(depth int) func(*gamesparks.PaginatorOptions) {
	return func(o *gamesparks.PaginatorOptions) { o.Prefetch = depth }
}

func TestPrefetchOverlaps(t *testing.T) {
	t.Parallel()
	for depth := range 4 {
		synctest.Test(t, func(t *testing.T) {
			calls, page := 0, 0
			p := gamesparks.NewListGamesPaginator(endlessGames(&calls, 0, nil), nil, prefetch(depth))
			for _, err := range p.Items(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				page++
				synctest.Wait() // until the prefetching goroutine blocks
				if calls != page+depth {
					t.Errorf("at page %d with prefetch %d: fetched %d pages, want the sum of both", page, depth, calls)
				}
				if page == 10 {
					break
				}
			}
		})
	}
}

// TestPrefetchLeavesNoGoroutine checks that no prefetching goroutine outlives its loop. The test and its subtests are not
// parallel, because goroutines of other tests would affect the result.
func TestPrefetchLeavesNoGoroutine(t *testing.T) {
	// hang is a service that does not respond until the context is cancelled.
	hang := func(ctx context.Context) error {
		<-ctx.Done()
		return fmt.Errorf("hung up: %w", ctx.Err())
	}
	broken := errors.New("broken")
	tests := map[string]func(*testing.T, int){
		"end": func(t *testing.T, depth int) {
			s := &listService{listing: listings[2], total: 45}
			for range s.paginate(gamesparks.PaginatorOptions{Prefetch: depth}).items(t.Context()) {
			}
			if len(s.tokens()) != 5 {
				t.Errorf("%d requests, want 5", len(s.tokens()))
			}
		},
		"break while the next page is fetched": func(t *testing.T, depth int) {
			calls := 0
			p := gamesparks.NewListGamesPaginator(endlessGames(&calls, 3, hang), nil, prefetch(depth))
			items := 0
			for _, err := range p.Items(t.Context()) {
				if items++; err != nil {
					t.Errorf("error %v", err)
				}
				if items == 2 {
					break
				}
			}
			if items != 2 {
				t.Errorf("%d items, want 2", items)
			}
			// NextPage requests the canceled page again.
			out, err := p.NextPage(t.Context())
			if err != nil || aws.ToString(out.Games[0].Name) != fmt.Sprint(calls) {
				t.Errorf("NextPage returned %v and error %v, want the canceled page", out, err)
			}
		},
		"break while pages wait": func(t *testing.T, depth int) {
			calls := 0
			p := gamesparks.NewListGamesPaginator(endlessGames(&calls, 0, nil), nil, prefetch(depth))
			for range p.Pages(t.Context()) {
				break
			}
		},
		"panic in the loop": func(t *testing.T, depth int) {
			defer func() {
				if recover() != broken {
					t.Error("the loop's panic did not reach the caller")
				}
			}()
			calls := 0
			for range gamesparks.NewListGamesPaginator(endlessGames(&calls, 0, nil), nil, prefetch(depth)).Items(t.Context()) {
				panic(broken)
			}
		},
		"error of the service": func(t *testing.T, depth int) {
			calls := 0
			p := gamesparks.NewListGamesPaginator(endlessGames(&calls, 3, func(context.Context) error { return broken }), nil, prefetch(depth))
			var got []error
			for _, err := range p.Items(t.Context()) {
				got = append(got, err)
			}
			if len(got) != 3 || got[0] != nil || got[1] != nil || got[2] != broken {
				t.Errorf("errors %v", got)
			}
		},
		"context cancelled in the loop": func(t *testing.T, depth int) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			calls := 0
			p := gamesparks.NewListGamesPaginator(endlessGames(&calls, 3, hang), nil, prefetch(depth))
			var got []error
			for _, err := range p.Items(ctx) {
				got = append(got, err)
				if len(got) == 2 {
					cancel()
				}
			}
			if len(got) != 3 || got[0] != nil || got[1] != nil || !errors.Is(got[2], context.Canceled) {
				t.Errorf("errors %v", got)
			}
			if token := p.ResumeToken(); token == "" || !p.HasMorePages() {
				t.Errorf("got resume token %q and HasMorePages = %t, want a token and true", token, p.HasMorePages())
			}
		},
		"context cancelled before the loop": func(t *testing.T, depth int) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			s := &listService{listing: listings[2], total: 45}
			var got []error
			for _, err := range s.paginate(gamesparks.PaginatorOptions{Prefetch: depth}).items(ctx) {
				got = append(got, err)
			}
			if len(got) != 1 || !errors.Is(got[0], context.Canceled) {
				t.Errorf("errors %v", got)
			}
		},
	}
	for name, test := range tests {
		for depth := 1; depth <= 3; depth++ {
			t.Run(fmt.Sprintf("%s, depth %d", name, depth), func(t *testing.T) {
				defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
				test(t, depth)
			})
		}
	}
}

func TestStopOnDuplicateToken(t *testing.T) {
	t.Parallel()
	// The tokens of the pages. The list ends only at a token that equals the one in the request.
	tokens := []string{"a", "b", "a", "b", "b", "c", ""}
	for _, stop := range []bool{true, false} {
		for depth := range 3 {
			calls := 0
			p := gamesparks.NewListGamesPaginator(listGamesFunc(func(context.Context, *gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error) {
				calls++
				return &gamesparks.ListGamesOutput{NextToken: &tokens[calls-1], Games: make([]types.GameSummary, 2)}, nil
			}), nil, func(o *gamesparks.PaginatorOptions) {
				o.StopOnDuplicateToken, o.Prefetch = stop, depth
			})
			items := 0
			for _, err := range p.Items(t.Context()) {
				if items++; err != nil {
					t.Fatal(err)
				}
			}
			want := 7
			if stop {
				want = 5
			}
			if calls != want || items != 2*want || p.HasMorePages() || p.ResumeToken() != "" {
				t.Errorf("StopOnDuplicateToken = %t: got %d pages, %d items, HasMorePages = %t and resume token %q",
					stop, calls, items, p.HasMorePages(), p.ResumeToken())
			}
		}
	}
}

// TestCycleOfTokensEnds checks that a loop ends with an error if tokens form a cycle, either immediately or after some
// pages.
func TestCycleOfTokensEnds(t *testing.T) {
	t.Parallel()
	for _, lead := range []int{0, 1, 2, 7, 30} {
		for length := 1; length <= 40; length++ {
			for _, depth := range []int{0, 1} {
				calls := 0
				p := gamesparks.NewListGamesPaginator(listGamesFunc(func(context.Context, *gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error) {
					token := fmt.Sprint(calls)
					if calls >= lead {
						token = fmt.Sprint(lead + (calls-lead)%length)
					}
					if calls++; calls > 20*(lead+length)+20 {
						t.Fatalf("no error after %d pages, with a cycle of %d tokens that starts after %d pages", calls, length, lead)
					}
					return &gamesparks.ListGamesOutput{NextToken: &token}, nil
				}), nil, prefetch(depth))
				errs := 0
				for _, err := range p.Items(t.Context()) {
					errs++
					var duplicate *gamesparks.DuplicateTokenError
					if !errors.As(err, &duplicate) {
						t.Fatalf("error %v", err)
					}
					if diff := cmp.Diff("ListGames", duplicate.Operation); diff != "" || duplicate.Token == "" {
						t.Errorf("duplicate token %q, operation (-want +got):\n%s", duplicate.Token, diff)
					}
				}
				if errs != 1 {
					t.Errorf("%d errors", errs)
				}
				before := calls
				if _, err := p.NextPage(t.Context()); err == nil || calls != before {
					t.Errorf("got error %v and %d calls after the cycle was detected, want an error and no calls", err, calls-before)
				}
			}
		}
	}
}

func TestFewDuplicateTokensAreNoCycle(t *testing.T) {
	t.Parallel()
	calls := 0
	p := gamesparks.NewListGamesPaginator(listGamesFunc(func(context.Context, *gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error) {
		out := &gamesparks.ListGamesOutput{NextToken: aws.String("same"), Games: make([]types.GameSummary, 1)}
		if calls++; calls == 11 {
			out.NextToken = nil
		}
		return out, nil
	}), nil)
	items := 0
	for _, err := range p.Items(t.Context()) {
		if items++; err != nil {
			t.Fatal(err)
		}
	}
	if items != 11 {
		t.Errorf("%d items, want 11", items)
	}
}

// TestPrefetchLimit checks that a paginator can prefetch 100 pages and that a limit of 101 is an error.
func TestPrefetchLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		for _, err := range gamesparks.NewListGamesPaginator(endlessGames(&calls, 0, nil), nil, prefetch(100)).Pages(t.Context()) {
			synctest.Wait() // until the prefetching goroutine blocks
			if err != nil || calls != 101 {
				t.Errorf("got error %v after %d calls, want no error after 101 calls", err, calls)
			}
			break
		}
	})
	calls := 0
	if _, err := gamesparks.NewListGamesPaginator(endlessGames(&calls, 0, nil), nil, prefetch(101)).NextPage(t.Context()); err == nil || calls != 0 {
		t.Errorf("got error %v and %d calls with prefetch 101, want an error and no calls", err, calls)
	}
}

// runInGoroutine runs fn in a goroutine. It returns fn's panic value and reports whether fn returned normally.
func runInGoroutine(fn func()) (value any, returned bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { value = recover() }()
		fn()
		returned = true
	}()
	<-done
	return value, returned
}

// TestPrefetchPanicReachesLoop checks that a panic or runtime.Goexit in the third call of a mock reaches the goroutine that
// runs the loop.
func TestPrefetchPanicReachesLoop(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	inBody := errors.New("panic of the body")
	tests := map[string]struct {
		body  func(page int) bool
		pages int
		want  error // the panic value, unless the mock calls Goexit
	}{
		"loop to the end":               {func(int) bool { return true }, 2, broken},
		"break before the failing page": {func(int) bool { return false }, 1, broken},
		"panic in the body":             {func(int) bool { panic(inBody) }, 1, inBody},
	}
	for name, tt := range tests {
		for _, goexit := range []bool{false, true} {
			for depth := 1; depth <= 3; depth++ {
				t.Run(fmt.Sprintf("%s, Goexit %t, depth %d", name, goexit, depth), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						calls, pages := 0, 0
						p := gamesparks.NewListGamesPaginator(endlessGames(&calls, 3, func(context.Context) error {
							if goexit {
								runtime.Goexit()
							}
							panic(broken)
						}), nil, prefetch(depth))
						value, returned := runInGoroutine(func() {
							for range p.Pages(t.Context()) {
								pages++
								synctest.Wait() // until the prefetching goroutine blocks or has ended
								if !tt.body(pages) {
									break
								}
							}
						})
						if pages != tt.pages {
							t.Errorf("%d pages, want %d", pages, tt.pages)
						}
						err, _ := value.(error)
						switch {
						case tt.want == broken && calls < 3: // the panicking call did not happen
							if !returned {
								t.Errorf("the loop did not return normally: panic value %v", value)
							}
							return
						case tt.want == broken && goexit:
							if returned || value != nil {
								t.Errorf("loop returned = %t with panic value %v, want Goexit", returned, value)
							}
						case !errors.Is(err, tt.want):
							t.Errorf("panic value %v, want %v", value, tt.want)
						}
						if calls < 3 {
							return
						}
						// The paginator continues after the last yielded page and requests the next one again.
						if out, err := p.NextPage(t.Context()); err != nil || len(out.Games) != 1 {
							t.Errorf("NextPage returned %v and error %v, want one game", out, err)
						}
					})
				})
			}
		}
	}
}
