package gamesparks_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// echo is an HTTP client that responds according to the scenario in the request's context. Requests and responses contain
// the call number.
type echo struct {
	table map[string]exchange
	calls atomic.Int64
}

// scenario is a call with its expected result.
type scenario struct {
	number    int
	operation string
	kind      string // one of scenarioKinds
}

// mark returns the text that every string in the input contains.
func (w *scenario) mark() string { return fmt.Sprintf("n%dn", w.number) }

var marks = regexp.MustCompile(`n\d+n`)

// input returns a copy of the input with the mark appended to each string.
func (w *scenario) input(of any) any {
	in := reflect.New(reflect.TypeOf(of).Elem())
	in.Elem().Set(reflect.ValueOf(of).Elem())
	for _, field := range in.Elem().Fields() {
		if text, ok := field.Interface().(*string); ok {
			field.Set(reflect.ValueOf(aws.String(aws.ToString(text) + w.mark())))
		}
	}
	return in.Interface()
}

// sent reports whether the request contains the mark of the call and no other marks.
func (w *scenario) sent(r *http.Request) bool {
	text := r.Method + " " + r.URL.String()
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return false
		}
		text += string(body)
	}
	found := slices.Compact(marks.FindAllString(text, -1))
	return slices.Equal(found, []string{w.mark()})
}

// scenarioKinds lists the kinds of results. Most calls succeed.
var scenarioKinds = []string{"output", "output", "stack", "retry", "not found", "malformed", "cancel", "refused", "panic", "break", "region", "log"}

type scenarioKey struct{}

func (e *echo) Do(r *http.Request) (*http.Response, error) {
	e.calls.Add(1)
	w := r.Context().Value(scenarioKey{}).(*scenario)
	if !w.sent(r) {
		return nil, fmt.Errorf("call %d sent %s %s, which contains the mark of another call", w.number, r.Method, r.URL)
	}
	requestID := fmt.Sprint("request-", w.number)
	a := answer{body: e.table[w.operation].response, header: http.Header{"X-Amzn-Requestid": {requestID}}}
	first := strings.HasPrefix(r.Header.Get("Amz-Sdk-Request"), "attempt=1;")
	switch w.kind {
	case "retry":
		if first {
			a.status, a.body = 503, ""
		}
	case "not found":
		a.status, a.body = 404, fmt.Sprintf(`{"code":"ResourceNotFoundException","message":"call %d"}`, w.number)
	case "malformed":
		a.body = fmt.Sprintf(`{"call": %d`, w.number)
	case "cancel":
		r.Context().Value(cancelKey{}).(context.CancelFunc)()
		return nil, r.Context().Err()
	case "refused":
		return nil, fmt.Errorf("call %d was refused", w.number)
	case "break":
		a.reader = breaksOff(fmt.Sprint(w.number))
	case "panic":
		panic(fmt.Sprint("HTTP client of call ", w.number))
	}
	return a.response(r)
}

type cancelKey struct{}

// do runs the scenario and checks its result.
func (e *echo) do(t *testing.T, client *gamesparks.Client, m method, w *scenario) {
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), scenarioKey{}, w))
	defer cancel()
	ctx = context.WithValue(ctx, cancelKey{}, cancel)
	var options []func(*gamesparks.Options)
	var logger *logRecorder
	middlewarePanics := w.kind == "panic" && w.number%2 == 0
	switch {
	case w.kind == "stack" || w.kind != "output" && w.number%3 == 0 || middlewarePanics:
		options = append(options, gamesparks.WithAPIOptions(func(s *middleware.Stack) error {
			return s.Finalize.Add(middleware.FinalizeMiddlewareFunc("Own", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
				if got := ctx.Value(scenarioKey{}); got != w {
					t.Errorf("the middleware of call %d received the context of another call: %+v", w.number, got)
				}
				if middlewarePanics {
					panic(fmt.Sprint("middleware of call ", w.number))
				}
				return next.HandleFinalize(ctx, in)
			}), middleware.After)
		}))
	case w.kind == "region":
		options = append(options, func(o *gamesparks.Options) {
			o.Region, o.AppID = fmt.Sprint("us-west-", w.number), fmt.Sprint(w.number)
		})
	case w.kind == "log":
		logger = newLogRecorder()
		options = append(options, func(o *gamesparks.Options) { o.Logger, o.ClientLogMode = logger, aws.LogResponse })
	}

	var out any
	var err error
	var panicked any
	func() {
		defer func() { panicked = recover() }()
		out, err = m.call(ctx, client, w.input(e.table[w.operation].input), options...)
	}()

	if (panicked != nil) != (w.kind == "panic") || panicked != nil && !strings.HasSuffix(panicked.(string), fmt.Sprint(" of call ", w.number)) {
		t.Errorf("%+v: got panic value %v", w, panicked)
	}
	number := fmt.Sprint(w.number)
	kind := w.kind
	if (kind == "malformed" || kind == "break") && !m.HasOutput() {
		kind = "ignored body"
	}
	check := func(ok bool) {
		if !ok || out != nil && !reflect.ValueOf(out).IsNil() {
			t.Errorf("%+v: got %+v and error %v", w, out, err)
		}
	}
	switch kind {
	case "panic":
	case "not found":
		check(gamesparks.IsNotFound(err) && strings.HasSuffix(err.Error(), ": call "+number) && gamesparks.RequestID(err) == "request-"+number)
	case "malformed":
		check(err != nil && gamesparks.RequestID(err) == "request-"+number)
	case "break":
		check(errors.Is(err, io.ErrUnexpectedEOF) && gamesparks.RequestID(err) == "request-"+number)
	case "cancel":
		check(errors.Is(err, context.Canceled))
	case "refused":
		check(err != nil && strings.Contains(err.Error(), "call "+number+" was refused") || err != nil && strings.Contains(err.Error(), "retry quota exceeded"))
	default:
		if w.kind == "retry" && err != nil && strings.Contains(err.Error(), "retry quota exceeded") {
			return // all calls share the client's retry quota
		}
		if err != nil {
			t.Errorf("%+v: %v", w, err)
			return
		}
		if diff := cmp.Diff(e.table[w.operation].output, out, values); diff != "" {
			t.Errorf("%+v: output (-want +got):\n%s", w, diff)
		}
		metadata := reflect.ValueOf(out).Elem().FieldByName("ResultMetadata").Interface().(middleware.Metadata)
		if id, _ := awsmiddleware.GetRequestIDMetadata(metadata); id != "request-"+number {
			t.Errorf("%+v: request ID %q in the metadata", w, id)
		}
		if logger != nil && (len(logger.lines) != 1 || !strings.Contains(logger.text(), "request-"+number)) {
			t.Errorf("%+v: unexpected log: %s", w, logger.text())
		}
	}
}

// TestConcurrentCalls checks that each of thousands of calls gets its own response when 256 goroutines share a client. The
// calls cover all operations, both paths and various options; they succeed, fail, panic or are canceled.
func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	e := &echo{table: exchanges()}
	client := newClient(e)
	all := methods()
	names := slices.Sorted(maps.Keys(all))
	const goroutines, each = 256, 24
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for g := range goroutines {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(g)))
			<-start
			for i := range each {
				n := g*each + i
				name := names[n%len(names)]
				e.do(t, client, all[name], &scenario{number: n, operation: name, kind: scenarioKinds[random.IntN(len(scenarioKinds))]})
			}
		})
	}
	close(start)
	wg.Wait()
	if n := e.calls.Load(); n < goroutines*each/2 {
		t.Errorf("sent only %d requests", n)
	}
}

// TestConcurrentCloseIdle checks that calls from 256 goroutines succeed while idle connections are being closed.
func TestConcurrentCloseIdle(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"Game":{"Name":%q}}`, strings.TrimPrefix(r.URL.Path, "/game/"))
	}))
	defer server.Close()
	transport := server.Client().Transport.(*http.Transport)
	transport.MaxIdleConnsPerHost, transport.MaxConnsPerHost = 8, 16
	client := newClient(server.Client(), func(o *gamesparks.Options) { o.BaseEndpoint = &server.URL })
	var wg sync.WaitGroup
	for g := range 256 {
		wg.Go(func() {
			for i := range 4 {
				name := fmt.Sprint("game-", g, "-", i)
				out, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: &name})
				if err != nil || aws.ToString(out.Game.Name) != name {
					t.Errorf("%s: got %+v and error %v", name, out, err)
				}
				if g%16 == 0 {
					transport.CloseIdleConnections()
				}
			}
		})
	}
	wg.Wait()
}

// TestConcurrentCallsLeaveNothing checks that heap size and goroutine count do not grow with the number of calls. It does
// not run in parallel because it measures the whole process.
func TestConcurrentCallsLeaveNothing(t *testing.T) {
	const calls, rounds = 100_000, 4
	table, all := exchanges(), methods()
	names := slices.Sorted(maps.Keys(all))
	notFound := []byte(`{"message":"m"}`)
	header, errorHeader := http.Header{}, http.Header{"X-Amzn-Errortype": {"ResourceNotFoundException"}}
	var n atomic.Int64
	client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
		if n.Add(1)%10 == 0 {
			return canned(r, 404, errorHeader, notFound), nil
		}
		return canned(r, 200, header, []byte(table[r.Context().Value(scenarioKey{}).(*scenario).operation].response)), nil
	}))
	round := func() (heap uint64, goroutines int) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for i := range calls / rounds / 4 {
					var options []func(*gamesparks.Options)
					switch {
					case i%100 == 0:
						options = append(options, paths["stack"])
					case i%50 == 0:
						options = append(options, func(o *gamesparks.Options) { o.AppID = fmt.Sprint(i) })
					}
					name := names[i%len(names)]
					ctx := context.WithValue(t.Context(), scenarioKey{}, &scenario{operation: name})
					out, err := all[name].call(ctx, client, table[name].input, options...)
					if err != nil && !gamesparks.IsNotFound(err) || err == nil && reflect.ValueOf(out).IsNil() {
						t.Errorf("%s: got %+v and error %v", name, out, err)
						return
					}
				}
			})
		}
		wg.Wait()
		runtime.GC()
		runtime.GC() // the second collection empties the pools
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc, runtime.NumGoroutine()
	}
	heap, goroutines := round()
	for range rounds - 1 {
		heapNow, goroutinesNow := round()
		if heapNow > heap+256<<10 {
			t.Errorf("the heap grew from %d to %d bytes in %d calls", heap, heapNow, calls)
		}
		if goroutinesNow > goroutines {
			t.Errorf("%d goroutines, want at most %d", goroutinesNow, goroutines)
		}
	}
	if n.Load() != calls {
		t.Errorf("%d calls, want %d", n.Load(), calls)
	}
}

// canned returns a response with the fields that net/http would set.
func canned(r *http.Request, status int, header http.Header, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: r,
		Body: io.NopCloser(strings.NewReader(string(body))), ContentLength: int64(len(body)),
	}
}
