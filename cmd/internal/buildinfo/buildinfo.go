// Package buildinfo returns the version of a command.
package buildinfo

import (
	"runtime"
	"runtime/debug"
)

// unknown is the value of a field that the build did not record.
const unknown = "(unknown)"

// Info describes how a command was built.
type Info struct {
	// Version is the version of the module, such as v1.2.0, or (devel) if the command was built outside of a release.
	Version string

	// Commit is the commit from which the command was built, followed by "+dirty" if files had changed since. It is
	// (unknown) for a command that go install downloaded: its Version names the commit.
	Commit string

	// Go is the version of Go, such as go1.26.1.
	Go string
}

// Read returns the description of the running command.
func Read() Info {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Info{Version: unknown, Commit: unknown, Go: runtime.Version()}
	}
	return From(info)
}

// From returns the description in info.
func From(info *debug.BuildInfo) Info {
	i := Info{Version: info.Main.Version, Commit: unknown, Go: info.GoVersion}
	if i.Version == "" {
		i.Version = unknown
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	if commit := settings["vcs.revision"]; commit != "" {
		i.Commit = commit
		if settings["vcs.modified"] == "true" {
			i.Commit += "+dirty"
		}
	}
	return i
}
