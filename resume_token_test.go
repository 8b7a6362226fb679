package gamesparks_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// midPage returns a resume token for the position between the third and fourth items of the second page.
func midPage(t testing.TB, l listing, game string) string {
	t.Helper()
	s := &listService{listing: l, total: 25}
	p := l.paginate(s.client(), game, nil, gamesparks.PaginatorOptions{Limit: 10, MaxItems: 13})
	for _, err := range p.items(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	return p.ResumeToken()
}

// start requests the first page at the position given by a resume token.
func start(t testing.TB, s *listService, game, token string) ([]string, error) {
	t.Helper()
	p := s.listing.paginate(s.client(), game, nil, gamesparks.PaginatorOptions{StartingToken: token})
	page, err := p.nextPage(t.Context())
	if err == nil {
		return page, nil
	}
	if len(s.all()) != 0 {
		t.Errorf("sent %d requests for an invalid token, want 0", len(s.all()))
	}
	if !strings.HasPrefix(err.Error(), "invalid starting token for "+s.listing.operation+": ") {
		t.Errorf("error %q does not name the operation", err)
	}
	if p.ResumeToken() != token {
		t.Errorf("ResumeToken returned %q after invalid token %q was rejected", p.ResumeToken(), token)
	}
	return nil, err
}

func TestResumeToken(t *testing.T) {
	t.Parallel()
	printable := regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	forEachListing(t, func(t *testing.T, l listing) {
		token := midPage(t, l, "chess")
		if !printable.MatchString(token) {
			t.Errorf("token %q is not printable", token)
		}
		page, err := start(t, &listService{listing: l, total: 25}, "chess", token)
		if diff := cmp.Diff(numbers(13, 20), page); err != nil || diff != "" {
			t.Errorf("got error %v; page (-want +got):\n%s", err, diff)
		}
	})
}

// TestResumeTokenOfEarlierVersions checks that the token format does not change, because tokens outlive processes.
func TestResumeTokenOfEarlierVersions(t *testing.T) {
	t.Parallel()
	const token = "gsp1-tdSQreN7nDOqu8cBnPr5XgMxMA"
	page, err := start(t, &listService{listing: listings[6], total: 25}, "chess", token)
	if diff := cmp.Diff(numbers(13, 20), page); err != nil || diff != "" {
		t.Errorf("got error %v; page (-want +got):\n%s", err, diff)
	}
	if got := midPage(t, listings[6], "chess"); got != token {
		t.Errorf("token %q, want %q", got, token)
	}
}

func TestResumeTokenOfInputToken(t *testing.T) {
	t.Parallel()
	l := listings[2]
	s := &listService{listing: l, total: 25}
	token := l.paginate(s.client(), "", aws.String("7"), gamesparks.PaginatorOptions{}).ResumeToken()
	page, err := start(t, s, "", token)
	if diff := cmp.Diff(numbers(7, 17), page); err != nil || diff != "" {
		t.Errorf("got error %v; page (-want +got):\n%s", err, diff)
	}
	// A resume token takes precedence over the input's NextToken.
	page, err = l.paginate(s.client(), "", aws.String("3"), gamesparks.PaginatorOptions{StartingToken: token}).nextPage(t.Context())
	if diff := cmp.Diff(numbers(7, 17), page); err != nil || diff != "" {
		t.Errorf("got error %v; page (-want +got):\n%s", err, diff)
	}
}

func TestForeignResumeToken(t *testing.T) {
	t.Parallel()
	for _, from := range listings {
		token := midPage(t, from, "chess")
		for _, to := range listings {
			for _, game := range []string{"chess", "checkers"} {
				same := from.operation == to.operation
				if noGame := to.operation == "ListGames" || to.operation == "ListExtensions"; same && (game == "chess" || noGame) {
					continue
				}
				_, err := start(t, &listService{listing: to, total: 25}, game, token)
				if err == nil || !strings.Contains(err.Error(), "another operation or other parameters") {
					t.Errorf("token from %s used with %s for game %s: got error %v", from.operation, to.operation, game, err)
				}
			}
		}
	}
}

func TestResumeTokenOfOtherParameters(t *testing.T) {
	t.Parallel()
	// The two parameters of each input are equal when joined with a slash.
	s := &listService{listing: listings[5], total: 25}
	token := gamesparks.NewListStageDeploymentsPaginator(s.client(), &gamesparks.ListStageDeploymentsInput{
		GameName: aws.String("a/b"), StageName: aws.String("c"),
	}).ResumeToken()
	p := gamesparks.NewListStageDeploymentsPaginator(s.client(), &gamesparks.ListStageDeploymentsInput{
		GameName: aws.String("a"), StageName: aws.String("b/c"),
	}, func(o *gamesparks.PaginatorOptions) { o.StartingToken = token })
	if _, err := p.NextPage(t.Context()); err == nil || len(s.all()) != 0 {
		t.Errorf("got error %v and %d requests, want an error and no requests", err, len(s.all()))
	}
}

func TestDamagedResumeToken(t *testing.T) {
	t.Parallel()
	const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= \n\r\x00\xff"
	l := listings[2]
	s := &listService{listing: l, total: 25}
	token := midPage(t, l, "")
	check := func(damaged string) {
		if damaged == token || damaged == "" {
			return
		}
		if _, err := start(t, s, "", damaged); err == nil {
			t.Errorf("token %q, a damaged form of %q, was accepted", damaged, token)
		}
	}
	for i := range token {
		check(token[:i])
		check(token[i:])
		check(token[:i] + token[i+1:])
		for _, c := range []byte(characters) {
			check(token[:i] + string(rune(c)) + token[i+1:])
			check(token[:i] + string([]byte{c}) + token[i:])
		}
	}
	for _, c := range []byte(characters) {
		check(token + string([]byte{c}))
	}
	check(token + token)
	check("gsp1-")
	check("gsp2-" + strings.TrimPrefix(token, "gsp1-"))

	if _, err := start(t, s, "", "10"); err == nil || !strings.Contains(err.Error(), "NextToken") {
		t.Errorf("for a token issued by the service: got error %v, want one that names NextToken", err)
	}
}

// FuzzResumeToken checks that an invalid token is rejected without a request, and that a valid token equals the token
// encoded for its position. It also checks that resuming within a page sends the service's token for that page unchanged.
func FuzzResumeToken(f *testing.F) {
	f.Add(midPage(f, listings[2], ""), "10", uint8(3))
	f.Add("gsp1-", "", uint8(0))
	f.Add("", "a/b c\x00\xff", uint8(255))
	f.Fuzz(func(t *testing.T, token, serviceToken string, skip uint8) {
		var asked []string
		service := listGamesFunc(func(_ context.Context, params *gamesparks.ListGamesInput) (*gamesparks.ListGamesOutput, error) {
			asked = append(asked, aws.ToString(params.NextToken))
			return &gamesparks.ListGamesOutput{NextToken: &serviceToken, Games: make([]types.GameSummary, int(skip)+2)}, nil
		})
		paginator := func(token string, maxItems int) *gamesparks.ListGamesPaginator {
			return gamesparks.NewListGamesPaginator(service, nil, func(o *gamesparks.PaginatorOptions) {
				o.StartingToken, o.MaxItems = token, maxItems
			})
		}

		p := paginator(token, 0)
		if got := p.ResumeToken(); token != "" && got != token {
			t.Errorf("with starting token %q: ResumeToken returned %q, want the starting token", token, got)
		}
		if _, err := p.NextPage(t.Context()); err != nil && len(asked) != 0 {
			t.Errorf("sent a request before rejecting the token: %v", err)
		}

		asked = nil
		first := paginator("", 2*(int(skip)+2)-1)
		for range first.Items(t.Context()) {
		}
		if serviceToken == "" {
			if first.ResumeToken() != "" {
				t.Errorf("got resume token %q after the last item, want none", first.ResumeToken())
			}
			return
		}
		resumed, err := paginator(first.ResumeToken(), 0).NextPage(t.Context())
		if err != nil || len(resumed.Games) != 1 {
			t.Errorf("resumed at %v with error %v, want the last item of the page", resumed, err)
		}
		if diff := cmp.Diff([]string{"", serviceToken, serviceToken}, asked); diff != "" {
			t.Errorf("tokens (-want +got):\n%s", diff)
		}
	})
}
