package gamesparks_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"

	"github.com/gamesparks-go/gamesparks"
)

// repeat writes the text repeatedly until the writer fails or n bytes have been written.
func repeat(w io.Writer, text string, n int64) {
	chunk := strings.Repeat(text, 1+(64<<10)/len(text))
	for written := int64(0); written < n; written += int64(len(chunk)) {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
	}
}

// countingWriter counts the bytes written.
type countingWriter struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (w countingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.n.Add(int64(n))
	return n, err
}

const endless = 1 << 40

// bomb is a compressed response of 1 GB. It consists of many gzip members, which is faster to create than a single one.
var bomb = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, `{"Game":{"Name":"`)
	z.Close()
	begin := bytes.Clone(b.Bytes())
	b.Reset()
	z.Reset(&b)
	repeat(z, "x", 1<<20)
	z.Close()
	return append(begin, bytes.Repeat(b.Bytes(), 1<<10)...)
})

// TestResponseLimit checks, on both paths and with message logging, that the client stops reading at the limit and does not
// retry. The responses exceed the limit in different ways.
func TestResponseLimit(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	bodies := map[string]func(w http.ResponseWriter){
		"string without end":   func(w http.ResponseWriter) { io.WriteString(w, `{"Game":{"Name":"`); repeat(w, "x", endless) },
		"brackets without end": func(w http.ResponseWriter) { io.WriteString(w, `{"x":`); repeat(w, "[", endless) },
		"objects without end":  func(w http.ResponseWriter) { repeat(w, `{"Game":`, endless) },
		"space without end":    func(w http.ResponseWriter) { repeat(w, " \n", endless) },
		"number without end":   func(w http.ResponseWriter) { io.WriteString(w, `{"x":`); repeat(w, "1", endless) },
		"list without end":     func(w http.ResponseWriter) { io.WriteString(w, `{"Games":[`); repeat(w, `{},`, endless) },
		"map without end":      func(w http.ResponseWriter) { io.WriteString(w, `{"Game":{"Tags":{`); repeat(w, `"a":"b",`, endless) },
		"correct length": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", fmt.Sprint(limit+1))
			repeat(w, " ", limit+1)
		},
		"length of a terabyte": func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", fmt.Sprint(int64(endless)))
			io.WriteString(w, `{}`)
			w.(http.Flusher).Flush()
		},
		"compressed bomb": func(w http.ResponseWriter) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb())
		},
	}
	logged := func(o *gamesparks.Options) { o.ClientLogMode = aws.LogResponseWithBody }
	for name, write := range bodies {
		for path, via := range map[string]func(*gamesparks.Options){"direct": paths["direct"], "stack": paths["stack"], "logged": logged} {
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				var sent atomic.Int64
				var requests atomic.Int32
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests.Add(1)
					counting := countingWriter{w, &sent}
					if name == "length of a terabyte" {
						write(w)
						return
					}
					write(counting)
				}))
				defer server.Close()
				client := newClient(nil, via, func(o *gamesparks.Options) {
					o.BaseEndpoint, o.MaxResponseBytes = &server.URL, limit
				})
				_, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
				var tooLarge *gamesparks.ResponseTooLargeError
				if !errors.As(err, &tooLarge) || tooLarge.Limit != limit {
					t.Errorf("got %v, want a ResponseTooLargeError", err)
				}
				if n := requests.Load(); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
				server.Close() // waits for the handler
				// Sockets and buffers accept some bytes beyond the limit. For a bomb, sent counts compressed bytes.
				if n := sent.Load(); n > limit+8<<20 {
					t.Errorf("the server sent %d bytes, far more than the limit", n)
				}
			})
		}
	}
}

// TestResponseAtLimit checks responses whose sizes are close to the limit.
func TestResponseAtLimit(t *testing.T) {
	t.Parallel()
	const limit = 5000
	for _, chunked := range []bool{false, true} {
		for size, fits := range map[int]bool{limit - 1: true, limit: true, limit + 1: false} {
			onBothPaths(t, fmt.Sprintf("%d chunked %t", size, chunked), func(t *testing.T, via func(*gamesparks.Options)) {
				body := `{"Game":{"Name":"g"}}`
				body += strings.Repeat(" ", size-len(body))
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !chunked {
						w.Header().Set("Content-Length", fmt.Sprint(len(body)))
					}
					io.WriteString(w, body[:10])
					w.(http.Flusher).Flush()
					io.WriteString(w, body[10:])
				}))
				defer server.Close()
				client := newClient(nil, via, func(o *gamesparks.Options) { o.BaseEndpoint, o.MaxResponseBytes = &server.URL, limit })
				out, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
				if fits {
					if err != nil || aws.ToString(out.Game.Name) != "g" {
						t.Errorf("got %+v and error %v", out, err)
					}
					return
				}
				var tooLarge *gamesparks.ResponseTooLargeError
				if !errors.As(err, &tooLarge) || !strings.Contains(err.Error(), "exceeds 5000 bytes") {
					t.Errorf("got %v, want a ResponseTooLargeError", err)
				}
			})
		}
	}
}

// TestDefaultResponseLimit checks that the default limit applies to a response that contains a string of 1 GB.
func TestDefaultResponseLimit(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		var read int64
		client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
			body := io.MultiReader(strings.NewReader(`{"Game":{"Name":"`), io.LimitReader(endlessly("x"), 1<<30), strings.NewReader(`"}}`))
			return answer{reader: func() io.Reader { return &countingReader{body, &read} }}.response(r)
		}), via)
		_, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
		var tooLarge *gamesparks.ResponseTooLargeError
		if !errors.As(err, &tooLarge) || tooLarge.Limit != 64<<20 || gamesparks.DefaultMaxResponseBytes != 64<<20 {
			t.Errorf("got %v, want a ResponseTooLargeError with a limit of 64 MiB", err)
		}
		if read > 65<<20 {
			t.Errorf("the client read %d bytes, want about 64 MiB", read)
		}
	})
}

// TestDefaultResponseMemory checks how much memory a call allocates if its response exceeds the default limit. It does not
// run in parallel because it measures the whole process.
func TestDefaultResponseMemory(t *testing.T) {
	// The bound covers a body at the limit and the smaller buffers that it outgrew. The race detector doubles the
	// allocations.
	const most = 6 * gamesparks.DefaultMaxResponseBytes
	for name, parts := range map[string][2]string{
		"string without end":   {`{"Game":{"Name":"`, "x"},
		"brackets without end": {`{"x":`, "["},
	} {
		for path, via := range paths {
			client := newClient(doFunc(func(r *http.Request) (*http.Response, error) {
				return answer{reader: func() io.Reader {
					return io.MultiReader(strings.NewReader(parts[0]), endlessly(parts[1]))
				}}.response(r)
			}), via)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			_, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
			runtime.ReadMemStats(&after)
			var tooLarge *gamesparks.ResponseTooLargeError
			if !errors.As(err, &tooLarge) {
				t.Errorf("%s, %s: got %v, want a ResponseTooLargeError", name, path, err)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > most {
				t.Errorf("%s, %s: the call allocated %d bytes, want at most %d", name, path, n, int64(most))
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			if after.HeapAlloc > before.HeapAlloc+1<<20 {
				t.Errorf("%s, %s: the heap grew from %d to %d bytes, want at most 1 MiB more",
					name, path, before.HeapAlloc, after.HeapAlloc)
			}
		}
	}
}

// TestResponseOfEmptyValues checks the allocations for responses that consist of small values, whose decoded form is many
// times larger than their text.
func TestResponseOfEmptyValues(t *testing.T) {
	const size = 8 << 20
	game := &gamesparks.GetGameInput{GameName: aws.String("g")}
	for name, test := range map[string]struct {
		parts [3]string
		call  func(*gamesparks.Client) error
	}{
		"structures": {[3]string{`{"Games":[`, `{},`, `{}]}`}, func(c *gamesparks.Client) error { _, err := c.ListGames(t.Context(), nil); return err }},
		"maps": {[3]string{`{"Games":[`, `{"Tags":{"":""}},`, `{}]}`}, func(c *gamesparks.Client) error {
			_, err := c.ListGames(t.Context(), nil)
			return err
		}},
		"larger maps": {[3]string{`{"Games":[`, `{"Tags":{"1":"","2":"","3":"","4":"","5":"","6":"","7":"","8":"","9":""}},`, `{}]}`}, func(c *gamesparks.Client) error {
			_, err := c.ListGames(t.Context(), nil)
			return err
		}},
		"entries of a map": {[3]string{`{"Game":{"Tags":{`, `"":"",`, `"":""}}}`}, func(c *gamesparks.Client) error { _, err := c.GetGame(t.Context(), game); return err }},
		"strings": {[3]string{`{"DisconnectFailures":[`, `"",`, `""]}`}, func(c *gamesparks.Client) error {
			_, err := c.DisconnectPlayer(t.Context(), &gamesparks.DisconnectPlayerInput{GameName: aws.String("g"), StageName: aws.String("s"), PlayerId: aws.String("p")})
			return err
		}},
	} {
		body := test.parts[0] + strings.Repeat(test.parts[1], size/len(test.parts[1])) + test.parts[2]
		for path, via := range paths {
			client := newClient(&recorder{answers: []answer{{body: body}}}, via)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := test.call(client)
			runtime.ReadMemStats(&after)
			var malformed *smithy.DeserializationError
			if !errors.As(err, &malformed) {
				t.Errorf("%s, %s: got error %v, want a DeserializationError", name, path, err)
			}
			// The bound covers the body, the lists and the smaller buffers that they outgrew. Without the decoder's limit,
			// the factor is 60 to 150.
			if n := after.TotalAlloc - before.TotalAlloc; n > 24*size {
				t.Errorf("%s, %s: the call allocated %d times the size of the body, want at most 24", name, path, n/size)
			}
		}
	}
}

// endlessly returns a reader that repeats the text forever.
func endlessly(text string) io.Reader {
	return &repeating{chunk: bytes.Repeat([]byte(text), (64<<10)/len(text))}
}

type repeating struct {
	chunk []byte
	at    int
}

func (r *repeating) Read(p []byte) (int, error) {
	n := copy(p, r.chunk[r.at:])
	r.at = (r.at + n) % len(r.chunk)
	return n, nil
}

type countingReader struct {
	io.Reader
	n *int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	*r.n += int64(n)
	return n, err
}

// TestResponseLimitOfErrors checks that the client reads only the beginning of an error response and still reports the error
// code.
func TestResponseLimitOfErrors(t *testing.T) {
	t.Parallel()
	for _, encoding := range []string{"", "gzip"} {
		onBothPaths(t, "encoding "+encoding, func(t *testing.T, via func(*gamesparks.Options)) {
			var sent atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Amzn-Errortype", "ConflictException")
				if encoding != "" {
					w.Header().Set("Content-Encoding", encoding)
				}
				w.WriteHeader(http.StatusConflict)
				if encoding != "" {
					w.Write(bomb())
					return
				}
				io.WriteString(w, `{"message":"`)
				repeat(countingWriter{w, &sent}, "x", endless)
			}))
			defer server.Close()
			client := newClient(nil, via, func(o *gamesparks.Options) { o.BaseEndpoint = &server.URL })
			_, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
			if !gamesparks.IsConflict(err) || len(err.Error()) > 1000 {
				t.Errorf("got %.1000v, want a conflict error of at most 1000 bytes", err)
			}
			server.Close()
			if n := sent.Load(); n > 16<<20 {
				t.Errorf("the client read %d bytes", n)
			}
		})
	}
}

// rawServer starts a server that calls write to respond to the first request on each connection. It returns the server's
// URL.
func rawServer(t *testing.T, write func(w io.Writer)) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var connections sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		connections.Wait()
	})
	connections.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connections.Go(func() {
				defer conn.Close()
				if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					io.Copy(io.Discard, r.Body)
					write(conn)
				}
			})
		}
	})
	return "http://" + l.Addr().String()
}

// TestResponseHostileHeaders checks responses that violate the HTTP specification or never end.
func TestResponseHostileHeaders(t *testing.T) {
	t.Parallel()
	const ok = "HTTP/1.1 200 OK\r\n"
	tests := map[string]struct {
		write func(w io.Writer)
		name  string // the name of the game, or empty if the call fails
	}{
		"a million headers":       {func(w io.Writer) { io.WriteString(w, ok); repeat(w, "X-Header: value\r\n", 17_000_000) }, ""},
		"header without end":      {func(w io.Writer) { io.WriteString(w, ok+"X-Header: "); repeat(w, "x", endless) }, ""},
		"status line without end": {func(w io.Writer) { io.WriteString(w, "HTTP/1.1 200 "); repeat(w, "x", endless) }, ""},
		"interim without end":     {func(w io.Writer) { repeat(w, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", endless) }, ""},
		"trailers without end": {func(w io.Writer) {
			io.WriteString(w, ok+"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
			repeat(w, "X-Header: value\r\n", endless)
		}, ""},
		"chunk extension without end": {func(w io.Writer) {
			io.WriteString(w, ok+"Transfer-Encoding: chunked\r\n\r\n2;")
			repeat(w, "x", endless)
		}, ""},
		"chunk of an exabyte":   {func(w io.Writer) { io.WriteString(w, ok+"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n{}") }, ""},
		"negative length":       {func(w io.Writer) { io.WriteString(w, ok+"Content-Length: -1\r\n\r\n{}") }, ""},
		"length overflow":       {func(w io.Writer) { io.WriteString(w, ok+"Content-Length: 99999999999999999999\r\n\r\n{}") }, ""},
		"two lengths":           {func(w io.Writer) { io.WriteString(w, ok+"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ") }, ""},
		"length beyond the end": {func(w io.Writer) { io.WriteString(w, ok+"Content-Length: 4000000\r\n\r\n{}") }, ""},
		"length before the end": {func(w io.Writer) {
			io.WriteString(w, ok+"Connection: close\r\nContent-Length: 21\r\n\r\n"+`{"Game":{"Name":"g"}}garbage`)
		}, "g"},
		"no length": {func(w io.Writer) { io.WriteString(w, ok+"\r\n"+`{"Game":{"Name":"g"}}`) }, "g"},
		"not HTTP":  {func(w io.Writer) { io.WriteString(w, "SSH-2.0-OpenSSH_9.2\r\n") }, ""},
		"invalid gzip": {func(w io.Writer) {
			io.WriteString(w, ok+"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")
		}, ""},
	}
	for name, test := range tests {
		onBothPaths(t, name, func(t *testing.T, via func(*gamesparks.Options)) {
			endpoint := rawServer(t, test.write)
			httpClient := awshttp.NewBuildableClient()
			defer httpClient.GetTransport().CloseIdleConnections()
			client := newClient(httpClient, via, once, func(o *gamesparks.Options) { o.BaseEndpoint = &endpoint })
			out, err := client.GetGame(t.Context(), &gamesparks.GetGameInput{GameName: aws.String("g")})
			if test.name != "" {
				if err != nil || aws.ToString(out.Game.Name) != test.name {
					t.Errorf("got %+v and error %v", out, err)
				}
				return
			}
			var op *smithy.OperationError
			if !errors.As(err, &op) || len(err.Error()) > 1000 {
				t.Errorf("got %+v and error %.1000v, want an OperationError of at most 1000 bytes", out, err)
			}
		})
	}
}

// TestBodyWithoutContentLength checks that the client reads the body even if a fake HTTP client leaves ContentLength at 0.
func TestBodyWithoutContentLength(t *testing.T) {
	t.Parallel()
	onBothPaths(t, "", func(t *testing.T, via func(*gamesparks.Options)) {
		for _, body := range []io.ReadCloser{io.NopCloser(strings.NewReader(`{"Games":[{}]}`)), http.NoBody, nil} {
			client := newClient(doFunc(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: body}, nil
			}), via)
			out, err := client.ListGames(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if want := body != nil && body != http.NoBody; (len(out.Games) == 1) != want {
				t.Errorf("got games %+v from a body of type %T", out.Games, body)
			}
		}
	})
}
