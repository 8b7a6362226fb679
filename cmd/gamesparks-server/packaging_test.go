package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestHealthCheck checks healthy and unhealthy servers. Flags, variables and the configuration file of the server apply.
func TestHealthCheck(t *testing.T) {
	t.Parallel()
	certificate, key := newCertificate(t)
	server := start(t)
	secure := start(t, "--tls-cert", certificate, "--tls-key", key)
	public := start(t, "--addr=0.0.0.0:0", "--secret-key=own")
	address := func(p *process) string { return p.endpoint[strings.Index(p.endpoint, "//")+2:] }
	// The connection occupies its local port, so no server listens there.
	connection, err := net.Dial("tcp", address(server))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	stopped := connection.LocalAddr().String()
	for _, tc := range []struct {
		name string
		args []string
		env  []string
		code int
		says string
	}{
		{"flag", []string{"--addr", address(server)}, nil, 0, "ok\n"},
		{"variable", nil, []string{"GAMESPARKS_SERVER_ADDR=" + address(server)}, 0, "ok\n"},
		{"configuration file", []string{"--config", write(t, "c.yaml", "max-games: 3\naddr: "+address(server))}, nil, 0, "ok\n"},
		{"HTTPS", []string{"--addr", address(secure), "--tls-cert", certificate}, nil, 0, "ok\n"},
		{"HTTPS on all interfaces", []string{"--addr=:" + strings.Split(address(secure), ":")[1]}, []string{"GAMESPARKS_SERVER_TLS_CERT=" + certificate}, 0, "ok\n"},
		{"all interfaces", []string{"--addr=0.0.0.0:" + strings.Split(address(public), ":")[1]}, nil, 0, "ok\n"},
		{"stopped server", []string{"--addr", stopped}, nil, 1, "gamesparks-server: healthcheck: http://" + stopped + "/healthz: no server listens on this address: start the server, or set --addr as it does\n"},
		{"HTTP to HTTPS", []string{"--addr", address(secure)}, nil, 1, "status 400 Bad Request: The request is not valid HTTP: "},
		{"time limit", []string{"--addr", address(server), "--timeout=1ns"}, nil, 1, "context deadline exceeded"},
		{"free port", []string{"--addr=127.0.0.1:0"}, nil, 2, "--addr: \"127.0.0.1:0\" is not the address of a server"},
	} {
		cmd := command(t.Context(), tc.env, append([]string{"healthcheck"}, tc.args...)...)
		output, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != tc.code || !strings.Contains(string(output), tc.says) {
			t.Errorf("%s: exit code %d (%v), output %q; want exit code %d and %q", tc.name, code, err, output, tc.code, tc.says)
		}
	}
}

var execStart = regexp.MustCompile(`(?m)^ExecStart=(\S+) (.*)$`)

// TestUnit starts the server with the arguments of the systemd unit, and lets systemd verify the unit and its hardening.
func TestUnit(t *testing.T) {
	t.Parallel()
	unit, err := os.ReadFile("../../packaging/gamesparks-server.service")
	if err != nil {
		t.Fatal(err)
	}
	m := execStart.FindStringSubmatch(string(unit))
	if m == nil || m[1] != "/usr/local/bin/gamesparks-server" {
		t.Fatalf("ExecStart: %q", m)
	}
	state := shortDir(t)
	arguments := strings.NewReplacer("${STATE_DIRECTORY}", state, "/etc/gamesparks/server.yaml", write(t, "server.yaml", "region: eu-north-1\n")).Replace(m[2])
	server := start(t, strings.Fields(arguments)...)
	if !strings.Contains(server.stdout, "AWS_REGION='eu-north-1'") {
		t.Errorf("stdout: %s", server.stdout)
	}
	expect(t, 0, []string{"entries, "}, "backup", "--data", filepath.Join(state, "games.db"), filepath.Join(state, "games.backup"))

	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	// systemd checks that the command exists.
	text := strings.Replace(string(unit), m[1], os.Args[0], 1)
	path := write(t, "gamesparks-server.service", text)
	for _, args := range [][]string{
		{"verify", "--man=no", path},
		{"security", "--no-pager", "--offline=true", "--threshold=20", path}, // 2.0 of 10
	} {
		if output, err := exec.CommandContext(t.Context(), analyze, args...).CombinedOutput(); err != nil || args[0] == "verify" && len(output) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, output)
		}
	}
}
