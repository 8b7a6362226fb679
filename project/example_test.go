package project_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/project"
)

// Create a directory, introduce an error, and find it.
func Example() {
	root, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(root)
	dir := filepath.Join(root, "game")
	if err := project.Init(dir, project.Starter("lighthouse")); err != nil {
		log.Fatal(err)
	}
	game, err := project.Read(dir)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(game.Name, slices.Sorted(maps.Keys(game.Sections)))

	lamps := filepath.Join(dir, "sections", "Lighthouse.Lamps.json")
	if err := os.WriteFile(lamps, []byte("{\n  \"North\": 1,\n  \"North\": 2\n}\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	var invalid *project.Error
	if errors.As(project.Validate(dir), &invalid) {
		for _, problem := range invalid.Problems {
			fmt.Println(problem)
		}
	}
	// Output:
	// lighthouse [GameSparks.Core.Model GameSparks.Core.RequestHandlers GameSparks.Core.Requests]
	// sections/Lighthouse.Lamps.json:3:12: the object has another member named "North"
}

// Update a directory from a server. Files that were edited since the last fetch are not overwritten.
func ExampleFetch() {
	client := gamesparks.NewFromConfig(aws.Config{}) // with the endpoint and credentials of the server
	result, err := project.Fetch(context.Background(), client, "game", project.FetchOptions{Game: "lighthouse"})
	var edited *project.LocalChangesError
	switch {
	case errors.As(err, &edited):
		log.Fatalf("commit these files first: %q", edited.Paths)
	case err != nil:
		log.Fatal(err)
	}
	for _, change := range result.Changes {
		fmt.Println(change.Action, change.Path)
	}
}
