package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/deploy"
	"github.com/gamesparks-go/gamesparks/project"
)

func (a *app) newDeploy() *cobra.Command {
	var game gameFlag
	p := &promotion{app: a}
	var from string
	command := &cobra.Command{
		Use:   "deploy --stage STAGE [--snapshot ID | --from STAGE]",
		Short: "Deploy a snapshot, the snapshot of another stage, or the configuration on the server to a stage.",
		Long: `Deploy a snapshot, the snapshot of another stage, or the configuration on the server to a stage.

The command shows how the stage's configuration changes, asks for confirmation unless --yes is set, and waits for the
deployment. If nothing changes, it deploys nothing. Without --snapshot and --from, it deploys a snapshot that equals the
game's configuration on the server, and creates one if there is none.`,
		Args: arguments(),
		RunE: func(command *cobra.Command, _ []string) error {
			if p.target != "" && from != "" {
				return usageErrorf("--snapshot and --from cannot be combined: use one of them")
			}
			if err := p.prepare(command.Context(), &game); err != nil {
				return err
			}
			if from != "" {
				var err error
				if p.target, err = currentSnapshot(command.Context(), p.client, p.game, from); err != nil {
					return err
				}
			}
			return p.run(command.Context())
		},
	}
	game.add(a, command)
	p.addFlags(command, &game)
	command.Flags().StringVar(&p.target, "snapshot", "", "`ID` of the snapshot to deploy")
	command.Flags().StringVar(&from, "from", "", "deploy the snapshot that this `STAGE` runs")
	a.completeSnapshot(command, "snapshot", &game)
	a.completeStage(command, "from", &game)
	return command
}

// currentSnapshot returns the ID of the snapshot that a stage runs. It fails if the stage runs nothing.
func currentSnapshot(ctx context.Context, client *gamesparks.Client, game, stage string) (string, error) {
	deployments, err := project.FetchDeployments(ctx, client, game, stage)
	if err != nil {
		return "", err
	}
	if deployments.Current == nil {
		return "", fmt.Errorf("stage %s runs nothing: deploy a snapshot to it first", stage)
	}
	return aws.ToString(deployments.Current.SnapshotId), nil
}

// promotion is the deployment of another configuration to a stage.
type promotion struct {
	app    *app
	client *gamesparks.Client
	game   string
	stage  string
	yes    bool

	// deployments are the deployments to the stage before the promotion.
	deployments *project.Deployments

	// target is the ID of the snapshot to deploy. If it is empty, run finds or creates one of the current configuration.
	target string
}

func (p *promotion) addFlags(command *cobra.Command, game *gameFlag) {
	command.Flags().StringVar(&p.stage, "stage", "", "`STAGE` to deploy to; required")
	command.Flags().BoolVar(&p.yes, "yes", false, "do not ask for confirmation; required without a terminal")
	p.app.completeStage(command, "stage", game)
}

// prepare reads the deployments to the stage. It fails if one is running.
func (p *promotion) prepare(ctx context.Context, game *gameFlag) error {
	if p.stage == "" {
		return usageErrorf("--stage is missing: name the stage to deploy to")
	}
	var err error
	if p.game, err = game.name(); err != nil {
		return err
	}
	if p.client, err = p.app.newClient(ctx); err != nil {
		return err
	}
	if p.deployments, err = project.FetchDeployments(ctx, p.client, p.game, p.stage); err != nil {
		return err
	}
	if running := p.deployments.Running(); running != nil {
		return withStatus(statusStale, fmt.Errorf("deployment %s of %s to stage %s is %s: wait until it has ended",
			aws.ToString(running.DeploymentId), aws.ToString(running.SnapshotId), p.stage, running.DeploymentState))
	}
	return nil
}

// run shows the changes, asks for confirmation, deploys, and waits.
func (p *promotion) run(ctx context.Context) error {
	current := ""
	var before map[string]json.RawMessage
	var err error
	if p.deployments.Current != nil {
		current = aws.ToString(p.deployments.Current.SnapshotId)
		if before, err = project.FetchSnapshot(ctx, p.client, p.game, current); err != nil {
			return err
		}
	}
	after, err := p.readTarget(ctx)
	if err != nil {
		return err
	}
	changes, err := project.DiffSections(before, after)
	if err != nil {
		return err
	}
	if p.deployments.Current != nil && (len(changes) == 0 || current == p.target) {
		p.app.notef("%s already runs this configuration as %s. Nothing was deployed.", p.stage, current)
		return nil
	}
	a := p.app
	fmt.Fprintf(a.stdout, "%s  %s -> %s\n", p.stage, cmp.Or(current, "nothing"), cmp.Or(p.target, "the configuration on the server"))
	if err := project.WriteSections(a.stdout, changes, a.stdout.style()); err != nil {
		return err
	}
	if !p.yes {
		if err := a.confirm(ctx, fmt.Sprintf("Deploy to %s?", p.stage), "--yes"); err != nil {
			return err
		}
	}
	if err := p.checkUnchanged(ctx); err != nil {
		return err
	}
	if p.target == "" {
		p.target, _, err = project.FindOrCreateSnapshot(ctx, p.client, p.game, after)
		if stale, ok := errors.AsType[*project.StaleError](err); ok {
			return withStatus(statusStale, fmt.Errorf("%s has changed since it was shown, and nothing was deployed: run the command again to see the current changes", stale.Conflicts[0].Part))
		}
		if err != nil {
			return err
		}
	}
	return p.deploy(ctx)
}

// readTarget returns the sections to deploy.
func (p *promotion) readTarget(ctx context.Context) (map[string]json.RawMessage, error) {
	if p.target == "" {
		return project.FetchConfiguration(ctx, p.client, p.game)
	}
	return project.FetchSnapshot(ctx, p.client, p.game, p.target)
}

// checkUnchanged fails if another deployment to the stage has started since prepare, because the new deployment would
// replace it.
func (p *promotion) checkUnchanged(ctx context.Context) error {
	now, err := project.FetchDeployments(ctx, p.client, p.game, p.stage)
	if err != nil {
		return err
	}
	if latestID(now) != latestID(p.deployments) {
		return withStatus(statusStale, fmt.Errorf("deployment %s to stage %s has started in the meantime, and nothing was deployed: run the command again to see the current changes",
			latestID(now), p.stage))
	}
	return nil
}

func latestID(d *project.Deployments) string {
	if d.Latest == nil {
		return ""
	}
	return aws.ToString(d.Latest.DeploymentId)
}

func (p *promotion) deploy(ctx context.Context) error {
	bars := p.app.newProgress()
	_, err := deploy.Run(ctx, p.client, &deploy.Input{GameName: p.game, Stages: []string{p.stage}, SnapshotID: p.target}, func(o *deploy.Options) {
		o.Progress = bars.deployment
	})
	bars.close()
	if err == nil {
		p.app.notef("%s runs %s.", p.stage, p.target)
		return nil
	}
	return p.explain(err)
}

// explain adds the state of the stage to the error of a deployment.
func (p *promotion) explain(err error) error {
	failed, ok := errors.AsType[*deploy.Error](err)
	if !ok || failed.Step != deploy.StepDeploy {
		return fmt.Errorf("%w\nNothing was deployed", err)
	}
	err = fmt.Errorf("deploy to %s: %w", p.stage, failed.Result.Stages[0].Err) // without the number of stages
	if _, ended := errors.AsType[*gamesparks.DeploymentFailedError](err); ended {
		if p.deployments.Current != nil {
			return fmt.Errorf("%w\n%s still runs %s", err, p.stage, aws.ToString(p.deployments.Current.SnapshotId))
		}
		return fmt.Errorf("%w\n%s still runs nothing", err, p.stage)
	}
	if d := failed.Result.Stages[0].Deployment; d != nil {
		return fmt.Errorf("%w\nDeployment %s continues on the server; run gamesparks status to see how it ends", err, aws.ToString(d.DeploymentId))
	}
	return fmt.Errorf("%w\nThe deployment may have started; run gamesparks status to see whether it has", err)
}
