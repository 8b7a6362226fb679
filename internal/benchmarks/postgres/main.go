// Command postgres compares the server on PostgreSQL with the server on a file, and its reads with pgbench. It starts the
// servers itself; PostgreSQL must be installed. Since the speed of a machine changes, it measures the two servers and pgbench by
// turns, and compares medians.
//
//	go run ./internal/benchmarks/postgres
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
	"github.com/gamesparks-go/gamesparks/server"
	"github.com/gamesparks-go/gamesparks/server/storage"
	"github.com/gamesparks-go/gamesparks/server/storage/postgres"
	"github.com/gamesparks-go/gamesparks/types"
)

const clients = 64

// reservedHeap is the memory that gamesparks-server reserves, so that a small heap does not cause frequent garbage collections.
const reservedHeap = 16 << 20

var (
	duration = flag.Duration("duration", 3*time.Second, "duration of each measurement")
	rounds   = flag.Int("rounds", 5, "number of measurements, of which the median counts")
)

func main() {
	flag.Parse()
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// target is a server to measure.
type target struct {
	name string
	srv  *server.Server
}

func run(ctx context.Context) error {
	heap := make([]byte, reservedHeap)
	defer runtime.KeepAlive(heap)
	dir, err := os.MkdirTemp("", "benchmark")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file, err := storage.OpenFile(filepath.Join(dir, "data"))
	if err != nil {
		return err
	}
	database, err := pgtest.New("fsync=on")
	if err != nil {
		return errors.Join(err, file.Close())
	}
	defer database.Close()
	store, err := postgres.Open(ctx, database.URL("postgres"))
	if err != nil {
		return errors.Join(err, file.Close())
	}
	var targets []target
	for _, t := range []struct {
		name  string
		store storage.Store
	}{{"file", file}, {"PostgreSQL", store}} {
		srv, err := server.Start(server.WithStore(t.store))
		if err != nil {
			return err
		}
		defer srv.Close()
		targets = append(targets, target{t.name, srv})
		if err := prepare(ctx, srv.Client()); err != nil {
			return err
		}
	}
	fmt.Printf("%d cores, %d clients, medians of %d times %v, fsync on, PostgreSQL on the same machine\n\n", runtime.NumCPU(), clients, *rounds, *duration)
	fmt.Println("| case | file | PostgreSQL | ratio | bound | verdict |\n| --- | --- | --- | --- | --- | --- |")
	for _, c := range []struct {
		name string
		call func(context.Context, *gamesparks.Client, int64) error
	}{{"CreateGame", createGame}, {"UpdateGameConfiguration", updateConfiguration}, {"GetGame", getGame}} {
		var measurements []measurement
		for _, t := range targets {
			measurements = append(measurements, func() (float64, error) { return measure(ctx, t.srv, c.call) })
		}
		if c.name == "GetGame" {
			measurements = append(measurements,
				func() (float64, error) { return pgbench(database, dir) },
				func() (float64, error) { return measureSigned(ctx, targets[0].srv) },
				func() (float64, error) { return measureSigned(ctx, targets[1].srv) },
				func() (float64, error) { return measureViews(ctx, store) })
		}
		rates, err := medians(measurements)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		report(c.name, "%.0f/s", rates[0], rates[1], rates[1]/rates[0], "at least 0.30", rates[1]/rates[0] >= 0.3)
		if c.name == "GetGame" {
			pgbench, signedFile, signed, views := rates[2], rates[3], rates[4], rates[5]
			report("GetGame, pgbench instead of the file", "%.0f/s", pgbench, rates[1], rates[1]/pgbench, "at least 0.70", rates[1]/pgbench >= 0.7)
			report("GetGame, connections that repeat signed requests", "%.0f/s", signedFile, signed, signed/signedFile, "none", true)
			report("the same, pgbench instead of the file", "%.0f/s", pgbench, signed, signed/pgbench, "none", true)
			report("views of the store, without HTTP, pgbench instead of the file", "%.0f/s", pgbench, views, views/pgbench, "none", true)
		}
	}
	var times [2]time.Duration
	for i, t := range targets {
		if times[i], err = importAndSnapshot(ctx, t.srv.Client()); err != nil {
			return err
		}
	}
	ratio := float64(times[1]) / float64(times[0])
	report("import and snapshot of 1 MB", "%.1f ms", milliseconds(times[0]), milliseconds(times[1]), ratio, "at most 3.00", ratio <= 3)
	if missed > 0 {
		return fmt.Errorf("%d bounds are missed", missed)
	}
	return nil
}

var missed int // the number of bounds that the measurements do not meet

// measurement returns a rate.
type measurement func() (float64, error)

// medians repeats measurements by turns and returns their medians.
func medians(measurements []measurement) ([]float64, error) {
	rates := make([][]float64, len(measurements))
	for range *rounds {
		for i, m := range measurements {
			rate, err := m()
			if err != nil {
				return nil, err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	result := make([]float64, len(measurements))
	for i := range rates {
		slices.Sort(rates[i])
		result[i] = rates[i][len(rates[i])/2]
	}
	return result, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func report(name, format string, a, b, ratio float64, bound string, holds bool) {
	verdict := "met"
	if !holds {
		verdict = "missed"
		missed++
	}
	fmt.Printf("| %s | "+format+" | "+format+" | %.2f | %s | %s |\n", name, a, b, ratio, bound, verdict)
}

func prepare(ctx context.Context, client *gamesparks.Client) error {
	for i := range clients {
		name := fmt.Sprintf("game-%d", i)
		if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: &name}); err != nil {
			return err
		}
		if _, err := client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
			GameName: &name, ImportSource: &types.ImportGameConfigurationSource{File: []byte(`{"Document":{"Type":"Game","Sections":{"A":{"n":0}}}}`)},
		}); err != nil {
			return err
		}
	}
	return nil
}

func createGame(ctx context.Context, client *gamesparks.Client, n int64) error {
	_, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new(fmt.Sprintf("new-%d", n))})
	return err
}

func updateConfiguration(ctx context.Context, client *gamesparks.Client, n int64) error {
	_, err := client.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{
		GameName: new(fmt.Sprintf("game-%d", n%clients)), Modifications: []types.SectionModification{{
			Section: new("A"), Operation: types.OperationReplace, Path: new("/n"), Value: document.NewLazyDocument(n),
		}},
	})
	return err
}

func getGame(ctx context.Context, client *gamesparks.Client, n int64) error {
	_, err := client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new(fmt.Sprintf("game-%d", n%clients))})
	return err
}

// measureViews returns the views per second of 64 goroutines that read the record of GetGame.
func measureViews(ctx context.Context, store storage.Store) (float64, error) {
	return measureCalls(func(n int64) error {
		key := fmt.Sprintf("account/123456789012/us-east-1/game/game-%d", n%clients)
		return storage.ViewKeys(ctx, store, []string{key}, func(r storage.Reader) error {
			_, err := r.Get(key)
			return err
		})
	})
}

// measure returns the calls per second of 64 clients.
func measure(ctx context.Context, srv *server.Server, call func(context.Context, *gamesparks.Client, int64) error) (float64, error) {
	client := srv.Client()
	return measureCalls(func(n int64) error { return call(ctx, client, n) })
}

// calls numbers the calls of all measurements.
var calls atomic.Int64

func measureCalls(call func(int64) error) (float64, error) {
	var (
		done   atomic.Int64
		failed atomic.Pointer[error]
		group  sync.WaitGroup
	)
	start := time.Now()
	for range clients {
		group.Go(func() {
			for time.Since(start) < *duration && failed.Load() == nil {
				if err := call(calls.Add(1)); err != nil {
					failed.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(done.Load()) / time.Since(start).Seconds(), nil
}

// importAndSnapshot returns the median time for importing 1 MB and creating a snapshot of it.
func importAndSnapshot(ctx context.Context, client *gamesparks.Client) (time.Duration, error) {
	const repeats = 15
	game := new("game-0")
	var times []time.Duration
	for i := range repeats {
		var file strings.Builder
		file.WriteString(`{"Document":{"Type":"Game","Sections":{`)
		for section := range 100 {
			if section > 0 {
				file.WriteByte(',')
			}
			fmt.Fprintf(&file, `"S%d":{"text":"%d %s"}`, section, i, strings.Repeat(strconv.Itoa(section%10), 10_000))
		}
		file.WriteString("}}}")
		start := time.Now()
		if _, err := client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
			GameName: game, ImportSource: &types.ImportGameConfigurationSource{File: []byte(file.String())},
		}); err != nil {
			return 0, err
		}
		if _, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: game}); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	return times[len(times)/2], nil
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench returns the transactions per second of 64 clients that run the statements of GetGame.
func pgbench(database *pgtest.Server, dir string) (float64, error) {
	script := `\set n random(0, 63)
begin isolation level repeatable read read only;
select version, clock_timestamp(), current_setting('gamesparks.session', true) from gamesparks.meta;
select value from gamesparks.entries where key = convert_to('account/123456789012/us-east-1/game/game-' || :n, 'UTF8');
rollback;
`
	path := filepath.Join(dir, "getgame.sql")
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		return 0, err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL runs as another user
		return 0, err
	}
	output, err := database.Output("pgbench", "-h", database.Dir(), "-U", "postgres", "-n", "-M", "prepared",
		"-c", strconv.Itoa(clients), "-j", "2", "-T", strconv.Itoa(int(max(*duration, time.Second).Seconds())), "-f", path, "postgres")
	if err != nil {
		return 0, err
	}
	match := tps.FindStringSubmatch(output)
	if match == nil {
		return 0, fmt.Errorf("pgbench printed no rate:\n%s", output)
	}
	return strconv.ParseFloat(match[1], 64)
}
