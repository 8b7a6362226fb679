package server_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/types"
)

func TestBuiltinExtensions(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	extensions := ok[*gamesparks.ListExtensionsOutput](e)(e.ListExtensions(e.ctx, nil)).Extensions
	if len(extensions) == 0 {
		t.Error("the extension catalogue is empty")
	}
	for _, want := range extensions {
		got := ok[*gamesparks.GetExtensionOutput](e)(e.GetExtension(e.ctx, &gamesparks.GetExtensionInput{Namespace: want.Namespace, Name: want.Name})).Extension
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("GetExtension (-want +got):\n%s", diff)
		}
		versions := ok[*gamesparks.ListExtensionVersionsOutput](e)(e.ListExtensionVersions(e.ctx, &gamesparks.ListExtensionVersionsInput{
			Namespace: want.Namespace, Name: want.Name,
		})).ExtensionVersions
		if len(versions) == 0 {
			t.Errorf("extension %s has no versions", *want.Name)
		}
		for _, want := range versions {
			if !json.Valid([]byte(*want.Schema)) {
				t.Errorf("the schema of extension %s, version %s, is not valid JSON", *want.Name, *want.Version)
			}
			got := ok[*gamesparks.GetExtensionVersionOutput](e)(e.GetExtensionVersion(e.ctx, &gamesparks.GetExtensionVersionInput{
				Namespace: want.Namespace, Name: want.Name, ExtensionVersion: want.Version,
			})).ExtensionVersion
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("GetExtensionVersion (-want +got):\n%s", diff)
			}
		}
	}
}

func TestWithExtensions(t *testing.T) {
	t.Parallel()
	e := newEnv(t, server.WithExtensions(
		server.Extension{Namespace: "Mine", Name: "Chat", Description: "Talk", Versions: []server.ExtensionVersion{{"2.0.0", "two"}, {"1.0.0 /ü", "one"}}},
		server.Extension{Namespace: "GameSparks", Name: "Core", Description: "My own", Versions: []server.ExtensionVersion{{"9", "nine"}}},
	))
	version := func(namespace, name, version string) (*gamesparks.GetExtensionVersionOutput, error) {
		return e.GetExtensionVersion(e.ctx, &gamesparks.GetExtensionVersionInput{Namespace: &namespace, Name: &name, ExtensionVersion: &version})
	}
	for _, test := range []struct{ namespace, name, version, schema string }{
		{"Mine", "Chat", "2.0.0", "two"},
		{"Mine", "Chat", "1.0.0 /ü", "one"},
		{"GameSparks", "Core", "9", "nine"},
	} {
		if got := ok[*gamesparks.GetExtensionVersionOutput](e)(version(test.namespace, test.name, test.version)); *got.ExtensionVersion.Schema != test.schema {
			t.Errorf("%v: got schema %s", test, *got.ExtensionVersion.Schema)
		}
	}
	for _, test := range [][3]string{{"Mine", "Chat", "3"}, {"Mine", "None", "1"}, {"Yours", "Chat", "2.0.0"}, {"GameSparks", "Core", "1.0.0"}} {
		_, err := version(test[0], test[1], test[2])
		wantError[*types.ResourceNotFoundException](e, err)
	}
	_, err := e.GetExtension(e.ctx, &gamesparks.GetExtensionInput{Namespace: aws.String("Mine"), Name: aws.String("None")})
	wantError[*types.ResourceNotFoundException](e, err, "None")
	_, err = e.ListExtensionVersions(e.ctx, &gamesparks.ListExtensionVersionsInput{Namespace: aws.String("Mine"), Name: aws.String("None")})
	wantError[*types.ResourceNotFoundException](e, err, "None")
}

func TestBadExtensions(t *testing.T) {
	t.Parallel()
	for want, extension := range map[string]server.Extension{
		`extension "x" in namespace "": Namespace: length must be at least 1`: {Name: "x"},
		"Name: value must match":                  {Namespace: "x", Name: "a b"},
		"Description: length must be at most 250": {Namespace: "x", Name: "x", Description: strings.Repeat("x", 251)},
		"Versions[0].Version: length":             {Namespace: "x", Name: "x", Versions: []server.ExtensionVersion{{Version: strings.Repeat("x", 21)}}},
		`Versions[1].Version: "1" is a duplicate`: {Namespace: "x", Name: "x", Versions: []server.ExtensionVersion{{"1", "a"}, {"1", "b"}}},
		"Versions[0].Schema: length":              {Namespace: "x", Name: "x", Versions: []server.ExtensionVersion{{Schema: strings.Repeat("x", 2049)}}},
	} {
		if _, err := server.New(server.WithExtensions(extension)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that contains %s", err, want)
		}
	}
}
