package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/benchmarks/process"
	"github.com/gamesparks-go/gamesparks/internal/pgtest"
)

// database is a PostgreSQL server that counts statements.
type database struct{ *pgtest.Server }

func startDatabase() (*database, error) {
	server, err := pgtest.New("fsync=on", "shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_utility=on")
	if err != nil {
		return nil, err
	}
	d := &database{server}
	if _, err := d.query("create extension pg_stat_statements"); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// query returns the output of a statement in the format of psql --tuples-only --no-align.
func (d *database) query(statement string) (string, error) {
	output, err := d.Output("psql", "-h", d.Dir(), "-U", "postgres", "-X", "-q", "-A", "-t", "-c", statement, "postgres")
	return strings.TrimSpace(output), err
}

// number returns the number that a statement returns.
func (d *database) number(statement string) (float64, error) {
	text, err := d.query(statement)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(text, 64)
}

// statements returns how many statements the database has run, without those of query.
func (d *database) statements() (float64, error) {
	return d.number("select coalesce(sum(calls), 0) from pg_stat_statements where query not like '%pg_stat_statements%'")
}

// fleet is a number of replicas on one database.
type fleet []replica

type replica struct {
	*process.Server
	client *gamesparks.Client
}

// startFleet starts n replicas whose data is in a schema of the database. The caller must stop them.
func (b *benchmark) startFleet(n int, schema string, args ...string) (replicas fleet, err error) {
	args = append([]string{
		"--store", b.database.URL("postgres"), "--store-schema", schema, "--deployment-pending=0s", "--deployment-in-progress=0s",
	}, args...)
	for range n {
		server, err := process.Start(b.binary, args...)
		if err != nil {
			return nil, errors.Join(err, replicas.stop())
		}
		replicas = append(replicas, replica{server, gamesparks.New(gamesparks.Options{
			Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
		})})
	}
	return replicas, nil
}

// stop stops all replicas.
func (f fleet) stop() error {
	var errs []error
	for _, r := range f {
		errs = append(errs, r.Stop())
	}
	return errors.Join(errs...)
}

// createGames creates games with the given prefix.
func (r replica) createGames(ctx context.Context, prefix string, n int) error {
	return inParallel(n, func(i int) error {
		_, err := r.client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new(fmt.Sprint(prefix, i))})
		return err
	})
}

// inParallel calls fn for all numbers below n, 16 at the same time.
func inParallel(n int, fn func(int) error) error {
	const parallel = 16
	errs := make([]error, parallel)
	var group sync.WaitGroup
	for worker := range parallel {
		group.Go(func() {
			for i := worker; i < n && errs[worker] == nil; i += parallel {
				errs[worker] = fn(i)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}
