// Command benchmarks compares the GameSparks SDK with other clients. It prints each measurement with its bound and a
// verdict, and exits with status 1 if a bound is missed.
//
// It is a separate module, so run it in its directory:
//
//	go run .
package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gamesparks-go/gamesparks"
)

// row is a row of the report.
type row struct {
	name     string
	measured string
	bound    string // empty in a row for comparison
	ok       bool
}

var report []row

// check adds a row with a bound to the report.
func check(name string, measured float64, format string, ok bool, bound string) {
	report = append(report, row{name, fmt.Sprintf(format, measured), bound, ok})
}

func atMost(name string, measured, bound float64, format string) {
	check(name, measured, format, measured <= bound, "at most "+fmt.Sprintf(format, bound))
}

// forComparison adds a row without a bound to the report.
func forComparison(name string, measured float64, format string) {
	report = append(report, row{name, fmt.Sprintf(format, measured), "", true})
}

// ballast is the size of an allocation that makes the heap as large as that of a typical service. With a heap of a few
// megabytes, a garbage collection runs every few dozen calls and takes longer than the calls. It also limits
// parallelism, even between goroutines that share nothing.
const ballast = 64 << 20

func main() {
	skipBinary := flag.Bool("skip-binary", false, "skip the binary sizes, which require building three programs (default false)")
	flag.Parse()

	os.Unsetenv("AWS_CA_BUNDLE") // v1 rejects it in combination with a custom transport

	heap := make([]byte, ballast)
	runtime.GOMAXPROCS(2)
	perCall()
	overLoopback()
	runtime.GOMAXPROCS(1)
	onOneCore()
	frames()
	idleClients()
	parallel()
	runtime.KeepAlive(heap)
	withoutBallast()
	if !*skipBinary {
		binarySize()
	}

	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "case\tmeasured\tbound\tverdict")
	met, missed := 0, 0
	for _, r := range report {
		verdict := "met"
		switch {
		case r.bound == "":
			verdict = ""
		case r.ok:
			met++
		default:
			verdict = "MISSED"
			missed++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.name, r.measured, r.bound, verdict)
	}
	w.Flush()
	fmt.Printf("%d bounds met, %d missed\n", met, missed)
	if missed > 0 {
		os.Exit(1)
	}
}

func perCall() {
	client := respond(http.StatusOK, []byte(game))
	r := compare(8000, sdkGetGame(newSDK(client)), v1GetGame(newV1(client)), signing(), handwrittenGetGame(client))
	atMost("GetGame: time / v1", r[0].nanoseconds/r[1].nanoseconds, 0.40, "%.2f")
	forComparison("handwritten, without retries and validation: time / v1", r[3].nanoseconds/r[1].nanoseconds, "%.2f")
	forComparison("aws-sdk-go-v2's signer alone: time / v1", r[2].nanoseconds/r[1].nanoseconds, "%.2f")
	forComparison("aws-sdk-go-v2's signer alone: allocations", r[2].allocations, "%.0f")
	atMost("GetGame: allocations", r[0].allocations, 140, "%.0f")
	atMost("GetGame: KB", r[0].bytes/1000, 11, "%.1f")

	client = notFoundClient()
	r = compare(8000, sdkNotFound(newSDK(client)), v1NotFound(newV1(client)))
	atMost("GetGame 404, errors.As: time / v1", r[0].nanoseconds/r[1].nanoseconds, 0.50, "%.2f")
	atMost("GetGame 404, errors.As: allocations", r[0].allocations, 150, "%.0f")

	client = respond(http.StatusOK, gamesPage())
	r = compare(1000, sdkListGames(newSDK(client)), v1ListGames(newV1(client)))
	atMost("ListGames of 100: time / v1", r[0].nanoseconds/r[1].nanoseconds, 0.30, "%.2f")
	atMost("ListGames of 100: allocations / v1", r[0].allocations/r[1].allocations, 0.30, "%.2f")

	client = respond(http.StatusOK, snapshot())
	r = compare(100, sdkGetSnapshot(newSDK(client)), v1GetSnapshot(newV1(client)), sdkDecodeSnapshot(newSDK(client)))
	atMost("GetSnapshot of 1000 sections: time / v1", r[0].nanoseconds/r[1].nanoseconds, 0.15, "%.2f")
	atMost("GetSnapshot of 1000 sections: allocations per section", r[0].allocations/sections, 8, "%.1f")
	atMost("the same, decoded into structs: time / v1", r[2].nanoseconds/r[1].nanoseconds, 1, "%.2f")

	client = respond(http.StatusOK, []byte(configuration))
	r = compare(1000, sdkUpdate(newSDK(client)), handwrittenUpdate(client))
	atMost("UpdateGameConfiguration of 100: time / handwritten", r[0].nanoseconds/r[1].nanoseconds, 1.3, "%.2f")

	file := configurationFile()
	clients := []func(){sdkImport(newSDK(client), file), v1Import(newV1(client), file), encodingAndHashing(file)}
	r = compare(60, clients...)
	atMost("ImportGameConfiguration of 1 MB: MB allocated", r[0].bytes/1e6, 2.5, "%.2f")
	// SHA-256 and base64 alone take 0.67 to 0.71 of v1's time, and no client can avoid them.
	atMost("ImportGameConfiguration of 1 MB, consecutive: time / v1", r[0].nanoseconds/r[1].nanoseconds, 0.75, "%.2f")
	forComparison("its base64 and SHA-256 alone: time / v1", r[2].nanoseconds/r[1].nanoseconds, "%.2f")
	// Programs import files occasionally, when the heap has no free memory of that size.
	r = compareCold(60, clients...)
	atMost("the same, occasional: time / v1", r[0].nanoseconds/r[1].nanoseconds, 0.6, "%.2f")
	forComparison("its base64 and SHA-256 alone: time / v1", r[2].nanoseconds/r[1].nanoseconds, "%.2f")

	client = respond(http.StatusOK, []byte(game))
	r = compare(8000, sdkGetGame(withMiddleware(client)), v1GetGame(newV1(client)))
	forComparison("GetGame with middleware in the stack: time / v1", r[0].nanoseconds/r[1].nanoseconds, "%.2f")
	forComparison("GetGame with middleware in the stack: allocations", r[0].allocations, "%.0f")
}

// onOneCore repeats the benchmarks in which v1 waits for a goroutine. In each call, v1 starts a goroutine that checks
// whether the credentials have expired. The wait for it is much shorter on one core.
func onOneCore() {
	client := respond(http.StatusOK, []byte(game))
	r := compare(8000, sdkGetGame(newSDK(client)), v1GetGame(newV1(client)), handwrittenGetGame(client))
	forComparison("on one core: GetGame: time / v1", r[0].nanoseconds/r[1].nanoseconds, "%.2f")
	forComparison("on one core: handwritten: time / v1", r[2].nanoseconds/r[1].nanoseconds, "%.2f")
	client = notFoundClient()
	r = compare(8000, sdkNotFound(newSDK(client)), v1NotFound(newV1(client)))
	forComparison("on one core: GetGame 404, errors.As: time / v1", r[0].nanoseconds/r[1].nanoseconds, "%.2f")
}

func notFoundClient() *http.Client {
	return respond(http.StatusNotFound, []byte(notFound), "X-Amzn-ErrorType", "ResourceNotFoundException")
}

// parallel compares the throughput of two goroutines on two cores with that of one. It measures wall time, so the
// machine must have two idle cores. Signing shares no memory, so its ratio is the limit that the machine and the
// runtime impose.
func parallel() {
	ratio := scaling(sdkGetGame(newSDK(respond(http.StatusOK, []byte(game)))))
	check("parallel GetGame: throughput of 2 cores / 1 core", ratio, "%.2f", ratio >= 1.7, "at least 1.70")
	forComparison("aws-sdk-go-v2's signer alone: throughput of 2 cores / 1 core", scaling(signing(), signing()), "%.2f")
}

// withoutBallast repeats parallel with a small heap. The caller must no longer reference the ballast.
func withoutBallast() {
	runtime.GC()
	forComparison("without the 64 MB: GetGame: throughput of 2 cores / 1 core", scaling(sdkGetGame(newSDK(respond(http.StatusOK, []byte(game))))), "%.2f")
	forComparison("without the 64 MB: aws-sdk-go-v2's signer alone: 2 cores / 1 core", scaling(signing(), signing()), "%.2f")
}

// scaling returns the throughput of two goroutines divided by that of one. If a function is not safe for concurrent
// use, the caller passes one instance per goroutine.
func scaling(fns ...func()) float64 {
	const window, batch = 400 * time.Millisecond, 16
	run := func(goroutines int) float64 {
		runtime.GOMAXPROCS(goroutines)
		var calls atomic.Int64
		var wg sync.WaitGroup
		start := time.Now()
		for i := range goroutines {
			fn := fns[i%len(fns)]
			wg.Go(func() {
				n := 0
				for ; time.Since(start) < window; n += batch {
					for range batch {
						fn()
					}
				}
				calls.Add(int64(n))
			})
		}
		wg.Wait()
		return float64(calls.Load()) / time.Since(start).Seconds()
	}
	var ratios []float64
	for range rounds {
		one, two := run(1), run(2)
		ratios = append(ratios, two/one)
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

// frames counts the stack frames above the HTTP client's Do method.
func frames() {
	depth := 0
	client := gamesparks.NewFromConfig(aws.Config{Region: "us-east-1", Credentials: provider, HTTPClient: doFunc(
		func(r *http.Request) (*http.Response, error) {
			depth = runtime.Callers(1, make([]uintptr, 200))
			return respond(http.StatusOK, []byte(game)).Do(r)
		})})
	done := make(chan struct{})
	go func() { // a new stack has no frames of main
		defer close(done)
		sdkGetGame(client)()
	}()
	<-done
	atMost("frames at the HTTP client's Do", float64(depth), 45, "%.0f")
}

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// idleClients measures the live heap per client for clients that share one config.
func idleClients() {
	const n = 1000
	cfg := aws.Config{Region: "us-east-1", Credentials: provider}
	clients := make([]*gamesparks.Client, n)
	live := func() float64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	before := live()
	for i := range clients {
		clients[i] = gamesparks.NewFromConfig(cfg)
	}
	atMost("live heap of an idle client, KB", (live()-before)/n/1000, 8, "%.1f")
	runtime.KeepAlive(clients)
}
