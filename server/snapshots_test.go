package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

func TestSnapshots(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		e.importSections("chess", `{"A":{"v":1},"B":{}}`)
		created := e.clock.Now()
		snapshot := ok[*gamesparks.CreateSnapshotOutput](e)(e.CreateSnapshot(e.ctx, &gamesparks.CreateSnapshotInput{
			GameName: aws.String("chess"), Description: aws.String("before"),
		})).Snapshot
		if want := "Snapshot_2026-03-04T05:06:07.008000Z"; *snapshot.Id != want {
			e.Errorf("got snapshot id %s, want %s", *snapshot.Id, want)
		}
		e.clock.Advance(time.Minute)
		e.importSections("chess", `{"A":{"v":2}}`)

		get := func(sections ...string) *types.SnapshotDetails {
			return ok[*gamesparks.GetSnapshotOutput](e)(e.GetSnapshot(e.ctx, &gamesparks.GetSnapshotInput{
				GameName: aws.String("chess"), SnapshotId: snapshot.Id, Sections: sections,
			})).Snapshot
		}
		check := func(what string, got *types.SnapshotDetails, updated time.Time, description string, sections map[string]string) {
			e.Helper()
			if diff := cmp.Diff(sections, texts(e, got.Sections)); diff != "" {
				e.Errorf("%s: sections (-want +got):\n%s", what, diff)
			}
			if *got.Id != *snapshot.Id || !got.Created.Equal(created) || !got.LastUpdated.Equal(updated) || *got.Description != description {
				e.Errorf("%s: unexpected snapshot: id %s, created %v, last updated %v, description %s",
					what, *got.Id, got.Created, got.LastUpdated, *got.Description)
			}
		}
		content := map[string]string{"A": `{"v":1}`, "B": `{}`}
		check("created", snapshot, created, "before", content)
		check("got", get(), created, "before", content)
		check("one section", get("A"), created, "before", map[string]string{"A": `{"v":1}`})
		check("no section", get("None"), created, "before", map[string]string{})

		updated := ok[*gamesparks.UpdateSnapshotOutput](e)(e.UpdateSnapshot(e.ctx, &gamesparks.UpdateSnapshotInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id, Description: aws.String("after"),
		})).Snapshot
		check("updated", updated, e.clock.Now(), "after", content)
		check("got updated", get(), e.clock.Now(), "after", content)
		updated = ok[*gamesparks.UpdateSnapshotOutput](e)(e.UpdateSnapshot(e.ctx, &gamesparks.UpdateSnapshotInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id,
		})).Snapshot
		check("updated without description", updated, e.clock.Now(), "after", content)

		list := ok[*gamesparks.ListSnapshotsOutput](e)(e.ListSnapshots(e.ctx, &gamesparks.ListSnapshotsInput{GameName: aws.String("chess")})).Snapshots
		want := []types.SnapshotSummary{{Id: snapshot.Id, Description: aws.String("after"), Created: &created, LastUpdated: aws.Time(e.clock.Now())}}
		if diff := cmp.Diff(want, list); diff != "" {
			e.Errorf("ListSnapshots (-want +got):\n%s", diff)
		}
	})
}

// TestSnapshotIDs checks that ids are unique and ascending, even if the clock stops or moves backwards.
func TestSnapshotIDs(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		var ids []string
		for _, step := range []time.Duration{0, 0, time.Millisecond, 0, -time.Hour, 0, 2 * time.Hour, 0} {
			e.clock.Advance(step)
			ids = append(ids, *e.createSnapshot("chess").Id)
		}
		if unique := slices.Compact(slices.Sorted(slices.Values(ids))); !slices.Equal(unique, ids) {
			e.Errorf("snapshot ids are not unique and ascending: %v", ids)
		}
	})
}

// download sends a GET request and returns the status, header and body of the response.
func download(t *testing.T, u string, header ...string) (int, http.Header, string) {
	t.Helper()
	return downloadWith(t, http.DefaultClient, u, header...)
}

func downloadWith(t *testing.T, client *http.Client, u string, header ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

func TestExportSnapshot(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		const sections = `{"B":{"z":1.10,"a":"<é>"},"A":[12345678901234567890123]}`
		e.importSections("chess", sections)
		snapshot := e.createSnapshot("chess")
		e.importSections("chess", `{}`)
		export := ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{
			GameName: aws.String("chess"), SnapshotId: snapshot.Id,
		}))
		if !strings.HasPrefix(*export.S3Url, e.srv.URL+"/") {
			e.Errorf("got URL %s, want one that starts with %s", *export.S3Url, e.srv.URL)
		}
		const want = `{"Document":{"Type":"Game","Sections":{"A":[12345678901234567890123],"B":{"z":1.10,"a":"<é>"}}}}`
		status, header, body := download(e.T, *export.S3Url)
		if status != http.StatusOK || body != want {
			e.Errorf("export: got %d %s, want %s", status, body, want)
		}
		if header.Get("Content-Type") != "application/json" || header.Get("Content-Disposition") != `attachment; filename="chess.json"` {
			e.Errorf("unexpected header %v", header)
		}
		etag := header.Get("ETag")
		for _, test := range []struct {
			header []string
			status int
			body   string
		}{
			{[]string{"Range", "bytes=2-9"}, http.StatusPartialContent, want[2:10]},
			{[]string{"Range", "bytes=-4"}, http.StatusPartialContent, want[len(want)-4:]},
			{[]string{"Range", "bytes=90-", "If-Range", etag}, http.StatusPartialContent, want[90:]},
			{[]string{"Range", "bytes=2-9", "If-Range", `"other"`}, http.StatusOK, want},
			{[]string{"If-None-Match", etag}, http.StatusNotModified, ""},
		} {
			status, _, body := download(e.T, *export.S3Url, test.header...)
			if status != test.status || body != test.body {
				e.Errorf("%v: got %d %s, want %d %s", test.header, status, body, test.status, test.body)
			}
		}
		for _, test := range []struct {
			header []string
			status int
			code   string
		}{
			{[]string{"If-Match", `"other"`}, http.StatusPreconditionFailed, "PreconditionFailed"},
			{[]string{"Range", "bytes=1000-"}, http.StatusRequestedRangeNotSatisfiable, "InvalidRange"},
		} {
			status, header, body := download(e.T, *export.S3Url, test.header...)
			if status != test.status || !strings.Contains(body, "<Error><Code>"+test.code+"</Code>") || header.Get("Content-Type") != "application/xml" {
				e.Errorf("%v: got %d %s %s, want %d %s", test.header, status, header, body, test.status, test.code)
			}
		}

		// Importing the export restores the configuration, and exporting it again returns the same file.
		imported := ok[*gamesparks.ImportGameConfigurationOutput](e)(e.ImportGameConfiguration(e.ctx, &gamesparks.ImportGameConfigurationInput{
			GameName: aws.String("chess"), ImportSource: &types.ImportGameConfigurationSource{File: []byte(body)},
		}))
		got := ok[*gamesparks.GetSnapshotOutput](e)(e.GetSnapshot(e.ctx, &gamesparks.GetSnapshotInput{GameName: aws.String("chess"), SnapshotId: snapshot.Id}))
		if diff := cmp.Diff(texts(e, got.Snapshot.Sections), texts(e, imported.GameConfiguration.Sections)); diff != "" {
			e.Errorf("sections after importing the export (-want +got):\n%s", diff)
		}
		again := e.createSnapshot("chess")
		export = ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{GameName: aws.String("chess"), SnapshotId: again.Id}))
		if _, _, body := download(e.T, *export.S3Url); body != want {
			e.Errorf("export of the imported sections: got %s, want %s", body, want)
		}
	})
}

func TestDownloadURLs(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	e.createGame("chess")
	first, second := e.createSnapshot("chess"), e.createSnapshot("chess")
	export := ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{
		GameName: aws.String("chess"), SnapshotId: first.Id,
	}))
	signed, err := url.Parse(*export.S3Url)
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(u *url.URL, q url.Values)) string {
		u, q := *signed, signed.Query()
		f(&u, q)
		u.RawQuery = q.Encode()
		return u.String()
	}
	bad := map[string]string{
		"unsigned":      change(func(_ *url.URL, q url.Values) { clear(q) }),
		"other path":    change(func(u *url.URL, _ url.Values) { u.Path = strings.Replace(u.Path, *first.Id, *second.Id, 1) }),
		"other game":    change(func(u *url.URL, _ url.Values) { u.Path = strings.Replace(u.Path, "chess", "check", 1) }),
		"longer life":   change(func(_ *url.URL, q url.Values) { q.Set("X-Amz-Expires", "6000") }),
		"no signature":  change(func(_ *url.URL, q url.Values) { q.Del("X-Amz-Signature") }),
		"bad signature": change(func(_ *url.URL, q url.Values) { q.Set("X-Amz-Signature", strings.Repeat("0", 64)) }),
		"more query":    change(func(_ *url.URL, q url.Values) { q.Set("x", "y") }),
	}
	for name, u := range bad {
		if status, header, body := download(t, u); status/100 != 4 || !strings.Contains(body, "<Code>") || header.Get("Content-Type") != "application/xml" {
			t.Errorf("%s: unexpected response: %d %s", name, status, body)
		}
	}
	e.clock.Advance(10*time.Minute - time.Second)
	if status, _, body := download(t, *export.S3Url); status != http.StatusOK {
		t.Errorf("before the URL expires: got %d %s, want 200", status, body)
	}
	e.clock.Advance(2 * time.Second)
	if status, _, body := download(t, *export.S3Url); status != http.StatusForbidden || !strings.Contains(body, "AccessDenied") {
		t.Errorf("after the URL expires: got %d %s, want 403 AccessDenied", status, body)
	}

	export = ok[*gamesparks.ExportSnapshotOutput](e)(e.ExportSnapshot(e.ctx, &gamesparks.ExportSnapshotInput{GameName: aws.String("chess"), SnapshotId: first.Id}))
	ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: aws.String("chess")}))
	if status, _, body := download(t, *export.S3Url); status != http.StatusNotFound || !strings.Contains(body, "<Code>NoSuchKey</Code>") {
		t.Errorf("export of a deleted game: got %d %s, want 404 NoSuchKey", status, body)
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	service, err := server.New(server.WithPublicURL("https://games.example.com/api"), server.WithAnonymousAccess())
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	srv := httptest.NewServer(service)
	defer srv.Close()
	client := gamesparks.New(gamesparks.Options{BaseEndpoint: &srv.URL, Region: "us-east-1", Credentials: aws.AnonymousCredentials{}})
	if _, err := client.CreateGame(t.Context(), &gamesparks.CreateGameInput{GameName: aws.String("chess")}); err != nil {
		t.Fatal(err)
	}
	snapshot, err := client.CreateSnapshot(t.Context(), &gamesparks.CreateSnapshotInput{GameName: aws.String("chess")})
	if err != nil {
		t.Fatal(err)
	}
	export, err := client.ExportSnapshot(t.Context(), &gamesparks.ExportSnapshotInput{GameName: aws.String("chess"), SnapshotId: snapshot.Snapshot.Id})
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://games.example.com/api/download/123456789012/chess/snapshot/Snapshot_"; !strings.HasPrefix(*export.S3Url, want) {
		t.Errorf("got URL %s, want one that starts with %s", *export.S3Url, want)
	}
	// The proxy strips the path and sends the request to another host.
	u, err := url.Parse(*export.S3Url)
	if err != nil {
		t.Fatal(err)
	}
	behind := srv.URL + strings.TrimPrefix(u.EscapedPath(), "/api") + "?" + u.RawQuery
	if status, _, body := download(t, behind); status != http.StatusOK {
		t.Errorf("download through the proxy: got %d %s, want 200", status, body)
	}
	if status, _, body := download(t, strings.Replace(behind, "chess", "check", 1)); status != http.StatusForbidden {
		t.Errorf("download of a changed URL through the proxy: got %d %s, want 403", status, body)
	}
	for _, bad := range []string{"games.example.com", "ftp://x", "https://", "https://x/?q=1", "https://x#f", "::"} {
		if _, err := server.New(server.WithPublicURL(bad)); err == nil || !strings.Contains(err.Error(), "public URL") {
			t.Errorf("WithPublicURL(%q): got error %v, want one about the public URL", bad, err)
		}
	}
}
