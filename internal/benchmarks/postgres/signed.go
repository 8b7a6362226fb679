package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
)

// measureSigned returns the calls per second of GetGame of 64 connections that repeat signed requests. Like pgbench, they only
// write a request and read the response, so that the machine's time goes to the server.
func measureSigned(ctx context.Context, srv *server.Server) (float64, error) {
	var (
		done   atomic.Int64
		failed atomic.Pointer[error]
		group  sync.WaitGroup
	)
	address := strings.TrimPrefix(srv.URL, "http://")
	start := time.Now()
	for n := range clients {
		group.Go(func() {
			err := repeat(ctx, srv, address, int64(n), func() bool {
				done.Add(1)
				return time.Since(start) < *duration && failed.Load() == nil
			})
			if err != nil {
				failed.Store(&err)
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(done.Load()) / time.Since(start).Seconds(), nil
}

// repeat sends the same request over one connection while next returns true.
func repeat(ctx context.Context, srv *server.Server, address string, game int64, next func() bool) error {
	request, err := signedRequest(ctx, srv, game)
	if err != nil {
		return err
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	responses := bufio.NewReader(conn)
	var want []byte
	for {
		if _, err := conn.Write(request); err != nil {
			return err
		}
		if want == nil { // only the first response is parsed: it has a length, and all have the same body
			response, err := http.ReadResponse(responses, nil)
			if err != nil {
				return err
			}
			if want, err = io.ReadAll(response.Body); err != nil {
				return err
			}
			if response.StatusCode != http.StatusOK {
				return fmt.Errorf("response %s: %s", response.Status, want)
			}
		} else {
			if err := skipHeader(responses); err != nil {
				return err
			}
			body, err := responses.Peek(len(want))
			if err != nil || !bytes.Equal(body, want) {
				return fmt.Errorf("response with body %q, error %w; want %q", body, err, want)
			}
			if _, err := responses.Discard(len(want)); err != nil {
				return err
			}
		}
		if !next() {
			return nil
		}
	}
}

// skipHeader reads the header of a response, including the empty line.
func skipHeader(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil || len(line) == len("\r\n") {
			return err
		}
	}
}

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// signedRequest returns the request of a call to GetGame, as sent.
func signedRequest(ctx context.Context, srv *server.Server, game int64) ([]byte, error) {
	var request bytes.Buffer
	client := gamesparks.New(srv.Client().Options(), func(o *gamesparks.Options) {
		send := o.HTTPClient
		o.HTTPClient = doFunc(func(r *http.Request) (*http.Response, error) {
			if err := r.Write(&request); err != nil {
				return nil, err
			}
			return send.Do(r)
		})
	})
	err := getGame(ctx, client, game)
	return request.Bytes(), err
}
