package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/internal/benchmarks/timing"
)

// reads compares the rate of GetGame through three replicas with that through one of them.
func (b *benchmark) reads(ctx context.Context) (err error) {
	// Short turns compare better when other programs use the machine.
	const games, window, turns = 64, 500 * time.Millisecond, 4
	replicas, err := b.startFleet(3, "reads")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, replicas.stop()) }()
	if err := replicas[0].createGames(ctx, "read", games); err != nil {
		return err
	}
	var rates []float64
	through := func(replicas fleet) func() (float64, error) {
		return func() (float64, error) {
			rate, err := timing.Rate(*clients, window, func(client, n int) error {
				_, err := replicas[client%len(replicas)].client.GetGame(ctx, &gamesparks.GetGameInput{GameName: new(fmt.Sprint("read", n%games))})
				return err
			})
			if len(replicas) == 1 {
				rates = append(rates, rate)
			}
			return rate, err
		}
	}
	ratio, err := timing.Ratios(turns**rounds, through(replicas), through(replicas[:1]))
	if err != nil {
		return err
	}
	b.report.AtLeast("GetGame through three replicas: rate / through one", ratio, 0.9, "%.2f")
	b.report.ForComparison("the same through one: calls per second", timing.Median(rates), "%.0f")
	return nil
}
