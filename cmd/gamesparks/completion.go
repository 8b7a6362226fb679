package main

import (
	"github.com/spf13/cobra"
)

func (a *app) newCompletion() *cobra.Command {
	shells := map[string]func(root *cobra.Command) error{
		"bash": func(root *cobra.Command) error { return root.GenBashCompletionV2(a.stdout, true) },
		"zsh":  func(root *cobra.Command) error { return root.GenZshCompletion(a.stdout) },
		"fish": func(root *cobra.Command) error { return root.GenFishCompletion(a.stdout, true) },
	}
	return &cobra.Command{
		Use:   "completion bash|zsh|fish",
		Short: "Print a script that completes commands and flags in a shell.",
		Long: `Print a script that completes commands and flags in a shell.

Load it in the current shell:

  source <(gamesparks completion bash)
  source <(gamesparks completion zsh)
  gamesparks completion fish | source

The bash script requires the package bash-completion.`,
		Args:                  arguments("SHELL"),
		ValidArgs:             []string{"bash", "zsh", "fish"},
		DisableFlagsInUseLine: true,
		RunE: func(c *cobra.Command, args []string) error {
			generate := shells[args[0]]
			if generate == nil {
				return usageErrorf("%q is not a supported shell: use bash, zsh or fish", args[0])
			}
			return generate(c.Root())
		},
	}
}
