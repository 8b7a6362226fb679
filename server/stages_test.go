package server_test

import (
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/types"
)

func TestCreateStage(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		created := ok[*gamesparks.CreateStageOutput](e)(e.CreateStage(e.ctx, &gamesparks.CreateStageInput{
			GameName: aws.String("chess"), StageName: aws.String("dev"), Role: aws.String(role),
			Description: aws.String("For us"), Tags: map[string]string{"team": "a"},
		})).Stage
		want := &types.StageDetails{
			Arn:         aws.String("arn:aws:gamesparks:us-east-1:123456789012:game/chess/stage/dev"),
			Created:     aws.Time(e.clock.Now()),
			Description: aws.String("For us"),
			GameKey:     created.GameKey,
			LastUpdated: aws.Time(e.clock.Now()),
			LogGroup:    aws.String("/aws/gamesparks/chess/dev"),
			Name:        aws.String("dev"),
			Role:        aws.String(role),
			State:       types.StageStateActive,
			Tags:        map[string]string{"team": "a"},
		}
		if diff := cmp.Diff(want, created); diff != "" {
			e.Errorf("CreateStage (-want +got):\n%s", diff)
		}
		if key, err := base64.RawURLEncoding.DecodeString(*created.GameKey); err != nil || len(key) != 32 {
			e.Errorf("game key %q: got %d bytes, error %v; want 32 bytes", *created.GameKey, len(key), err)
		}
		got := ok[*gamesparks.GetStageOutput](e)(e.GetStage(e.ctx, &gamesparks.GetStageInput{GameName: aws.String("chess"), StageName: aws.String("dev")})).Stage
		if diff := cmp.Diff(want, got); diff != "" {
			e.Errorf("GetStage (-want +got):\n%s", diff)
		}
		if other := e.createStage("chess", "prod"); *other.GameKey == *created.GameKey {
			e.Error("two stages have the same game key")
		}
		_, err := e.CreateStage(e.ctx, &gamesparks.CreateStageInput{GameName: aws.String("chess"), StageName: aws.String("dev"), Role: aws.String(role)})
		wantError[*types.ConflictException](e, err, "dev")

		stages := ok[*gamesparks.ListStagesOutput](e)(e.ListStages(e.ctx, &gamesparks.ListStagesInput{GameName: aws.String("chess")})).Stages
		summary := types.StageSummary{Description: want.Description, GameKey: want.GameKey, Name: want.Name, State: want.State, Tags: want.Tags}
		if len(stages) != 2 || !cmp.Equal(summary, stages[0]) {
			e.Errorf("ListStages (-want +got):\n%s", cmp.Diff(summary, stages))
		}
	})
}

func TestUpdateStage(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		want := *e.createStage("chess", "dev")
		e.clock.Advance(time.Minute)
		want.LastUpdated = aws.Time(e.clock.Now())
		otherRole := "arn:aws-cn:iam::210987654321:role/path/Other"
		for _, in := range []gamesparks.UpdateStageInput{{Description: aws.String("d")}, {Role: &otherRole}, {}, {Description: aws.String("")}} {
			in.GameName, in.StageName = aws.String("chess"), want.Name
			if in.Description != nil {
				want.Description = in.Description
			}
			if in.Role != nil {
				want.Role = in.Role
			}
			got := ok[*gamesparks.UpdateStageOutput](e)(e.UpdateStage(e.ctx, &in)).Stage
			if diff := cmp.Diff(&want, got); diff != "" {
				e.Errorf("UpdateStage (-want +got):\n%s", diff)
			}
			read := ok[*gamesparks.GetStageOutput](e)(e.GetStage(e.ctx, &gamesparks.GetStageInput{GameName: in.GameName, StageName: in.StageName})).Stage
			if diff := cmp.Diff(&want, read); diff != "" {
				e.Errorf("GetStage (-want +got):\n%s", diff)
			}
		}
	})
}

func TestDeleteStage(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		snapshot := e.createSnapshot("chess")
		key := *e.createStage("chess", "dev").GameKey
		e.createStage("chess", "dev2")
		deployment := e.deploy("chess", "dev", snapshot.Id)
		e.deploy("chess", "dev2", snapshot.Id)
		in := &gamesparks.DeleteStageInput{GameName: aws.String("chess"), StageName: aws.String("dev")}
		for range 2 {
			ok[*gamesparks.DeleteStageOutput](e)(e.DeleteStage(e.ctx, in))
		}
		get := func() (*gamesparks.GetStageOutput, error) {
			return e.GetStage(e.ctx, &gamesparks.GetStageInput{GameName: in.GameName, StageName: in.StageName})
		}
		if got := ok[*gamesparks.GetStageOutput](e)(get()).Stage; got.State != types.StageStateDeleting {
			e.Errorf("got state %s, want %s", got.State, types.StageStateDeleting)
		}
		stages := ok[*gamesparks.ListStagesOutput](e)(e.ListStages(e.ctx, &gamesparks.ListStagesInput{GameName: in.GameName})).Stages
		if len(stages) != 2 || stages[0].State != types.StageStateDeleting || stages[1].State != types.StageStateActive {
			e.Errorf("unexpected stages: %v", stages)
		}
		_, err := e.CreateStage(e.ctx, &gamesparks.CreateStageInput{GameName: in.GameName, StageName: in.StageName, Role: aws.String(role)})
		wantError[*types.ConflictException](e, err)
		_, err = e.StartStageDeployment(e.ctx, &gamesparks.StartStageDeploymentInput{GameName: in.GameName, StageName: in.StageName, SnapshotId: snapshot.Id})
		wantError[*types.ConflictException](e, err, "being deleted")
		_, err = e.UpdateStage(e.ctx, &gamesparks.UpdateStageInput{GameName: in.GameName, StageName: in.StageName})
		wantError[*types.ResourceNotFoundException](e, err, "being deleted")

		e.clock.Advance(deletion)
		_, err = get()
		wantError[*types.ResourceNotFoundException](e, err)
		_, err = e.DeleteStage(e.ctx, in)
		wantError[*types.ResourceNotFoundException](e, err)

		if again := e.createStage("chess", "dev"); *again.GameKey == key {
			e.Error("the new stage has the game key of the deleted stage")
		}
		_, err = e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{GameName: in.GameName, StageName: in.StageName})
		wantError[*types.ResourceNotFoundException](e, err)
		_, err = e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{GameName: in.GameName, StageName: in.StageName, DeploymentId: deployment.DeploymentId})
		wantError[*types.ResourceNotFoundException](e, err)
		ok[*gamesparks.GetStageDeploymentOutput](e)(e.GetStageDeployment(e.ctx, &gamesparks.GetStageDeploymentInput{GameName: in.GameName, StageName: aws.String("dev2")}))
	})
}

func TestStageClientTokens(t *testing.T) {
	onEachStore(t, func(e *env) {
		e.createGame("chess")
		input := gamesparks.CreateStageInput{
			GameName: aws.String("chess"), StageName: aws.String("dev"), Role: aws.String(role), ClientToken: aws.String(strings.Repeat("t", 33)),
		}
		first := ok[*gamesparks.CreateStageOutput](e)(e.CreateStage(e.ctx, &input))
		e.clock.Advance(time.Second)
		if diff := cmp.Diff(first.Stage, ok[*gamesparks.CreateStageOutput](e)(e.CreateStage(e.ctx, &input)).Stage); diff != "" {
			e.Errorf("repeated CreateStage (-want +got):\n%s", diff)
		}
		other := input
		other.Role = aws.String(role + "2")
		_, err := e.CreateStage(e.ctx, &other)
		wantError[*types.ConflictException](e, err, "client token")
		other = input
		other.StageName = aws.String("other")
		_, err = e.CreateStage(e.ctx, &other)
		wantError[*types.ConflictException](e, err, "client token")
		e.createGame("go")
		other = input
		other.GameName = aws.String("go")
		_, err = e.CreateStage(e.ctx, &other)
		wantError[*types.ConflictException](e, err, "client token")

		ok[*gamesparks.DeleteStageOutput](e)(e.DeleteStage(e.ctx, &gamesparks.DeleteStageInput{GameName: input.GameName, StageName: input.StageName}))
		e.clock.Advance(deletion)
		if again := ok[*gamesparks.CreateStageOutput](e)(e.CreateStage(e.ctx, &input)); *again.Stage.GameKey == *first.Stage.GameKey {
			e.Error("CreateStage with the old token returned the deleted stage")
		}

		ok[*gamesparks.DeleteGameOutput](e)(e.DeleteGame(e.ctx, &gamesparks.DeleteGameInput{GameName: input.GameName}))
		ok[*gamesparks.CreateStageOutput](e)(e.CreateStage(e.ctx, &other)) // the token was deleted with the game
	})
}

func TestTags(t *testing.T) {
	onEachStore(t, func(e *env) {
		game := ok[*gamesparks.CreateGameOutput](e)(e.CreateGame(e.ctx, &gamesparks.CreateGameInput{GameName: aws.String("chess"), Tags: map[string]string{"a": "1"}})).Game
		stage := e.createStage("chess", "dev")
		list := func(arn *string) map[string]string {
			return ok[*gamesparks.ListTagsForResourceOutput](e)(e.ListTagsForResource(e.ctx, &gamesparks.ListTagsForResourceInput{ResourceArn: arn})).Tags
		}
		want := map[string]map[string]string{*game.Arn: {"a": "1"}, *stage.Arn: nil}
		check := func(what string) {
			e.Helper()
			got := map[string]map[string]string{*game.Arn: list(game.Arn), *stage.Arn: list(stage.Arn)}
			if diff := cmp.Diff(want, got); diff != "" {
				e.Errorf("%s: tags (-want +got):\n%s", what, diff)
			}
		}
		check("at first")
		for arn := range want {
			ok[*gamesparks.TagResourceOutput](e)(e.TagResource(e.ctx, &gamesparks.TagResourceInput{
				ResourceArn: &arn, Tags: map[string]string{"a": "2", "key+-=._:/": " value+-=.:/@_"},
			}))
			want[arn] = map[string]string{"a": "2", "key+-=._:/": " value+-=.:/@_"}
			check("tagged " + arn)
		}
		if got := ok[*gamesparks.GetGameOutput](e)(e.GetGame(e.ctx, &gamesparks.GetGameInput{GameName: game.Name})).Game.Tags; !maps.Equal(got, want[*game.Arn]) {
			e.Errorf("GetGame returned the wrong tags: %v", got)
		}
		if got := ok[*gamesparks.GetStageOutput](e)(e.GetStage(e.ctx, &gamesparks.GetStageInput{GameName: game.Name, StageName: stage.Name})).Stage.Tags; !maps.Equal(got, want[*stage.Arn]) {
			e.Errorf("GetStage returned the wrong tags: %v", got)
		}
		for arn := range want {
			untag := func(keys ...string) {
				ok[*gamesparks.UntagResourceOutput](e)(e.UntagResource(e.ctx, &gamesparks.UntagResourceInput{ResourceArn: &arn, TagKeys: keys}))
			}
			untag("a", "never")
			want[arn] = map[string]string{"key+-=._:/": " value+-=.:/@_"}
			check("untagged " + arn)
			untag("key+-=._:/")
			want[arn] = nil
			check("all untagged " + arn)
		}
	})
}

func TestTagLimits(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	game := e.createGame("chess")
	tags := func(first rune, n int) map[string]string {
		m := map[string]string{}
		for i := range n {
			m[string(first)+strings.Repeat("x", i)] = "v"
		}
		return m
	}
	tag := func(arn *string, tags map[string]string) error {
		_, err := e.TagResource(e.ctx, &gamesparks.TagResourceInput{ResourceArn: arn, Tags: tags})
		return err
	}
	if err := tag(game.Arn, tags('a', 49)); err != nil {
		t.Fatal(err)
	}
	wantError[*types.ValidationException](e, tag(game.Arn, tags('b', 2)), "at most 50, is 51")
	if err := tag(game.Arn, tags('b', 1)); err != nil {
		t.Fatal(err)
	}
	wantError[*types.ValidationException](e, tag(game.Arn, map[string]string{"aws:x": "v"}), "Tags")
	wantError[*types.ValidationException](e, tag(game.Arn, map[string]string{}), "Tags", "at least 1")
	for _, arn := range []string{
		*game.Arn + "/stage", *game.Arn + "/stage/none", *game.Arn + "/other/none", *game.Arn + "2",
		"arn:aws:gamesparks:us-east-1:123456789012:extension/x", "arn:aws:gamesparks:us-east-1:123456789012:game/",
		"arn:aws:gamesparks:us-west-2:123456789012:game/chess", "arn:aws:gamesparks:us-east-1:000000000000:game/chess",
		"arn:aws:gamesparks:us-east-1:123456789012:game/..%2F%00",
	} {
		wantError[*types.ResourceNotFoundException](e, tag(&arn, map[string]string{"a": "b"}))
	}
	wantError[*types.ValidationException](e, tag(aws.String("arn:aws:s3:::some-bucket-or-other"), map[string]string{"a": "b"}), "ResourceArn", "arn:aws:gamesparks:")
}
