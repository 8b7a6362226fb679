package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// hostile is a description with markup that the page must escape.
const hostile = `<script>document.title = "hostile"</script> & more`

// createContent creates a game with one resource of each kind, and enough other games to fill a second page. It returns
// the ID of the snapshot.
func createContent(t *testing.T, client *gamesparks.Client) string {
	t.Helper()
	ctx, game, stage := t.Context(), new("shop"), new("dev")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game, Description: new(hostile), Tags: map[string]string{"team": "blue"}})
	must(err)
	_, err = client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: game,
		ImportSource: &types.ImportGameConfigurationSource{
			File: []byte(`{"Document":{"Type":"Game","Sections":{"Shop.Items":{"sword":{"price":3}}}}}`),
		},
	})
	must(err)
	snapshot, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: game, Description: new("first")})
	must(err)
	_, err = client.CreateStage(ctx, &gamesparks.CreateStageInput{GameName: game, StageName: stage, Role: new("arn:aws:iam::123456789012:role/dev")})
	must(err)
	_, err = client.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{GameName: game, StageName: stage, SnapshotId: snapshot.Snapshot.Id})
	must(err)
	_, err = gamesparks.NewStageDeploymentCompletedWaiter(client, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, 10*time.Millisecond
	}).WaitForOutput(ctx, &gamesparks.GetStageDeploymentInput{GameName: game, StageName: stage}, time.Minute)
	must(err)
	for i := range 50 {
		_, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new(fmt.Sprintf("z-%03d", i))})
		must(err)
	}
	return *snapshot.Snapshot.Id
}

// TestPage navigates the page in a browser.
func TestPage(t *testing.T) {
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("Chromium is not installed: apt-get install chromium")
	}
	server := start(t, "--deployment-pending=0s", "--deployment-in-progress=0s")
	snapshot := createContent(t, newClient(server.endpoint))
	browser := newBrowser(t, chromium)
	var messages consoleMessages
	if err := chromedp.Listen(browser, messages.listen); err != nil {
		t.Fatal(err)
	}
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(browser, steps...); err != nil {
			t.Fatal(err)
		}
	}
	// cells returns the text of each cell in the body of a table.
	cells := func(table string) []string {
		t.Helper()
		return evaluate(t, browser, chromedp.Evaluate[[]string](fmt.Sprintf(`[...document.querySelectorAll(%q)].map(cell => cell.innerText)`, table+" tbody td")))
	}

	do(chromedp.Navigate(server.endpoint + "/ui"))
	if title := evaluate(t, browser, chromedp.Title()); title != "Games · gamesparks-server" {
		t.Errorf("title = %q", title)
	}
	border := evaluate(t, browser, chromedp.Evaluate[string](`getComputedStyle(document.querySelector("header")).borderBottomWidth`))
	if border != "1px" {
		t.Errorf("header border = %q, want 1px from the style sheet", border)
	}
	games := cells("table")
	if want := []string{"shop", "ACTIVE", hostile, "team=blue"}; len(games) != 4*50 || !slices.Equal(games[:4], want) {
		t.Errorf("got %d cells that begin with %q, want 200 that begin with %q", len(games), games[:min(4, len(games))], want)
	}

	do(chromedp.Click("a.next"), chromedp.WaitNotPresent("a.next"))
	if diff := cmp.Diff([]string{"z-049", "ACTIVE", "", ""}, cells("table")); diff != "" {
		t.Errorf("second page (-want +got):\n%s", diff)
	}

	do(chromedp.Click("header a"), chromedp.Click(`a[href="/ui/game/shop"]`), chromedp.WaitVisible("#stages"))
	if title := evaluate(t, browser, chromedp.Title()); title != "shop · gamesparks-server" {
		t.Errorf("title = %q", title)
	}
	details := evaluate(t, browser, chromedp.Text("dl"))
	for _, want := range []string{hostile, "arn:aws:gamesparks:us-east-1:123456789012:game/shop"} {
		if !strings.Contains(details, want) {
			t.Errorf("details = %q, want it to contain %q", details, want)
		}
	}
	if diff := cmp.Diff([]string{"dev", "ACTIVE", ""}, cells("#stages")); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	if snapshots := cells("#snapshots"); len(snapshots) != 3 || snapshots[0] != snapshot || snapshots[2] != "first" {
		t.Errorf("snapshots = %q, want one row with the ID and description of the snapshot", snapshots)
	}
	do(chromedp.Click("summary"), chromedp.WaitVisible("details pre"))
	if diff := cmp.Diff("{\n  \"sword\": {\n    \"price\": 3\n  }\n}", evaluate(t, browser, chromedp.Text("details pre"))); diff != "" {
		t.Errorf("section (-want +got):\n%s", diff)
	}

	do(chromedp.Click("#stages a"), chromedp.WaitVisible("#deployments"))
	stage := evaluate(t, browser, chromedp.Text("main"))
	for _, want := range []string{"/aws/gamesparks/shop/dev", "arn:aws:iam::123456789012:role/dev"} {
		if !strings.Contains(stage, want) {
			t.Errorf("stage = %q, want it to contain %q", stage, want)
		}
	}
	deployments := cells("#deployments")
	if len(deployments) != 6 || deployments[1] != "DEPLOY" || deployments[2] != "COMPLETED" || deployments[3] != snapshot ||
		!strings.HasPrefix(deployments[5], "SUCCESS") {
		t.Errorf("deployments = %q, want one row with a successful deployment of the snapshot", deployments)
	}
	if n := evaluate(t, browser, chromedp.Evaluate[int](`document.querySelectorAll("form, button, input, script").length`)); n != 0 {
		t.Errorf("the page has %d interactive elements, want 0", n)
	}
	if all := messages.all(); len(all) > 0 {
		t.Errorf("console messages = %q, want none", all)
	}

	do(chromedp.Navigate(server.endpoint + "/ui/game/missing"))
	if alert := evaluate(t, browser, chromedp.Text(`[role="alert"]`)); !strings.Contains(alert, "missing") {
		t.Errorf("error = %q", alert)
	}
}

// evaluate runs an action in the browser and returns its result.
func evaluate[T any](t *testing.T, browser context.Context, action chromedp.Action[T]) T {
	t.Helper()
	found, err := chromedp.Run(browser, action)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func newBrowser(t *testing.T, path string) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // the sandbox does not work for root in a container
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// consoleMessages collects the messages and exceptions that a browser logs to its console.
type consoleMessages struct {
	mu    sync.Mutex
	texts []string
}

func (c *consoleMessages) listen(event any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		c.texts = append(c.texts, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		c.texts = append(c.texts, e.ExceptionDetails.Text)
	}
}

func (c *consoleMessages) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.texts)
}

// fetch sends a GET request, which fns can modify, and returns the response and its body.
func fetch(t *testing.T, client *http.Client, url string, fns ...func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range fns {
		fn(r)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// TestPageStatus checks the status and security headers of the responses to paths below /ui/.
func TestPageStatus(t *testing.T) {
	t.Parallel()
	server := start(t)
	for path, want := range map[string]int{
		"/ui":                   200, // after a redirect
		"/ui/":                  200,
		"/ui/style.css":         200,
		"/ui/nothing":           404,
		"/ui/game/missing":      404,
		"/ui/game/a%20b":        400,
		"/ui/?next=nonsense":    400,
		"/ui/game/x/stage/%2e.": 400,
	} {
		resp, body := fetch(t, http.DefaultClient, server.endpoint+path)
		if resp.StatusCode != want {
			t.Errorf("%s: status %s, want %d\n%s", path, resp.Status, want, body)
		}
		if !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: header = %v, want a Content-Security-Policy with default-src 'none'", path, resp.Header)
		}
	}
	resp, err := http.Post(server.endpoint+"/ui/", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s, %v", resp.Status, err)
	}

	// DNS rebinding: a foreign name that resolves to a loopback address.
	resp, _ = fetch(t, http.DefaultClient, server.endpoint+"/ui/", func(r *http.Request) { r.Host = "evil.example:8770" })
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("foreign host: status %s, want 403", resp.Status)
	}
}

// TestPageEdgeCases checks the page of a game that is being deleted, and the page of a game with a deeply nested
// section. Indentation would increase the size of that section a thousandfold.
func TestPageEdgeCases(t *testing.T) {
	t.Parallel()
	server := start(t, "--deletion-time=1h")
	client := newClient(server.endpoint)
	for _, name := range []string{"deep", "deleted"} {
		if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &name}); err != nil {
			t.Fatal(err)
		}
	}
	section := strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)
	if _, err := client.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
		GameName:     new("deep"),
		ImportSource: &types.ImportGameConfigurationSource{File: []byte(`{"Document":{"Type":"Game","Sections":{"A":` + section + `}}}`)},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteGame(t.Context(), &gamesparks.DeleteGameInput{GameName: new("deleted")}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"deep": section, "deleted": "DELETING"} {
		resp, body := fetch(t, http.DefaultClient, server.endpoint+"/ui/game/"+name)
		if resp.StatusCode != http.StatusOK || !strings.Contains(body, want) || len(body) > 50_000 {
			t.Errorf("%s: status %s, body of %d bytes; want status 200, the expected content and at most 50000 bytes", name, resp.Status, len(body))
		}
	}
}

// TestPageSize checks that the page of a game has a bounded size, and that it reports omitted content.
func TestPageSize(t *testing.T) {
	t.Parallel()
	server := start(t)
	client := newClient(server.endpoint)
	many := make([]string, 20_000)
	for i := range many {
		many[i] = fmt.Sprintf(`"S%05d":%d`, i, i)
	}
	const cut, all = "The rest is not shown. GetGameConfiguration returns the whole section.", "more sections are not shown. GetGameConfiguration returns all sections."
	tests := map[string]struct {
		sections string
		contains []string
		lacks    []string
	}{
		"indented to 60 times its size": {
			`"A":{"small":true},"B":` + strings.Repeat("[", 60) + "1" + strings.Repeat(",1", 450_000) + strings.Repeat("]", 60),
			[]string{"{\n  &#34;small&#34;: true\n}", "[1,1,1,", cut}, []string{all},
		},
		"escaped to five times its size": {`"A":["` + strings.Repeat(`\"`, 400_000) + `"],"B":1`, []string{cut}, []string{all}},
		"many sections":                  {strings.Join(many, ","), []string{"S00499", "19500 " + all}, []string{"S00500", cut}},
		"cut inside a character":         {`"A":"x` + strings.Repeat("\u20ac", 200_000) + `"`, []string{"\u20ac\u20ac</pre>", cut}, []string{"\ufffd"}},
		"brackets in a string":           {`"A":["\"` + strings.Repeat("[,", 2000) + `"]`, []string{"[\n  &#34;\\&#34;[,[,"}, []string{cut, all}},
		"two large sections":             {`"A":"` + strings.Repeat("a", 200_000) + `","B":"` + strings.Repeat("b", 200_000) + `"`, []string{strings.Repeat("a", 200_000), "bbb</pre>", cut}, []string{strings.Repeat("b", 100_000)}},
		"small":                          {`"A":["a\\\"]",{}]`, []string{"[\n  " + `&#34;a\\\&#34;]&#34;,` + "\n  {}\n]"}, []string{cut, all}},
	}
	for name, test := range tests {
		game := strings.ReplaceAll(name, " ", "-")
		if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: &game}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.ImportGameConfiguration(t.Context(), &gamesparks.ImportGameConfigurationInput{
			GameName: &game, ImportSource: &types.ImportGameConfigurationSource{
				File: []byte(`{"Document":{"Type":"Game","Sections":{` + test.sections + `}}}`),
			},
		}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		resp, body := fetch(t, http.DefaultClient, server.endpoint+"/ui/game/"+game)
		if resp.StatusCode != http.StatusOK || len(body) > 2<<20 {
			t.Errorf("%s: status %s, body of %d bytes; want status 200 and at most 2 MB", name, resp.Status, len(body))
		}
		for _, want := range test.contains {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page does not contain %.100q", name, want)
			}
		}
		for _, text := range test.lacks {
			if strings.Contains(body, text) {
				t.Errorf("%s: the page contains %.100q", name, text)
			}
		}
	}
}
