package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/gamesparks-go/gamesparks"
	"github.com/gamesparks-go/gamesparks/server"
)

// measureSigned returns the calls per second of GetGame of 64 connections that repeat signed requests. Like pgbench, they only
// write a request and read the response, so that the machine's time goes to the server.
func measureSigned(ctx context.Context, srv *server.Server) (float64, error) {
	idle := make(chan *signedConn, clients)
	for game := range clients {
		c, err := dialSigned(ctx, srv, int64(game))
		if err != nil {
			return 0, err
		}
		defer c.Close()
		idle <- c
	}
	return measureCalls(func(int64) error {
		c := <-idle
		defer func() { idle <- c }()
		return c.call()
	})
}

// signedConn is a connection over which a client repeats a signed request.
type signedConn struct {
	net.Conn
	request   []byte
	responses *bufio.Reader
	body      []byte // of each response
}

// dialSigned opens a connection and sends the request once.
func dialSigned(ctx context.Context, srv *server.Server, game int64) (*signedConn, error) {
	request, err := signedRequest(ctx, srv, game)
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		return nil, err
	}
	c := &signedConn{Conn: conn, request: request, responses: bufio.NewReader(conn)}
	if err := c.first(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

// first sends the request and reads the body of the response.
func (c *signedConn) first() error {
	if _, err := c.Write(c.request); err != nil {
		return err
	}
	response, err := http.ReadResponse(c.responses, nil)
	if err != nil {
		return err
	}
	if c.body, err = io.ReadAll(response.Body); err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("response %s: %s", response.Status, c.body)
	}
	return err
}

// call sends the request again. The response must have the same body.
func (c *signedConn) call() error {
	if _, err := c.Write(c.request); err != nil {
		return err
	}
	if err := skipHeader(c.responses); err != nil {
		return err
	}
	body, err := c.responses.Peek(len(c.body))
	if err != nil {
		return err
	}
	if !bytes.Equal(body, c.body) {
		return fmt.Errorf("response with body %q, want %q", body, c.body)
	}
	_, err = c.responses.Discard(len(body))
	return err
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
