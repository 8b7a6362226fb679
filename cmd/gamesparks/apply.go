package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/project"
)

func (a *app) newApply() *cobra.Command {
	var flags planFlags
	var yes, allowInvalid, overwrite bool
	var stages []string
	command := &cobra.Command{
		Use:   "apply DIR|FILE",
		Short: "Apply a project directory or a plan to the server.",
		Long: `Apply a project directory or a plan to the server.

With a project directory, the command shows the plan and asks for confirmation unless --yes is set. With a file written by
gamesparks plan --out, it applies exactly this plan.

A directory that gamesparks validate rejects is neither written nor deployed, unless --allow-invalid is set. A plan file is
not validated again: gamesparks plan has shown the problems of its directory.

If the directory has a record of its last fetch, and a part that the plan changes has changed on the server since then, the
plan would undo the change. The command then writes nothing, and the exit status is 4. Fetch, and review the plan, or set
--overwrite.

The command reads the game again before it writes. If a part that the plan changes has changed since the plan, it writes
nothing, and the exit status is 4. It writes the configuration in one call, on the condition that it has not changed. Before
that, it finds or creates a snapshot of the previous configuration, and prints how to restore it. If a step fails, the command
reports which steps are done; run it again to continue.

With --stage, it deploys the configuration to stages. If a deployment fails, the exit status is 5.`,
		Args: arguments("DIR|FILE"),
		RunE: func(command *cobra.Command, args []string) error {
			ctx := command.Context()
			if err := trimStages(command, stages); err != nil {
				return err
			}
			info, err := os.Stat(args[0])
			if err != nil {
				return fmt.Errorf("%w: name a project directory, or a file written by gamesparks plan --out", err)
			}
			var plan *project.Plan
			var desired *project.Game // nil for a file
			var client *gamesparks.Client
			if info.IsDir() {
				planned, err := a.planDirectory(ctx, args[0], flags.options)
				if err != nil {
					return err
				}
				plan, desired, client = planned.plan, planned.game, planned.client
				if allowInvalid || !plan.HasChanges() && len(stages) == 0 {
					planned.warn(a)
				} else if err := planned.check(a, args[0]); err != nil {
					return err
				}
			} else {
				yes = true // the plan was reviewed
				if command.Flags().Changed("prune") || command.Flags().Changed("prune-stages") {
					return usageErrorf("--prune and --prune-stages have no effect on a plan file: set them for gamesparks plan")
				}
				if allowInvalid {
					return usageErrorf("--allow-invalid has no effect on a plan file: omit it; gamesparks plan has shown the problems")
				}
				if overwrite {
					return usageErrorf("--overwrite has no effect on a plan file: omit it")
				}
				if plan, err = readPlan(args[0]); err != nil {
					return err
				}
				if client, err = a.newClient(ctx); err != nil {
					return err
				}
			}
			if err := plan.WriteText(a.stdout, a.stdout.style()); err != nil {
				return err
			}
			if !plan.HasChanges() && len(stages) == 0 {
				a.recordFetch(args[0], desired, plan)
				return nil
			}
			if desired != nil {
				if err := a.checkOverwritten(args[0], plan, overwrite); err != nil {
					return err
				}
			}
			if !yes {
				if err := a.confirm(ctx, applyQuestion(plan, stages), "--yes"); err != nil {
					return err
				}
			}
			dir := "" // not known for a plan file
			if desired != nil {
				dir = args[0]
				// If apply fails later, the parts that it has written are not another program's changes.
				if err := project.RecordPlan(dir, desired, plan); err != nil {
					return err
				}
			}
			if err := a.apply(ctx, client, plan, dir, stages); err != nil {
				return err
			}
			a.recordFetch(args[0], desired, plan)
			return nil
		},
	}
	flags.add(command)
	command.Flags().BoolVar(&yes, "yes", false, "do not ask for confirmation; required for a directory without a terminal")
	command.Flags().BoolVar(&allowInvalid, "allow-invalid", false, "also apply a directory that gamesparks validate rejects")
	command.Flags().BoolVar(&overwrite, "overwrite", false, "undo changes on the server since the last fetch of the directory")
	command.Flags().StringSliceVar(&stages, "stage", nil, "deploy to these `STAGES`, separated by commas")
	return command
}

// trimStages removes the spaces around the names of stages. It rejects empty names, so that an empty variable in a script does not
// skip the deployment.
func trimStages(command *cobra.Command, stages []string) error {
	for i, stage := range stages {
		stages[i] = strings.TrimSpace(stage)
	}
	if command.Flags().Changed("stage") && (len(stages) == 0 || slices.Contains(stages, "")) {
		return usageErrorf("--stage has an empty name: separate the names of stages by single commas, as in --stage dev,live")
	}
	return nil
}

// check prints the problems of the directory, and returns an error if it has any.
func (d *plannedDirectory) check(a *app, dir string) error {
	if len(d.problems) == 0 {
		return nil
	}
	for _, p := range d.problems {
		a.notef("%s", p)
	}
	return fmt.Errorf("%s is not valid, and nothing was written: fix the problems above, or add --allow-invalid", dir)
}

// recordFetch records that the game of a directory is on the server, so that the next fetch can replace the files.
func (a *app) recordFetch(dir string, desired *project.Game, plan *project.Plan) {
	if desired == nil {
		return
	}
	if err := project.RecordFetch(dir, desired, plan); err != nil {
		a.notef("warning: the next fetch will require --force: %v", err)
	}
}

func readPlan(file string) (*project.Plan, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", err)
	}
	plan, err := project.ReadPlan(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return plan, nil
}

func applyQuestion(plan *project.Plan, stages []string) string {
	question := "Apply this plan to " + plan.Game
	if !plan.HasChanges() {
		question = "Use the configuration of " + plan.Game
	}
	if len(stages) > 0 {
		question += " and deploy to " + strings.Join(stages, ", ")
	}
	return question + "?"
}

// apply applies a plan, and shows its progress and how to restore the previous configuration. dir is the project directory, or
// empty if it is not known.
func (a *app) apply(ctx context.Context, client *gamesparks.Client, plan *project.Plan, dir string, stages []string) error {
	bars := a.newProgress()
	result, err := project.Apply(ctx, client, plan, project.ApplyOptions{Stages: stages, Progress: func(e project.ApplyEvent) {
		switch {
		case e.Deployment != nil:
			bars.deployment(*e.Deployment)
		case strings.HasPrefix(e.Step, "deploy to ") && e.Detail == "": // each stage has its own line
		case e.Err != nil:
			bars.set(e.Step, "failed", true)
		case e.Done && e.Detail != "":
			bars.set(e.Step, e.Detail, true)
		case e.Done:
			bars.set(e.Step, "done", true)
		case a.stderr.updatable:
			bars.set(e.Step, "…", false)
		}
	}})
	bars.close()
	if result.Unconditional {
		a.notef("warning: the server does not support conditional writes, so a change by another program between the read and the write can be lost.")
	}
	a.showRestore(result, plan.Game, dir)
	if err == nil && len(result.Done) == 0 {
		a.notef("%s already has the planned state. Nothing was written.", plan.Game)
	}
	return err
}

// showRestore prints the commands that restore the configuration and what the stages ran before.
func (a *app) showRestore(result *project.ApplyResult, game, dir string) {
	if id := result.PreviousSnapshotID; id != "" {
		where := ""
		if dir == "" {
			dir, where = "DIR", ", where DIR is the project directory"
		}
		a.notef("The previous configuration is snapshot %s. To restore it, run gamesparks fetch %s --snapshot %[1]s and gamesparks apply %[2]s%s.", id, dir, where)
	}
	if result.Deployment == nil {
		return
	}
	for _, s := range result.Deployment.Stages {
		if id := result.PreviousDeployments[s.Stage]; id != "" && s.Err == nil {
			a.notef("%s ran snapshot %s before. To restore it, run gamesparks rollback --game %s --stage %[1]s.", s.Stage, id, game)
		}
	}
}
