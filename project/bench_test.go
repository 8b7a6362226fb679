package project_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/project"
)

// largeGame returns 1,000 sections of 1 KB.
func largeGame() map[string]string {
	sections := map[string]string{}
	for i := range 1000 {
		var members []string
		for j := range 20 {
			members = append(members, fmt.Sprintf(`"Member%d":{"Value":%d.50,"Text":"text %d"}`, j, i*j, j))
		}
		sections[fmt.Sprintf("Lighthouse.Section%d", i)] = "{" + strings.Join(members, ",") + "}"
	}
	return sections
}

func BenchmarkRead(b *testing.B) {
	dir := b.TempDir()
	if err := project.Write(dir, gameWith(largeGame())); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := project.Read(dir); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFetch measures the first fetch of a game, and a fetch that changes nothing.
func BenchmarkFetch(b *testing.B) {
	r := newReader(largeGame())
	root := b.TempDir()
	b.Run("first", func(b *testing.B) {
		n := 0
		for b.Loop() {
			n++
			if _, err := project.Fetch(b.Context(), r, filepath.Join(root, fmt.Sprint(n)), project.FetchOptions{Game: "lighthouse"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		dir := filepath.Join(root, "1")
		for b.Loop() {
			if _, err := project.Fetch(b.Context(), r, dir, project.FetchOptions{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
