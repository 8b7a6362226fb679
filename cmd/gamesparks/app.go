package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// app holds the streams and the global flags of a run.
type app struct {
	stdin  *os.File
	stdout *stream // data
	stderr *stream // messages, progress and questions

	endpointURL string
	region      string
	profile     string
	showKeys    bool

	// started reports whether the arguments were accepted and a command has started.
	started bool
}

// run runs the command with the given arguments and returns the exit status.
func run(ctx context.Context, args []string, stdin, stdout, stderr *os.File) int {
	a := &app{stdin: stdin, stdout: newStream(stdout), stderr: newStream(stderr)}
	root := a.newRoot()
	root.SetArgs(expandLists(root, args))
	err := root.ExecuteContext(ctx)
	if err != nil && !a.started && exitStatus(err) == statusFailure {
		err = withStatus(statusUsage, err) // the flag parser reported it
	}
	if err != nil {
		if text := message(ctx, err); text != "" {
			a.notef("%s", text)
		}
	}
	return exitStatus(err)
}

// newRoot returns the command with all its subcommands.
func (a *app) newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:               "gamesparks",
		Short:             "Manage a GameSparks game as code, interactively and in CI pipelines.",
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.Version = versions()
	root.SetVersionTemplate("{{.Version}}")
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	flags := root.PersistentFlags()
	flags.StringVar(&a.endpointURL, "endpoint-url", "", "`URL` of the service (default: $AWS_ENDPOINT_URL_GAMESPARKS, $AWS_ENDPOINT_URL or the profile)")
	flags.StringVar(&a.region, "region", "", "AWS `REGION` (default: $AWS_REGION or the profile)")
	flags.StringVar(&a.profile, "profile", "", "`PROFILE` of the shared AWS configuration (default: $AWS_PROFILE or \"default\")")
	flags.BoolVar(&a.showKeys, "show-keys", false, "print game keys, which grant players access to a stage")
	root.AddCommand(
		a.newAPI(),
		a.newApply(),
		a.newCompletion(),
		a.newDeploy(),
		a.newDiff(),
		a.newFetch(),
		a.newGenerate(),
		a.newInit(),
		a.newPlan(),
		a.newRollback(),
		a.newStatus(),
		a.newTest(),
		a.newValidate(),
		a.newVersion(),
	)
	a.separateUsageErrors(root)
	return root
}

// separateUsageErrors adds the next step to errors that cobra reports before a command runs: unknown commands and flags,
// values that do not parse, and wrong numbers of arguments. It also rejects commands that need a subcommand.
func (a *app) separateUsageErrors(command *cobra.Command) {
	command.SuggestionsMinimumDistance = 2
	command.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		if args := c.Flags().Args(); c.HasSubCommands() && len(args) > 0 {
			return unknownCommand(c, args[0]) // whose flags c does not have
		}
		if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
			kind := invalid.GetFlag().Value.Type()
			err = fmt.Errorf("--%s: %q is not a value of type %s", invalid.GetFlag().Name, invalid.GetValue(), kind)
			if kind == "duration" {
				err = fmt.Errorf("%w, such as 90s or 24h", err)
			}
		}
		return usageErrorf("%w: see %s --help", err, c.CommandPath())
	})
	if check := command.Args; check != nil {
		command.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usageErrorf("%w: usage: %s", err, c.UseLine())
			}
			return nil
		}
	}
	if command.HasSubCommands() {
		command.Args = cobra.ArbitraryArgs
		command.RunE = func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageErrorf("a command is missing: %s --help lists them", c.CommandPath())
			}
			return unknownCommand(c, args[0])
		}
	}
	if run := command.RunE; run != nil {
		command.RunE = func(c *cobra.Command, args []string) error {
			a.started = true
			return run(c, args)
		}
	}
	for _, c := range command.Commands() {
		a.separateUsageErrors(c)
	}
}

// unknownCommand returns the error for a name that is not a subcommand.
func unknownCommand(c *cobra.Command, name string) error {
	suggestion := ""
	if names := c.SuggestionsFor(name); len(names) > 0 {
		suggestion = ", did you mean " + strings.Join(names, " or ")
	}
	return usageErrorf("%q is not a command of %s%s: %[2]s --help lists them", name, c.CommandPath(), suggestion)
}

// expandLists repeats list flags of the API, which accept several values as in the AWS CLI: --sections A B becomes
// --sections=A --sections=B. The flag parser accepts only one value per flag.
func expandLists(root *cobra.Command, args []string) []string {
	command, _, err := root.Find(args)
	if err != nil {
		return args
	}
	var expanded []string
	for len(args) > 0 {
		name := args[0]
		args = args[1:]
		value, ok := valueOf(command.Flags().Lookup(strings.TrimPrefix(name, "--")))
		if !ok || !strings.HasPrefix(name, "--") || !value.parameter.IsList() || len(args) == 0 || strings.HasPrefix(args[0], "-") {
			expanded = append(expanded, name) // the parser reports a missing value
			continue
		}
		for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
			expanded = append(expanded, name+"="+args[0])
			args = args[1:]
		}
	}
	return expanded
}

// arguments returns a check that the command has exactly the named arguments.
func arguments(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return fmt.Errorf("argument %s is missing", names[len(args)])
		case len(args) > len(names):
			return fmt.Errorf("unexpected argument %q", args[len(names)])
		}
		return nil
	}
}

// notef prints a message and a newline to standard error.
func (a *app) notef(format string, args ...any) {
	fmt.Fprintf(a.stderr, format+"\n", args...)
}
