package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/cmd/gamesparks/internal/testapi"
	"github.com/gamesparks-go/gamesparks/internal/schemas"
)

func (a *app) newTest() *cobra.Command {
	command := &cobra.Command{
		Use:   "test",
		Short: "Inject faults, reset the account and move the clock of a test server.",
		Long: `Inject faults, reset the account and move the clock of a test server.

These commands require a gamesparks-server that was started with --test-api. They are not part of the GameSparks API.`,
	}
	faults := &cobra.Command{
		Use:   "faults",
		Short: "List, add and remove faults, which make requests of the account fail.",
	}
	faults.AddCommand(a.newTestFaultsList(), a.newTestFaultsAdd(), a.newTestFaultsRemove())
	command.AddCommand(faults, a.newTestReset(), a.newTestClock())
	return command
}

// newTestClient returns a client of the test API.
func (a *app) newTestClient(ctx context.Context) (*testapi.Client, error) {
	client, err := a.newClient(ctx)
	if err != nil {
		return nil, err
	}
	return testapi.New(client), nil
}

func (a *app) newTestFaultsList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the faults of the account.",
		Args:  arguments(),
		RunE: func(command *cobra.Command, _ []string) error {
			client, err := a.newTestClient(command.Context())
			if err != nil {
				return err
			}
			faults, err := client.ListFaults(command.Context())
			if err != nil {
				return err
			}
			if len(faults) == 0 {
				a.notef("The account has no faults. gamesparks test faults add adds one.")
			}
			t := a.newTable("ID", "OPERATION", "REQUESTS", "EFFECTS")
			for _, f := range faults {
				t.row(f.ID, cmp.Or(f.Operation, "all"), affectedRequests(f), faultEffects(f))
			}
			return t.print()
		},
	}
}

// affectedRequests describes which requests a fault affects.
func affectedRequests(f testapi.Fault) string {
	text := "all"
	if f.Count > 0 {
		text = fmt.Sprintf("next %d", f.Count)
	}
	if f.Probability > 0 && f.Probability < 1 {
		text += fmt.Sprintf(", with probability %v", f.Probability)
	}
	return text
}

// faultEffects describes the effects of a fault, in the order in which the server applies them.
func faultEffects(f testapi.Fault) string {
	var effects []string
	if f.LatencySeconds > 0 {
		effects = append(effects, "latency "+time.Duration(f.LatencySeconds*float64(time.Second)).String())
	}
	if f.Code != "" {
		effects = append(effects, fmt.Sprintf("%s (%d)", f.Code, f.Status))
	}
	for _, effect := range []struct {
		name string
		set  bool
	}{
		{"drop connection", f.DropConnection}, {"drop response", f.DropResponse}, {"truncate", f.Truncate}, {"malformed", f.Malformed},
	} {
		if effect.set {
			effects = append(effects, effect.name)
		}
	}
	return strings.Join(effects, ", ")
}

func (a *app) newTestFaultsAdd() *cobra.Command {
	var f testapi.Fault
	var latency time.Duration
	command := &cobra.Command{
		Use:   "add",
		Short: "Add a fault to the account and print its ID.",
		Long: `Add a fault to the account and print its ID.

At most one fault affects a request: the first match in the order in which they were added. Each attempt of a call is a request:
gamesparks and the AWS SDK for Go make three attempts by default, so their retries hide an error with a smaller --count. Faults affect
only the server that received the command, and end when it stops.`,
		Example: `  gamesparks test faults add --operation CreateGame --code ThrottlingException --count 3
  gamesparks test faults add --latency 500ms --probability 0.1
  gamesparks test faults add --operation Download --truncate`,
		Args: arguments(),
		RunE: func(command *cobra.Command, _ []string) error {
			f.LatencySeconds = latency.Seconds()
			if err := checkFault(f); err != nil {
				return err
			}
			client, err := a.newTestClient(command.Context())
			if err != nil {
				return err
			}
			added, err := client.AddFault(command.Context(), f)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, added.ID)
			return err
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.Operation, "operation", "", "affect only this `OPERATION`: the name of an API operation, Download or Connect (default: all)")
	flags.Float64Var(&f.Probability, "probability", 0, "affect matching requests with this `PROBABILITY`, from 0 to 1 (default: 1)")
	flags.IntVar(&f.Count, "count", 0, "affect only the next `N` matching requests (default: no limit)")
	flags.DurationVar(&latency, "latency", 0, "delay requests by this `DURATION`, such as 500ms")
	flags.StringVar(&f.Code, "code", "", "respond with the error `CODE`, such as ThrottlingException")
	flags.IntVar(&f.Status, "status", 0, "HTTP `STATUS` of the error (default: that of the code in the API)")
	flags.BoolVar(&f.DropConnection, "drop-connection", false, "drop the connection before the request is handled")
	flags.BoolVar(&f.DropResponse, "drop-response", false, "handle the request, and drop the connection instead of sending the response")
	flags.BoolVar(&f.Truncate, "truncate", false, "drop the connection after half of the response body")
	flags.BoolVar(&f.Malformed, "malformed", false, "send a response body that is not valid JSON")
	names := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		names := []string{"Connect", "Download"}
		for _, op := range schemas.Operations() {
			names = append(names, op.Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	if err := command.RegisterFlagCompletionFunc("operation", names); err != nil {
		panic(err) // the flag does not exist
	}
	return command
}

// checkFault checks rules of the service whose error messages name members of the request instead of flags.
func checkFault(f testapi.Fault) error {
	switch {
	case !(f.Probability >= 0 && f.Probability <= 1): // also NaN, which JSON does not have
		return usageErrorf("--probability %v: must be from 0 to 1", f.Probability)
	case f.LatencySeconds < 0 || f.LatencySeconds > testapi.MaxLatency.Seconds():
		return usageErrorf("--latency %v: must be from 0 to 1h", time.Duration(f.LatencySeconds*float64(time.Second)))
	case f.Status != 0 && f.Code == "":
		return usageErrorf("--status %d has no error code: set --code", f.Status)
	case faultEffects(f) == "":
		return usageErrorf("the fault has no effect: set --latency, --code, --drop-connection, --drop-response, --truncate or --malformed")
	}
	return nil
}

func (a *app) newTestFaultsRemove() *cobra.Command {
	var all bool
	command := &cobra.Command{
		Use:   "remove ID|--all",
		Short: "Remove faults of the account.",
		Args:  cobra.ArbitraryArgs,
		RunE: func(command *cobra.Command, ids []string) error {
			if all == (len(ids) > 0) {
				return usageErrorf("name the IDs of faults, or set --all: gamesparks test faults list prints the IDs")
			}
			client, err := a.newTestClient(command.Context())
			if err != nil {
				return err
			}
			if all {
				return client.RemoveFaults(command.Context())
			}
			for _, id := range ids {
				if id == "" {
					return usageErrorf("the ID of a fault is empty: gamesparks test faults list prints the IDs")
				}
				if err := client.RemoveFault(command.Context(), id); err != nil {
					return err
				}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&all, "all", false, "remove all faults of the account")
	return command
}

func (a *app) newTestReset() *cobra.Command {
	var yes bool
	command := &cobra.Command{
		Use:   "reset",
		Short: "Delete all games and faults of the account.",
		Long: `Delete all games of the account in the region, with their stages, snapshots, deployments and code generation jobs, and all faults.
Players are disconnected. Other accounts and the clock do not change.

The command asks for confirmation unless --yes is set.`,
		Args: arguments(),
		RunE: func(command *cobra.Command, _ []string) error {
			ctx := command.Context()
			client, err := a.newClient(ctx)
			if err != nil {
				return err
			}
			o := client.Options()
			if !yes {
				question := fmt.Sprintf("Delete all games of the account in %s on %s?", o.Region, *o.BaseEndpoint)
				if err := a.confirm(ctx, question, "--yes"); err != nil {
					return err
				}
			}
			if err := testapi.New(client).Reset(ctx); err != nil {
				return err
			}
			a.notef("Deleted all games and faults of the account in %s on %s.", o.Region, *o.BaseEndpoint)
			return nil
		},
	}
	command.Flags().BoolVar(&yes, "yes", false, "do not ask for confirmation; required without a terminal")
	return command
}

func (a *app) newTestClock() *cobra.Command {
	var advance time.Duration
	command := &cobra.Command{
		Use:   "clock",
		Short: "Print the time of the server, or move it forward.",
		Long: `Print the time of the server, and by how much it was moved forward.

With --advance, the command moves it forward, so that deployments, code generation jobs and deletions complete, and download URLs
expire. All accounts of the server have the same time. It is stored with the data and cannot be moved back. Signatures are verified
against the current time.`,
		Args: arguments(),
		RunE: func(command *cobra.Command, _ []string) error {
			switch {
			case command.Flags().Changed("advance") && advance <= 0:
				return usageErrorf("--advance: %v is not positive: the clock can only be moved forward, as in --advance 1h", advance)
			case advance > testapi.MaxClockOffset:
				return usageErrorf("--advance: %v is too long: the clock can be moved by at most %v in total", advance, testapi.MaxClockOffset)
			}
			client, err := a.newTestClient(command.Context())
			if err != nil {
				return err
			}
			var clock testapi.Clock
			if advance > 0 {
				if clock, err = client.AdvanceClock(command.Context(), advance); gamesparks.IsValidation(err) {
					err = fmt.Errorf("--advance: %v is too long: %w", advance, err)
				}
			} else {
				clock, err = client.GetClock(command.Context())
			}
			if err != nil {
				return err
			}
			offset := time.Duration(clock.OffsetSeconds * float64(time.Second)).Round(time.Millisecond)
			_, err = fmt.Fprintf(a.stdout, "%s  moved forward by %v\n", clock.Time.Format("2006-01-02T15:04:05.000Z07:00"), offset)
			return err
		},
	}
	command.Flags().DurationVar(&advance, "advance", 0, "move the clock forward by this `DURATION`, such as 90s or 24h")
	return command
}
