package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/server"
)

func TestGenerate(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t)
	newLighthouse(t, sh)
	snapshot := createSnapshot(t, sh)
	generate := func(args ...string) result {
		return sh.run(append([]string{"generate", "--snapshot", snapshot}, args...)...)
	}
	text := transcript(
		sh.run("generate"),
		generate(),
		generate("--out", "code"),
		generate("--out", "code", "--platform", "PlayStation"),
		generate("--out", "code", "--platform", "Unity"),
		generate("--out", "code", "--platform", "Unity"),
		generate("--out", "code", "--platform", "Unity", "--force"),
		generate("--out", "new/go", "--language", "GO", "--sdk-version", "LATEST"),
	)
	golden(t, "generate", regexp.MustCompile(`\d+ B`).ReplaceAllString(text, "N B"))
	for _, dir := range []string{"code", "new/go"} {
		entries, err := os.ReadDir(filepath.Join(sh.dir, dir))
		if err != nil || len(entries) == 0 {
			t.Errorf("%s has %v, %v", dir, entries, err)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".") {
				t.Errorf("%s has %s", dir, e.Name())
			}
		}
	}
}

// TestGenerateRefusesPaths checks that an archive from a malicious server cannot write outside of the directory.
func TestGenerateRefusesPaths(t *testing.T) {
	t.Parallel()
	srv, sh := newServerShell(t)
	newLighthouse(t, sh)
	snapshot := createSnapshot(t, sh)
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	if _, err := w.Create("../escaped.cs"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// The server forwards requests, except those for the job and its archive.
	hostile := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/archive":
			_, _ = rw.Write(archive.Bytes())
		case r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/generated-sdk-code-job/"):
			_ = json.NewEncoder(rw).Encode(map[string]any{"GeneratedCodeJob": map[string]any{"Status": "COMPLETED", "S3Url": "http://" + r.Host + "/archive"}})
		default:
			srv.Service.ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(hostile.Close)
	r := sh.run("generate", "--endpoint-url", hostile.URL, "--snapshot", snapshot, "--platform", "Unity", "--out", "code")
	if r.status != statusFailure || !strings.Contains(r.stderr, `"../escaped.cs"`) {
		t.Errorf("exit status %d: %s", r.status, r.stderr)
	}
	for _, name := range []string{"escaped.cs", "code"} {
		if _, err := os.Lstat(filepath.Join(sh.dir, name)); err == nil {
			t.Errorf("%s was written", name)
		}
	}
}

func TestGenerateInterrupted(t *testing.T) {
	t.Parallel()
	_, sh := newServerShell(t, server.WithCodeGenerationTime(time.Hour, time.Hour))
	newLighthouse(t, sh)
	p := sh.startInTerminal(200, "generate", "--snapshot", createSnapshot(t, sh), "--platform", "Unity", "--out", "code")
	p.await("PENDING")
	p.write("\x03") // Ctrl-C
	if status := p.wait(); status != statusFailure {
		t.Errorf("exit status = %d, want %d", status, statusFailure)
	}
	if out := p.output(); !strings.Contains(out, "interrupted: ") || !strings.Contains(out, "continues on the server, and nothing was written") {
		t.Errorf("output:\n%s", out)
	}
}

// TestGenerateUsesCABundle checks that the download trusts the same certificates as the calls.
func TestGenerateUsesCABundle(t *testing.T) {
	t.Parallel()
	srv, sh := newServerShell(t)
	newLighthouse(t, sh)
	snapshot := createSnapshot(t, sh)
	secure := httptest.NewTLSServer(srv.Service)
	t.Cleanup(secure.Close)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	writeFile(t, sh, "ca.pem", string(certificate))
	sh = sh.with("AWS_CA_BUNDLE="+filepath.Join(sh.dir, "ca.pem"), "AWS_ENDPOINT_URL_GAMESPARKS="+secure.URL)
	sh.mustRun("generate", "--snapshot", snapshot, "--platform", "Unity", "--out", "code")
}
