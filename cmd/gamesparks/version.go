package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/cmd/internal/buildinfo"
)

func (a *app) newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the command, the API and Go.",
		Args:  arguments(),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(a.stdout, versions())
			return err
		},
	}
}

// versions returns the versions of the command, the API and Go, one per line.
func versions() string {
	build := buildinfo.Read()
	return fmt.Sprintf("gamesparks %s\ncommit %s\nAPI %s\n%s %s/%s\n",
		build.Version, build.Commit, gamesparks.ServiceAPIVersion, build.Go, runtime.GOOS, runtime.GOARCH)
}
