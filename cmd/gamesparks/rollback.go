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
		Short: "Deploy the previous snapshot of a stage.",
		Long: `Deploy the previous snapshot of a stage: that of the latest completed deployment of another snapshot than the current one.

The command shows how the stage's configuration changes, asks for confirmation unless --yes is set, and waits for the
deployment. A second rollback undoes the first. To roll back further, use gamesparks deploy --snapshot.`,
		Args: arguments(),
		RunE: func(command *cobra.Command, _ []string) error {
			if err := p.prepare(command.Context(), &game); err != nil {
				return err
			}
			previous := p.deployments.Previous
			if previous == nil {
				return fmt.Errorf("stage %s has no previous snapshot: deploy one with gamesparks deploy --snapshot", p.stage)
			}
			p.target = aws.ToString(previous.SnapshotId)
			return p.run(command.Context())
		},
	}
	game.add(a, command)
	p.addFlags(command, &game)
	return command
}
