package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	awsv1 "github.com/aws/aws-sdk-go/aws"
	credentialsv1 "github.com/aws/aws-sdk-go/aws/credentials"
	sessionv1 "github.com/aws/aws-sdk-go/aws/session"
	gamesparksv1 "github.com/aws/aws-sdk-go/service/gamesparks"

	"github.com/gamesparks-go/gamesparks"
)

// Clients in the loopback benchmarks. The floor is a bare net/http request with the headers of this SDK. It has the
// costs that all clients share: the connection, net/http and the server. The cost of a client is its time above the
// floor.
const (
	loopbackSDK = iota
	loopbackV1
	loopbackLambda
	loopbackFloor
	loopbackClients
)

// overLoopback compares the clients over TCP connections.
func overLoopback() {
	server := startLoopback(nil)
	defer server.close()
	for _, callers := range []int{1, 32} {
		r := server.compare(callers)
		label := fmt.Sprintf("GetGame over loopback, %d callers: ", callers)
		atMost(label+"(time - floor) / (v1 - floor)", r.aboveFloor[loopbackSDK], 0.40, "%.2f")
		forComparison(label+"(lambda - floor) / (v1 - floor)", r.aboveFloor[loopbackLambda], "%.2f")
		forComparison(label+"time / v1", r.time[loopbackSDK], "%.2f")
		forComparison(label+"floor / v1", r.time[loopbackFloor], "%.2f")
	}
}

// loopback is an HTTP server in this process and one function per client that calls it.
type loopback struct {
	server *http.Server
	calls  [loopbackClients]func()
}

// startLoopback starts the server. Each client has its own connections. If observe is not nil, the server calls it for
// every request.
func startLoopback(observe func(*http.Request)) *loopback {
	mux := http.NewServeMux()
	handle := func(pattern, body string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if observe != nil {
				observe(r)
			}
			w.Header()["Content-Type"] = []string{"application/json"}
			w.Header()["X-Amzn-Requestid"] = []string{"6a2f41a3-c54c-fce8-32d2-0324e1c32e22"}
			io.WriteString(w, body)
		})
	}
	handle("GET /game/benchmark", game)
	handle("GET /2015-03-31/functions/benchmark", function)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	l := &loopback{server: &http.Server{Handler: mux}}
	go l.server.Serve(listener)

	url := "http://" + listener.Addr().String()
	l.calls = [...]func(){
		loopbackSDK: sdkGetGame(gamesparks.NewFromConfig(loopbackConfig(url))),
		loopbackV1: v1GetGame(gamesparksv1.New(sessionv1.Must(sessionv1.NewSession(&awsv1.Config{
			Region:      awsv1.String("us-east-1"),
			Endpoint:    &url,
			Credentials: credentialsv1.NewStaticCredentials(credentials.AccessKeyID, credentials.SecretAccessKey, ""),
			HTTPClient:  newLoopbackClient(),
		})))),
		loopbackLambda: lambdaGetFunction(lambda.NewFromConfig(loopbackConfig(url))),
		loopbackFloor:  bareRequest(url),
	}
	return l
}

func (l *loopback) close() { l.server.Close() }

func loopbackConfig(url string) aws.Config {
	return aws.Config{Region: "us-east-1", Credentials: provider, HTTPClient: newLoopbackClient(), BaseEndpoint: &url}
}

// newLoopbackClient returns an HTTP client that can keep an idle connection for each caller.
func newLoopbackClient() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	return &http.Client{Transport: transport}
}

func lambdaGetFunction(c *lambda.Client) func() {
	return func() {
		out := must(c.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: name}))
		if *out.Configuration.FunctionName != "benchmark" {
			panic("wrong function")
		}
	}
}

// bareRequest returns a function that sends a GetGame request with net/http and reads the response. The request has the
// same headers as a call through this SDK.
func bareRequest(url string) func() {
	client := newLoopbackClient()
	var header http.Header
	cfg := loopbackConfig(url)
	cfg.HTTPClient = doFunc(func(r *http.Request) (*http.Response, error) {
		header = r.Header.Clone()
		return client.Do(r)
	})
	sdkGetGame(gamesparks.NewFromConfig(cfg))()
	return func() {
		req := must(http.NewRequestWithContext(ctx, http.MethodGet, url+"/game/benchmark", nil))
		req.Header = header.Clone()
		resp := must(client.Do(req))
		body := must(io.ReadAll(resp.Body))
		if err := resp.Body.Close(); err != nil || len(body) != len(game) {
			panic("wrong response")
		}
	}
}

// loopbackResult has the costs of each client relative to v1.
type loopbackResult struct {
	time       [loopbackClients]float64 // time / v1
	aboveFloor [loopbackClients]float64 // (time - floor) / (v1 - floor)
}

// The speed of a shared machine varies while the benchmark runs, so the clients take short turns, in a different order
// in each round. The compare method takes differences within a round and returns the ratios of their medians. Most
// turns include no garbage collection, which favours clients that allocate often.
const (
	loopbackRounds   = 400
	loopbackTurn     = 5 * time.Millisecond
	loopbackMinCalls = 8 // per caller and turn, since callers do not run in parallel while they start and end
)

func (l *loopback) compare(callers int) loopbackResult {
	var calls [loopbackClients]int // per caller and turn
	for i, call := range l.calls {
		perCall := timePerCall(callers, 200/callers, call) // also opens the connections
		calls[i] = max(loopbackMinCalls, int(loopbackTurn/perCall)/callers)
	}
	runtime.GC()
	var times, differences [loopbackClients][]float64
	for round := range loopbackRounds {
		var perCall [loopbackClients]float64
		for turn := range loopbackClients {
			i := (turn + round) % loopbackClients
			perCall[i] = float64(timePerCall(callers, calls[i], l.calls[i]))
		}
		for i, t := range perCall {
			times[i] = append(times[i], t)
			differences[i] = append(differences[i], t-perCall[loopbackFloor])
		}
	}
	var r loopbackResult
	for i := range loopbackClients {
		r.time[i] = median(times[i]) / median(times[loopbackV1])
		r.aboveFloor[i] = median(differences[i]) / median(differences[loopbackV1])
	}
	return r
}

// timePerCall runs n calls in each concurrent caller and returns the elapsed time per call.
func timePerCall(callers, n int, call func()) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for range n {
				call()
			}
		})
	}
	wg.Wait()
	return time.Since(start) / time.Duration(n*callers)
}

// median returns the median, or the upper median if the number of values is even.
func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}
