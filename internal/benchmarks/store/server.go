package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gamesparks-go/gamesparks/internal/benchmarks/process"
)

// server is a running server process with a data file.
type server struct {
	*process.Server
	http *http.Client
}

// start starts a server on a data file.
func start(binary, data string, args ...string) (*server, error) {
	s, err := process.Start(binary, append([]string{"--data", data}, args...)...)
	if err != nil {
		return nil, err
	}
	return &server{s, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *clients}}}, nil
}

// stop stops the server.
func (s *server) stop() error {
	s.http.CloseIdleConnections()
	return s.Stop()
}

// call sends a request with a JSON body, unless in is nil. It decodes the response into out, unless that is nil.
func (s *server) call(method, path string, in, out any) error {
	return call(s.http, s.URL, method, path, in, out)
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
