package main

import (
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
)

// TestSecretsAreNotPrinted checks that no command prints a secret key, a session token or a game key, also when it fails.
func TestSecretsAreNotPrinted(t *testing.T) {
	t.Parallel()
	const secret, token = "S3CRET/key+of=the-account", "T0KEN/of+the=session"
	srv, sh := newServerShell(t, server.WithCredentials(server.Credential{AccessKeyID: "temporary", SecretAccessKey: secret, SessionToken: token}))
	sh = sh.with("AWS_ACCESS_KEY_ID=temporary", "AWS_SECRET_ACCESS_KEY="+secret, "AWS_SESSION_TOKEN="+token)
	newLighthouse(t, sh, "live")
	stage, err := srv.Client().GetStage(t.Context(), &gamesparks.GetStageInput{GameName: new("lighthouse"), StageName: new("live")})
	if err != nil {
		t.Fatal(err)
	}
	secrets := map[string]string{"secret key": secret, "session token": token, "game key": *stage.Stage.GameKey}
	sh.mustRun("fetch", "project", "--game", "lighthouse")

	lighthouse := [][]string{
		{"status"}, {"status", "--game", "nosuch"},
		{"deploy", "--stage", "live", "--yes"}, {"deploy", "--stage", "nosuch", "--yes"}, {"rollback", "--stage", "live", "--yes"},
		{"plan", "project"}, {"plan", "project", "--json"}, {"apply", "project", "--yes"}, {"diff", "working", "stage:live"},
		{"fetch", "project"}, {"validate", "project"}, {"version"},
		{"generate", "--snapshot", "nosuch", "--platform", "Unity", "--out", "code"},
		{"api", "list-stages", "--game-name", "lighthouse"}, {"api", "get-stage", "--game-name", "lighthouse", "--stage-name", "live"},
		{"api", "update-stage", "--game-name", "lighthouse", "--stage-name", "live", "--description", "x"},
		{"api", "create-stage", "--game-name", "lighthouse", "--stage-name", "live", "--role", "arn:aws:iam::123456789012:role/lamp"},
	}
	for name, sh := range map[string]*shell{
		"working":         sh,
		"other secret":    sh.with("AWS_SECRET_ACCESS_KEY=" + secret + "x"),
		"other token":     sh.with("AWS_SESSION_TOKEN=" + token + "x"),
		"no server":       sh.with("AWS_ENDPOINT_URL_GAMESPARKS=http://127.0.0.1:1", "AWS_MAX_ATTEMPTS=1"),
		"invalid address": sh.with("AWS_ENDPOINT_URL_GAMESPARKS=://", "AWS_MAX_ATTEMPTS=1"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, args := range lighthouse {
				r := sh.run(args...)
				for what, value := range secrets {
					if strings.Contains(r.stdout+r.stderr, value) {
						t.Errorf("%v prints the %s:\n%s%s", args, what, r.stdout, r.stderr)
					}
				}
			}
		})
	}
}
