package buildinfo_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks/cmd/internal/buildinfo"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		info debug.BuildInfo
		want buildinfo.Info
	}{
		"installed": {
			debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v0.1.0"}},
			buildinfo.Info{Version: "v0.1.0", Commit: "(unknown)", Go: "go1.26.0"},
		},
		"built in a clone": {
			debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "(devel)"}, Settings: []debug.BuildSetting{
				{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "0123abcd"}, {Key: "vcs.modified", Value: "false"},
			}},
			buildinfo.Info{Version: "(devel)", Commit: "0123abcd", Go: "go1.26.0"},
		},
		"built with changes": {
			debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v0.1.1-0.2026+dirty"}, Settings: []debug.BuildSetting{
				{Key: "vcs.modified", Value: "true"}, {Key: "vcs.revision", Value: "0123abcd"},
			}},
			buildinfo.Info{Version: "v0.1.1-0.2026+dirty", Commit: "0123abcd+dirty", Go: "go1.26.0"},
		},
		"a test": {
			debug.BuildInfo{GoVersion: "go1.26.0"},
			buildinfo.Info{Version: "(unknown)", Commit: "(unknown)", Go: "go1.26.0"},
		},
	} {
		if diff := cmp.Diff(tc.want, buildinfo.From(&tc.info)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	if got := buildinfo.Read(); got.Go != runtime.Version() || got.Version == "" || got.Commit == "" {
		t.Errorf("Read() = %+v, want Go %s and no empty field", got, runtime.Version())
	}
}
