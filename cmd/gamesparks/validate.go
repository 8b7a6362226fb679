package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks/project"
)

func (a *app) newValidate() *cobra.Command {
	return &cobra.Command{
		Use:   "validate DIR",
		Short: "Check a project directory without a server.",
		Long: `Check a project directory without a server: the syntax of the files, the names, descriptions and tags, the shapes, the
references of messages to shapes and of handlers to messages, the syntax of scripts, and the size of the configuration.

Problems are printed as FILE:LINE:COLUMN: MESSAGE, one per line.`,
		Args:              arguments("DIR"),
		ValidArgsFunction: completeDirectory,
		RunE: func(_ *cobra.Command, args []string) error {
			dir := args[0]
			err := project.Validate(dir)
			if invalid, ok := errors.AsType[*project.Error](err); ok {
				for _, p := range problemsIn(dir, invalid) {
					fmt.Fprintln(a.stdout, p)
				}
				return fmt.Errorf("%s is not valid: %s", dir, count(len(invalid.Problems), "problem"))
			}
			if err == nil {
				a.notef("%s is valid.", dir)
			}
			return err
		},
	}
}

// problemsIn returns the problems of a directory. The paths of the files include that of the directory.
func problemsIn(dir string, invalid *project.Error) []project.Problem {
	problems := slices.Clone(invalid.Problems)
	for i := range problems {
		problems[i].File = filepath.Join(dir, problems[i].File)
	}
	return problems
}

// count returns a number with a noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
