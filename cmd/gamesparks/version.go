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
			build := buildinfo.Read()
			_, err := fmt.Fprintf(a.stdout, "gamesparks %s\ncommit %s\nAPI %s\n%s %s/%s\n",
				build.Version, build.Commit, gamesparks.ServiceAPIVersion, build.Go, runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
