package project_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/project"
)

// BenchmarkPlan plans a project of 1 MB with 1,000 sections, of which ten differ. It includes the requests to a server in
// the same process.
func BenchmarkPlan(b *testing.B) {
	client := startServer(b).Client()
	var sections, changed []string
	for i := range 1000 {
		name := fmt.Sprintf("Section.%04d", i)
		content := `{"Description":"` + strings.Repeat("d", 440) + `","Values":{"a":1,"b":[1,2,3],"c":"` + strings.Repeat("c", 440) + `"}}`
		sections = append(sections, name, content)
		if i%100 == 0 {
			content = strings.Replace(content, "[1,2,3]", "[1,2,4]", 1)
		}
		changed = append(changed, name, content)
	}
	mustApply(b, client, newGame(b, "lighthouse", sections...))
	dir := b.TempDir()
	if err := project.Write(dir, newGame(b, "lighthouse", changed...)); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		desired, err := project.Read(dir)
		if err != nil {
			b.Fatal(err)
		}
		plan, err := project.NewPlan(b.Context(), client, desired, project.PlanOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if n := len(plan.Write.Modifications); n != 10 {
			b.Fatalf("%d modifications", n)
		}
	}
}
