package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"github.com/gamesparks-go/gamesparks/cmd/internal/buildinfo"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
)

// ownMetrics returns the metrics of a server that has handled a request, without those of Go and the process.
func ownMetrics(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	store, err := storage.OpenFile(t.TempDir() + "/data")
	if err != nil {
		t.Fatal(err)
	}
	service, err := server.New(server.WithStore(store))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close() })
	m := newMetrics(buildinfo.Info{Version: "v0.1.0"})
	m.watch(service)
	m.dataSize(store)
	m.observe(server.RequestRecord{Operation: "GetGame", Status: 404, ErrorCode: "ResourceNotFoundException"})
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	families = slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return !strings.HasPrefix(f.GetName(), "gamesparks_") })

	// A metric with labels has no samples, and is not gathered, until it is used.
	descriptions := make(chan *prometheus.Desc)
	go func() {
		m.registry.Describe(descriptions)
		close(descriptions)
	}()
	gathered := map[string]bool{}
	for _, f := range families {
		gathered[f.GetName()] = true
	}
	fqName := regexp.MustCompile(`fqName: "(gamesparks_\w+)"`)
	for description := range descriptions {
		if name := fqName.FindStringSubmatch(description.String()); name != nil && !gathered[name[1]] {
			t.Errorf("metric %s is registered and has no sample: add one to this test", name[1])
		}
	}
	return families
}

// TestMetricsPage compares docs/metrics.md with the registry.
func TestMetricsPage(t *testing.T) {
	t.Parallel()
	var want []string
	for _, f := range ownMetrics(t) {
		labels := []string{}
		for _, label := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+label.GetName()+"`")
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s | %s |", f.GetName(), strings.ToLower(f.GetType().String()), strings.Join(labels, ", "), f.GetHelp()))
	}
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| `gamesparks_") {
			got = append(got, strings.TrimSuffix(line, "\n"))
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table in docs/metrics.md (-want +got):\n%s", diff)
	}
	// Other names on the page, such as in queries, must also exist.
	suffix := regexp.MustCompile(`_(bucket|sum|count)$`)
	for _, name := range regexp.MustCompile(`gamesparks_\w+`).FindAllString(string(page), -1) {
		if !slices.ContainsFunc(want, func(row string) bool {
			return strings.HasPrefix(row, "| `"+name+"` ") || strings.HasPrefix(row, "| `"+suffix.ReplaceAllString(name, "")+"` | histogram")
		}) {
			t.Errorf("docs/metrics.md mentions %s, which does not exist", name)
		}
	}
}

// TestMetricNames checks names, units and help texts by the conventions of Prometheus.
func TestMetricNames(t *testing.T) {
	t.Parallel()
	problems, err := promlint.NewWithMetricFamilies(ownMetrics(t)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
	for _, f := range ownMetrics(t) {
		for _, label := range f.GetMetric()[0].GetLabel() {
			if name := label.GetName(); name == "status" {
				t.Errorf("%s: by convention, the label of the HTTP status is code", f.GetName())
			}
		}
	}
}
