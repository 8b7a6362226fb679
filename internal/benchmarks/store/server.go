package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// build builds the server of the repository that contains dir.
func build(binaries, name, dir string) (string, error) {
	root, err := exec.Command("git", "-C", dir, "rev-parse", "--show-toplevel").Output()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	binary := filepath.Join(binaries, name)
	cmd := exec.Command("go", "build", "-o", binary, "./gamesparks-server")
	cmd.Dir = filepath.Join(strings.TrimSpace(string(root)), "cmd")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", cmd.Dir, err, out)
	}
	return binary, nil
}

// buildCommit builds the server of a commit in a temporary worktree.
func buildCommit(binaries, name, commit string) (binary string, err error) {
	tree := filepath.Join(binaries, "tree-"+name)
	if out, err := exec.Command("git", "worktree", "add", "--detach", tree, commit).CombinedOutput(); err != nil {
		return "", fmt.Errorf("check out %s: %w\n%s", commit, err, out)
	}
	defer func() {
		err = errors.Join(err, exec.Command("git", "worktree", "remove", "--force", tree).Run())
	}()
	return build(binaries, name, tree)
}

// server is a running server process with a data file.
type server struct {
	cmd  *exec.Cmd
	url  string
	data string
	http *http.Client
}

// start starts a server on a data file.
func start(binary, data string, args ...string) (*server, error) {
	s := &server{data: data, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *clients}}}
	s.cmd = exec.Command(binary, append([]string{"--addr=127.0.0.1:0", "--anonymous", "--log-level=error", "--data", data}, args...)...)
	s.cmd.Stderr = os.Stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() && s.url == "" {
		if url, ok := strings.CutPrefix(lines.Text(), "# GameSparks API endpoint: "); ok {
			s.url = url
		}
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	if s.url == "" {
		return nil, fmt.Errorf("the server %s did not start: %w", binary, s.cmd.Wait())
	}
	return s, nil
}

// stop stops the server.
func (s *server) stop() error {
	s.http.CloseIdleConnections()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// call sends a request with a JSON body, unless in is nil. It decodes the response into out, unless that is nil.
func (s *server) call(method, path string, in, out any) error {
	return call(s.http, s.url, method, path, in, out)
}

func call(client *http.Client, url, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequest(method, url+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return fmt.Errorf("%s %s: status %d: %s", method, path, response.StatusCode, text)
	}
	if out != nil {
		return json.NewDecoder(response.Body).Decode(out)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

type object = map[string]any

func createGame(c caller, name string) error {
	return c.call("POST", "/game", object{"GameName": name}, nil)
}

// caller is a server.
type caller interface {
	call(method, path string, in, out any) error
}

// importSections replaces the configuration of a game by a number of sections of 1 MB in total.
func importSections(c caller, game string, sections int) error {
	return c.call("PUT", "/game/"+game+"/configuration", object{
		"ImportSource": object{"File": configurationFile(game, sections)},
	}, nil)
}

// configurationFile returns an exported configuration of almost 1 MB. Its contents depend on the seed.
func configurationFile(seed string, sections int) []byte {
	const size = 1_000_000
	var b bytes.Buffer
	b.WriteString(`{"Document":{"Type":"Game","Sections":{`)
	for i := range sections {
		if i > 0 {
			b.WriteByte(',')
		}
		head := fmt.Sprintf(`%q:{"n":0,"seed":"%s %d","text":"`, sectionName(i), seed, i)
		b.WriteString(head)
		b.WriteString(strings.Repeat("x", size/sections-len(head)-3))
		b.WriteString(`"}`)
	}
	b.WriteString(`}}}`)
	return b.Bytes()
}

func sectionName(i int) string { return fmt.Sprintf("GameSparks.Section%05d", i) }

// updateSection sets the number in a section.
func updateSection(c caller, game string, section, n int) error {
	return c.call("PATCH", "/game/"+game+"/configuration", object{"Modifications": []object{
		{"Section": sectionName(section), "Operation": "REPLACE", "Path": "/n", "Value": n},
	}}, nil)
}

func createSnapshot(c caller, game string) error {
	return c.call("POST", "/game/"+game+"/snapshot", object{}, nil)
}

// procNumber returns a number from a file of /proc about the server process.
func (s *server) procNumber(file, name string) (float64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.cmd.Process.Pid, file))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			return strconv.ParseFloat(strings.Fields(rest)[0], 64)
		}
	}
	return 0, fmt.Errorf("/proc/PID/%s has no %s", file, name)
}
