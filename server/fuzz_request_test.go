package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gamesparks-go/gamesparks/server"
)

// FuzzRequest checks that no request causes an internal error and that every response is well-formed.
func FuzzRequest(f *testing.F) {
	service, err := server.New(server.WithAnonymousAccess())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = service.Close() })
	for _, seed := range [][4]string{
		{"POST", "/game", "", `{"GameName":"chess","Tags":{"a":"b"},"ClientToken":"` + strings.Repeat("t", 33) + `"}`},
		{"GET", "/game", "MaxResults=1&NextToken=x", ""},
		{"GET", "/game/chess", "", ""},
		{"PATCH", "/game/chess", "", `{"Description":"d"}`},
		{"PUT", "/game/chess/configuration", "", `{"ImportSource":{"File":"eyJEb2N1bWVudCI6eyJUeXBlIjoiR2FtZSIsIlNlY3Rpb25zIjp7fX19"}}`},
		{"PATCH", "/game/chess/configuration", "", `{"Modifications":[{"Section":"A","Operation":"ADD","Path":"/a","Value":{"b":[1,null]}}]}`},
		{"GET", "/game/chess/configuration", "Sections=A&Sections=B", ""},
		{"POST", "/game/chess/snapshot", "", `{}`},
		{"GET", "/game/chess/snapshot/Snapshot_2026-01-01T00:00:00.000Z/export", "", ""},
		{"POST", "/game/chess/stage", "", `{"StageName":"dev","Role":"arn:aws:iam::123456789012:role/R"}`},
		{"POST", "/game/chess/stage/dev/deployment", "", `{"SnapshotId":"Snapshot_2026-01-01T00:00:00.000Z"}`},
		{"GET", "/game/chess/stage/dev/deployment", "DeploymentId=../x", ""},
		{"POST", "/tags/arn:aws:gamesparks:us-east-1:123456789012:game%2Fchess", "", `{"tags":{"a":"b"}}`},
		{"DELETE", "/tags/arn:aws:gamesparks:us-east-1:123456789012:game%2Fchess", "tagKeys=a&tagKeys=b", ""},
		{"POST", "/game/chess/snapshot/Snapshot_2026-01-01T00:00:00.000Z/generated-sdk-code-job", "", `{"Generator":{"Language":"GO"}}`},
		{"GET", "/extension/GameSparks/Core/version/1.0.0", "", ""},
		{"GET", "/runtime/game/chess/stage/dev/connect", "playerId=a&gameKey=b", ""},
		{"GET", "/download/123456789012/chess/snapshot/x", "X-Amz-Signature=0", ""},
		{"DELETE", "/game/chess", "", ""},
		{"POST", "/game", "", "{\"GameName\":\"\xff\"}"},
		{"GET", "/game/%ff", "%zz", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], []byte(seed[3]))
	}
	f.Fuzz(func(t *testing.T, method, path, query string, body []byte) {
		u, err := url.ParseRequestURI(path)
		if err != nil {
			return // net/http rejects this request
		}
		u.RawQuery = query
		r, err := http.NewRequest(method, "http://localhost", strings.NewReader(string(body)))
		if err != nil {
			return
		}
		r.URL, r.Host, r.RequestURI = u, "localhost", u.RequestURI()
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s %s?%s %q: internal error: %d %s", method, path, query, body, w.Code, w.Body)
		}
		if w.Header().Get("X-Amzn-RequestId") == "" {
			t.Error("the response has no request id")
		}
		if w.Header().Get("Content-Type") == "application/json" && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s %s?%s %q: the response is not valid JSON: %s", method, path, query, body, w.Body)
		}
	})
}
