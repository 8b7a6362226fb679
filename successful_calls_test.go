package gamesparks_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/gamesparks-go/gamesparks"
)

// TestIgnoredBodies checks that operations without output members succeed after one attempt for any 2xx response, whatever
// its body contains.
func TestIgnoredBodies(t *testing.T) {
	t.Parallel()
	bodies := map[string]answer{
		"empty":      {},
		"text":       {body: "OK"},
		"newline":    {body: "\n"},
		"html":       {status: 202, body: "<html><body>deleted</body></html>"},
		"truncated":  {reader: breaksOff(`{"Game":`)},
		"no content": {status: 204},
		"null":       {body: "null"},
	}
	table, all := exchanges(), methods()
	var names []string
	for _, name := range []string{"DeleteGame", "DeleteStage", "TagResource", "UntagResource"} {
		names = append(names, name)
		for body, a := range bodies {
			onBothPaths(t, name+" "+body, func(t *testing.T, via func(*gamesparks.Options)) {
				r := &recorder{answers: []answer{a, {status: 404, body: `{"code":"ResourceNotFoundException"}`}}}
				out, err := all[name].call(t.Context(), newClient(r, via), table[name].input)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(table[name].output, out, values); diff != "" {
					t.Errorf("output (-want +got):\n%s", diff)
				}
				if n := len(r.all()); n != 1 {
					t.Errorf("got %d attempts, want 1", n)
				}
			})
		}
	}
	for name, m := range all {
		if !m.HasOutput() {
			names = names[:len(names)-1]
			if table[name].response != "" && table[name].response != "{}" {
				t.Errorf("%s has no output members, but its exchange has response %s", name, table[name].response)
			}
		}
	}
	if len(names) != 0 {
		t.Error("the listed operations without output members differ from those in the model")
	}
}

// TestIgnoredBodiesOverHTTP checks that, if the connection closes in the middle of an ignored body, the call still succeeds
// and its messages are still logged.
func TestIgnoredBodiesOverHTTP(t *testing.T) {
	t.Parallel()
	var requests int
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "OK") // the server closes the connection, since 98 bytes are missing
	}))
	t.Cleanup(srv.Close)
	logged := func(o *gamesparks.Options) {
		o.ClientLogMode, o.Logger = aws.LogRequestWithBody|aws.LogResponseWithBody, newLogRecorder()
	}
	for _, via := range []func(*gamesparks.Options){paths["direct"], paths["stack"], logged} {
		requests = 0
		client := newClient(srv.Client(), via, func(o *gamesparks.Options) { o.BaseEndpoint = &srv.URL })
		if _, err := client.DeleteGame(t.Context(), &gamesparks.DeleteGameInput{GameName: aws.String("g")}); err != nil {
			t.Error(err)
		}
		if requests != 1 {
			t.Errorf("got %d requests, want 1", requests)
		}
	}
}
