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

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

// hostile is a description that must be shown and not run.
const hostile = `<script>document.title = "hostile"</script> & more`

// fill makes a game with all that the page shows, and enough others for a second page. It returns the snapshot's id.
func fill(t *testing.T, client *gamesparks.Client) string {
	t.Helper()
	ctx, game, stage := t.Context(), aws.String("shop"), aws.String("dev")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: game, Description: aws.String(hostile), Tags: map[string]string{"team": "blue"}})
	must(err)
	_, err = client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
		GameName: game,
		ImportSource: &types.ImportGameConfigurationSource{
			File: []byte(`{"Document":{"Type":"Game","Sections":{"Shop.Items":{"sword":{"price":3}}}}}`),
		},
	})
	must(err)
	snapshot, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: game, Description: aws.String("first")})
	must(err)
	_, err = client.CreateStage(ctx, &gamesparks.CreateStageInput{GameName: game, StageName: stage, Role: aws.String("arn:aws:iam::123456789012:role/dev")})
	must(err)
	_, err = client.StartStageDeployment(ctx, &gamesparks.StartStageDeploymentInput{GameName: game, StageName: stage, SnapshotId: snapshot.Snapshot.Id})
	must(err)
	_, err = gamesparks.NewStageDeploymentCompletedWaiter(client, func(o *gamesparks.StageDeploymentCompletedWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, 10*time.Millisecond
	}).WaitForOutput(ctx, &gamesparks.GetStageDeploymentInput{GameName: game, StageName: stage}, time.Minute)
	must(err)
	for i := range 50 {
		_, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: aws.String(fmt.Sprintf("z-%03d", i))})
		must(err)
	}
	return *snapshot.Snapshot.Id
}

// TestPage looks at the page with a browser.
func TestPage(t *testing.T) {
	t.Parallel()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no Chromium: apt-get install chromium")
	}
	server := start(t, "--deployment-pending=0s", "--deployment-in-progress=0s")
	snapshot := fill(t, newClient(server.endpoint))
	ctx := newBrowser(t, chromium)
	var complaints complaints
	chromedp.ListenTarget(ctx, complaints.listen)

	var title, text, content, border string
	var names, stages, deployments, snapshots []string
	var interactive int
	rows := func(table string, cells *[]string) chromedp.Action {
		return chromedp.Evaluate(fmt.Sprintf(`[...document.querySelectorAll(%q)].map(cell => cell.innerText)`, table+" tbody td"), cells)
	}
	run := func(step string, actions ...chromedp.Action) {
		t.Helper()
		if err := chromedp.Run(ctx, actions...); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}

	run("the games",
		chromedp.Navigate(server.endpoint+"/ui"),
		chromedp.Title(&title),
		chromedp.Text("main", &text),
		chromedp.Evaluate(`getComputedStyle(document.querySelector("header")).borderBottomWidth`, &border),
		rows("table", &names),
	)
	if title != "Games · GameSparks Local" {
		t.Errorf("title = %q", title)
	}
	if border != "1px" {
		t.Errorf("the header's border is %q: the style sheet is not applied", border)
	}
	if want := []string{"shop", "ACTIVE", hostile, "team=blue"}; len(names) != 4*50 || !slices.Equal(names[:4], want) {
		t.Errorf("%d cells, %q first, want 200, %q", len(names), names[:min(4, len(names))], want)
	}

	run("more games", chromedp.Click("a.next"), chromedp.WaitNotPresent("a.next"), rows("table", &names))
	if want := []string{"z-049", "ACTIVE", "", ""}; !slices.Equal(names, want) {
		t.Errorf("second page = %q, want %q", names, want)
	}

	run("the game",
		chromedp.Click("header a"),
		chromedp.Click(`a[href="/ui/game/shop"]`),
		chromedp.WaitVisible("#stages"),
		chromedp.Title(&title),
		chromedp.Text("dl", &text),
		rows("#stages", &stages),
		rows("#snapshots", &snapshots),
		chromedp.Click("summary"),
		chromedp.Text("details pre", &content, chromedp.NodeVisible),
	)
	if title != "shop · GameSparks Local" || !strings.Contains(text, hostile) ||
		!strings.Contains(text, "arn:aws:gamesparks:us-east-1:123456789012:game/shop") {
		t.Errorf("title = %q, details = %q", title, text)
	}
	if diff := cmp.Diff("{\n  \"sword\": {\n    \"price\": 3\n  }\n}", content); diff != "" {
		t.Errorf("section (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"dev", "ACTIVE", ""}, stages); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	if len(snapshots) != 3 || snapshots[0] != snapshot || snapshots[2] != "first" {
		t.Errorf("snapshots = %q", snapshots)
	}

	run("the stage",
		chromedp.Click(`#stages a`),
		chromedp.WaitVisible("#deployments"),
		chromedp.Text("main", &text),
		rows("#deployments", &deployments),
		chromedp.Evaluate(`document.querySelectorAll("form, button, input, script").length`, &interactive),
	)
	if !strings.Contains(text, "/aws/gamesparks/shop/dev") || !strings.Contains(text, "arn:aws:iam::123456789012:role/dev") {
		t.Errorf("stage = %q", text)
	}
	if len(deployments) != 6 || deployments[1] != "DEPLOY" || deployments[2] != "COMPLETED" || deployments[3] != snapshot ||
		!strings.HasPrefix(deployments[5], "SUCCESS") {
		t.Errorf("deployments = %q", deployments)
	}
	if interactive != 0 {
		t.Errorf("the page has %d elements that do something", interactive)
	}
	if all := complaints.all(); len(all) > 0 {
		t.Errorf("the browser complains: %q", all)
	}

	run("what is missing", chromedp.Navigate(server.endpoint+"/ui/game/missing"), chromedp.Text(`[role="alert"]`, &text))
	if !strings.Contains(text, "missing") {
		t.Errorf("error = %q", text)
	}
}

func newBrowser(t *testing.T, path string) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // which does not work for root in a container
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

// complaints are what a browser writes to its console.
type complaints struct {
	mu    sync.Mutex
	texts []string
}

func (c *complaints) listen(event any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		c.texts = append(c.texts, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		c.texts = append(c.texts, e.ExceptionDetails.Error())
	}
}

func (c *complaints) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.texts)
}

// fetch returns status, header and body of a GET.
func fetch(t *testing.T, client *http.Client, url string, change ...func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range change {
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
			t.Errorf("%s: %s, want %d\n%s", path, resp.Status, want, body)
		}
		if !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: header = %v", path, resp.Header)
		}
	}
	resp, err := http.Post(server.endpoint+"/ui/", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %s, %v", resp.Status, err)
	}

	// Another site's page, whose name has been pointed at this server, may not read it.
	resp, _ = fetch(t, http.DefaultClient, server.endpoint+"/ui/", func(r *http.Request) { r.Host = "evil.example:8770" })
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("foreign host: %s", resp.Status)
	}
}
