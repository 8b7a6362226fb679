package sigv4_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gamesparks-go/gamesparks/server/internal/sigv4"
)

// TestRecordedRequests verifies requests signed by botocore 1.29, by botocore 1.29 with the AWS Common Runtime, and by
// the AWS SDK for JavaScript 3.431. The requests were recorded by a server on 127.0.0.1:8799. They use the credentials
// of the test suite, some with a session token.
func TestRecordedRequests(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/requests.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded []struct {
		Client, Method, Target, Body string
		Header                       http.Header
	}
	if err := json.Unmarshal(data, &recorded); err != nil {
		t.Fatal(err)
	}
	clients := map[string]int{}
	for _, rec := range recorded {
		clients[rec.Client]++
		t.Run(rec.Client+" "+rec.Method+" "+rec.Target, func(t *testing.T) {
			t.Parallel()
			r := &http.Request{Method: rec.Method, RequestURI: rec.Target, Header: http.Header{}}
			for name, values := range rec.Header {
				r.Header[http.CanonicalHeaderKey(name)] = values
			}
			r.Host = r.Header.Get("Host") // net/http moves the header to this field
			r.Header.Del("Host")

			_, rawQuery, _ := strings.Cut(rec.Target, "?")
			query, err := url.ParseQuery(rawQuery)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date")+query.Get("X-Amz-Date"))
			if err != nil {
				t.Fatal(err)
			}
			credentials := suiteCredentials
			credentials.SessionToken = r.Header.Get("X-Amz-Security-Token") + query.Get("X-Amz-Security-Token")
			verifier := sigv4.Verifier{
				Region: "us-east-1", Service: "gamesparks",
				Keys: sigv4.NewKeys(credentials),
				Now:  func() time.Time { return signed },
			}
			if _, err := verify(&verifier, r, sha256.Sum256([]byte(rec.Body))); err != nil {
				t.Error(err)
			}
			_, err = verify(&verifier, r, sha256.Sum256([]byte(rec.Body+"x")))
			checkError(t, err, "InvalidSignatureException", http.StatusForbidden, "does not match")
		})
	}
	if clients["botocore"] == 0 || clients["awscrt"] == 0 || clients["aws-sdk-js"] == 0 {
		t.Errorf("requests are missing for a client: %v", clients)
	}
}
