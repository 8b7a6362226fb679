package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/gamesparks-go/gamesparks/cmd/internal/socket"
)

// healthCheck holds the flags of the command healthcheck. Flags that the command serve also has share its environment
// variables and its configuration file.
type healthCheck struct {
	Config  configFile    `placeholder:"FILE" help:"Configuration file of the server."`
	Addr    string        `default:"127.0.0.1:8770" placeholder:"HOST:PORT" help:"Address on which the server listens."`
	TLSCert string        `name:"tls-cert" placeholder:"FILE" help:"Certificate of the server. If it is set, the check uses HTTPS."`
	Timeout time.Duration `default:"5s" env:"-" placeholder:"DURATION" help:"Time limit of the check, 5s by default."`
}

// Run requests /healthz from the server on this machine.
func (c *healthCheck) Run(s *streams) error {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil || port == "0" {
		return &exitError{exitUsage, fmt.Errorf("--addr: %q is not the address of a server: use HOST:PORT, such as 127.0.0.1:8770", c.Addr)}
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme, transport := "http", &http.Transport{DisableKeepAlives: true}
	if c.TLSCert != "" {
		// The certificate has the public name of the server, and the connection does not leave this machine.
		scheme, transport.TLSClientConfig = "https", &tls.Config{InsecureSkipVerify: true}
	}
	url := scheme + "://" + net.JoinHostPort(host, port) + "/healthz"

	ctx, cancel := context.WithTimeout(context.Background(), c.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	switch {
	case socket.IsConnectionRefused(err):
		return fmt.Errorf("healthcheck: %s: no server listens on this address: start the server, or set --addr as it does", url)
	case err != nil:
		return fmt.Errorf("healthcheck: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return fmt.Errorf("healthcheck: %s: %w", url, err)
	}
	text := strings.TrimSpace(string(body))
	if response.StatusCode != http.StatusOK {
		var problem struct{ Message string }
		if err := json.Unmarshal(body, &problem); err == nil && problem.Message != "" {
			text = problem.Message
		}
		return fmt.Errorf("healthcheck: %s: status %s: %s", url, response.Status, text)
	}
	_, err = fmt.Fprintln(s.stdout, text)
	return err
}
