package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/project"
)

// planFlags are the flags of the commands that create a plan.
type planFlags struct{ options project.PlanOptions }

func (f *planFlags) add(command *cobra.Command) {
	command.Flags().BoolVar(&f.options.Prune, "prune", false, "remove the sections that only the server has")
	command.Flags().BoolVar(&f.options.PruneStages, "prune-stages", false, "delete the stages that only the server has")
}

func (a *app) newPlan() *cobra.Command {
	var flags planFlags
	var out string
	var exitCode, asJSON bool
	command := &cobra.Command{
		Use:   "plan DIR",
		Short: "Show what apply would change on the server.",
		Long: `Show what apply would change on the server, without changing anything.

With --exit-code, the exit status is 3 if there are changes, so that the command also detects changes that were made on the
server. Sections and stages that only the server has count as changes only with --prune and --prune-stages.

Problems that gamesparks validate finds are warnings.

gamesparks apply FILE applies exactly the plan that --out has written. The file contains the changed parts of the
configuration, and only its owner can read it: write it outside of the project directory, or exclude it from version control.
--json prints the content of this file. Its format is described by
plan.schema.json in the Go module github.com/gamesparks-go/gamesparks/project.`,
		Args:              arguments("DIR"),
		ValidArgsFunction: completeDirectory,
		RunE: func(command *cobra.Command, args []string) error {
			planned, err := a.planDirectory(command.Context(), args[0], flags.options)
			if err != nil {
				return err
			}
			planned.warn(a)
			plan := planned.plan
			if out != "" {
				if err := plan.WriteFile(out); err != nil {
					return err
				}
				if err := project.RecordPlan(args[0], planned.game, plan); err != nil {
					return err
				}
			}
			if asJSON {
				err = plan.WriteJSON(a.stdout)
			} else {
				err = plan.WriteText(a.stdout, a.stdout.style())
			}
			if err != nil {
				return err
			}
			if err := a.warnOverwritten(args[0], plan); err != nil {
				return err
			}
			if out != "" && plan.HasChanges() {
				a.notef("To apply this plan, run: gamesparks apply %s", out)
			}
			if exitCode && plan.HasChanges() {
				return withStatus(statusChanges, nil)
			}
			return nil
		},
	}
	flags.add(command)
	command.Flags().StringVar(&out, "out", "", "also write the plan to `FILE`, for gamesparks apply FILE")
	command.Flags().BoolVar(&exitCode, "exit-code", false, "exit with status 3 if there are changes")
	command.Flags().BoolVar(&asJSON, "json", false, "print the plan as JSON")
	return command
}

// plannedDirectory is a project directory with its plan.
type plannedDirectory struct {
	plan   *project.Plan
	game   *project.Game // as the directory describes it
	client *gamesparks.Client

	// problems are the problems that only validation finds.
	problems []project.Problem
}

// planDirectory plans a project directory. Problems that only validation finds are not an error, so that
// the configuration of any server can be planned.
func (a *app) planDirectory(ctx context.Context, dir string, options project.PlanOptions) (*plannedDirectory, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, usageErrorf("%s is not a directory: plan takes a project directory; to apply a plan file, run gamesparks apply %[1]s", dir)
	}
	game, err := project.Read(dir)
	if err != nil {
		return nil, a.listProblems(dir, err)
	}
	d := &plannedDirectory{game: game}
	if invalid, ok := errors.AsType[*project.Error](project.Validate(dir)); ok {
		d.problems = problemsIn(dir, invalid)
	}
	if d.client, err = a.newClient(ctx); err != nil {
		d.warn(a)
		return nil, err
	}
	if d.plan, err = project.NewPlan(ctx, d.client, game, options); err != nil {
		d.warn(a)
		return nil, err
	}
	return d, nil
}

// warn prints the problems as warnings.
func (d *plannedDirectory) warn(a *app) {
	for _, p := range d.problems {
		a.notef("warning: %s", p)
	}
}

// listProblems prints all problems of a directory, in the form that editors and CI systems recognize.
func (a *app) listProblems(dir string, err error) error {
	invalid, ok := errors.AsType[*project.Error](err)
	if !ok {
		return err
	}
	for _, p := range problemsIn(dir, invalid) {
		a.notef("%s", p)
	}
	return fmt.Errorf("%s cannot be read: fix the problems above, and check the directory with gamesparks validate %[1]s", dir)
}
