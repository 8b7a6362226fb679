package main

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"runtime"
	"time"

	"github.com/alecthomas/kong"

	"github.com/gamesparks-go/gamesparks/cmd/internal/buildinfo"
)

const description = `Serves the GameSparks API to unchanged clients of any AWS SDK.

Exit codes: 0 stopped on request, 1 failure, 2 invalid flags, 3 unusable data file or database.`

// commands holds the commands with their flags. A command has a method Run.
type commands struct {
	Serve       config           `cmd:"" default:"withargs" help:"Serve the API. This is the default command."`
	HealthCheck healthCheck      `cmd:"" name:"healthcheck" help:"Check the health of the server on this machine, for example in a container. The exit code is 0 if it is healthy."`
	Check       checkCommand     `cmd:"" help:"Check the values, references and counters of a data file or a database. The exit code is 3 if there are problems."`
	Copy        copyCommand      `cmd:"" help:"Copy a data file or a database, or convert a file of version 1."`
	Backup      backupCommand    `cmd:"" help:"Back up the data of a running server, or a data file that no server uses."`
	Restore     restoreCommand   `cmd:"" help:"Verify a backup and restore it to a data file."`
	Keys        keysCommand      `cmd:"" help:"Edit the file of access keys."`
	Version     versionCommand   `cmd:"" help:"Print the versions of the server and of Go."`
	VersionFlag kong.VersionFlag `name:"version" env:"-" help:"Print the versions of the server and of Go, and exit."`
}

// streams holds the standard streams of a command.
type streams struct{ stdout, stderr io.Writer }

// runCommand runs the command that the arguments select.
func runCommand(args []string, stdout, stderr io.Writer) error {
	done := false // --help or --version has printed its text
	parser, err := kong.New(new(commands),
		kong.Name("gamesparks-server"),
		kong.Description(description),
		kong.Vars{"key": defaultKey, "version": versionText()},
		kong.DefaultEnvars(envPrefix),
		kong.ValueFormatter(helpText),
		kong.Help(printHelp),
		kong.TypeMapper(reflect.TypeFor[int](), parseAs(parseInt)),
		kong.TypeMapper(reflect.TypeFor[int64](), parseAs(parseInt64)),
		kong.TypeMapper(reflect.TypeFor[float64](), parseAs(parseFloat)),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), parseAs(parseDuration)),
		kong.TypeMapper(reflect.TypeFor[time.Time](), parseAs(parseTime)),
		kong.TypeMapper(reflect.TypeFor[offset](), parseAs(parseOffset)),
		kong.TypeMapper(reflect.TypeFor[slog.Level](), parseAs(parseLevel)),
		kong.Writers(stdout, stdout),
		kong.Exit(func(int) { done = true }),
	)
	if err != nil {
		return err
	}
	parser.Model.HelpFlag.Help = "Print this help and exit."
	ctx, err := parser.Parse(args)
	switch {
	case done:
		return nil
	case err != nil:
		return &exitError{exitUsage, usageError(err, args)}
	}
	return ctx.Run(&streams{stdout, stderr})
}

// printHelp prints the help text of a command. Without a command, it prints the list of commands and the flags of the
// default command.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil || ctx.Selected() != nil {
		return err
	}
	serve, err := kong.Trace(ctx.Kong, []string{"serve"})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(ctx.Stdout)
	return kong.DefaultHelpPrinter(options, serve)
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(s *streams) error {
	_, err := fmt.Fprintln(s.stdout, versionText())
	return err
}

func versionText() string {
	info := buildinfo.Read()
	return fmt.Sprintf("gamesparks-server %s\ncommit %s\n%s %s/%s", info.Version, info.Commit, info.Go, runtime.GOOS, runtime.GOARCH)
}
