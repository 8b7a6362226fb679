package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/document"
	"github.com/gamesparks-go/gamesparks/internal/benchmarks/timing"
	"github.com/gamesparks-go/gamesparks/types"
)

// accounts is the number of accounts that share a database in the case writes.
const accounts = 4

// writeKeys writes the file for --keys with an access key for each account.
func (b *benchmark) writeKeys() (path string, err error) {
	var keys []map[string]string
	for i := range accounts {
		keys = append(keys, map[string]string{"AccessKeyId": accessKey(i), "SecretAccessKey": "secret", "Account": fmt.Sprintf("%012d", i+1)})
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return "", err
	}
	path = filepath.Join(b.dir, "keys.json")
	return path, os.WriteFile(path, text, 0o600)
}

func accessKey(account int) string { return fmt.Sprint("account", account) }

// clientOf returns a client of a replica with the access key of an account.
func (r replica) clientOf(account int) *gamesparks.Client {
	return gamesparks.New(r.client.Options(), func(o *gamesparks.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey(account), SecretAccessKey: "secret"}, nil
		})
	})
}

// writes measures the rate of CreateGame in one account and in several accounts, whose writes do not wait for each other.
func (b *benchmark) writes(ctx context.Context) (err error) {
	const window = 2 * time.Second
	keys, err := b.writeKeys()
	if err != nil {
		return err
	}
	replicas, err := b.startFleet(3, "writes", "--keys", keys)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, replicas.stop()) }()
	var created atomic.Int64
	var rates []float64
	// through returns the rate of clients that are spread over replicas and accounts.
	through := func(replicas fleet, accounts int) func() (float64, error) {
		var all []*gamesparks.Client
		for client := range *clients {
			all = append(all, replicas[client%len(replicas)].clientOf(client/len(replicas)%accounts))
		}
		return func() (float64, error) {
			rate, err := timing.Rate(*clients, window, func(client, _ int) error {
				_, err := all[client].CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new(fmt.Sprintf("game%09d", created.Add(1)))})
				return err
			})
			if len(replicas) == 1 {
				rates = append(rates, rate)
			}
			return rate, err
		}
	}
	one := through(replicas[:1], 1)
	ratio, err := timing.Ratios(*rounds, through(replicas, 1), one)
	if err != nil {
		return err
	}
	b.report.ForComparison("CreateGame in one account through three replicas: rate / through one", ratio, "%.2f")
	if ratio, err = timing.Ratios(*rounds, through(replicas, accounts), one); err != nil {
		return err
	}
	b.report.ForComparison(fmt.Sprintf("CreateGame in %d accounts through three replicas: rate / one account through one", accounts), ratio, "%.2f")
	b.report.ForComparison("CreateGame in one account through one replica: calls per second", timing.Median(rates), "%.0f")
	return nil
}

// size measures how much games and snapshots add to the database.
func (b *benchmark) size(ctx context.Context) (err error) {
	const games, snapshots, changed, sections = 5000, 1000, 100, 1000
	replicas, err := b.startFleet(1, "size")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, replicas.stop()) }()
	client := replicas[0].client
	// growth reports how much fn adds to the tables and indexes, in KB for each of n objects.
	growth := func(name string, n int, fn func() error) error {
		const statement = "select sum(pg_total_relation_size(oid)) from pg_class where relnamespace = 'size'::regnamespace and relkind = 'r'"
		before, err := b.database.number(statement)
		if err != nil {
			return err
		}
		if err := fn(); err != nil {
			return err
		}
		after, err := b.database.number(statement)
		if err != nil {
			return err
		}
		b.report.ForComparison(name+": KB of the database for each", (after-before)/1024/float64(n), "%.1f")
		return nil
	}
	snapshot := func(int) error {
		_, err := client.CreateSnapshot(ctx, &gamesparks.CreateSnapshotInput{GameName: new("size")})
		return err
	}
	return errors.Join(
		growth(fmt.Sprintf("%d games without configuration", games), games, func() error { return replicas[0].createGames(ctx, "size", games) }),
		growth(fmt.Sprintf("a game with 1 MB in %d sections", sections), 1, func() error {
			if _, err := client.CreateGame(ctx, &gamesparks.CreateGameInput{GameName: new("size")}); err != nil {
				return err
			}
			_, err := client.ImportGameConfiguration(ctx, &gamesparks.ImportGameConfigurationInput{
				GameName: new("size"), ImportSource: &types.ImportGameConfigurationSource{File: configurationFile(sections)},
			})
			return err
		}),
		growth(fmt.Sprintf("%d snapshots of the unchanged game", snapshots), snapshots, func() error { return inParallel(snapshots, snapshot) }),
		growth(fmt.Sprintf("%d snapshots, each after a change of a section", changed), changed, func() error {
			for i := range changed {
				if _, err := client.UpdateGameConfiguration(ctx, &gamesparks.UpdateGameConfigurationInput{
					GameName: new("size"), Modifications: []types.SectionModification{{
						Section: new(sectionName(i)), Operation: types.OperationReplace, Path: new("/n"), Value: document.NewLazyDocument(i + 1),
					}},
				}); err != nil {
					return err
				}
				if err := snapshot(i); err != nil {
					return err
				}
			}
			return nil
		}),
	)
}

// configurationFile returns an exported configuration of almost 1 MB.
func configurationFile(sections int) []byte {
	var file strings.Builder
	file.WriteString(`{"Document":{"Type":"Game","Sections":{`)
	for i := range sections {
		if i > 0 {
			file.WriteByte(',')
		}
		fmt.Fprintf(&file, `%q:{"n":0,"text":"%d %s"}`, sectionName(i), i, strings.Repeat("x", 1_000_000/sections-60))
	}
	file.WriteString(`}}}`)
	return []byte(file.String())
}

func sectionName(i int) string { return fmt.Sprintf("GameSparks.Section%05d", i) }
