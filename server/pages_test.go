package server_test

import (
	"encoding/base64"
	"fmt"
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

// page is a function that gets a page of a list and returns the ids of its items.
type page func(size *int32, token *string) (items []string, next *string, err error)

func (e *env) pages(game, stage, snapshot, namespace, name string) map[string]page {
	return map[string]page{
		"ListGames": func(size *int32, token *string) ([]string, *string, error) {
			out, err := e.ListGames(e.ctx, &gamesparks.ListGamesInput{MaxResults: size, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return names(out.Games, func(g types.GameSummary) *string { return g.Name }), out.NextToken, nil
		},
		"ListStages": func(size *int32, token *string) ([]string, *string, error) {
			out, err := e.ListStages(e.ctx, &gamesparks.ListStagesInput{GameName: &game, MaxResults: size, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return names(out.Stages, func(s types.StageSummary) *string { return s.Name }), out.NextToken, nil
		},
		"ListSnapshots": func(size *int32, token *string) ([]string, *string, error) {
			out, err := e.ListSnapshots(e.ctx, &gamesparks.ListSnapshotsInput{GameName: &game, MaxResults: size, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return names(out.Snapshots, func(s types.SnapshotSummary) *string { return s.Id }), out.NextToken, nil
		},
		"ListStageDeployments": func(size *int32, token *string) ([]string, *string, error) {
			out, err := e.ListStageDeployments(e.ctx, &gamesparks.ListStageDeploymentsInput{GameName: &game, StageName: &stage, MaxResults: size, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return names(out.StageDeployments, func(d types.StageDeploymentSummary) *string { return d.DeploymentId }), out.NextToken, nil
		},
		"ListGeneratedCodeJobs": func(size *int32, token *string) ([]string, *string, error) {
			out, err := e.ListGeneratedCodeJobs(e.ctx, &gamesparks.ListGeneratedCodeJobsInput{GameName: &game, SnapshotId: &snapshot, MaxResults: size, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return names(out.GeneratedCodeJobs, func(j types.GeneratedCodeJobDetails) *string { return j.GeneratedCodeJobId }), out.NextToken, nil
		},
		"ListExtensions": func(size *int32, token *string) ([]string, *string, error) {
			out, err := e.ListExtensions(e.ctx, &gamesparks.ListExtensionsInput{MaxResults: size, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return names(out.Extensions, func(x types.ExtensionDetails) *string { return aws.String(*x.Namespace + "/" + *x.Name) }), out.NextToken, nil
		},
		"ListExtensionVersions": func(size *int32, token *string) ([]string, *string, error) {
			out, err := e.ListExtensionVersions(e.ctx, &gamesparks.ListExtensionVersionsInput{Namespace: &namespace, Name: &name, MaxResults: size, NextToken: token})
			if err != nil {
				return nil, nil, err
			}
			return names(out.ExtensionVersions, func(v types.ExtensionVersionDetails) *string { return v.Version }), out.NextToken, nil
		},
	}
}

// all lists all items in pages of the given size, and returns the item ids and the number of pages.
func all(e *env, next page, size int32) (items []string, pages int) {
	e.Helper()
	var token *string
	for {
		got, more, err := next(&size, token)
		if err != nil {
			e.Fatal(err)
		}
		items = append(items, got...)
		if pages++; more == nil {
			return items, pages
		}
		if len(got) != int(size) {
			e.Errorf("got a page of %d items, want %d", len(got), size)
		}
		token = more
	}
}

func TestPages(t *testing.T) {
	const n = 7
	versions := []server.ExtensionVersion{}
	for _, v := range numbered("1.", n) {
		versions = append(versions, server.ExtensionVersion{Version: v, Schema: "{}"})
	}
	extensions := []server.Extension{{Namespace: "Mine", Name: "x", Versions: versions}}
	for _, name := range numbered("e", n) {
		extensions = append(extensions, server.Extension{Namespace: "Mine", Name: name})
	}
	t.Parallel()
	e := newEnv(t, server.WithExtensions(extensions...))

	want := map[string][]string{"ListExtensionVersions": numbered("1.", n)}
	want["ListExtensions"] = []string{"GameSparks/Core", "GameSparks/DynamoDB", "GameSparks/Lambda"}
	for _, name := range append(numbered("e", n), "x") {
		want["ListExtensions"] = append(want["ListExtensions"], "Mine/"+name)
	}
	for _, name := range numbered("game", n) {
		e.createGame(name)
		want["ListGames"] = append(want["ListGames"], name)
	}
	for _, name := range numbered("stage", n) {
		e.createStage("game003", name)
		want["ListStages"] = append(want["ListStages"], name)
	}
	for range n {
		want["ListSnapshots"] = append(want["ListSnapshots"], *e.createSnapshot("game003").Id)
	}
	snapshot := want["ListSnapshots"][0]
	for range n {
		want["ListStageDeployments"] = append(want["ListStageDeployments"], *e.deploy("game003", "stage003", &snapshot).DeploymentId)
		job := ok[*gamesparks.StartGeneratedCodeJobOutput](e)(e.StartGeneratedCodeJob(e.ctx, &gamesparks.StartGeneratedCodeJobInput{
			GameName: aws.String("game003"), SnapshotId: &snapshot, Generator: &types.Generator{Language: aws.String("GO")},
		}))
		want["ListGeneratedCodeJobs"] = append(want["ListGeneratedCodeJobs"], *job.GeneratedCodeJobId)
	}
	for _, name := range []string{"ListSnapshots", "ListStageDeployments", "ListGeneratedCodeJobs"} {
		slices.Reverse(want[name]) // newest first
	}

	tokens := map[string]*string{}
	pages := e.pages("game003", "stage003", snapshot, "Mine", "x")
	for name, next := range pages {
		total := len(want[name])
		for _, size := range []int{1, 2, total - 1, total, total + 1, 100} {
			got, n := all(e, next, int32(size))
			if diff := cmp.Diff(want[name], got); diff != "" {
				t.Errorf("%s, page size %d (-want +got):\n%s", name, size, diff)
			}
			if want := (total + size - 1) / size; n != want {
				t.Errorf("%s: got %d pages of size %d, want %d", name, n, size, want)
			}
		}
		got, token, err := next(nil, nil)
		if diff := cmp.Diff(want[name], got); diff != "" || token != nil || err != nil {
			t.Errorf("%s, default page size (-want +got):\n%s\nnext token: %v, error: %v", name, diff, token, err)
		}
		if _, tokens[name], err = next(aws.Int32(1), nil); err != nil {
			t.Fatal(err)
		}
		for _, size := range []int32{0, -1, 101} {
			_, _, err := next(&size, nil)
			wantError[*types.ValidationException](e, err, "MaxResults")
		}
	}

	t.Run("foreign tokens", func(t *testing.T) {
		other := newEnv(t)
		for i := range 2 {
			other.createGame(fmt.Sprint(i))
		}
		_, foreign, err := other.pages("", "", "", "", "")["ListGames"](aws.Int32(1), nil)
		if err != nil {
			t.Fatal(err)
		}
		elsewhere := e.pages("game004", "stage004", snapshot, "Mine", "e001")
		e.createStage("game004", "stage004")
		for name, next := range pages {
			token := *tokens[name]
			sealed, err := base64.RawURLEncoding.DecodeString(token)
			if err != nil {
				t.Fatal(err)
			}
			sealed[len(sealed)-1] ^= 1
			bad := map[string]string{
				"made up":     "x",
				"changed":     base64.RawURLEncoding.EncodeToString(sealed),
				"shortened":   token[:len(token)-2],
				"lengthened":  token + "AA",
				"of a server": *foreign,
				"very long":   strings.Repeat("A", 1024),
				"not ASCII":   "é",
			}
			for other, token := range tokens {
				if other != name {
					bad["of "+other] = *token
				}
			}
			for what, token := range bad {
				if _, _, err := next(nil, &token); !gamesparks.IsValidation(err) || !strings.Contains(err.Error(), "NextToken") {
					t.Errorf("%s, token %s: got error %v, want a ValidationException", name, what, err)
				}
			}
			// A token from the same operation is invalid for another game, stage or extension.
			if name != "ListGames" && name != "ListExtensions" && name != "ListGeneratedCodeJobs" {
				if _, _, err := elsewhere[name](nil, &token); !gamesparks.IsValidation(err) {
					t.Errorf("%s, token from another parent: got error %v, want a ValidationException", name, err)
				}
			}
			wantError[*types.ValidationException](e, third(next(nil, aws.String(strings.Repeat("A", 1025)))), "NextToken", "at most 1024")
			wantError[*types.ValidationException](e, third(next(nil, aws.String(""))), "NextToken")
		}
	})
}

func third[A, B any](_ A, _ B, err error) error { return err }

// TestPagesDuringChanges checks that a game is listed exactly once while other games are created and deleted.
func TestPagesDuringChanges(t *testing.T) {
	onEachStore(t, func(e *env) {
		stay := numbered("m", 10)
		for _, name := range stay {
			e.createGame(name)
		}
		goes := numbered("go", 10)
		for _, name := range goes {
			e.createGame(name)
		}
		next := e.pages("", "", "", "", "")["ListGames"]
		var got []string
		var token *string
		for i := 0; ; i++ {
			items, more, err := next(aws.Int32(3), token)
			if err != nil {
				e.Fatal(err)
			}
			got = append(got, items...)
			if token = more; token == nil {
				break
			}
			// Occasionally delete the last listed game, and create games before and after it.
			last := items[len(items)-1]
			if strings.HasPrefix(last, "go") {
				ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: &last}))
				e.clock.Advance(deletion)
			}
			e.createGame(fmt.Sprintf("a%d", i))
			e.createGame(fmt.Sprintf("z%d", i))
		}
		var stayed []string
		seen := map[string]bool{}
		for _, name := range got {
			if seen[name] {
				e.Errorf("game %s is listed twice", name)
			}
			seen[name] = true
			if strings.HasPrefix(name, "m") {
				stayed = append(stayed, name)
			}
		}
		if diff := cmp.Diff(stay, stayed); diff != "" {
			e.Errorf("listed games that were not deleted (-want +got):\n%s", diff)
		}
	})
}

func TestDefaultPage(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	for _, name := range numbered("g", 51) {
		e.createGame(name)
	}
	out := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, nil))
	if len(out.Games) != 50 || out.NextToken == nil {
		t.Errorf("got %d games and token %v, want 50 games and a token", len(out.Games), out.NextToken)
	}
	e.clock.Advance(time.Hour)
	rest := ok[*gamesparks.ListGamesOutput](e)(e.ListGames(e.ctx, &gamesparks.ListGamesInput{NextToken: out.NextToken}))
	if len(rest.Games) != 1 || rest.NextToken != nil {
		t.Errorf("got %d games and token %v, want one game and no token", len(rest.Games), rest.NextToken)
	}
}
