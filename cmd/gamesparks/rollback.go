package main

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"
)

func (a *app) newRollback() *cobra.Command {
	var game gameFlag
	p := &promotion{app: a}
	command := &cobra.Command{
		Use:   "rollback --stage STAGE",
		Short: "Deploy what a stage ran before.",
		Long: `Deploy what a stage ran before: the snapshot of the latest completed deployment that differs from the current one.

The command shows how the stage's configuration changes, asks for confirmation unless --yes is set, and waits for the
deployment. A second rollback deploys what the first one replaced. To go back further, name the snapshot with gamesparks
deploy --snapshot.`,
		Args: arguments(),
		RunE: func(command *cobra.Command, _ []string) error {
			if err := p.prepare(command.Context(), &game); err != nil {
				return err
			}
			previous := p.deployments.Previous
			if previous == nil {
				return fmt.Errorf("stage %s ran nothing else before: deploy a snapshot with gamesparks deploy --snapshot", p.stage)
			}
			p.target = aws.ToString(previous.SnapshotId)
			return p.run(command.Context())
		},
	}
	game.add(a, command)
	p.addFlags(command, &game)
	return command
}
